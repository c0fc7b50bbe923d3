"""What was read of all posts is kept in memory, since one question to the results leads to the next.

Reading the codings of a hundred thousand posts takes seconds; another field, code or interval needs none of
them anew.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session

from server.codebooks.queries import VariableInfo
from server.corpora.extra import extra_fields
from server.corpora.queries import n_posts
from server.db.remembering import remembered
from server.language import locale
from server.projects.access import Access
from server.reliability.figures import VariableAgreement
from server.results.agreed import agreement_of
from server.results.finals import Finals, read_finals
from server.results.outcomes import Rule
from server.results.queries import Scope, moments_of
from server.results.stamps import Stamp, stamp_of_codings, stamp_of_project
from server.results.tallies import FinalSlice, final_slices

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

    if n_posts(db, access) > _KEPT_POSTS:
        return read()
    return remembered(db, ("slices of results", access.project_id), stamp, read)


def remembered_agreement(
    db: Session,
    access: Access,
    scope: Scope,
    asked: tuple[VariableInfo, ...],
    *,
    is_alpha_alone: bool = False,
) -> dict[str, VariableAgreement]:
    """The agreement on every question, by its key; with `is_alpha_alone` no other coefficient.

    Decisions leave it as it is.
    """
    seen = replace(scope, owed=frozenset())
    moment = stamp_of_codings(db, scope.project_id, scope.rounds)
    stamp = (seen, asked, access.member_id, locale(), moment)  # Why a figure is undefined is said in words.
    place = ("alphas of results" if is_alpha_alone else "agreement of results", access.project_id)
    return remembered(
        db, place, stamp, lambda: agreement_of(db, access, scope, asked, is_alpha_alone=is_alpha_alone)
    )


def remembered_correction(
    db: Session, access: Access, scope: Scope, asked: Hashable, work: Callable[[], Report]
) -> Report:
    """What `work` makes of one code that is corrected; `asked` is all that it depends on beside the data."""
    stamp = (scope, access.member_id, asked, _stamp(db, scope))
    return remembered(db, ("corrected", access.project_id), stamp, work)


def remembered_moments(db: Session, scope: Scope) -> tuple[datetime | None, ...]:
    """When each post was posted, in the order of their numbers."""
    stamp = stamp_of_codings(db, scope.project_id, scope.rounds)
    place = ("moments of results", scope.project_id)
    return remembered(db, place, stamp, lambda: moments_of(db, scope.project_id))


def remembered_fields(db: Session, scope: Scope) -> tuple[str, ...]:
    """The names of the further columns of the posts."""
    place = ("fields of results", scope.project_id)
    return remembered(db, place, _stamp(db, scope), lambda: extra_fields(db, scope.project_id))


def _stamp(db: Session, scope: Scope) -> Stamp:
    return stamp_of_project(db, scope.project_id, scope.rounds)
