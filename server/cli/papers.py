"""The commands for a paper: the methods text, and the replication archive."""

from pathlib import Path
from typing import Annotated

import typer

from server import language
from server.archive import making
from server.archive.forms import Options
from server.cli.files import write_whole
from server.cli.opening import opened
from server.cli.options import Data, DatabaseUrl, settings_of
from server.cli.people import lead_of
from server.cli.studies import say_left_out
from server.errors import Refusal
from server.language import gettext as _
from server.methods.queries import facts_of
from server.methods.text import paragraphs, plain_text
from server.web.languages import languages, speaking

ProjectNamed = Annotated[str, typer.Argument(help="The project's key or its title")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(methods)
    app.command()(archive)


def methods(
    project: ProjectNamed,
    spoken: Annotated[str, typer.Option("--language", help="In which language: en or fr")] = "",
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """What a paper says of the study: posts, coding, agreement, decisions and shares."""
    if spoken and spoken not in languages():
        known = ", ".join(languages())
        raise Refusal(_("There is no language {code}. There are: {known}.").format(code=spoken, known=known))
    with opened(settings_of(data=data, database_url=database_url)) as database, database.reading() as db:
        facts = facts_of(db, lead_of(db, project))
        with speaking(spoken or language.code()):
            text = plain_text(paragraphs(facts))
    say_left_out((one.number, one.why_no_figures) for one in facts.results.hidden)
    print(text)


def archive(
    project: ProjectNamed,
    out: Annotated[Path, typer.Option(help="The file to write; - for the standard output", allow_dash=True)],
    texts: Annotated[bool, typer.Option("--texts", help="With the texts, links, memos and reasons")] = False,
    names: Annotated[bool, typer.Option("--names", help="With names instead of numbers")] = False,
    mask_mentions: Annotated[
        bool, typer.Option("--mask-mentions", help="@user for every @-mention in texts and further columns")
    ] = False,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write the replication archive: data, codebook, tables, and a script that computes the numbers again."""
    options = Options(texts, names, masks_mentions=mask_mentions)
    with opened(settings_of(data=data, database_url=database_url)) as database:
        with database.reading() as db:
            lead = lead_of(db, project)
            content = making.archive(db, lead, options)
        with content:
            write_whole(content, out)
        with database.writing() as db:
            making.record_archive(db, lead, options, actor_id=None)
