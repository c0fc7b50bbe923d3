"""What a reviewer may look at: rounds, posts and questions. Everything here is read through a `Scope`.

Practice rounds are left out, since nothing of them enters the final dataset. So are all posts of a round
that is hidden from the reader, even where another round they may see has the post as well: whoever still
codes a post must not see what others made of it, nor what was decided about it.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.codebooks.over_time import ReadAs, offered, read_as, variables_over_time
from server.codebooks.queries import VariableInfo
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.projects.roles import Permission, Role, may
from server.rounds.design import Purpose
from server.rounds.models import Assignment, Round, RoundAnnotator
from server.rounds.queries import Sight, in_none_of, visible_rounds
from server.rounds.round_codebook import codebook_of
from server.rounds.sharing import waits_in_queue

SUBMITTED, SKIPPED, QUEUED = "submitted", "skipped", "queued"


@dataclass(frozen=True)
class CountedRound:
    """A round whose codings count here; `code_ids` are the codes its annotators can choose."""

    id: int
    number: int
    title: str
    is_open: bool
    variable_ids: frozenset[int]
    code_ids: frozenset[int]


@dataclass(frozen=True)
class Scope:
    """The rounds that count, those hidden from the reader, and the questions as the newest words them.

    `read_as`: the codes that are read as another one since they were merged.
    """

    project_id: int
    rounds: tuple[CountedRound, ...]
    practice: tuple[int, ...]
    hidden: tuple[Sight, ...]
    variables: tuple[VariableInfo, ...]
    read_as: ReadAs = field(default_factory=dict)

    @cached_property
    def round_ids(self) -> tuple[int, ...]:
        """The ids of the rounds that count."""
        return tuple(each.id for each in self.rounds)

    @cached_property
    def open_round_ids(self) -> tuple[int, ...]:
        """The ids of those in which annotators can still code."""
        return tuple(each.id for each in self.rounds if each.is_open)

    @cached_property
    def variable_by_id(self) -> dict[int, VariableInfo]:
        """The questions by their ids."""
        return {variable.id: variable for variable in self.variables}

    @cached_property
    def variable_by_key(self) -> dict[str, VariableInfo]:
        """The questions by their keys."""
        return {variable.key: variable for variable in self.variables}

    def offering(self, code_id: int, round_ids: tuple[int, ...]) -> tuple[int, ...]:
        """Which of these rounds offer a code."""
        return tuple(each.id for each in self.rounds if each.id in round_ids and code_id in each.code_ids)

    def offers(self, variable: VariableInfo) -> dict[int, NDArray[np.bool_]]:
        """Which codes of a variable each round offers (n_codes)."""
        return {
            each.id: np.array([code.id in each.code_ids for code in variable.codes], dtype=np.bool_)
            for each in self.rounds
        }


def scope_of(db: Session, access: Access) -> Scope:
    """What this reader may review."""
    sights = visible_rounds(db, access)
    return _scope(db, access.project_id, tuple(sight for sight in sights if sight.why_no_codings))


def shared_scope(db: Session, project_id: int) -> Scope:
    """What every reviewer of a project may review: without the rounds in which one of them still codes."""
    return _scope(db, project_id, _coded_by_reviewers(db, project_id))


def _coded_by_reviewers(db: Session, project_id: int) -> tuple[Sight, ...]:
    reviewing = [role.value for role in Role if may(role, Permission.REVIEW_DISAGREEMENTS)]
    rows = db.execute(
        select(col(Round.id), col(Round.number), col(Round.title))
        .join(RoundAnnotator, col(RoundAnnotator.round_id) == col(Round.id))
        .join(Member, col(Member.id) == col(RoundAnnotator.member_id))
        .where(col(Round.project_id) == project_id, col(Member.role).in_(reviewing))
        .where(col(Round.locked_at).is_(None), col(Round.revealed_at).is_(None))
        .distinct()
        .order_by(col(Round.number))
    )
    return tuple(Sight(row.id, row.number, row.title, _("A reviewer still codes here."), "") for row in rows)


def _scope(db: Session, project_id: int, hidden: tuple[Sight, ...]) -> Scope:
    hidden_ids = {sight.round_id for sight in hidden}
    rows = db.scalars(
        select(Round).where(col(Round.project_id) == project_id).order_by(col(Round.number))
    ).all()
    practice = tuple(row.number for row in rows if row.purpose == Purpose.TRAINING.value)
    counted = [row for row in rows if row.number not in practice and row.id not in hidden_ids]
    successors = read_as(db, project_id)
    return Scope(
        project_id,
        tuple(_counted(db, row, successors) for row in counted),
        practice,
        hidden,
        variables_over_time(db, project_id, {row.codebook_version_id for row in counted}),
        successors,
    )


def _counted(db: Session, row: Round, successors: ReadAs) -> CountedRound:
    book = codebook_of(db, row.id or 0, row.codebook_version_id)
    return CountedRound(
        row.id or 0,
        row.number,
        row.title,
        row.locked_at is None and row.revealed_at is None,
        frozenset(variable.id for variable in book.variables),
        offered(book, successors),
    )


def not_hidden(scope: Scope, post_id: Any) -> ColumnElement[bool]:
    """Whether a post is in no round that is hidden from the reader."""
    return in_none_of((sight.round_id for sight in scope.hidden), post_id)


def still_coded(scope: Scope, post_id: Any) -> ColumnElement[bool]:
    """Whether an annotator has still to code a post, in a round that counts and is open."""
    waiting = aliased(Assignment)
    is_assigned = exists().where(
        col(waiting.post_id) == post_id,
        col(waiting.round_id).in_(scope.open_round_ids),
        col(waiting.state) == QUEUED,
    )
    return or_(is_assigned, waits_in_queue(scope.open_round_ids, post_id))
