"""Disputes are kept in memory, since deciding needs them after every post.

Working them out takes the database seconds at a hundred thousand posts, so that after new codings only the
posts of these are looked at again. Decisions do not change them.
"""

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, func, select
from sqlalchemy import cast as sql_cast
from sqlmodel import Session, col

from server.adjudication.bulk import Model, Proposal, propose
from server.adjudication.disputes import Dispute, disputes, disputes_in
from server.adjudication.rules import Rule, Rules
from server.adjudication.scope import Scope
from server.adjudication.tallies import Lens, Read, Seen, read, seen_in
from server.codebooks.queries import VariableInfo
from server.coding.models import Coding
from server.db.remembering import remembered
from server.history.models import HistoryEvent
from server.rounds.models import Assignment, RoundAnnotator
from server.rounds.queries import Sight

_KEPT = 8
# So many codings are compared within the time of a page that only wants a number.
_QUICK = 20_000
# So many new codings are looked at one by one; after more of them everything is worked out anew.
_FEW = 5_000
_Disputes = tuple[Dispute, ...]


class Stamp(NamedTuple):
    """What can change an answer: rounds, questions, how many codings were submitted, and the last one."""

    rounds: tuple[tuple[int, frozenset[int], frozenset[int]], ...]
    questions: tuple[VariableInfo, ...]
    n_submitted: int
    coding: int


class _Worked(NamedTuple):
    """Disputes, and as of when."""

    stamp: Stamp
    disputes: _Disputes


_Kept = dict[tuple[Lens, tuple[Sight, ...]], _Worked]


def remembered_disputes(db: Session, scope: Scope, lens: Lens) -> _Disputes:
    """The disputes of a lens, worked out anew only where something was coded since they are kept."""
    stamp = stamp_of(db, scope)
    known = _known(db, scope, lens, stamp)
    return _keep(db, scope, lens, _Worked(stamp, _anew(db, scope, lens, stamp))) if known is None else known


def _anew(db: Session, scope: Scope, lens: Lens, stamp: Stamp) -> _Disputes:
    """All disputes of a lens; all lenses share one reading of the answers."""
    if not lens.round_ids:
        return disputes(db, scope, lens)
    found = _answers(db, scope, lens, stamp)
    if lens.member_ids:
        return disputes_in(seen_in(found.read.of(lens.member_ids), scope, lens), scope, lens)
    return disputes_in(found.seen, scope, lens)


class _Answers(NamedTuple):
    """All answers of some rounds: as rows of annotators, and put together by post."""

    read: Read
    seen: Seen


def _answers(db: Session, scope: Scope, lens: Lens, stamp: Stamp) -> _Answers:
    whole = Lens(lens.round_ids, tuple(scope.variable_by_id))
    asked_at, place = (stamp, whole, scope.hidden), ("answers", scope.project_id)

    def work() -> _Answers:
        found = read(db, scope, whole)
        return _Answers(found, seen_in(found, scope, whole))

    return remembered(db, place, asked_at, work)


def quick_disputes(db: Session, scope: Scope, lens: Lens) -> _Disputes | None:
    """The same where that takes no time: they are in memory, or there are few codings. Else None."""
    stamp = stamp_of(db, scope)
    if stamp.n_submitted <= _QUICK:
        return remembered_disputes(db, scope, lens)
    return _known(db, scope, lens, stamp)


def _known(db: Session, scope: Scope, lens: Lens, stamp: Stamp) -> _Disputes | None:
    """What is kept, brought up to date where few codings came since; None where that does not do."""
    kept = _kept(db, scope).get((lens, scope.hidden))
    if kept is None or kept.stamp == stamp:
        return kept and kept.disputes
    found = _renewed(db, scope, lens, kept, stamp)
    return None if found is None else _keep(db, scope, lens, _Worked(stamp, found))


def _kept(db: Session, scope: Scope) -> _Kept:
    kept: _Kept = db.info["memory"].get(("disputes", scope.project_id), {})
    return kept


def _keep(db: Session, scope: Scope, lens: Lens, worked: _Worked) -> _Disputes:
    kept, key = _kept(db, scope), (lens, scope.hidden)
    others = kept if key in kept or len(kept) < _KEPT else {}
    db.info["memory"]["disputes", scope.project_id] = {**others, key: worked}
    return worked.disputes


def _renewed(db: Session, scope: Scope, lens: Lens, kept: _Worked, stamp: Stamp) -> _Disputes | None:
    """The disputes kept, with those of posts coded since; None where that is not all that happened."""
    if stamp[:2] != kept.stamp[:2]:
        return None
    since = db.execute(
        select(col(Assignment.post_id), col(Coding.revision))
        .join(Coding, col(Coding.assignment_id) == col(Assignment.id))
        .where(col(Coding.id) > kept.stamp.coding, col(Assignment.round_id).in_(scope.round_ids))
        .limit(_FEW + 1)
    ).all()
    n_first = sum(revision == 1 for _post, revision in since)
    # A coding that was skipped or sent back since is counted no more, and leaves no coding behind.
    if len(since) > _FEW or n_first != stamp.n_submitted - kept.stamp.n_submitted:
        return None
    posts = {post_id for post_id, _revision in since}
    found = disputes(db, scope, lens, col(Assignment.post_id).in_(posts)) if posts else ()
    left = (each for each in kept.disputes if each.post_id not in posts)
    return tuple(sorted((*left, *found), key=lambda each: (each.agreement, each.post_id)))


def remembered_proposal(
    db: Session, scope: Scope, rule: Rule | Rules, model: Model | None = None
) -> Proposal:
    """What a rule would decide, from memory if nothing was coded or decided since its preview.

    So whoever accepts it holds the only writer of SQLite no longer than writing takes.
    """
    now = (rule, scope, _whole_stamp(db, scope))
    return remembered(db, "proposal", now, lambda: propose(db, scope, rule, model))


def _whole_stamp(db: Session, scope: Scope) -> tuple[Any, ...]:
    """Changes with every coding, correction, skip and decision, and with nothing in other projects.

    The current coding of an assignment is only ever followed by one with a higher id.
    """
    last_event = select(func.max(col(HistoryEvent.sequence))).where(
        col(HistoryEvent.chain) == scope.project_id
    )
    assigned = (
        select(
            col(Assignment.round_id),
            col(Assignment.state),
            func.count(),
            func.sum(sql_cast(col(Assignment.id), BigInteger)),
            func.sum(sql_cast(col(Assignment.coding_id), BigInteger)),
        )
        .where(col(Assignment.round_id).in_(scope.round_ids))
        .group_by(col(Assignment.round_id), col(Assignment.state))
        .order_by(col(Assignment.round_id), col(Assignment.state))
    )
    return db.scalar(last_event), tuple(tuple(row) for row in db.execute(assigned))


def stamp_of(db: Session, scope: Scope) -> Stamp:
    """Changes with everything that can change an answer.

    The history would say so, too, but each coding is an event, and the last that is none is far to look for.
    """
    of_rounds = col(RoundAnnotator.round_id).in_(scope.round_ids)
    submitted = db.scalar(select(func.sum(RoundAnnotator.n_submitted)).where(of_rounds))
    last = db.scalar(select(func.max(col(Coding.id))))
    # Locked or open, a round asks the same.
    rounds = tuple((each.id, each.variable_ids, each.code_ids) for each in scope.rounds)
    return Stamp(rounds, scope.variables, submitted or 0, last or 0)
