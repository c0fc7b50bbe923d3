"""What a reviewer says to an annotator whose coding was sent back; see `server.adjudication.sending_back`."""

from sqlalchemy import select
from sqlmodel import Session, col

from server.coding.desk import Desk
from server.coding.models import SentBack
from server.rounds.slots import QUEUED


def notes_with(db: Session, here: Desk) -> tuple[str, ...]:
    """The notes of a coding that was sent back and not submitted again; asks nothing of any other post."""
    if here.state != QUEUED or here.coding_id is None:
        return ()
    notes = select(col(SentBack.note)).where(col(SentBack.coding_id) == here.coding_id)
    return tuple(db.scalars(notes.order_by(col(SentBack.id))))
