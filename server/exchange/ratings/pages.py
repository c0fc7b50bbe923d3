"""The pages for ratings that were made elsewhere.

They stand on routes that leave the transactions to the page: reading a large file must neither keep SQLite's
only writer from the annotators nor have the database remember how it was.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from server.corpora.parsing import Table
from server.errors import Conflict, Refusal
from server.exchange import uploads, waiting
from server.exchange.ratings import actions
from server.exchange.ratings.forms import ImportRatingsForm, RatingsForm, WishesForm
from server.exchange.ratings.moving import codings_in
from server.exchange.ratings.preview import RatingsPreview, preview_of
from server.exchange.ratings.wishes import NONE
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import Access, ImportsPosts
from server.projects.queries import members
from server.web.forms import Form, blank, form_of, parse
from server.web.rendering import render, see_other
from server.web.routing import Db, LeavesTransactionsRoute, database_of, pages
from server.web.words import number

router = pages(LeavesTransactionsRoute)
_LONGEST_TITLE = 200


@dataclass(frozen=True)
class RatingsPage:
    """The form for a file of ratings."""

    form: Form[Any]
    max_mb: int


@dataclass(frozen=True)
class RatingsPreviewPage:
    """What importing a file of ratings would do. The form holds what the lead says of the file."""

    key: str
    filename: str
    form: Form[Any]
    preview: RatingsPreview


@router.get("/projects/{project_key}/ratings", name="exchange.ratings")
def ratings(request: Request, _access: ImportsPosts) -> Response:
    """The form for ratings that were made elsewhere."""
    return _ratings_page(request, blank())


def _ratings_page(request: Request, form: Form[Any], status: int = 200) -> Response:
    page = RatingsPage(form, request.app.state.settings.max_upload_mb)
    return render(request, "exchange/ratings.html", page, status)


@router.post("/projects/{project_key}/ratings", name="exchange.receive_ratings")
def receive_ratings(
    request: Request, access: ImportsPosts, form: Annotated[Form[RatingsForm], form_of(RatingsForm)]
) -> Response:
    """Keep the file until the lead has seen what it would do."""
    try:
        file = uploads.received(form)
        # What cannot be read at all is said here, where another file can be chosen.
        table = file.read_apart(request, codings_in)
        with database_of(request).reading() as db:
            actions.propose_import(db, access, table)
    except Refusal as refusal:
        return _ratings_page(request, waiting.not_taken(form, refusal), 422)
    return waiting.kept(request, access, file, "ratings", "exchange.preview_ratings")


@router.get("/projects/{project_key}/ratings/{upload_key}", name="exchange.preview_ratings")
def preview_ratings(request: Request, access: ImportsPosts, upload_key: str) -> Response:
    """What importing the ratings would do."""
    file = waiting.found(request, access, upload_key, "ratings")
    table = file.read_apart(request, codings_in)
    form = parse(WishesForm, FormData([*request.query_params.multi_items()]))
    with database_of(request).reading() as db:
        return _preview_page(request, db, access, file, table, form)


def _preview_page(
    request: Request,
    db: Db,
    access: Access,
    file: uploads.WaitingFile,
    table: Table,
    form: Form[Any],
    status: int = 200,
) -> Response:
    wishes = form.value.wishes if form.value else NONE
    proposal = actions.propose_import(db, access, table, wishes=wishes)
    preview = preview_of(proposal, table, members(db, access), wishes)
    typed = replace(form, typed={**form.typed, "question": (preview.question,)})
    page = RatingsPreviewPage(file.key, file.filename, typed, preview)
    return render(request, "exchange/preview.html", page, status)


@router.post("/projects/{project_key}/ratings/{upload_key}", name="exchange.import_ratings")
def import_ratings(
    request: Request,
    access: ImportsPosts,
    upload_key: str,
    form: Annotated[Form[ImportRatingsForm], form_of(ImportRatingsForm)],
) -> Response:
    """Store the ratings as a locked round, or show what has become of the import."""
    file = waiting.taken_up(request, access, upload_key, "ratings")
    if file is None:
        return waiting.gone(request, "rounds.index")
    table = file.read_apart(request, codings_in)
    try:
        outcome = _import(request, access, file, table, form.checked())
    except (Conflict, Refusal) as problem:
        with database_of(request).reading() as db:
            return _preview_page(request, db, access, file, table, waiting.not_imported(form, problem), 409)
    if outcome is None:
        return waiting.gone(request, "rounds.index")
    return _imported(request, outcome)


@router.post("/projects/{project_key}/ratings/{upload_key}/discard", name="exchange.discard_ratings")
def discard_ratings(request: Request, access: ImportsPosts, upload_key: str) -> Response:
    """Forget a file of ratings that was uploaded."""
    return waiting.discarded(request, access, upload_key, "ratings", "exchange.ratings")


def _import(
    request: Request, access: Access, file: uploads.WaitingFile, table: Table, asked: ImportRatingsForm
) -> actions.RatingsOutcome | None:
    title = _("Imported codings: %s") % file.filename
    wishes = replace(asked.wishes, title=title[:_LONGEST_TITLE])
    with waiting.taken(request, access, file, "ratings") as db:
        if db is None:
            return None
        return actions.import_ratings(db, access, table, seen=asked.fingerprint, wishes=wishes)


def _imported(request: Request, outcome: actions.RatingsOutcome) -> Response:
    said = _("These codings were here already; nothing changed.")
    if outcome.is_new:
        said = ngettext("%s coding was imported.", "%s codings were imported.", outcome.n_codings)
        said %= number(outcome.n_codings)
    return see_other(request, "rounds.show", number=outcome.round_number, notice=said)
