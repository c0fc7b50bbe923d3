"""Uploading a file of posts: it is read at once, and kept with what was read until it is imported."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.corpora import actions, parcels, queries
from server.corpora.forms import UploadForm
from server.corpora.pages.keeping import kept_apart
from server.corpora.pages.routes import IMPORT, closes_files, router
from server.corpora.queries import WaitingFile
from server.corpora.uploads import packing, plain_filename
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access, ImportsPosts
from server.web.forms import Form, blank, form_of
from server.web.reader_processes import get_ready
from server.web.rendering import render, see_other
from server.web.routing import Db, database_of


@dataclass(frozen=True)
class UploadPage:
    """The form for a file, and the files that wait."""

    form: Form[Any]
    waiting: tuple[WaitingFile, ...]
    max_mb: int
    kept_days: int


@router.get(IMPORT, name="corpora.upload")
def upload(request: Request, db: Db, access: ImportsPosts) -> Response:
    """The form for a file."""
    get_ready()
    return _upload_page(request, db, access, blank())


@router.post(IMPORT, name="corpora.receive", dependencies=[closes_files])
def receive(
    request: Request, access: ImportsPosts, form: Annotated[Form[UploadForm], form_of(UploadForm)]
) -> Response:
    """Keep a file that can be read, and show what importing it would do."""
    database = database_of(request)
    try:
        filename, parts = _readable(request, form)
    except Refusal as refusal:
        refused = Refusal(_("The file was not taken."), {"file": refusal.message})
        with database.reading() as db:
            return _upload_page(request, db, access, form.refused(refused), 422)
    with parcels.stowed(database, parts) as parcel_ids, database.writing() as db:
        key = actions.receive_file(db, access, filename, parcel_ids=parcel_ids)
    return see_other(request, "corpora.preview", upload_key=key)


def _readable(request: Request, form: Form[UploadForm]) -> tuple[str, dict[str, Iterable[bytes]]]:
    """The name of the file; what was read in it, and the file itself where it can be read otherwise."""
    file = form.files.get("file")
    filename = plain_filename(file.filename) if file else ""
    if file is None or not filename:
        raise Refusal(_("Choose a file first."))
    opened = file.opened()
    n_sheets, reading = kept_apart(request, opened, filename)
    return filename, {parcels.READING: reading} | ({parcels.FILE: packing(opened)} if n_sheets > 1 else {})


def _upload_page(request: Request, db: Db, access: Access, form: Form[Any], status: int = 200) -> Response:
    page = UploadPage(
        form=form,
        waiting=queries.waiting_files(db, access),
        max_mb=request.app.state.settings.max_upload_mb,
        kept_days=actions.KEPT_DAYS,
    )
    return render(request, "corpora/upload.html", page, status)
