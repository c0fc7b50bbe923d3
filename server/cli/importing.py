"""The command that brings posts, a codebook and ratings into a project."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlmodel import Session, col

from server.cli.opening import opened
from server.cli.options import Data, DatabaseUrl, settings_of
from server.cli.people import Project, lead_of
from server.codebooks.actions import publish_sheet
from server.corpora.actions import import_posts
from server.corpora.parsing import RefusedRow
from server.corpora.treatment import Treatment
from server.errors import Refusal
from server.exchange.codebooks import read_codebook_file
from server.exchange.ratings.actions import import_ratings
from server.exchange.ratings.moving import codings_in
from server.history.actions import record
from server.history.models import HistoryHead
from server.language import gettext as _
from server.projects.access import Access

PostsFile = Annotated[
    Path | None,
    typer.Option(
        help="CSV, TSV, XLSX, ODS, JSON, JSON Lines or Parquet of posts, also packed",
        exists=True,
        dir_okay=False,
        readable=True,
    ),
]
CodebookFile = Annotated[
    Path | None,
    typer.Option(
        help="CSV with question,type,code,value,label,definition", exists=True, dir_okay=False, readable=True
    ),
]
RatingsFile = Annotated[
    Path | None,
    typer.Option(
        help="CSV with post_id,coder,question,code,value", exists=True, dir_okay=False, readable=True
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("import")(import_files)


@dataclass
class _Import:
    """One run of the command `import`: what its steps share."""

    db: Session
    lead: Access
    skip_refused: bool
    treatment: Treatment
    derived: frozenset[str] = field(default=frozenset())

    def posts(self, file: Path) -> Iterator[str]:
        """Import posts; says what came of them."""
        outcome = import_posts(self.db, self.lead, file.name, _content(file), treatment=self.treatment)
        plan = outcome.plan
        if outcome.export:
            yield f"posts: recognised as an export of {outcome.export}"
        self._refuse([(row.number, row.reason) for row in plan.refused])
        yield (
            f"posts: {len(plan.new)} new, {len(plan.unchanged)} unchanged, {len(plan.changed)} changed, "
            f"{len(plan.locked)} coded already and left as they are, {len(plan.duplicates)} duplicates, "
            f"{len(plan.refused)} refused"
            + (f", {len(plan.left_out)} without a text left out" if plan.left_out else "")
        )
        yield from (f"posts: {sentence}" for sentence in plan.said)
        yield from _rows("posts", [*plan.refused, *plan.left_out, *plan.duplicates])

    def codebook(self, file: Path) -> Iterator[str]:
        """Publish a codebook; says under which number."""
        reading = read_codebook_file(_content(file), file.name)
        sheet, self.derived = reading.checked(), reading.derived
        number = publish_sheet(self.db, self.lead, sheet, note=file.name)
        n = len(sheet.variables)
        yield f"codebook: version {number} with {n} variable{'' if n == 1 else 's'}"
        yield from _rows("codebook", reading.notices)

    def ratings(self, file: Path) -> Iterator[str]:
        """Import ratings; says how many, and what was left out."""
        table = codings_in(BytesIO(_content(file)), file.name)
        outcome = import_ratings(self.db, self.lead, table, self.derived)
        self._refuse([(row.number, row.message) for row in outcome.plan.mistakes])
        stored = "stored as" if outcome.is_new else "there already as"
        if outcome.n_lacking:
            stored = f"there already, but for {outcome.n_lacking} × “none”, as"
        yield (
            f"ratings: {outcome.n_codings} codings of {outcome.n_posts} posts by {outcome.n_annotators} "
            f"annotators, {stored} round {outcome.round_number}"
        )
        yield from _rows("ratings", [*outcome.plan.problems, *outcome.plan.notices])

    def _refuse(self, rows: list[tuple[int, str]]) -> None:
        if not rows or self.skip_refused:
            return
        number, reason = rows[0]
        raise Refusal(
            _(
                "Row %(row)s: %(reason)s Rows that cannot be taken: %(count)s. Nothing was imported; "
                "correct the file, or leave such rows out with --skip-refused."
            )
            % {"row": number, "reason": reason, "count": len(rows)}
        )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise Refusal(_("%s cannot be read.") % file) from problem


def _rows(name: str, rows: Iterable[Any]) -> Iterator[str]:
    """A line for each remark about a row, whichever reader made it."""
    for row in rows:
        said = row.reason if isinstance(row, RefusedRow) else row.message
        yield f"{name}, row {row.number}: {said}"


def import_files(
    project: Project,
    posts: PostsFile = None,
    codebook: CodebookFile = None,
    ratings: RatingsFile = None,
    skip_refused: Annotated[
        bool, typer.Option("--skip-refused", help="Leave out rows that cannot be taken, and import the rest")
    ] = False,
    pseudonyms: Annotated[bool, typer.Option(help="Store authors under pseudonyms")] = False,
    mask_mentions: Annotated[bool, typer.Option(help="Store @user for every @-mention")] = False,
    sample: Annotated[int | None, typer.Option(help="Draw so many posts by chance", min=1)] = None,
    seed: Annotated[int, typer.Option(help="What the draw begins with", min=0)] = 1,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Import posts, a codebook and ratings, in this order; all of it or, after a mistake, nothing."""
    given = {"posts": posts, "codebook": codebook, "ratings": ratings}
    files = {name: file for name, file in given.items() if file is not None}
    if not files:
        raise Refusal(_("Name at least one file: --posts, --codebook or --ratings."))
    settings = settings_of(data=data, database_url=database_url)
    with opened(settings, upgrade=True) as database, database.writing() as db:
        lead = lead_of(db, project, to_change=True)
        treatment = Treatment(
            sample="random" if sample else "",
            size=sample or 0,
            seed=seed if sample else 1,
            pseudonyms=pseudonyms,
            mentions=mask_mentions,
        )
        said = _import(_Import(db, lead, skip_refused, treatment), files)
    print("\n".join(said))


def _import(importing: _Import, files: dict[str, Path]) -> list[str]:
    steps: dict[str, Callable[[Path], Iterator[str]]] = {
        "posts": importing.posts,
        "codebook": importing.codebook,
        "ratings": importing.ratings,
    }
    before = _n_events(importing.db, importing.lead)
    said: list[str] = []
    for name, file in files.items():
        try:
            said += steps[name](file)
        except Refusal as refusal:
            raise Refusal(f"{name}: {refusal.message}") from refusal
    if _n_events(importing.db, importing.lead) > before:
        _note_import(importing, files)
    return said


def _n_events(db: Session, lead: Access) -> int:
    statement = select(col(HistoryHead.sequence)).where(col(HistoryHead.chain) == lead.project_id)
    return db.scalar(statement) or 0


def _note_import(importing: _Import, files: dict[str, Path]) -> None:
    # The actor is nobody: whoever has the server's shell, on behalf of the lead.
    record(
        importing.db,
        project_id=importing.lead.project_id,
        actor_id=None,
        action="shell.import",
        subject="project",
        details={name: file.name for name, file in files.items()},
    )
