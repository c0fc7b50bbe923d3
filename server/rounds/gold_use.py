"""What a round has to do with gold, for its lead."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.rounds.models import Round, RoundAnnotator, RoundGate, SilentGold


@dataclass(frozen=True)
class GoldUse:
    """Whether a round shows gold, how many of its posts check silently, and who waits for which training."""

    is_training: bool = False
    n_silent: int = 0
    n_waiting: int = 0
    training: int = 0


NO_GOLD = GoldUse()


def gold_use(db: Session, round_id: int) -> GoldUse:
    """What this round has to do with gold."""
    silent, waiting = (
        select(func.count()).where(col(SilentGold.round_id) == round_id).select_from(SilentGold),
        select(func.count()).where(col(RoundAnnotator.round_id) == round_id, col(RoundAnnotator.is_waiting)),
    )
    training = (
        select(col(Round.number))
        .join(RoundGate, col(RoundGate.training_id) == col(Round.id))
        .where(col(RoundGate.round_id) == round_id)
    )
    shows = select(col(Round.shows_gold)).where(col(Round.id) == round_id)
    return GoldUse(
        bool(db.scalar(shows)),
        db.scalar(silent) or 0,
        db.scalar(waiting.select_from(RoundAnnotator)) or 0,
        db.scalar(training) or 0,
    )
