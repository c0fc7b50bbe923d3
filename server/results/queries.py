"""Reading final values: posts in slices, their codings grouped by the database, their decisions.

A reader sees only what rests on rounds they may see. Decisions on posts of a round that is hidden from
them are left out too, since they say what others coded; and so is everything about posts that the reader can
still code in an open round.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, distinct, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.codebooks.kinds import CHOICES
from server.codebooks.queries import CodeInfo, VariableInfo, codebook, latest_published
from server.coding.models import CodingAnswer
from server.corpora.models import Post
from server.projects.access import Access
from server.rounds.design import Purpose
from server.rounds.models import Assignment, Round
from server.rounds.queries import Sight, in_none_of, swaying, visible_rounds

# Posts a slice: few statements, and little memory at any number of posts.
SLICE = 10_000
_Row = Sequence[Any]


@dataclass(frozen=True)
class Scope:
    """What final values may rest on for one reader.

    `rounds` are counted, each with its version of the codebook; practice (training rounds) is not. `hidden`
    are the rounds this reader may not see, with the reason in words.
    """

    project_id: int
    rounds: dict[int, int]
    hidden: tuple[Sight, ...]


@dataclass(frozen=True)
class PostLine:
    """A post without its text."""

    id: int
    number: int
    external_id: str
    author: str | None
    posted_at: datetime | None
    posted_at_text: str | None
    link: str | None


@dataclass(frozen=True)
class Slice:
    """Posts in the order of their numbers, with what was coded and decided about them.

    Rows: `ballots` (variable, post, code or None, annotators), `voices` of multiple choices (variable,
    post, round, annotators), `worded` (variable, post, annotators, least and greatest number, least and
    greatest text), `decisions` (variable, post, basis, code, number, text).
    """

    posts: tuple[PostLine, ...]
    ballots: Sequence[_Row]
    voices: Sequence[_Row]
    worded: Sequence[_Row]
    decisions: Sequence[_Row]


@dataclass(frozen=True)
class Extent:
    """How much was coded: posts in all, annotators, and posts with codings by two annotators or more."""

    n_posts: int
    n_annotators: int
    n_double_coded: int


def scope_of_figures(db: Session, access: Access) -> Scope:
    """What figures over all annotators may rest on for this reader."""
    return _scope(db, access, lambda sight: sight.why_no_figures)


def scope_of_posts(db: Session, access: Access) -> Scope:
    """What the values of single posts, which may show single codings, may rest on for this reader."""
    return _scope(db, access, lambda sight: sight.why_no_codings)


def variables(db: Session, access: Access, scope: Scope) -> tuple[VariableInfo, ...]:
    """The variables of the newest codebook, then what only earlier rounds asked; and so their codes."""
    newest = latest_published(db, access.project_id)
    version_ids = {*scope.rounds.values(), *([newest.version_id] if newest else [])}
    books = sorted((codebook(db, version_id) for version_id in version_ids), key=lambda book: -book.number)
    found: dict[int, VariableInfo] = {}
    for variable in (variable for book in books for variable in book.variables):
        newer = found.get(variable.id)
        found[variable.id] = variable if newer is None else _with_codes_of(newer, variable)
    return tuple(found.values())


def extent(db: Session, access: Access, scope: Scope) -> Extent:
    """How much was coded, by how many."""
    n_posts = db.scalar(select(func.count()).where(col(Post.project_id) == access.project_id)) or 0
    counts = _counted(scope)
    n_annotators = db.scalar(select(func.count(distinct(col(Assignment.member_id)))).where(counts)) or 0
    doubles = (
        select(col(Assignment.post_id))
        .where(counts)
        .group_by(col(Assignment.post_id))
        .having(func.count(distinct(col(Assignment.member_id))) > 1)
    )
    n_double_coded = db.scalar(select(func.count()).select_from(doubles.subquery())) or 0
    return Extent(n_posts, n_annotators, n_double_coded)


def slices(
    db: Session, access: Access, scope: Scope, of: Sequence[VariableInfo], size: int = SLICE
) -> Iterator[Slice]:
    """All posts of the project, `size` numbers at a time."""
    last = db.scalar(select(func.max(col(Post.number))).where(col(Post.project_id) == access.project_id))
    for first in range(1, (last or 0) + 1, size):
        yield _slice(db, access, scope, of, (first, first + size - 1))


def _scope(db: Session, access: Access, why_hidden: Callable[[Sight], str]) -> Scope:
    sights = visible_rounds(db, access)
    hidden = tuple(sight for sight in sights if why_hidden(sight))
    hidden_ids = {sight.round_id for sight in hidden}
    counted = db.execute(
        select(col(Round.id), col(Round.codebook_version_id)).where(
            col(Round.project_id) == access.project_id, col(Round.purpose) != Purpose.TRAINING.value
        )
    )
    rounds = {round_id: version_id for round_id, version_id in counted if round_id not in hidden_ids}
    return Scope(access.project_id, rounds, hidden)


def offered_codes(db: Session, scope: Scope) -> dict[int, frozenset[int]]:
    """The codes that annotators could choose in each round that counts, by their ids."""
    return {
        round_id: frozenset(
            code.id for variable in codebook(db, version_id).variables for code in variable.codes
        )
        for round_id, version_id in scope.rounds.items()
    }


def _with_codes_of(newer: VariableInfo, older: VariableInfo) -> VariableInfo:
    gone: tuple[CodeInfo, ...] = tuple(code for code in older.codes if code.id not in newer.code_by_id)
    return replace(newer, codes=(*newer.codes, *gone)) if gone else newer


def _slice(
    db: Session, access: Access, scope: Scope, of: Sequence[VariableInfo], numbers: tuple[int, int]
) -> Slice:
    within = and_(col(Post.project_id) == access.project_id, col(Post.number).between(*numbers))
    kinds = {variable.id: variable.kind for variable in of}
    choices = [key for key, kind in kinds.items() if kind in CHOICES]
    multiple = [key for key, kind in kinds.items() if kind == "multiple"]
    others = [key for key, kind in kinds.items() if kind not in CHOICES]
    return Slice(
        _posts(db, within),
        _rows(db, _ballots(scope, within, choices), choices),
        _rows(db, _voices(scope, within, multiple), multiple),
        _rows(db, _worded(scope, within, others), others),
        _rows(db, _decisions(scope, within, list(kinds)), kinds),
    )


def _rows(db: Session, statement: Select[*tuple[Any, ...]], wanted: Collection[int]) -> Sequence[_Row]:
    # By Core: half a million rows are not to pass through the machinery for objects.
    return db.connection().execute(statement).all() if wanted else []


def _posts(db: Session, within: ColumnElement[bool]) -> tuple[PostLine, ...]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            col(Post.id),
            col(Post.number),
            col(Post.external_id),
            col(Post.author),
            col(Post.posted_at),
            col(Post.posted_at_text),
            col(Post.link),
        )
        .where(within)
        .order_by(col(Post.number))
    )
    return tuple(PostLine(*row) for row in db.connection().execute(statement))


def _answers(
    scope: Scope, within: ColumnElement[bool], variable_ids: Sequence[int], *columns: Any
) -> Select[*tuple[Any, ...]]:
    """Answers that count, grouped by variable and post: those of current codings, one a person."""
    statement = (
        select(col(CodingAnswer.variable_id), col(Assignment.post_id), *columns)
        .select_from(Assignment)
        .join(CodingAnswer, col(CodingAnswer.coding_id) == col(Assignment.coding_id))
        .where(
            _counted(scope),
            col(Assignment.post_id).in_(select(col(Post.id)).where(within)),
            col(CodingAnswer.variable_id).in_(variable_ids),
        )
        .group_by(col(CodingAnswer.variable_id), col(Assignment.post_id))
    )
    return statement.where(~_answered_again(scope)) if len(scope.rounds) > 1 else statement


def _counted(scope: Scope) -> ColumnElement[bool]:
    return and_(
        col(Assignment.round_id).in_(scope.rounds),
        col(Assignment.state) == "submitted",
        in_none_of(swaying(scope.hidden), col(Assignment.post_id)),
    )


def _answered_again(scope: Scope) -> ColumnElement[bool]:
    """Whether the annotator answered this for the post in a later round, too: their last word counts."""
    later, answer = aliased(Assignment), aliased(CodingAnswer)
    return exists().where(
        col(later.post_id) == col(Assignment.post_id),
        col(later.member_id) == col(Assignment.member_id),
        col(later.round_id) > col(Assignment.round_id),
        col(later.round_id).in_(scope.rounds),
        col(later.state) == "submitted",
        col(answer.coding_id) == col(later.coding_id),
        col(answer.variable_id) == col(CodingAnswer.variable_id),
    )


def _ballots(
    scope: Scope, within: ColumnElement[bool], variable_ids: Sequence[int]
) -> Select[*tuple[Any, ...]]:
    code = col(CodingAnswer.code_id)
    return _answers(scope, within, variable_ids, code, func.count()).group_by(code)


def _voices(
    scope: Scope, within: ColumnElement[bool], variable_ids: Sequence[int]
) -> Select[*tuple[Any, ...]]:
    # A multiple choice has a row a code, so its annotators have to be counted apart.
    round_id = col(Assignment.round_id)
    annotators = func.count(distinct(col(CodingAnswer.coding_id)))
    return _answers(scope, within, variable_ids, round_id, annotators).group_by(round_id)


def _worded(
    scope: Scope, within: ColumnElement[bool], variable_ids: Sequence[int]
) -> Select[*tuple[Any, ...]]:
    number, text = col(CodingAnswer.number), col(CodingAnswer.text)
    ends = (func.min(number), func.max(number), func.min(text), func.max(text))
    return _answers(scope, within, variable_ids, func.count(), *ends)


def _decisions(
    scope: Scope, within: ColumnElement[bool], variable_ids: Sequence[int]
) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(StandingDecision.variable_id),
            col(StandingDecision.post_id),
            col(Decision.basis),
            col(DecisionAnswer.code_id),
            col(DecisionAnswer.number),
            col(DecisionAnswer.text),
        )
        .join(Decision, col(Decision.id) == col(StandingDecision.decision_id))
        .outerjoin(DecisionAnswer, col(DecisionAnswer.decision_id) == col(Decision.id))
        .where(
            col(StandingDecision.project_id) == scope.project_id,
            col(StandingDecision.post_id).in_(select(col(Post.id)).where(within)),
            col(StandingDecision.variable_id).in_(variable_ids),
            col(Decision.basis) != "withdrawn",
            in_none_of((sight.round_id for sight in scope.hidden), col(StandingDecision.post_id)),
        )
    )
