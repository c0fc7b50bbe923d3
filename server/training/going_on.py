"""How one goes on in and after a training: what it takes to pass, whose turn it is, and what is open then."""

from sqlalchemy import or_, select
from sqlmodel import Session, col

from server.language import figure, ngettext, number
from server.language import gettext as _
from server.projects.access import Access
from server.rounds.models import Round, RoundGate
from server.rounds.pass_rules import Ending, PassRule
from server.rounds.queries import OwnRound, open_rounds_of
from server.training.queries import Training


def rule_for_trainees(training: Training, n_posts: int) -> str:
    """What it takes to pass a training of so many posts, said to whoever is trained."""
    rule = training.rule
    if rule is None:
        return _("There is no fixed mark: the lead looks at your answers and decides with you.")
    words = _right_words(rule, n_posts) if rule.measure == "right" else _alpha_words(training, rule)
    return words if rule.opens else " ".join((words, _("The lead then lets you in.")))


def _right_words(rule: PassRule, n_posts: int) -> str:
    said = ngettext(
        "You pass with {least} of {n} post right on every question.",
        "You pass with {least} of {n} posts right on every question.",
        n_posts,
    )
    return said.format(least=number(int(rule.least)), n=number(n_posts))


def _alpha_words(training: Training, rule: PassRule) -> str:
    least, n_posts = figure(rule.least), number(rule.n_posts or 0)
    variable = training.book.variable_by_key.get(rule.variable)
    if variable is None:
        said = _("You pass with an alpha with the gold of {least} or more on each question, over {n} posts.")
        return said.format(least=least, n=n_posts)
    said = _("You pass with an alpha with the gold of {least} or more on “{question}”, over {n} posts.")
    return said.format(least=least, n=n_posts, question=variable.label)


def waits_for_lead(training: Training, ending: str) -> bool:
    """Whether the lead is to say how a trainee goes on: one who can do no more here, and is not let in."""
    if ending == Ending.PASSED:
        return training.rule is not None and not training.rule.opens
    return ending != Ending.LET_IN and (ending != "" or training.is_locked)


def rounds_behind(db: Session, training: Training) -> tuple[tuple[int, str], ...]:
    """The rounds that wait for this training to be passed, by number and title."""
    statement = (
        select(col(Round.number), col(Round.title))
        .join(RoundGate, col(RoundGate.round_id) == col(Round.id))
        .where(col(RoundGate.training_id) == training.id)
        .order_by(col(Round.number))
    )
    return tuple((number, title) for number, title in db.execute(statement))


def opened_after(db: Session, access: Access, training: Training) -> tuple[OwnRound, ...]:
    """What the member can code now on their way: rounds behind a training, and other trainings."""
    behind = select(col(RoundGate.round_id))
    on_the_way = db.scalars(
        select(col(Round.number)).where(
            col(Round.project_id) == access.project_id,
            col(Round.number) != training.number,
            or_(col(Round.shows_gold), col(Round.id).in_(behind)),
        )
    )
    numbers = set(on_the_way)
    return tuple(one for one in open_rounds_of(db, access) if one.number in numbers and _has_more(one))


def _has_more(own: OwnRound) -> bool:
    return own.progress.n_left > 0 if own.share is None else own.share.has_more
