"""Gold answers by file: a form with an empty file to fill, what the file would do, and storing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.codebooks.queries import Codebook, latest_published
from server.corpora.parsing import Table
from server.errors import Conflict, Refusal
from server.exchange import uploads, waiting
from server.exchange.forms import ImportForm
from server.exchange.gold.files import MAX_ROWS, GoldFault, gold_columns, question_column
from server.exchange.gold.forms import GoldFileForm
from server.exchange.gold.storing import GoldLine, GoldProposal, propose_gold, store_gold
from server.exchange.sending import CSV
from server.exchange.spreadsheets import csv_lines
from server.exchange.uploads import table_in
from server.language import ngettext
from server.projects.access import Access, ManagesRounds
from server.training.gold_actions import book_for_gold
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, LeavesTransactionsRoute, database_of, pages
from server.web.words import number

router = pages(LeavesTransactionsRoute)
GOLD_FILE = "/projects/{project_key}/gold-file"
SHOWN = 100


@dataclass(frozen=True)
class GoldFilePage:
    """The form for a file of gold, and the column of each question; no book where none is published."""

    form: Form[Any]
    book: Codebook | None
    columns: Mapping[str, str]
    max_mb: int
    max_rows: int


@dataclass(frozen=True)
class ShownLine:
    """A row of the file, with its answers in words."""

    line: GoldLine
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class GoldPreviewPage:
    """What storing a file of gold would do; with a fault there is nothing to agree to."""

    key: str
    filename: str
    form: Form[Any]
    fingerprint: str
    n_fresh: int
    n_first: int
    n_same: int
    faults: tuple[GoldFault, ...]
    n_faults: int
    shown: tuple[ShownLine, ...]


@router.get(GOLD_FILE, name="exchange.gold_file")
def gold_file(request: Request, access: ManagesRounds) -> Response:
    """The form for a file of gold answers."""
    with database_of(request).reading() as db:
        return _form_page(request, db, access, blank())


def _form_page(request: Request, db: Db, access: Access, form: Form[Any], status: int = 200) -> Response:
    book = latest_published(db, access.project_id)
    columns = {key: question_column(key) for key in book.variable_by_key} if book else {}
    page = GoldFilePage(form, book, columns, request.app.state.settings.max_upload_mb, MAX_ROWS)
    return render(request, "exchange/gold.html", page, status)


@router.get(GOLD_FILE + "/template.csv", name="exchange.gold_template")
def gold_template(request: Request, access: ManagesRounds) -> Response:
    """An empty file with a column for each question of the codebook."""
    try:
        with database_of(request).reading() as db:
            columns: Sequence[str] = gold_columns(book_for_gold(db, access))
    except Refusal as refusal:
        return see_other(request, "exchange.gold_file", notice=refusal.message)
    headers = {"content-disposition": 'attachment; filename="gold.csv"'}
    text = "".join(csv_lines(columns, [], with_bom=True))
    return Response(text, media_type=CSV, headers=headers)


@router.post(GOLD_FILE, name="exchange.receive_gold")
def receive_gold(
    request: Request, access: ManagesRounds, form: Annotated[Form[GoldFileForm], form_of(GoldFileForm)]
) -> Response:
    """Keep the file until the lead has seen what it would do."""
    try:
        file = uploads.received(form)
        # What cannot be read at all is said here, where another file can be chosen.
        table = file.read_apart(request, table_in)
        with database_of(request).reading() as db:
            propose_gold(db, access, table)
    except Refusal as refusal:
        with database_of(request).reading() as db:
            return _form_page(request, db, access, waiting.not_taken(form, refusal), 422)
    return waiting.kept(request, access, file, "gold", "exchange.preview_gold")


@router.get(GOLD_FILE + "/{upload_key}", name="exchange.preview_gold")
def preview_gold(request: Request, access: ManagesRounds, upload_key: str) -> Response:
    """What storing the file would do."""
    file = waiting.found(request, access, upload_key, "gold")
    table = file.read_apart(request, table_in)
    with database_of(request).reading() as db:
        proposal = propose_gold(db, access, table)
    return _preview_page(request, file, proposal, blank())


def _preview_page(
    request: Request, file: uploads.WaitingFile, proposal: GoldProposal, form: Form[Any], status: int = 200
) -> Response:
    fresh = proposal.fresh
    page = GoldPreviewPage(
        key=file.key,
        filename=file.filename,
        form=form,
        fingerprint=proposal.fingerprint,
        n_fresh=len(fresh),
        n_first=sum(line.edition == 0 for line in fresh),
        n_same=len(proposal.lines) - len(fresh),
        faults=proposal.faults[:SHOWN],
        n_faults=len(proposal.faults),
        shown=tuple(ShownLine(line, proposal.words(line)) for line in fresh[:SHOWN]),
    )
    return render(request, "exchange/gold_preview.html", page, status)


@router.post(GOLD_FILE + "/{upload_key}", name="exchange.import_gold")
def import_gold(
    request: Request,
    access: ManagesRounds,
    upload_key: str,
    form: Annotated[Form[ImportForm], form_of(ImportForm)],
) -> Response:
    """Store the whole file, or show why nothing of it was stored."""
    file = waiting.taken_up(request, access, upload_key, "gold")
    if file is None:
        return waiting.gone(request, "training.gold")
    table = file.read_apart(request, table_in)
    try:
        n_stored = _store(request, access, file, table, form.checked().fingerprint)
    except (Conflict, Refusal) as problem:
        form = waiting.not_imported(form, problem)
        with database_of(request).reading() as db:
            proposal = propose_gold(db, access, table)
        return _preview_page(request, file, proposal, form, 409)
    return waiting.gone(request, "training.gold") if n_stored is None else _stored(request, n_stored)


def _store(
    request: Request, access: Access, file: uploads.WaitingFile, table: Table, seen: str
) -> int | None:
    """How many posts got gold; None where the file was taken meanwhile."""
    with waiting.taken(request, access, file, "gold") as db:
        return store_gold(db, access, table, file.filename, seen) if db else None


def _stored(request: Request, n_stored: int) -> Response:
    said = ngettext(
        "The gold answers of {n} post are stored.", "The gold answers of {n} posts are stored.", n_stored
    )
    return see_other(request, "training.gold", notice=said.format(n=number(n_stored)))


@router.post(GOLD_FILE + "/{upload_key}/discard", name="exchange.discard_gold")
def discard_gold(request: Request, access: ManagesRounds, upload_key: str) -> Response:
    """Forget a file of gold that was uploaded."""
    return waiting.discarded(request, access, upload_key, "gold", "exchange.gold_file")
