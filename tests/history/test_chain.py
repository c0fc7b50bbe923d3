from sqlmodel import Session, col, select

from server.history.actions import GENESIS, link_hash, record
from server.history.models import HistoryEvent
from tests.cast import Cast


def test_each_event_names_the_one_before_it(cast: Cast, db: Session) -> None:
    for number in (1, 2, 3):
        record(
            db,
            project_id=cast.lead.project_id,
            actor_id=cast.lead.account_id,
            action="round.lock",
            subject=f"round {number}",
            details={"n": number},
        )
    events = db.exec(
        select(HistoryEvent)
        .where(HistoryEvent.chain == cast.lead.project_id)
        .order_by(col(HistoryEvent.sequence))
    ).all()
    previous = GENESIS
    for event in events:
        assert event.previous_hash == previous
        assert event.hash == link_hash(
            previous,
            event.chain,
            event.sequence,
            event.at,
            event.actor_id,
            event.action,
            event.subject,
            event.details,
        )
        previous = event.hash
    assert [event.sequence for event in events] == [1, 2, 3]
