"""The pages for files: downloads, and ratings that were made elsewhere.

They stand on routes that leave the writing transactions to the page: reading a large file must not keep
SQLite's only writer from the annotators.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Query, Request, Response

from server.corpora.parsing import Table
from server.corpora.queries import n_posts
from server.errors import Conflict, NotFound, Refusal
from server.exchange import actions, uploads
from server.exchange.called import arriving, called
from server.exchange.downloads import data_file, file_name, left_out, media_type
from server.exchange.forms import DownloadForm, ImportForm, RatingsForm
from server.exchange.ratings import RowProblem
from server.exchange.sending import CSV, Sent, closed_on_failure
from server.exchange.spreadsheets import csv_lines
from server.exchange.waiting import discarded, gone
from server.exchange.wanted import What
from server.exchange.words import Options, format_options, shape_options
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import Access, Exports, ImportsPosts, SeesAgreement
from server.reliability.agreement_page import agreement_page
from server.reliability.forms import SheetQuery
from server.reliability.planner import plan_page
from server.reliability.sheets import OF_PAIRS, Sheet
from server.results.labels import options
from server.results.outcomes import Rule
from server.rounds.queries import Sight
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, ReadsFirstRoute, database_of, pages
from server.web.words import number

router = pages(ReadsFirstRoute)
SHOWN = 100


@dataclass(frozen=True)
class DownloadsPage:
    """What can be downloaded; `hidden` are the rounds whose codings this reader may not have yet."""

    form: Form[Any]
    rules: Options
    formats: Options
    shapes: dict[str, Options]
    hidden: tuple[Sight, ...]
    has_posts: bool


@dataclass(frozen=True)
class RatingsPage:
    """The form for a file of ratings."""

    form: Form[Any]
    max_mb: int


@dataclass(frozen=True)
class RatingsPreviewPage:
    """What importing a file of ratings would do; `stored_as` is the round that holds the same already."""

    key: str
    filename: str
    form: Form[Any]
    fingerprint: str
    n_answers: int
    n_posts: int
    known: tuple[str, ...]
    newcomers: tuple[str, ...]
    stored_as: int | None
    problems: tuple[RowProblem, ...]
    n_problems: int
    notices: tuple[RowProblem, ...]


@router.get("/projects/{project_key}/download", name="exchange.show")
def show(request: Request, db: Db, access: Exports) -> Response:
    """The files that can be downloaded, and how."""
    return _downloads_page(request, db, access, blank(rule=Rule.PLURALITY))


def _downloads_page(request: Request, db: Db, access: Access, form: Form[Any], status: int = 200) -> Response:
    shapes = {what.value: shape_options(what) for what in What}
    hidden, has_posts = left_out(db, access), n_posts(db, access) > 0
    page = DownloadsPage(form, options()["rule"], format_options(), shapes, hidden, has_posts)
    return render(request, "exchange/show.html", page, status)


@router.post("/projects/{project_key}/download/final", name="exchange.final")
def final(
    request: Request, access: Exports, form: Annotated[Form[DownloadForm], form_of(DownloadForm)]
) -> Response:
    """The final dataset: one row a post."""
    return _download(request, access, form, What.FINAL)


@router.post("/projects/{project_key}/download/codings", name="exchange.codings")
def codings(
    request: Request, access: Exports, form: Annotated[Form[DownloadForm], form_of(DownloadForm)]
) -> Response:
    """All codings: one row a code, or one row a coding."""
    return _download(request, access, form, What.CODINGS)


@router.post("/projects/{project_key}/download/agreement", name="exchange.judgements")
def judgements(
    request: Request, access: Exports, form: Annotated[Form[DownloadForm], form_of(DownloadForm)]
) -> Response:
    """Independent codings in the shape of a program that computes agreement."""
    return _download(request, access, form, What.AGREEMENT)


@router.get("/projects/{project_key}/agreement.csv", name="exchange.agreement")
def agreement(
    request: Request,
    db: Db,
    access: SeesAgreement,
    query: Annotated[SheetQuery, Query()],
) -> Response:
    """A table of the page of agreement, as it shows it to this reader."""
    found = agreement_page(db, access, query, compares_pairs=query.table in OF_PAIRS).findings
    return _sheet_file(request, found.sheets if found else {}, query.table, "agreement")


@router.get("/projects/{project_key}/agreement/plan.csv", name="exchange.plan")
def plan(request: Request, _access: SeesAgreement) -> Response:
    """A table of the page that plans how many posts to code twice."""
    asked = request.query_params
    return _sheet_file(request, plan_page(asked).sheets, asked.get("table", ""), "plan")


def _sheet_file(request: Request, sheets: Mapping[str, Sheet], table: str, name: str) -> Response:
    sheet = sheets.get(table)
    if sheet is None:
        raise NotFound(_("The page shows no such table."))
    text = "".join(csv_lines(sheet.columns, sheet.rows, with_bom=False))
    headers = arriving(called(f"{name}-{table}", request.query_params, "csv"))
    return Response(text, media_type=CSV, headers=headers)


def _download(request: Request, access: Access, form: Form[DownloadForm], what: What) -> Response:
    try:
        wanted = form.checked().wanted(what)
        with database_of(request).reading() as db:
            file = data_file(db, access, wanted)
    except Refusal as refusal:
        with database_of(request).reading() as db:
            return _downloads_page(request, db, access, form.refused(refusal), 422)
    with closed_on_failure(file):
        with database_of(request).writing() as db:
            actions.record_download(db, access, wanted, access.account_id)
        return Sent(file, file_name(access, wanted), media_type(wanted))


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
        table = file.codings()
        with database_of(request).reading() as db:
            actions.propose_import(db, access, table)
    except Refusal as refusal:
        said = Refusal(_("The file was not taken."), {"file": refusal.message})
        return _ratings_page(request, form.refused(said), 422)
    with database_of(request).writing() as db:
        key = uploads.keep(db, access, file.filename, file.content)
    return see_other(request, "exchange.preview_ratings", upload_key=key)


@router.get("/projects/{project_key}/ratings/{upload_key}", name="exchange.preview_ratings")
def preview_ratings(request: Request, db: Db, access: ImportsPosts, upload_key: str) -> Response:
    """What importing the ratings would do."""
    file = uploads.find(db, access, upload_key)
    if file is None:
        raise NotFound(_("This file is no longer here: it was imported or discarded. Upload it again."))
    proposal = actions.propose_import(db, access, file.codings())
    return _preview_page(request, file, proposal, blank())


def _preview_page(
    request: Request,
    file: uploads.WaitingFile,
    proposal: actions.RatingsProposal,
    form: Form[Any],
    status: int = 200,
) -> Response:
    plan = proposal.plan
    page = RatingsPreviewPage(
        key=file.key,
        filename=file.filename,
        form=form,
        fingerprint=proposal.fingerprint,
        n_answers=len(plan.answers),
        n_posts=len({answer.external_id for answer in plan.answers}),
        known=tuple(sorted(proposal.members)),
        newcomers=tuple(proposal.newcomers),
        stored_as=proposal.stored_as,
        problems=tuple(plan.problems[:SHOWN]),
        n_problems=len(plan.problems),
        notices=tuple(plan.notices[:SHOWN]),
    )
    return render(request, "exchange/preview.html", page, status)


@router.post("/projects/{project_key}/ratings/{upload_key}", name="exchange.import_ratings")
def import_ratings(
    request: Request,
    access: ImportsPosts,
    upload_key: str,
    form: Annotated[Form[ImportForm], form_of(ImportForm)],
) -> Response:
    """Store the ratings as a locked round, or show what has become of the import."""
    with database_of(request).reading() as db:
        file = uploads.find(db, access, upload_key)
    if file is None:
        return gone(request, "rounds.index")
    table = file.codings()
    try:
        outcome = _import(request, access, file, table, form.checked().fingerprint)
    except Conflict as conflict:
        said = _("{reason} Nothing was imported. This is what would happen now.")
        form = replace(form, message=said.format(reason=conflict.message))
        return _changed_preview(request, access, file, table, form)
    if outcome is None:
        return gone(request, "rounds.index")
    return _imported(request, outcome)


@router.post("/projects/{project_key}/ratings/{upload_key}/discard", name="exchange.discard_ratings")
def discard_ratings(request: Request, access: ImportsPosts, upload_key: str) -> Response:
    """Forget a file of ratings that was uploaded."""
    return discarded(request, access, upload_key, "ratings", "exchange.ratings")


def _import(
    request: Request, access: Access, file: uploads.WaitingFile, table: Table, seen: str
) -> actions.RatingsOutcome | None:
    with database_of(request).writing() as db:
        if not uploads.take(db, access, file.key):
            return None
        return actions.import_ratings(db, access, table, seen=seen)


def _changed_preview(
    request: Request, access: Access, file: uploads.WaitingFile, table: Table, form: Form[Any]
) -> Response:
    with database_of(request).reading() as db:
        proposal = actions.propose_import(db, access, table)
    return _preview_page(request, file, proposal, form, 409)


def _imported(request: Request, outcome: actions.RatingsOutcome) -> Response:
    said = _("These ratings were here already; nothing changed.")
    if outcome.is_new:
        said = ngettext("%s coding was imported.", "%s codings were imported.", outcome.n_codings)
        said %= number(outcome.n_codings)
    return see_other(request, "rounds.show", number=outcome.round_number, notice=said)
