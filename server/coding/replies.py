"""What is answered to a coding form that cannot be taken as it is, whatever was asked with it."""

from fastapi import Request, Response
from sqlmodel import Session

from server.coding.actions import Sent, Stale
from server.coding.answers import Typed
from server.coding.desk import Desk, desk
from server.coding.forms import CodingForm, typed_in
from server.coding.screens import conflict_page, desk_page
from server.projects.access import Access
from server.web.came import came_from
from server.web.forms import Form
from server.web.rendering import render


def sent_in(form: Form[CodingForm], typed: Typed | None = None) -> Sent:
    """The form as the actions take it; with `typed`, that alone of what was typed."""
    value = form.checked()
    said = typed_in(form) if typed is None else typed
    return Sent(value.form_token, value.revision, value.codebook, said)


def desk_again(
    request: Request,
    db: Session,
    here: Desk,
    form: Form[CodingForm],
    status: int = 200,
    revision: int | None = None,
) -> Response:
    """The desk with the form as it was sent. `revision` is what it builds on, where that is another now."""
    return render(request, "coding/annotate.html", desk_page(request, db, here, form, revision), status)


def both_texts(
    request: Request,
    db: Session,
    access: Access,
    number: int,
    position: int,
    form: Form[CodingForm],
    stale: Stale,
) -> Response:
    """What is stored beside what was sent: somebody was faster."""
    here = desk(db, access, number, position)
    page = conflict_page(db, here, typed_in(form), stale.message, came_from(request))
    return render(request, "coding/conflict.html", page, 409)
