"""The lead's pages of what annotators ask."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import BaseModel, Field

from server.coding.own_questions import MAX_WORDS
from server.coding.questions_to_lead import Asked, Questions, answer, question_to_lead, questions_to_lead
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access, ManagesRounds
from server.web.forms import Form, blank, form_of
from server.web.numbers import PageNumber
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
QUESTIONS = "/projects/{project_key}/questions"
QUESTION = QUESTIONS + "/{question_key}"


class AnswerForm(BaseModel):
    """What the lead answers."""

    answer: str = Field(max_length=MAX_WORDS)


@dataclass(frozen=True)
class QuestionsToLeadPage:
    """What annotators ask, what waits for an answer first."""

    questions: Questions


@dataclass(frozen=True)
class QuestionToLeadPage:
    """One question with its post, to be answered."""

    question: Asked
    form: Form[Any]


@router.get(QUESTIONS, name="coding.questions_to_lead")
def questions_to_lead_page(request: Request, db: Db, access: ManagesRounds, page: PageNumber) -> Response:
    """List the questions of the project."""
    found = questions_to_lead(db, access, page)
    return render(request, "coding/questions_to_lead.html", QuestionsToLeadPage(found))


@router.get(QUESTION, name="coding.question_to_lead")
def question_to_lead_page(request: Request, db: Db, access: ManagesRounds, question_key: str) -> Response:
    """Show one, with the answer it has."""
    return _page(request, db, access, question_key)


def _page(
    request: Request, db: Db, access: Access, key: str, form: Form[Any] | None = None, status: int = 200
) -> Response:
    found = question_to_lead(db, access, key)
    page = QuestionToLeadPage(found, form or blank(answer=found.answer))
    return render(request, "coding/question_to_lead.html", page, status)


@router.post(QUESTION, name="coding.answer_question")
def answer_question(
    request: Request,
    db: Db,
    access: ManagesRounds,
    question_key: str,
    form: Annotated[Form[AnswerForm], form_of(AnswerForm)],
) -> Response:
    """Answer whoever asked."""
    try:
        answer(db, access, question_key, form.checked().answer)
    except Refusal as refusal:
        return _page(request, db, access, question_key, form.refused(refusal), 422)
    return see_other(request, "coding.questions_to_lead", notice=_("Your answer is sent."))
