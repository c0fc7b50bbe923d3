"""What pages answer about a file that waited for the lead's word and waits no longer."""

from fastapi import Request, Response

from server.exchange import uploads
from server.language import gettext as _
from server.projects.access import Access
from server.web.rendering import see_other
from server.web.routing import database_of


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
    notice = _("The file was discarded. Nothing was imported.")
    if not is_gone:
        notice = _("This file is no longer waiting: it was imported or discarded already.")
    return see_other(request, page, notice=notice)
