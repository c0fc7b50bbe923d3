"""Asking the lead about a post without leaving it, and one's own questions with their answers."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request, Response

from server.coding import actions
from server.coding.answers import Typed, text_in
from server.coding.desk import desk
from server.coding.entry import POSITION, ROUND, KeptRoute, Number, Position
from server.coding.forms import CodingForm, typed_in
from server.coding.opening import SEARCH, was_opened
from server.coding.own_questions import QUESTION, OwnQuestion, ask, mark_read, own_questions
from server.coding.queries import OwnRound, own_round
from server.coding.replies import both_texts, desk_again, sent_in
from server.coding.screens import HIDDEN, desk_form, with_answers
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access, Codes
from server.web.came import came_from
from server.web.forms import Form, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages(KeptRoute)
Sent = Annotated[Form[CodingForm], form_of(CodingForm)]


@dataclass(frozen=True)
class QuestionsPage:
    """What one asked in a round, and what the lead answered."""

    round: OwnRound
    questions: tuple[OwnQuestion, ...]
    has_new: bool


@router.post(POSITION + "/ask", name="coding.ask")
def ask_lead(
    request: Request, db: Db, access: Codes, number: Number, position: Position, form: Sent
) -> Response:
    """Send a question to the lead and stay at the post; what was answered so far is kept as a draft."""
    try:
        post_number = ask(db, access, number, position, text_in(typed_in(form), QUESTION))
        _keep_answers(db, access, number, position, form)
    except actions.Stale as stale:
        return both_texts(request, db, access, number, position, form, stale)
    except actions.Closed as closed:
        return _again(request, db, access, number, position, form, Refusal(closed.message), 409)
    except Refusal as refusal:
        return _again(request, db, access, number, position, form, refusal, 422)
    notice = _("Your question about post %(number)s is with the lead. The answer will stand here.")
    return see_other(
        request,
        "coding.annotate",
        number=number,
        position=position,
        query={**came_from(request), **(SEARCH if was_opened(form.typed) else {})},
        notice=notice % {"number": post_number},
    )


def _again(
    request: Request,
    db: Db,
    access: Access,
    number: int,
    position: int,
    form: Form[CodingForm],
    refusal: Refusal,
    status: int,
) -> Response:
    here = desk(db, access, number, position)
    return desk_again(request, db, here, with_answers(db, here, form).refused(refusal), status)


def _keep_answers(db: Db, access: Access, number: int, position: int, form: Form[CodingForm]) -> None:
    """Save a draft where the form says something else than what is kept."""
    typed = {name: values for name, values in typed_in(form).items() if name != QUESTION}
    kept = desk_form(db, desk(db, access, number, position)).typed
    if "codebook" in typed and _said(typed) != _said(kept):
        actions.save_draft(db, access, number, position, sent_in(form, typed))


def _said(typed: Typed) -> Typed:
    """The answers alone, without fields that were left empty."""
    return {
        name: tuple(values)
        for name, values in typed.items()
        if name not in {*HIDDEN, QUESTION} and any(values)
    }


@router.get(ROUND + "/questions", name="coding.questions")
def questions(request: Request, db: Db, access: Codes, number: Number) -> Response:
    """One's own questions in a round, with the lead's answers."""
    here = own_round(db, access, number)
    found = own_questions(db, access, number)
    page = QuestionsPage(here, found, any(each.is_new for each in found))
    return render(request, "coding/questions.html", page)


@router.post(ROUND + "/questions", name="coding.answers_read")
def answers_read(request: Request, db: Db, access: Codes, number: Number) -> Response:
    """Note that one has read the answers."""
    mark_read(db, access, own_round(db, access, number).id)
    return see_other(request, "coding.questions", number=number)
