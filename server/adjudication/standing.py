"""Decisions: which stands for a variable of a post, what came before it, and how a form names it."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.models import Decision, DecisionAnswer, DecisionBatch, StandingDecision
from server.codebooks.over_time import ReadAs
from server.coding.answers import Answer
from server.projects.access import Access

WITHDRAWN, UNANIMOUS, MAJORITY, ADJUDICATED = "withdrawn", "unanimous", "majority", "adjudicated"
CONSENSUS, SINGLE, SECOND = "consensus", "single", "second"
# What was accepted because nobody said otherwise counts no more where somebody says otherwise since.
UNCONTESTED = (UNANIMOUS, SINGLE)
# A decision keeps one text, its reason; that the codebook was to blame stands at its head.
UNCLEAR = "[codebook unclear]"


@dataclass(frozen=True)
class Past:
    """One decision as it was taken; without answers where it took the one before back."""

    id: int
    variable_id: int
    basis: str
    answers: frozenset[Answer]
    before: frozenset[Answer] | None
    reason: str
    is_codebook_unclear: bool
    decided_by: str
    decided_at: datetime
    batch_number: int | None
    stands: bool


@dataclass(frozen=True)
class Standing:
    """Where a variable of a post is: the last decision about it, if any, and whether that is in force."""

    variable_id: int
    decision: Past | None = None

    @property
    def decision_id(self) -> int | None:
        """The last decision, withdrawn or not."""
        return self.decision.id if self.decision else None

    @property
    def in_force(self) -> Past | None:
        """The decision that gives the final value."""
        return self.decision if self.decision and self.decision.basis != WITHDRAWN else None


def token(access: Access, standing: Standing) -> str:
    """What a form carries to say which decision it was made from, without telling its id."""
    said = f"{access.project_key} {standing.variable_id} {standing.decision_id or 0}"
    return sha256(said.encode()).hexdigest()[:24]


def by_a_person() -> ColumnElement[bool]:
    """Whether somebody read the post and decided; the index of such decisions has the same condition."""
    return col(Decision.basis).in_([literal_column("'adjudicated'"), literal_column("'consensus'")])


def reason_kept(reason: str, *, is_codebook_unclear: bool) -> str:
    """The reason as it is stored."""
    return f"{UNCLEAR} {reason}".strip() if is_codebook_unclear else reason


def past_of(db: Session, post_id: int, read_as: ReadAs) -> tuple[Past, ...]:
    """All decisions about a post, oldest first, with the codes that merged ones are read as."""
    answers = _answers(db, post_id, read_as)
    rows = db.execute(_decisions(post_id)).all()
    return tuple(_past(row, answers) for row in rows)


def standings(past: tuple[Past, ...]) -> dict[int, Standing]:
    """The last decision about each variable that was ever decided."""
    return {each.variable_id: Standing(each.variable_id, each) for each in past if each.stands}


def _decisions(post_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Decision,
            col(Account.display_name).label("by"),
            col(DecisionBatch.number).label("batch_number"),
            col(StandingDecision.decision_id).label("standing_id"),
        )
        .outerjoin(Account, col(Account.id) == col(Decision.decided_by))
        .outerjoin(DecisionBatch, col(DecisionBatch.id) == col(Decision.batch_id))
        .outerjoin(StandingDecision, col(StandingDecision.decision_id) == col(Decision.id))
        .where(col(Decision.post_id) == post_id)
        .order_by(col(Decision.id))
    )


def _answers(db: Session, post_id: int, read_as: ReadAs) -> dict[int, frozenset[Answer]]:
    rows = db.execute(
        select(
            col(DecisionAnswer.decision_id),
            col(Decision.variable_id),
            col(DecisionAnswer.code_id),
            col(DecisionAnswer.number),
            col(DecisionAnswer.text),
            col(DecisionAnswer.nothing_applies),
        )
        .join(Decision, col(Decision.id) == col(DecisionAnswer.decision_id))
        .where(col(Decision.post_id) == post_id)
    )
    found: dict[int, frozenset[Answer]] = {}
    for decision_id, variable_id, code_id, *values in rows:
        answer = Answer(variable_id, read_as.get(code_id, code_id), *values)
        found[decision_id] = found.get(decision_id, frozenset()) | {answer}
    return found


def _past(row: Any, answers: dict[int, frozenset[Answer]]) -> Past:
    found: Decision = row.Decision
    id_ = found.id or 0
    return Past(
        id=id_,
        variable_id=found.variable_id,
        basis=found.basis,
        answers=answers.get(id_, frozenset()),
        before=answers.get(found.supersedes_id or 0),
        reason=found.reason.removeprefix(UNCLEAR).strip(),
        is_codebook_unclear=found.reason.startswith(UNCLEAR),
        decided_by=row.by or "",
        decided_at=found.decided_at,
        batch_number=row.batch_number,
        stands=row.standing_id is not None,
    )
