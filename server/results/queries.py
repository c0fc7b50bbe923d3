"""Reading final values: posts in slices, with their codings and their decisions.

A reader sees only what rests on rounds they may see. Decisions on posts of a round that is hidden from
them are left out too, since they say what others coded; and so is everything about posts that the reader can
still code in an open round.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Integer, Select, case, func, literal, select, true
from sqlmodel import Session, col

from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.adjudication.sharing import not_owed, owed
from server.adjudication.tallies import (
    Codings,
    Ints,
    Said,
    codings,
    number_rows,
    raw_rows,
    rows_about,
    statements,
)
from server.codebooks.kinds import CHOICES
from server.codebooks.over_time import offered, read_as, variables_over_time
from server.codebooks.queries import VariableInfo
from server.corpora.models import Post
from server.corpora.queries import n_posts
from server.db.remembering import remembered
from server.projects.access import Access
from server.results.outcomes import REPORTED
from server.results.stamps import stamp_of_codings
from server.rounds.design import Purpose
from server.rounds.models import Assignment, Round
from server.rounds.queries import Sight, in_none_of, swaying, visible_rounds
from server.rounds.round_codebook import codebook_of

# Posts a slice: few statements, and few posts in memory at any number of them.
SLICE = 10_000
# Posts whose codings are read at once: reading a part costs nearly as much as reading all of them, and the
# codings of a million posts are too many to hold.
WINDOW = 100_000
_Select = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Scope:
    """What final values may rest on for one reader.

    `rounds` are counted, each with its version of the codebook; practice (training rounds) is not. `hidden`
    are the rounds this reader may not see, with the reason in words. Decisions on `owed` posts are left out:
    the reader decides them second, without seeing the first.
    """

    project_id: int
    rounds: dict[int, int]
    hidden: tuple[Sight, ...]
    owed: frozenset[int] = frozenset()


class PostMark(NamedTuple):
    """A post as estimates know it."""

    id: int
    number: int
    author: str | None
    sampling_fraction: float | None


class PostLine(NamedTuple):
    """A post without its text."""

    id: int
    number: int
    external_id: str
    author: str | None
    posted_at: datetime | None
    posted_at_text: str | None
    link: str | None
    thread_key: str | None
    parent_key: str | None


@dataclass(frozen=True, eq=False)
class Rulings:
    """Standing decisions on one question, a row (n) for each value: about which post, on which basis.

    `answer` is the id of a code, 0 for none, or the place of a number or text in `values`.
    """

    post: Ints
    basis: Ints
    answer: Ints
    values: tuple[Any, ...] = ()

    def about(self, posts: Ints) -> "Rulings":
        """Those about some posts, with the place of each post; `self.post` is in ascending order."""
        rows, place = rows_about(self.post, posts)
        return Rulings(place, self.basis[rows], self.answer[rows], self.values)


@dataclass(frozen=True, eq=False)
class Slice:
    """Posts in the order of their numbers, with what was coded and decided about them.

    `ballots` are their codings, a row each, as far as they are choices; `worded` the numbers and texts, and
    `decided` the decisions, by the ids of the variables.
    """

    posts: tuple[PostMark, ...]
    ballots: Codings
    worded: dict[int, Said]
    decided: dict[int, Rulings]

    def about(self, posts: tuple[PostMark, ...]) -> "Slice":
        """The same about some posts."""
        ids = np.array([post.id for post in posts], dtype=np.int64)
        return Slice(
            posts,
            self.ballots.about(ids),
            {key: said.about(ids) for key, said in self.worded.items()},
            {key: rulings.about(ids) for key, rulings in self.decided.items()},
        )


def scope_of_figures(db: Session, access: Access) -> Scope:
    """What figures over all annotators may rest on for this reader."""
    return _scope(db, access, lambda sight: sight.why_no_figures)


def scope_of_posts(db: Session, access: Access) -> Scope:
    """What the values of single posts, which may show single codings, may rest on for this reader."""
    return _scope(db, access, lambda sight: sight.why_no_codings)


def variables(db: Session, access: Access, scope: Scope) -> tuple[VariableInfo, ...]:
    """The variables of the newest codebook, then what only earlier rounds asked; and so their codes."""
    return variables_over_time(db, access.project_id, set(scope.rounds.values()))


def slices(
    db: Session, access: Access, scope: Scope, of: Sequence[VariableInfo], size: int = SLICE
) -> Iterator[Slice]:
    """All posts of the project, `size` numbers at a time."""
    last = n_posts(db, access)
    for begin in range(1, last + 1, WINDOW):
        end = min(last, begin + WINDOW - 1)
        whole = _whole(db, scope, of, _ids_of(db, access, (begin, end)) if last > WINDOW else None)
        for first in range(begin, end + 1, size):
            yield whole.about(_posts(db, access, (first, min(end, first + size - 1))))


def moments_of(db: Session, project_id: int) -> tuple[datetime | None, ...]:
    """When each post of the project was posted, in the order of their numbers."""
    statement = select(col(Post.posted_at)).where(col(Post.project_id) == project_id)
    return tuple(db.scalars(statement.order_by(col(Post.number))))


def _ids_of(db: Session, access: Access, numbers: tuple[int, int]) -> tuple[int, int]:
    """Between which ids the posts with these numbers lie."""
    ids = select(func.min(col(Post.id)), func.max(col(Post.id))).where(
        col(Post.project_id) == access.project_id, col(Post.number).between(*numbers)
    )
    first, last = db.execute(ids).one()
    return first or 0, last or 0


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
    return Scope(access.project_id, rounds, hidden, owed(db, access))


def offered_codes(db: Session, scope: Scope) -> dict[int, frozenset[int]]:
    """The codes that annotators could choose in each round that counts, by their ids."""
    successors = read_as(db, scope.project_id)
    return {
        round_id: offered(codebook_of(db, round_id, version_id), successors)
        for round_id, version_id in scope.rounds.items()
    }


def asked_questions(db: Session, scope: Scope) -> dict[int, frozenset[int]]:
    """The questions of each round that counts, by their ids."""
    return {
        round_id: frozenset(codebook_of(db, round_id, version_id).variable_by_id)
        for round_id, version_id in scope.rounds.items()
    }


def _whole(db: Session, scope: Scope, of: Sequence[VariableInfo], post_ids: tuple[int, int] | None) -> Slice:
    """What was coded and decided about all posts, or about those between two ids."""
    choices = [variable for variable in of if variable.kind in CHOICES]
    others = [variable for variable in of if variable.kind not in CHOICES]
    rounds, coded = sorted(scope.rounds), col(Assignment.post_id)
    is_seen = (in_none_of(swaying(scope.hidden), coded), _is_between(coded, post_ids))
    is_meant = _is_between(col(StandingDecision.post_id), post_ids)
    stated = {variable.id: _stated(db, scope, variable, is_meant) for variable in others}
    return Slice(
        (),
        all_choices(db, scope, choices) if post_ids is None else codings(db, choices, rounds, *is_seen),
        {one.id: statements(db, one, rounds, *is_seen).last_words for one in others},
        _chosen(db, scope, choices, is_meant) | stated,
    )


def all_choices(db: Session, scope: Scope, of: Sequence[VariableInfo]) -> Codings:
    """The codings of these choices about all posts, kept until another coding may count."""
    rounds, hidden = sorted(scope.rounds), swaying(scope.hidden)
    stamp = (tuple(of), tuple(rounds), hidden, stamp_of_codings(db, scope.project_id, rounds))
    is_seen = in_none_of(hidden, col(Assignment.post_id))
    place = ("codings of results", scope.project_id)
    return remembered(db, place, stamp, lambda: codings(db, of, rounds, is_seen))


def has_one_window(db: Session, access: Access) -> bool:
    """Whether the codings about all posts are read at once."""
    return n_posts(db, access) <= WINDOW


def _is_between(post_id: Any, ids: tuple[int, int] | None) -> ColumnElement[bool]:
    return true() if ids is None else post_id.between(*ids)


def _posts(db: Session, access: Access, numbers: tuple[int, int]) -> tuple[PostMark, ...]:
    columns = (col(Post.id), col(Post.number), col(Post.author), col(Post.sampling_fraction))
    with closing(raw_rows(db, _numbered(select(*columns), access, numbers))) as rows:
        return tuple(map(PostMark._make, rows.fetchall()))


def post_lines(db: Session, access: Access, posts: Sequence[PostMark]) -> tuple[PostLine, ...]:
    """The same posts, all that there are between the first and the last, with what else is known of them."""
    if not posts:
        return ()
    statement: _Select = select(
        col(Post.id),
        col(Post.number),
        col(Post.external_id),
        col(Post.author),
        col(Post.posted_at),
        col(Post.posted_at_text),
        col(Post.link),
        col(Post.thread_key),
        col(Post.parent_key),
    )
    found = db.connection().execute(_numbered(statement, access, (posts[0].number, posts[-1].number)))
    return tuple(map(PostLine._make, found.all()))


def _numbered(statement: _Select, access: Access, numbers: tuple[int, int]) -> _Select:
    of_project = (col(Post.project_id) == access.project_id, col(Post.number).between(*numbers))
    return statement.where(*of_project).order_by(col(Post.number))


def _chosen(
    db: Session, scope: Scope, of: Sequence[VariableInfo], is_meant: ColumnElement[bool]
) -> dict[int, Rulings]:
    """The decisions on choices, by variable."""
    columns = (col(StandingDecision.variable_id), func.coalesce(col(DecisionAnswer.code_id), 0))
    parts = number_rows(db, _decisions(scope, of, *columns).where(is_meant), 4)
    rows = np.concatenate([np.zeros((0, 4), dtype=np.int64), *parts])
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    return {each.id: Rulings(*rows[rows[:, 2] == each.id][:, [0, 1, 3]].T) for each in of}


def _stated(db: Session, scope: Scope, of: VariableInfo, is_meant: ColumnElement[bool]) -> Rulings:
    """The decisions on a number or a text."""
    value = col(DecisionAnswer.number if of.kind == "number" else DecisionAnswer.text)
    with closing(raw_rows(db, _decisions(scope, [of], value).where(is_meant))) as found:
        rows = sorted(found.fetchall(), key=lambda row: int(row[0]))
    numbers = np.array([row[:2] for row in rows], dtype=np.int64).reshape(-1, 2)
    post, basis = numbers.T
    return Rulings(post, basis, np.arange(len(rows)), tuple(row[2] for row in rows))


def _decisions(scope: Scope, of: Sequence[VariableInfo], *columns: Any) -> _Select:
    """Rows (post, basis as its number, …)."""
    numbers = {basis.word: literal(basis.value, Integer) for basis in REPORTED}
    basis = case(numbers, value=col(Decision.basis), else_=literal(0, Integer))
    return (
        select(col(StandingDecision.post_id), basis, *columns)
        .join(Decision, col(Decision.id) == col(StandingDecision.decision_id))
        .outerjoin(DecisionAnswer, col(DecisionAnswer.decision_id) == col(Decision.id))
        .where(
            col(StandingDecision.project_id) == scope.project_id,
            col(StandingDecision.variable_id).in_([variable.id for variable in of]),
            col(Decision.basis) != "withdrawn",
            in_none_of((sight.round_id for sight in scope.hidden), col(StandingDecision.post_id)),
            not_owed(scope.owed, col(StandingDecision.post_id)),
        )
    )
