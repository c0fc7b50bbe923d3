"""The pages of downloads.

They stand on routes that leave the writing transactions to the page: reading a large file must not keep
SQLite's only writer from the annotators.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.corpora.queries import n_posts
from server.errors import Refusal
from server.exchange.downloads.files import data_file, file_name, left_out, media_type
from server.exchange.downloads.forms import DownloadForm
from server.exchange.downloads.recording import record_export
from server.exchange.downloads.wanted import What
from server.exchange.downloads.words import Options, format_options, shape_options
from server.exchange.sending import Sent, closed_on_failure
from server.projects.access import Access, Exports
from server.results.labels import options
from server.results.outcomes import Rule
from server.rounds.queries import Sight
from server.web.forms import Form, blank, form_of
from server.web.rendering import render
from server.web.routing import Db, ReadsFirstRoute, database_of, pages

router = pages(ReadsFirstRoute)


@dataclass(frozen=True)
class DownloadsPage:
    """What can be downloaded; `hidden` are the rounds whose codings this reader may not have yet."""

    form: Form[Any]
    rules: Options
    formats: Options
    shapes: dict[str, Options]
    hidden: tuple[Sight, ...]
    has_posts: bool


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
            record_export(db, access, what.value, access.account_id, **wanted.told)
        return Sent(file, file_name(access, wanted), media_type(wanted))
