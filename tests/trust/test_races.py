"""Figure 5: many workers at one shared queue get each post as often as it is wanted, and no more."""

import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from server.coding.actions import Sent, submit, take
from server.coding.answers import Typed
from server.db.engine import Database, connection_of
from server.errors import Busy
from server.projects.access import Access
from server.rounds import queue
from server.rounds.queue import Ahead
from tests.trust.finding import faults
from tests.trust.reporting import report
from tests.trust.sizes import size
from tests.trust.study import DEPTH, Study, fill

RUNS, POSTS, WORKERS = size(2, 100), size(25, 1_000), 32
ANSWERS: Typed = {"v-expression": ("attachment",), "v-emotion": ("2",), "v-stance": ("against",)}


class Worker:
    """Takes and submits until it hears that nothing is left for it."""

    def __init__(self, database: Database, who: Access, together: threading.Barrier) -> None:
        self._database, self._who, self._together = database, who, together
        self.n_busy = 0

    def work(self) -> int:
        """How many posts it has coded."""
        self._together.wait()
        n_coded, position = 0, self._taken()
        while position is not None:
            position, n_coded = self._submitted(position), n_coded + 1
            if position is None:
                position = self._taken()
        return n_coded

    def _taken(self) -> int | None:
        while True:
            with self._trying(), self._database.writing() as db:
                if (position := take(db, self._who, 1)) is not None:
                    return position
            with self._database.reading() as db:
                place = queue.place_in(db, self._who, 1)
                assert place is not None
                if queue.prospect(connection_of(db), place).ahead == Ahead.NOTHING:
                    return None
            time.sleep(0.005)

    def _submitted(self, position: int) -> int | None:
        sent = Sent(secrets.token_urlsafe(8), 0, 1, ANSWERS)
        for _try in range(100):
            with self._trying(), self._database.writing() as db:
                return submit(db, self._who, 1, position, sent).following
        raise AssertionError("the database stays busy")

    def _trying(self) -> "Trying":
        return Trying(self)


class Trying:
    """What somebody else was in the way of is tried again, as a person does."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_more: object) -> bool:
        is_busy = kind is not None and issubclass(kind, Busy)
        self._worker.n_busy += is_busy
        return is_busy


def race(database: Database, study: Study) -> tuple[list[int], int]:
    """What each has coded, and how often somebody was told to try again."""
    together = threading.Barrier(WORKERS)
    workers = [Worker(database, person.access, together) for person in study.people]
    with ThreadPoolExecutor(WORKERS) as pool:
        done = list(pool.map(Worker.work, workers))
    return done, sum(worker.n_busy for worker in workers)


@pytest.mark.timeout(7200)
def test_nobody_gets_a_post_too_many_and_nobody_stops_too_soon(database: Database) -> None:
    crowded = Database(database.url, WORKERS)
    with database.writing() as db:
        first = fill(db, POSTS, WORKERS)
    studies = [first]
    n_busy = 0
    for run in range(RUNS):
        if run:
            with database.writing() as db:
                studies.append(fill(db, POSTS, WORKERS))
        done, n = race(crowded, studies[-1])
        n_busy += n
        # Who heard "finished" while a post was left for them left it uncoded.
        assert sum(done) == POSTS * DEPTH
    with database.reading() as db:
        assert faults(db, first, ()) == []
    crowded.dispose()
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    report(
        5,
        f"{kind}: {RUNS} runs of {POSTS} posts x {DEPTH}, {WORKERS} workers: 0 too many, 0 false “finished”, "
        f"{n_busy} told to try again",
    )
