"""Which codings a change of the codebook concerns: those whose answer it gives another meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.coding.models import CodingAnswer
from server.projects.access import Access
from server.rounds.design import Purpose
from server.rounds.models import Assignment, Round, RoundAnnotator
from server.rounds.proposal import candidates


@dataclass(frozen=True)
class Touched:
    """A question whose meaning changed: for whoever chose one of these codes, or (none) who answered it."""

    variable_id: int
    code_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Affected:
    """How many codings a change concerns, of how many posts by how many annotators.

    `n_of_gone`: of the codings, those of annotators who take no part any more.
    """

    n_codings: int
    n_posts: int
    n_annotators: int
    n_of_gone: int


def affected(db: Session, access: Access, touched: Touched) -> Affected:
    """What a change concerns of all that was coded so far, practice left out."""
    takes_part = can_code(db, access).label("can_code")
    found = concerned(access.project_id, touched).add_columns(takes_part).subquery()
    row = db.execute(
        select(
            func.count(),
            func.count(found.c.post_id.distinct()),
            func.count(found.c.member_id.distinct()),
            func.count().filter(~found.c.can_code),
        )
    ).one()
    return Affected(*row)


def concerned(project_id: int, *touched: Touched) -> Select[*tuple[Any, ...]]:
    """Post and member of each coding that a change concerns, once a post and member.

    Only an annotator's last answer to a question counts: what they coded again since is not asked anew.
    """
    return (
        select(col(Assignment.post_id).label("post_id"), col(Assignment.member_id).label("member_id"))
        .select_from(Assignment)
        .join(Round, col(Round.id) == col(Assignment.round_id))
        .join(
            RoundAnnotator,
            and_(
                col(RoundAnnotator.round_id) == col(Assignment.round_id),
                col(RoundAnnotator.member_id) == col(Assignment.member_id),
            ),
        )
        .where(
            col(Round.project_id) == project_id,
            col(Round.purpose) != Purpose.TRAINING.value,
            col(Assignment.state) == "submitted",
            *(_answered(Assignment, each) for each in touched),
            *(~_answered_later(each) for each in touched),
        )
        .distinct()
    )


def can_code(db: Session, access: Access) -> ColumnElement[bool]:
    """Whether the annotator of a concerned coding could be given posts today, and did not leave its round."""
    coders = [each.member_id for each in candidates(db, access)]
    return and_(col(Assignment.member_id).in_(coders), ~col(RoundAnnotator.is_withdrawn))


def _answered(of: type[Assignment], touched: Touched) -> ColumnElement[bool]:
    said = [
        col(CodingAnswer.coding_id) == col(of.coding_id),
        col(CodingAnswer.variable_id) == touched.variable_id,
    ]
    if touched.code_ids:
        said.append(col(CodingAnswer.code_id).in_(touched.code_ids))
    return exists().where(*said)


def _answered_later(touched: Touched) -> ColumnElement[bool]:
    later = aliased(Assignment)
    return exists().where(
        col(later.post_id) == col(Assignment.post_id),
        col(later.member_id) == col(Assignment.member_id),
        col(later.round_id) > col(Assignment.round_id),
        col(later.state) == "submitted",
        _answered(later, Touched(touched.variable_id)),
    )


def merged_touch(of: Sequence[Touched]) -> Touched:
    """Several changes of one question as one: all who answered, where one of them concerns these."""
    ids = {code_id for each in of for code_id in each.code_ids}
    everybody = any(not each.code_ids for each in of)
    return Touched(of[0].variable_id, () if everybody else tuple(sorted(ids)))
