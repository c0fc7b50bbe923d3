"""Figure 5: many workers at one shared queue get each post as often as it is wanted, and no more.

Who is told "finished" was told so too soon if a coding of a post that they have not coded was still to be
submitted at that moment: its slot was then open, or leased and might have come back (decision 22).
"""

import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import text

from server.coding.actions import Sent, submit, take
from server.coding.answers import Typed
from server.db.engine import Database, connection_of
from server.errors import Busy
from server.projects.access import Access
from server.rounds import queue
from server.rounds.queue import Ahead
from tests.stock import on_one_database
from tests.trust.finding import faults
from tests.trust.reporting import report
from tests.trust.sizes import name_of, size
from tests.trust.study import DEPTH, Study, fill

RUNS, POSTS, WORKERS = size(2, 100), size(25, 1_000), 32
_POSTS = """
    SELECT assignment.member_id, assignment.position, assignment.post_id FROM assignment
    JOIN round ON round.id = assignment.round_id WHERE round.project_id = :project
"""
ANSWERS: Typed = {"v-expression": ("attachment",), "v-emotion": ("2",), "v-stance": ("against",)}


@dataclass(frozen=True)
class Work:
    """What became of a worker: which posts they coded, when each submission began, when they were told that
    nothing is left for them."""

    who: int
    begun: dict[int, float]
    finished_at: float


def told_too_soon(done: list[Work]) -> list[str]:
    """Who heard "finished" before a submission began to a post that they have not coded."""
    return [
        f"{each.who} was told too soon: {other.who} coded post {post} later"
        for each in done
        for other in done
        for post, began in other.begun.items()
        if began > each.finished_at and post not in each.begun
    ]


class Worker:
    """Takes and submits until it hears that nothing is left for it."""

    def __init__(self, database: Database, who: Access, together: threading.Barrier) -> None:
        self._database, self._who, self._together = database, who, together
        self.n_busy = 0

    def work(self) -> Work:
        """What it has done, by the positions of its posts."""
        self._together.wait()
        begun: dict[int, float] = {}
        position = self._taken()
        while position is not None:
            begun[position] = time.monotonic()
            position = self._submitted(position) or self._taken()
        return Work(self._who.member_id, begun, time.monotonic())

    def _taken(self) -> int | None:
        while True:
            with self._trying(), self._database.writing() as db:
                if (position := take(db, self._who, 1)) is not None:
                    return position
            if self._is_finished():
                return None
            time.sleep(0.005)

    def _is_finished(self) -> bool:
        with self._database.reading() as db:
            place = queue.place_in(db, self._who, 1)
            assert place is not None
            return queue.prospect(connection_of(db), place).ahead == Ahead.NOTHING

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


class Believing(Worker):
    """Takes it for the end when there is nothing to take just now."""

    def _is_finished(self) -> bool:
        return True


def race(database: Database, study: Study) -> tuple[list[Work], int]:
    """What each has coded and when, and how often somebody was told to try again."""
    together = threading.Barrier(WORKERS)
    workers = [Worker(database, person.access, together) for person in study.people]
    with ThreadPoolExecutor(WORKERS) as pool:
        done = list(pool.map(lambda worker: worker.work(), workers))
    return by_post(database, study, done), sum(worker.n_busy for worker in workers)


def by_post(database: Database, study: Study, done: list[Work]) -> list[Work]:
    """The same with the posts that stood at the positions."""
    with database.reading() as db:
        rows = db.execute(text(_POSTS), {"project": study.project_id})
        posts = {(who, position): post for who, position, post in rows}
    return [
        replace(each, begun={posts[each.who, position]: began for position, began in each.begun.items()})
        for each in done
    ]


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
        assert told_too_soon(done) == []
        assert sum(len(each.begun) for each in done) == POSTS * DEPTH
    with database.reading() as db:
        assert faults(db, first, ()) == []
    crowded.dispose()
    kind = name_of(database)
    report(
        5,
        f"{kind}: {RUNS} runs of {POSTS} posts x {DEPTH}, {WORKERS} workers: 0 too many, 0 false “finished”, "
        f"{n_busy} told to try again",
    )


@on_one_database
def test_who_stops_while_others_have_the_last_posts_is_found(database: Database) -> None:
    with database.writing() as db:
        study = fill(db, 1, DEPTH + 1)
        for person in study.people[1:]:
            assert take(db, person.access, 1)
    alone = threading.Barrier(1)
    done = [
        kind(database, person.access, alone).work()
        for kind, person in zip((Believing, *DEPTH * [Worker]), study.people, strict=True)
    ]
    assert sum(len(each.begun) for each in done) == DEPTH, "all is coded in the end"
    assert len(told_too_soon(by_post(database, study, done))) == DEPTH


def test_who_has_coded_what_others_still_do_was_told_the_truth() -> None:
    both, early, late = Work(1, {1: 1.0, 2: 2.0}, 3.0), Work(2, {1: 1.0}, 3.0), Work(3, {2: 4.0}, 5.0)
    assert told_too_soon([both, late]) == []
    assert told_too_soon([both, early, late]) == ["2 was told too soon: 3 coded post 2 later"]
