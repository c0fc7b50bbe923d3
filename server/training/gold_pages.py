"""The lead's pages of gold answers: the list, and the answers to one post."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response
from markupsafe import Markup

from server.codebooks.queries import Codebook
from server.coding.answers import ANSWERS, Coded, typed_of
from server.coding.filling import plain_questions
from server.coding.questions import answer_name
from server.errors import Conflict, Refusal
from server.language import gettext as _
from server.projects.access import Access, ManagesRounds
from server.training.comparing import said
from server.training.editions import GoldLine, GoldPost, PastEdition, gold_lines, gold_post
from server.training.forms import GoldForm
from server.training.gold_actions import book_for_gold, retire_gold, write_gold
from server.web.forms import Form, blank, form_of
from server.web.numbers import number_in_path
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
GOLD = "/projects/{project_key}/gold"
Number = Annotated[int, number_in_path("number")]
Said = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class GoldPage:
    """The posts with gold."""

    lines: tuple[GoldLine, ...]


@dataclass(frozen=True)
class GoldPostPage:
    """One post and its gold answers, to be written. `past`: each earlier edition with its answers in words.

    `labels` are what the fields of the form are called, for the list of what is wrong.
    """

    post: GoldPost
    book: Codebook
    form: Form[Any]
    asked: Markup
    past: tuple[tuple[PastEdition, Said], ...]
    labels: dict[str, str]


@router.get(GOLD, name="training.gold")
def gold(request: Request, db: Db, access: ManagesRounds) -> Response:
    """The gold posts of the project, and what each is used for."""
    return render(request, "training/gold.html", GoldPage(gold_lines(db, access)))


@router.get(GOLD + "/{number}", name="training.gold_post")
def gold_post_(request: Request, db: Db, access: ManagesRounds, number: Number) -> Response:
    """The gold answers of a post, to be written or changed."""
    return _show(request, db, access, number, None)


@router.post(GOLD + "/{number}", name="training.write_gold")
def write(
    request: Request,
    db: Db,
    access: ManagesRounds,
    number: Number,
    form: Annotated[Form[GoldForm], form_of(GoldForm)],
) -> Response:
    """Store gold answers, or say what needs another look."""
    try:
        asked = form.checked()
        answers = {name: values for name, values in form.typed.items() if name.startswith(ANSWERS)}
        order = {"edition": asked.edition, "codebook": asked.codebook}
        write_gold(db, access, number, answers, asked.note, **order)
    except Conflict as conflict:
        return _show(request, db, access, number, form.refused(Refusal(conflict.message)), 409)
    except Refusal as refusal:
        return _show(request, db, access, number, form.refused(refusal), 422)
    return see_other(request, "training.gold", notice=_("The gold answers are stored."))


@router.post(GOLD + "/{number}/retire", name="training.retire_gold")
def retire(request: Request, db: Db, access: ManagesRounds, number: Number) -> Response:
    """Use the gold of a post in no further round."""
    retire_gold(db, access, number)
    return see_other(request, "training.gold", notice=_("The gold is retired. Rounds that use it keep it."))


def _show(
    request: Request, db: Db, access: Access, number: int, form: Form[Any] | None, status: int = 200
) -> Response:
    post = gold_post(db, access, number)
    try:
        book = book_for_gold(db, access)
    except Refusal as refusal:
        return see_other(request, "training.gold", notice=refusal.message)
    shown = form or blank(**_offered(post, book))
    labels = {answer_name(variable.key): variable.label for variable in book.variables}
    page = GoldPostPage(
        post=post,
        book=book,
        form=shown,
        asked=plain_questions(request, book, shown),
        past=tuple((each, _said(each)) for each in post.past),
        labels=labels | {"note": _("Why these are the answers")},
    )
    return render(request, "training/gold_post.html", page, status)


def _offered(post: GoldPost, book: Codebook) -> dict[str, object]:
    """The fields as they stand: what an earlier codebook asked otherwise is to be answered anew."""
    standing = post.standing
    if standing is None:
        return {}
    kept = tuple(
        answer
        for variable in book.variables
        for answer in standing.answers.get(variable.id, ())
        if answer.code_id is None or answer.code_id in variable.code_by_id
    )
    return {"note": standing.note, **typed_of(book, Coded(kept, "", is_unsure=False))}


def _said(of: PastEdition) -> Said:
    answers = of.edition.answers
    return tuple(
        (variable.label, said(variable, answers[variable.id]))
        for variable in of.edition.book.variables
        if variable.id in answers
    )
