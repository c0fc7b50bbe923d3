from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlmodel import Session, col, delete, select

from server.db.engine import Database
from server.history.actions import record
from server.history.links import GENESIS, SERVER_CHAIN, link_hash
from server.history.models import HistoryEvent, HistoryHead
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


def test_two_who_begin_a_chain_at_once_come_one_after_the_other(database: Database) -> None:
    with database.writing() as db:
        db.execute(delete(HistoryHead).where(col(HistoryHead.chain) == SERVER_CHAIN))
    ready = Barrier(2)

    def begin() -> None:
        ready.wait()
        with database.writing() as db:
            record(db, project_id=None, actor_id=None, action="account.create", subject="account ada")

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(begin) for _ in range(2)]:
            done.result()
    with database.reading() as db:
        events = select(HistoryEvent.sequence).where(HistoryEvent.chain == SERVER_CHAIN)
        assert sorted(db.exec(events)) == [1, 2]
