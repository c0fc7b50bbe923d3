"""What the next post of a shared queue costs, in a small and in a large one, with one and many annotators.

A step is what an annotator does: see the post, submit its coding, which takes the next one. Small and large
queue take turns in short slices, so that whatever else the machine does meets both. Run it with
`python -m benchmarks.queue`, or with `--postgres`, or with fewer `--posts`.
"""

import argparse
import itertools
import resource
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from benchmarks.crowd import add_study
from benchmarks.study import ANSWERS
from server.coding.actions import Sent, submit, take
from server.coding.answers import Typed
from server.coding.desk import desk
from server.db.engine import Database
from server.db.migrate import migrate
from server.projects.access import Access
from server.projects.roles import Role
from server.rounds.actions import open_round
from server.rounds.design import Purpose, RoundDesign, Sharing
from server.settings import Settings
from tests.postgres import temporary_postgres

SMALL = 1_500
SLICE = 20
MANY = 1_000
TYPED: Typed = {name: tuple(value for key, value in ANSWERS if key == name) for name in dict(ANSWERS)}


@dataclass
class Queue:
    """One shared queue, where its annotators are, and how long their steps took."""

    database: Database
    round_number: int
    annotators: list[Access]
    positions: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def sit_down(self) -> None:
        """Everybody takes a post."""
        for who in self.annotators:
            with self.database.writing() as db:
                self.positions[who.member_id] = self._there(take(db, who, self.round_number))

    def step(self, who: Access) -> None:
        """See one's post, submit it, get the next one."""
        position = self.positions[who.member_id]
        with self.database.reading() as db:
            desk(db, who, self.round_number, position)
        with self.database.writing() as db:
            sent = Sent(secrets.token_urlsafe(16), 0, 1, TYPED)
            following = submit(db, who, self.round_number, position, sent).following
        self.positions[who.member_id] = self._there(following)

    def timed(self, who: Access) -> None:
        """One step by the clock."""
        began = time.perf_counter()
        self.step(who)
        self.seconds.append(time.perf_counter() - began)

    @staticmethod
    def _there(position: int | None) -> int:
        if position is None:
            raise SystemExit("the queue was empty too soon")
        return position


def main() -> None:
    given = _arguments()
    kind = "PostgreSQL" if given.postgres else "SQLite"
    print(f"{'':12}{'annotators':>11}{'posts':>12}{'median ms':>11}{'p95 ms':>9}{'ratio':>8}")
    with ExitStack() as stack:
        small, large = (
            _queues(stack.enter_context(_database(postgres=given.postgres)), n_posts, given.depth)
            for n_posts in (SMALL, given.posts)
        )
        for pair in zip(small, large, strict=True):
            _take_turns(pair, given.steps)
            _report(kind, pair, (SMALL, given.posts))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"most memory of this process: {peak:.0f} MB")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000, help="of the large queue")
    parser.add_argument("--depth", type=int, default=3, help="codings of each post")
    parser.add_argument("--steps", type=int, default=400, help="of each queue, by the clock")
    parser.add_argument("--postgres", action="store_true", help="instead of SQLite")
    return parser.parse_args()


@contextmanager
def _database(*, postgres: bool) -> Iterator[Database]:
    with ExitStack() as stack:
        if postgres:
            url = Settings(database_url=stack.enter_context(temporary_postgres())).resolved_database_url
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = f"sqlite:///{Path(folder) / 'queue.sqlite3'}"
        migrate(url)
        database = Database(url)
        stack.callback(database.dispose)
        yield database


def _queues(database: Database, n_posts: int, depth: int) -> tuple[Queue, Queue]:
    """Two rounds over the same posts: one with a single annotator, one with many who have coded some."""
    with database.writing() as db:
        lead = add_study(db, n_posts, max(1, n_posts // 4), MANY)
    alone = Queue(database, 1, [_access(2)])
    crowded = Queue(database, 2, [_access(number) for number in range(2, MANY + 2)])
    _open(database, lead, [2], n_posts, 1)
    _open(database, lead, list(range(2, MANY + 2)), n_posts, depth)
    for queue in (alone, crowded):
        queue.sit_down()
        for who in queue.annotators:
            queue.step(who)
    if not database.is_sqlite:
        with database.writing() as db:  # What it does by itself within a minute.
            db.connection().execute(text("ANALYZE"))
    return alone, crowded


def _access(number: int) -> Access:
    return Access(number, number, Role.ANNOTATOR, 1, "benchmark", "Load")


def _open(database: Database, lead: Access, annotators: list[int], n_posts: int, depth: int) -> None:
    began = time.perf_counter()
    design = RoundDesign(
        "Shared", Purpose.MAIN, tuple(annotators), seed=1, k=depth, sharing=Sharing(lease_minutes=60)
    )
    with database.writing() as db:
        open_round(db, lead, design)
    print(f"opening {n_posts:,} posts × {depth}: {time.perf_counter() - began:.1f} s")


def _take_turns(pair: tuple[Queue, Queue], steps: int) -> None:
    turns = [itertools.cycle(queue.annotators) for queue in pair]
    for _ in range(steps // SLICE):
        for queue, turn in zip(pair, turns, strict=True):
            for _ in range(SLICE):
                queue.timed(next(turn))


def _report(kind: str, pair: tuple[Queue, Queue], n_posts: tuple[int, int]) -> None:
    medians = [1_000 * statistics.median(queue.seconds) for queue in pair]
    for queue, median, count in zip(pair, medians, n_posts, strict=True):
        slow = 1_000 * statistics.quantiles(queue.seconds, n=20)[-1]
        ratio = median / medians[0]
        print(f"{kind:12}{len(queue.annotators):11}{count:12,}{median:11.2f}{slow:9.2f}{ratio:8.2f}")


if __name__ == "__main__":
    main()
