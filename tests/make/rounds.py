"""Open rounds: each annotator has every post, or all take them from a shared queue."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session, func, select

from server.codebooks.queries import Codebook
from server.corpora.models import Post
from server.projects.access import Access
from server.projects.models import Project
from server.rounds.models import Assignment, QueueSlot, Round, RoundAnnotator, RoundQueue
from tests.make.rows import MOMENT, add, id_of, put


def round_(
    db: Session,
    of: Project,
    book: Codebook,
    of_posts: Sequence[Post],
    annotators: Sequence[Access],
    **fields: Any,
) -> Round:
    """An open round in which every annotator has every post, in the order given."""
    values: dict[str, Any] = {"purpose": "main", "title": "Main round", "opened_at": MOMENT, "design": {}}
    number = 1 + (db.scalar(select(func.count()).where(Round.project_id == of.id)) or 0)
    row = Round(
        project_id=id_of(of),
        number=number,
        codebook_version_id=book.version_id,
        n_posts=len(of_posts),
        opened_by=None,
        **(values | fields),
    )
    add(db, row)
    _let_in(db, row, annotators, n_assigned=len(of_posts))
    put(
        db,
        Assignment,
        (
            {"round_id": row.id, "post_id": post.id, "member_id": annotator.member_id, "position": position}
            for annotator in annotators
            for position, post in enumerate(of_posts, start=1)
        ),
    )
    return row


def _let_in(db: Session, of: Round, annotators: Iterable[Access], n_assigned: int) -> None:
    ids = [annotator.member_id for annotator in annotators]
    rows = ({"round_id": of.id, "member_id": one, "n_assigned": n_assigned} for one in ids)
    put(db, RoundAnnotator, rows)


def shared_round(
    db: Session,
    of: Project,
    book: Codebook,
    of_posts: Sequence[Post],
    annotators: Sequence[Access],
    *,
    k: int = 1,
    **rules: Any,
) -> Round:
    """An open round whose posts are handed out from a shared queue, in the order given."""
    row = round_(db, of, book, of_posts, [], title="Shared round")
    slots = [(post, rank, n) for rank, post in enumerate(of_posts, start=1) for n in range(1, k + 1)]
    add(db, RoundQueue(**{"round_id": id_of(row), "lease_minutes": 60, "n_slots": len(slots)} | rules))
    put(
        db,
        QueueSlot,
        ({"round_id": row.id, "post_id": post.id, "rank": rank, "n": n} for post, rank, n in slots),
    )
    _let_in(db, row, annotators, n_assigned=0)
    return row
