"""Files for the programs of qualitative analysis, as `export` writes them: REFI-QDA, `.qdpx` and `.qdc`."""

from io import BytesIO
from pathlib import Path

from server.cli.files import write_whole
from server.cli.opening import opened
from server.cli.people import lead_of
from server.codebooks.queries import latest_published, sheet_of
from server.codebooks.refi import write_refi
from server.errors import Refusal
from server.exchange.downloads.recording import record_export
from server.exchange.qda.outward import People, project_file
from server.language import gettext as _
from server.settings import Settings


def write_project(settings: Settings, project: str, out: Path, people: People, *, texts: bool) -> None:
    """The whole project. `Refusal` where it is not said that its `texts` may go out."""
    if not texts:
        raise Refusal(_("A REFI-QDA project is made of the texts. Add --texts if they may go out."))
    with opened(settings) as database:
        with database.reading() as db:
            lead = lead_of(db, project)
            content = project_file(db, lead, people)
        with content:
            write_whole(content, out)
        with database.writing() as db:
            record_export(db, lead, "qdpx", None, **people.told)


def write_codebook(settings: Settings, project: str, out: Path) -> None:
    """The newest published version of the codebook. `Refusal` where there is none."""
    with opened(settings) as database, database.reading() as db:
        lead = lead_of(db, project)
        book = latest_published(db, lead.project_id)
        if book is None:
            raise Refusal(_("No version of the codebook is published yet."))
        content = write_refi(sheet_of(book), lead.project_key)
    write_whole(BytesIO(content.encode()), out)
