"""The pages for files: downloads, and ratings that were made elsewhere.

They stand on routes that leave the writing transactions to the page: reading a large file must not keep
SQLite's only writer from the annotators.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Annotated, Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from server.corpora.uploads import packed, plain_filename
from server.errors import Refusal
from server.exchange import actions, uploads
from server.exchange.downloads import What, csv_file
from server.exchange.forms import DownloadForm, RatingsForm
from server.exchange.ratings import RatingsPlan, RowProblem
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import Access, Exports, ImportsPosts
from server.results.outcomes import Rule
from server.results.tables import rule_label
from server.rounds.queries import Sight, visible_rounds
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, ReadsFirstRoute, database_of, pages
from server.web.words import number

router = pages(ReadsFirstRoute)
SHOWN = 100
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class DownloadsPage:
    """What can be downloaded; `hidden` are the rounds whose codings this reader may not have yet."""

    form: Form[Any]
    rules: tuple[tuple[str, str], ...]
    hidden: tuple[Sight, ...]


@dataclass(frozen=True)
class RatingsPage:
    """The form for a file of ratings."""

    form: Form[Any]
    max_mb: int


@dataclass(frozen=True)
class RatingsPreviewPage:
    """What importing a file of ratings would do."""

    key: str
    filename: str
    n_answers: int
    n_annotators: int
    n_posts: int
    problems: tuple[RowProblem, ...]
    n_problems: int
    notices: tuple[RowProblem, ...]


@router.get("/projects/{project_key}/download", name="exchange.show")
def show(request: Request, db: Db, access: Exports) -> Response:
    """The files that can be downloaded, and how."""
    return _downloads_page(request, db, access, blank(rule=Rule.PLURALITY))


def _downloads_page(request: Request, db: Db, access: Access, form: Form[Any], status: int = 200) -> Response:
    hidden = tuple(sight for sight in visible_rounds(db, access) if sight.why_no_codings)
    rules = tuple((rule.value, rule_label(rule)) for rule in Rule)
    return render(request, "exchange/show.html", DownloadsPage(form, rules, hidden), status)


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
    """All codings in long form: one row a code."""
    return _download(request, access, form, What.CODINGS)


def _download(request: Request, access: Access, form: Form[DownloadForm], what: What) -> Response:
    try:
        wanted = form.checked().wanted(what)
    except Refusal as refusal:
        with database_of(request).reading() as db:
            return _downloads_page(request, db, access, form.refused(refusal), 422)
    with database_of(request).reading() as db:
        file = csv_file(db, access, wanted)
    with database_of(request).writing() as db:
        actions.record_download(db, access, wanted)
    headers = {"content-disposition": f'attachment; filename="{access.project_key}-{what.value}.csv"'}
    return StreamingResponse(_chunks(file), media_type="text/csv; charset=utf-8", headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


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
    file = form.files.get("file")
    filename = plain_filename(file.filename or "") if file else ""
    try:
        if file is None or not filename:
            raise Refusal(_("Choose a file first."))
        content = packed(file.file)
        with database_of(request).reading() as db:
            # What cannot be read at all is said here, where another file can be chosen.
            actions.plan_ratings(db, access, uploads.WaitingRatings("", filename, content).table())
    except Refusal as refusal:
        said = Refusal(_("The file was not taken."), {"file": refusal.message})
        return _ratings_page(request, form.refused(said), 422)
    with database_of(request).writing() as db:
        key = uploads.keep(db, access, filename, content)
    return see_other(request, "exchange.preview_ratings", upload_key=key)


@router.get("/projects/{project_key}/ratings/{upload_key}", name="exchange.preview_ratings")
def preview_ratings(request: Request, db: Db, access: ImportsPosts, upload_key: str) -> Response:
    """What importing the ratings would do."""
    file = uploads.waiting(db, access, upload_key)
    plan = actions.plan_ratings(db, access, file.table())
    return render(request, "exchange/preview.html", _preview(file, plan))


def _preview(file: uploads.WaitingRatings, plan: RatingsPlan) -> RatingsPreviewPage:
    return RatingsPreviewPage(
        key=file.key,
        filename=file.filename,
        n_answers=len(plan.answers),
        n_annotators=len({answer.coder for answer in plan.answers}),
        n_posts=len({answer.external_id for answer in plan.answers}),
        problems=tuple(plan.problems[:SHOWN]),
        n_problems=len(plan.problems),
        notices=tuple(plan.notices[:SHOWN]),
    )


@router.post("/projects/{project_key}/ratings/{upload_key}", name="exchange.import_ratings")
def import_ratings(request: Request, access: ImportsPosts, upload_key: str) -> Response:
    """Store the ratings as a locked round."""
    with database_of(request).reading() as db:
        table = uploads.waiting(db, access, upload_key).table()
    with database_of(request).writing() as db:
        if not uploads.take(db, access, upload_key):
            return see_other(request, "rounds.index", notice=_("These ratings were imported already."))
        outcome = actions.import_ratings(db, access, table)
    if outcome.round_number is None:
        return see_other(
            request, "rounds.index", notice=_("These ratings were here already; nothing changed.")
        )
    said = ngettext("%s coding was imported.", "%s codings were imported.", outcome.n_codings)
    return see_other(
        request, "rounds.show", number=outcome.round_number, notice=said % number(outcome.n_codings)
    )
