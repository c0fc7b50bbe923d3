"""What pages answer about a file that waits for the lead's word, or waits no longer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from sqlmodel import Session

from server.corpora.actions import keep_upload
from server.corpora.parcels import FILE, clear, finding_in, stowed
from server.corpora.uploads import packing
from server.errors import Conflict, NotFound, Refusal
from server.exchange import uploads
from server.language import gettext as _
from server.projects.access import Access
from server.projects.actions import hold_project
from server.web.forms import Form
from server.web.rendering import see_other
from server.web.routing import database_of


def not_taken(form: Form[Any], refusal: Refusal) -> Form[Any]:
    """The form of an upload again, with what is wrong with the file beside it."""
    return form.refused(Refusal(_("The file was not taken."), {"file": refusal.message}))


def kept(
    request: Request, access: Access, file: uploads.ReceivedFile, purpose: uploads.Purpose, page: str
) -> Response:
    """Keep the file, and show on this page what importing it would do."""
    database = database_of(request)
    with stowed(database, {FILE: packing(file.opened)}) as parcel_ids, database.writing() as db:
        key = keep_upload(db, access, purpose, file.filename, parcel_ids=parcel_ids)
    return see_other(request, page, upload_key=key)


def taken_up(
    request: Request, access: Access, key: str, purpose: uploads.Purpose
) -> uploads.WaitingFile | None:
    """The file that waits, to be read while no transaction is open; None where it waits no longer."""
    database = database_of(request)
    with database.reading() as db:
        return uploads.find(db, access, key, purpose, finding_in(database))


def found(request: Request, access: Access, key: str, purpose: uploads.Purpose) -> uploads.WaitingFile:
    """The same; `NotFound` where it waits no longer."""
    file = taken_up(request, access, key, purpose)
    if file is None:
        raise NotFound(_("This file is no longer here: it was imported or discarded. Upload it again."))
    return file


@contextmanager
def taken(
    request: Request, access: Access, file: uploads.WaitingFile, purpose: uploads.Purpose
) -> Iterator[Session | None]:
    """A writing session for what the file is imported by; None where somebody was faster."""
    database = database_of(request)
    with database.writing() as db:
        hold_project(db, access.project_id)  # Before what belongs to it.
        yield db if uploads.take(db, access, file.key, purpose) else None
    clear(database)


def not_imported(form: Form[Any], problem: Conflict | Refusal) -> Form[Any]:
    """The form of a preview again, with what has changed since it was shown."""
    said = _("{reason} Nothing was imported. This is what would happen now.")
    return replace(form, message=said.format(reason=problem.message))


def gone(request: Request, page: str) -> Response:
    """That it was imported or discarded already, on this page."""
    notice = _(
        "This file is no longer waiting: it was imported or discarded already. Nothing was done twice."
    )
    return see_other(request, page, notice=notice)


def discarded(
    request: Request, access: Access, upload_key: str, purpose: uploads.Purpose, page: str
) -> Response:
    """Forget the file, and say so on this page."""
    with database_of(request).writing() as db:
        is_gone = uploads.take(db, access, upload_key, purpose)
    clear(database_of(request))
    notice = _("The file was discarded. Nothing was imported.")
    if not is_gone:
        notice = _("This file is no longer waiting: it was imported or discarded already.")
    return see_other(request, page, notice=notice)
