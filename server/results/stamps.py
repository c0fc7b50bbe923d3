"""What tells whether anything happened in a project since something was worked out of it."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.adjudication.models import Decision
from server.coding.models import Coding
from server.corpora.models import Post
from server.gold.models import Gold
from server.history.models import HistoryEvent
from server.rounds.models import RoundAnnotator

Stamp = tuple[int | None, ...]
# What leaves every coding, post, code and round as it was. Any other event may have changed what was coded.
_BESIDE_CODINGS = (
    "adjudication.decide",
    "adjudication.accept",
    "adjudication.undo",
    "adjudication.withdraw",
    "adjudication.begin_meeting",
    "adjudication.take_over",
    "adjudication.show_names",
    "adjudication.show_models",
    "adjudication.compare_pair",
    "norming.comment",
    "norming.take_back_comment",
    "export",
)


def stamp_of_project(db: Session, project_id: int, round_ids: Collection[int]) -> Stamp:
    """Changes with whatever happens in the project, each of which is an event of its history.

    The newest ids change also where rows come without an event.
    """
    newest = select(func.max(col(HistoryEvent.sequence))).where(col(HistoryEvent.chain) == project_id)
    asked = (newest, select(func.max(col(Decision.id))), select(func.max(col(Gold.id))))
    return *(db.scalar(each) for each in asked), *_of_rows(db, round_ids)


def stamp_of_codings(db: Session, project_id: int, round_ids: Collection[int]) -> Stamp:
    """Changes with whatever may change a coding, or whether it counts; decisions and downloads do not."""
    newest = (
        select(col(HistoryEvent.sequence))
        .where(col(HistoryEvent.chain) == project_id, col(HistoryEvent.action).not_in(_BESIDE_CODINGS))
        .order_by(col(HistoryEvent.sequence).desc())
        .limit(1)
    )
    return db.scalar(newest), *_of_rows(db, round_ids)


def _of_rows(db: Session, round_ids: Collection[int]) -> Stamp:
    in_rounds = col(RoundAnnotator.round_id).in_(round_ids)
    asked = (
        select(func.sum(col(RoundAnnotator.n_submitted))).where(in_rounds),
        select(func.max(col(Coding.id))),
        select(func.max(col(Post.id))),
    )
    return tuple(db.scalar(each) for each in asked)
