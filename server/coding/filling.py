"""The questions of the coding form, filled with what was answered, and whether they can be."""

from typing import Any

from fastapi import Request
from markupsafe import Markup
from sqlmodel import Session

from server import language
from server.codebooks.queries import Codebook
from server.coding.answers import asked_in
from server.coding.caring import is_refused
from server.coding.desk import Desk
from server.coding.folding import folded
from server.coding.forms import CodingForm
from server.coding.gold import why_not_open
from server.coding.keymap import (
    OwnKeys,
    commands_of,
    keys_in,
    merged,
    usual,
    with_keys,
)
from server.coding.questions import answer_name, questions
from server.coding.spans import passages
from server.coding.tables import SUBMITTED, WITHDRAWN
from server.db.remembering import keep
from server.language import gettext as _
from server.web.forms import Form
from server.web.rendering import fragment


def why_closed(here: Desk) -> str:
    """Why nothing can be submitted here; empty where it can."""
    if here.is_locked:
        return _("The round is locked. Codings can be read and not changed.")
    if here.post.is_taken_down:
        return _(
            "This post was taken down. What you coded stays as it is, unless it was removed with the post."
        )
    if here.state == WITHDRAWN:
        return _("This post was taken back from you, so there is nothing to submit here.")
    if is_refused(here):
        return _("You have opted out of a topic of this post, so it is not shown and not asked of you.")
    return why_not_open(here)


def asked_questions(
    request: Request, db: Session, book: Codebook, here: Desk, form: Form[CodingForm]
) -> Markup:
    """The questions with what was answered. Unanswered ones with the usual keys are kept in memory."""
    is_open = not (why_closed(here) or here.state == SUBMITTED or form.typed or form.errors)
    if not is_open or here.keys is not None or book.published_at is None:
        return _fill(request, book, here, form)
    place = ("questions", book.version_id, book.of_round, language.code())
    kept: Markup | None = db.info["memory"].get(place)
    if kept is None:
        kept = _fill(request, book, here, form)
        keep(db, place, kept)
    return kept


def _fill(request: Request, book: Codebook, here: Desk, form: Form[CodingForm]) -> Markup:
    # What was refused stays in sight, asked or not: that is where it says why.
    shown = asked_in(book, form.typed) | {
        variable.id for variable in book.variables if form.error(answer_name(variable.key))
    }
    asked, is_closed = questions(book), bool(why_closed(here))
    text = "" if is_refused(here) else here.post.text
    keys = merged(usual(asked), keys_in(here.keys))
    return fragment(
        request,
        "coding/_questions.html",
        questions=with_keys(asked, keys),
        commands=commands_of(keys),
        shown=shown,
        evidence={answer_name(one.key): passages(one, form.typed, text) for one in book.variables},
        folded={each.name: folded(each, form.typed.get(each.name, ())) for each in asked},
        form=form,
        is_closed=is_closed,
        asks_why=here.state == SUBMITTED and not is_closed,
        has_notes=True,
    )


_NO_KEYS = OwnKeys(is_off=True)


def plain_questions(request: Request, book: Codebook, form: Form[Any], keys: OwnKeys = _NO_KEYS) -> Markup:
    """The questions alone, for a page without the desk's script: all are shown, and nothing is folded."""
    asked = questions(book)
    asked = with_keys(asked, merged(usual(asked), keys))
    return fragment(
        request,
        "coding/_questions.html",
        questions=asked,
        shown={variable.id for variable in book.variables},
        evidence={},
        folded={each.name: () for each in asked},
        form=form,
        is_closed=False,
        asks_why=False,
        has_notes=False,
    )
