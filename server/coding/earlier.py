"""What an annotator answered in earlier rounds, where a round has a question coded again and shows that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from markupsafe import Markup
from sqlalchemy import Select, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.codebooks.queries import Codebook, VariableInfo, codebook
from server.coding.answers import plain
from server.coding.desk import Desk
from server.coding.models import Coding, CodingAnswer
from server.coding.tables import SUBMITTED
from server.language import gettext as _
from server.rounds.models import Assignment, RoundQuestion
from server.web.rendering import fragment


@dataclass(frozen=True)
class Earlier:
    """An own answer in words, and the version of the codebook it was given under."""

    label: str
    version: int
    said: str


def earlier_answers(request: Request, db: Session, here: Desk, book: Codebook) -> Markup:
    """The annotator's last answers from before, as a note; empty where the round shows none."""
    if book.of_round is None:
        return Markup()
    found = [earlier for variable in book.variables if (earlier := _earlier(db, here, variable))]
    return fragment(request, "coding/_earlier.html", answers=found) if found else Markup()


def _earlier(db: Session, here: Desk, variable: VariableInfo) -> Earlier | None:
    rows = db.execute(_answers(here, variable)).all()
    if not rows:
        return None
    last = [row for row in rows if row.round_id == rows[0].round_id]
    book = codebook(db, last[0].version_id)
    asked = book.variable_by_id.get(variable.id, variable)
    return Earlier(variable.label, book.number, _in_words(asked, last))


def _answers(here: Desk, variable: VariableInfo) -> Select[*tuple[Any, ...]]:
    """The own answers to a question about the post on the desk, those of the last round first."""
    now, before = aliased(Assignment), aliased(Assignment)
    return (
        select(
            col(before.round_id),
            col(Coding.version_id),
            col(CodingAnswer.code_id),
            col(CodingAnswer.number),
            col(CodingAnswer.text),
        )
        .select_from(now)
        .join(RoundQuestion, col(RoundQuestion.round_id) == col(now.round_id))
        .join(before, col(before.post_id) == col(now.post_id))
        .join(Coding, col(Coding.id) == col(before.coding_id))
        .join(CodingAnswer, col(CodingAnswer.coding_id) == col(Coding.id))
        .where(
            col(now.round_id) == here.round_id,
            col(now.member_id) == here.member_id,
            col(now.position) == here.position,
            col(RoundQuestion.variable_id) == variable.id,
            col(RoundQuestion.shows_earlier),
            col(before.member_id) == here.member_id,
            col(before.round_id) < here.round_id,
            col(before.state) == SUBMITTED,
            col(CodingAnswer.variable_id) == variable.id,
        )
        .order_by(col(before.round_id).desc(), col(CodingAnswer.id))
    )


def _in_words(variable: VariableInfo, rows: Sequence[Any]) -> str:
    """One answer in the words of the codebook it was given under."""
    return ", ".join(_said(variable, row) for row in rows)


def _said(variable: VariableInfo, row: Any) -> str:
    if row.code_id is not None:
        return variable.code_by_id[row.code_id].label
    if row.number is not None:
        return plain(row.number)
    return str(row.text) if row.text is not None else _("Nothing applies")
