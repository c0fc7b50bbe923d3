"""A round that opens after a training: for whom it is open, and what a pass rule can ask."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from server.codebooks.queries import Codebook
from server.errors import Refusal
from server.language import gettext as _
from server.language import number as in_digits
from server.projects.access import Access
from server.rounds.design import RoundDesign
from server.rounds.models import Round, RoundAnnotator
from server.rounds.pass_rules import Ending, rule_in


@dataclass(frozen=True)
class Candidate:
    """A member who may be asked to code. `is_reviewer`: they see others' codings of rounds, too."""

    number: int
    member_id: int
    name: str
    is_reviewer: bool


@dataclass(frozen=True)
class Gate:
    """The training round before a round, and the members who may code behind it already."""

    training_id: int
    open_for: frozenset[int]


def trainings(db: Session, access: Access) -> tuple[tuple[int, str], ...]:
    """Number and title of the rounds that show gold, the newest first."""
    rows = db.execute(
        select(col(Round.number), col(Round.title))
        .where(col(Round.project_id) == access.project_id, col(Round.shows_gold))
        .order_by(col(Round.number).desc())
    )
    return tuple((number, title) for number, title in rows)


def gate_of(db: Session, access: Access, number: int, annotators: Sequence[Candidate]) -> Gate:
    """The gate that the training round with this number is; `Refusal` where somebody is not trained in it."""
    of_project = (col(Round.project_id) == access.project_id, col(Round.shows_gold))
    training = db.scalar(select(Round).where(*of_project, col(Round.number) == number))
    if training is None or training.id is None:
        raise _refusal("requires", _("This is no training round that shows gold. Choose one of the list."))
    rows = db.execute(
        select(col(RoundAnnotator.member_id), col(RoundAnnotator.training)).where(
            col(RoundAnnotator.round_id) == training.id
        )
    )
    endings = {row.member_id: row.training for row in rows}
    untrained = [one.name for one in annotators if one.member_id not in endings]
    if untrained:
        message = _("Not in this training round: {names}. Leave them out, or train them first.")
        raise _refusal("requires", message.format(names=", ".join(untrained)))
    lets_in = endings_that_open(training)
    return Gate(training.id, frozenset(member for member, ending in endings.items() if ending in lets_in))


def endings_that_open(training: Round) -> frozenset[str]:
    """With which ending of a training the rounds behind it open without the lead."""
    rule = rule_in(training.design)
    return frozenset({Ending.LET_IN, Ending.PASSED} if rule and rule.opens else {Ending.LET_IN})


def refuse_unreachable(design: RoundDesign, n_posts: int, book: Codebook) -> None:
    """Refuse a pass rule that nobody could fulfil."""
    rule = design.pass_rule
    if rule is None:
        return
    asked, field = (
        (rule.least, "pass_right") if rule.measure == "right" else (rule.n_posts or 0, "pass_posts")
    )
    if asked > n_posts:
        message = _("The training has only {n} posts. Ask for at most so many.")
        raise _refusal(field, message.format(n=in_digits(n_posts)))
    if rule.variable and rule.variable not in book.variable_by_key:
        raise _refusal("pass_variable", _("The codebook has no such question. Choose one of the list."))


def _refusal(field: str, message: str) -> Refusal:
    return Refusal(message, {field: message})
