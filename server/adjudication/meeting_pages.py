"""Consensus meetings: who is present, and the shared screen."""

from typing import Annotated, Any

from fastapi import Request, Response

from server.adjudication.actions import Overtaken
from server.adjudication.forms import MeetForm, PresentForm, sent_tokens, typed_answers
from server.adjudication.meeting_screen import agree, is_open, meeting_post_page, meetings_page, next_post
from server.adjudication.meetings import Held, begin, meeting_of
from server.adjudication.pages import PLACE, Number
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access, Reviews
from server.web.forms import Form, blank, form_of
from server.web.numbers import number_in_path
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()

Post = Annotated[int, number_in_path("post")]
MEETINGS = PLACE + "/meeting"
MEETING = MEETINGS + "/{number}"
SCREEN = MEETING + "/posts/{post}"


@router.get(MEETINGS, name="adjudication.meetings")
def meetings(request: Request, db: Db, access: Reviews) -> Response:
    """Choose who is present."""
    return render(request, "adjudication/meetings.html", meetings_page(db, access, blank()))


@router.post(MEETINGS, name="adjudication.begin_meeting")
def begin_meeting(
    request: Request, db: Db, access: Reviews, form: Annotated[Form[PresentForm], form_of(PresentForm)]
) -> Response:
    """Begin a meeting, and go to its first post."""
    try:
        number = begin(db, access, form.checked().present)
    except Refusal as refusal:
        page = meetings_page(db, access, form.refused(refusal))
        return render(request, "adjudication/meetings.html", page, 422)
    return _go_on(request, db, access, meeting_of(db, access, number))


@router.get(MEETING, name="adjudication.meeting")
def meeting(request: Request, db: Db, access: Reviews, number: Number) -> Response:
    """Go on with a meeting at the next open post."""
    return _go_on(request, db, access, meeting_of(db, access, number))


@router.get(SCREEN, name="adjudication.meeting_post")
def meeting_post(request: Request, db: Db, access: Reviews, number: Number, post: Post) -> Response:
    """One post on the shared screen."""
    return _screen(request, db, access, meeting_of(db, access, number), post, blank())


@router.post(SCREEN, name="adjudication.agree")
def record_consensus(
    request: Request,
    db: Db,
    access: Reviews,
    number: Number,
    post: Post,
    form: Annotated[Form[MeetForm], form_of(MeetForm)],
) -> Response:
    """Record the consensus on a question, and go on when the post is decided."""
    held = meeting_of(db, access, number)
    try:
        value = form.checked()
        agree(db, access, held, post, typed_answers(form), sent_tokens(form), value.reason)
    except Overtaken as overtaken:
        return _screen(request, db, access, held, post, form.refused(Refusal(overtaken.message)), 409)
    except Refusal as refusal:
        return _screen(request, db, access, held, post, form.refused(refusal), 422)
    said = _("The consensus on post {number} is recorded.").format(number=post)
    if is_open(db, access, post):
        return see_other(request, "adjudication.meeting_post", notice=said, number=number, post=post)
    return _go_on(request, db, access, held, said)


def _screen(
    request: Request, db: Db, access: Access, held: Held, post: int, form: Form[Any], status: int = 200
) -> Response:
    page = meeting_post_page(db, access, held, post, form)
    return render(request, "adjudication/meeting_post.html", page, status)


def _go_on(request: Request, db: Db, access: Access, held: Held, said: str = "") -> Response:
    post = next_post(db, access, held)
    if post is None:
        said = " ".join(filter(None, [said, _("No post is open to decide.")]))
        return see_other(request, "adjudication.meetings", notice=said)
    return see_other(request, "adjudication.meeting_post", notice=said, number=held.number, post=post)
