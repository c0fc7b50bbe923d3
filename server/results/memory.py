"""What was read of all posts is kept in memory, since one question to the results leads to the next.

Reading the codings of a hundred thousand posts takes seconds; another field, code or interval needs none of
them anew.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.adjudication.models import Decision
from server.codebooks.queries import VariableInfo
from server.coding.models import Coding
from server.corpora.extra import extra_fields
from server.corpora.models import Post
from server.db.remembering import remembered
from server.gold.models import Gold
from server.history.models import HistoryEvent
from server.projects.access import Access
from server.reliability.figures import VariableAgreement
from server.reliability.report import agreement_report
from server.results.finals import Finals, read_finals
from server.results.outcomes import Rule
from server.results.queries import Scope
from server.results.tallies import FinalSlice, final_slices
from server.rounds.models import RoundAnnotator

Report = TypeVar("Report")
_KEPT_POSTS = 200_000


def remembered_finals(
    db: Session, access: Access, scope: Scope, asked: tuple[VariableInfo, ...], rule: Rule
) -> Finals:
    """The final values as this reader may see them, read anew where something happened since."""
    stamp = (scope, asked, rule, _stamp(db, scope))
    return remembered(
        db, ("finals", access.project_id), stamp, lambda: read_finals(db, access, scope, asked, rule)
    )


def remembered_slices(
    db: Session, access: Access, scope: Scope, asked: Sequence[VariableInfo], rule: Rule
) -> Sequence[FinalSlice]:
    """The posts with their codings and final values, kept so that another code of a question reads nothing.

    Of more than `_KEPT_POSTS` they would take too much memory, and are read each time.
    """
    stamp = (scope, tuple(asked), rule, _stamp(db, scope))

    def read() -> Sequence[FinalSlice]:
        return tuple(final_slices(db, access, scope, asked, rule))

    n_posts = db.scalar(select(func.max(col(Post.number))).where(col(Post.project_id) == scope.project_id))
    if (n_posts or 0) > _KEPT_POSTS:
        return read()
    return remembered(db, ("slices of results", access.project_id), stamp, read)


def remembered_agreement(db: Session, access: Access, scope: Scope) -> dict[str, VariableAgreement]:
    """The agreement on every question, by its key."""
    stamp = (scope, access.member_id, _stamp(db, scope))
    return remembered(
        db,
        ("agreement of results", access.project_id),
        stamp,
        lambda: {one.key: one for one in agreement_report(db, access, pairs=None).variables},
    )


def remembered_correction(
    db: Session, access: Access, scope: Scope, asked: Hashable, work: Callable[[], Report]
) -> Report:
    """What `work` makes of one code that is corrected; `asked` is all that it depends on beside the data."""
    stamp = (scope, access.member_id, asked, _stamp(db, scope))
    return remembered(db, ("corrected", access.project_id), stamp, work)


def remembered_fields(db: Session, scope: Scope) -> tuple[str, ...]:
    """The names of the further columns of the posts."""
    place = ("fields of results", scope.project_id)
    return remembered(db, place, _stamp(db, scope), lambda: extra_fields(db, scope.project_id))


def _stamp(db: Session, scope: Scope) -> tuple[int | None, ...]:
    """Changes with whatever happens in the project, each of which is an event of its history.

    The newest ids change also where rows come without an event.
    """
    in_rounds = col(RoundAnnotator.round_id).in_(scope.rounds)
    asked = (
        select(func.max(col(HistoryEvent.sequence))).where(col(HistoryEvent.chain) == scope.project_id),
        select(func.sum(col(RoundAnnotator.n_submitted))).where(in_rounds),
        select(func.max(col(Coding.id))),
        select(func.max(col(Decision.id))),
        select(func.max(col(Post.id))),
        select(func.max(col(Gold.id))),
    )
    return tuple(db.scalar(each) for each in asked)
