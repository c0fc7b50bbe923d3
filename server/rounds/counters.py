"""The counters of an annotator in a round, moved by as many as was done."""

from sqlalchemy import update
from sqlmodel import Session, col

from server.rounds.models import RoundAnnotator


def count(db: Session, round_id: int, member_id: int, **more: int) -> None:
    """Add to counters by their names, such as `n_submitted=-1`."""
    it = (col(RoundAnnotator.round_id) == round_id, col(RoundAnnotator.member_id) == member_id)
    values = {name: getattr(RoundAnnotator, name) + n for name, n in more.items()}
    db.execute(update(RoundAnnotator).where(*it).values(values))
