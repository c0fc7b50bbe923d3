"""The coding loop under load: next page and submission, with 1, 8 and 32 annotators, beside a bare reference.

Both servers run on one core and the load on another; they take turns in short slices, so that whatever
else the machine does meets both. Run it with `python -m benchmarks.load`, or with `--quick`; `--postgres`
for that database (whose own processes take any core), with `--like-with-like` beside a bare reference on it,
too; `--every 1` for annotators who save once a second.
"""

import argparse
import asyncio
import itertools
import os
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from benchmarks import reference_on_postgres
from benchmarks.browser import Browser, hidden_fields
from benchmarks.databases import address
from benchmarks.reference import CODES
from benchmarks.study import ANSWERS, PROJECT_KEY, TEXT, Annotator, fill
from server.app import create_app
from server.db.engine import Database
from server.db.migrate import migrate
from server.settings import Settings

SHARE = 6_000
MANY, SHARE_OF_MANY = 100, 2_500
CODING = f"/projects/{PROJECT_KEY}/rounds/1/code"
HEADINGS = (
    "   posts  annotators  server      pairs/s   p50 ms   p95 ms   p99 ms  "
    "slowest/m  CPU ms   ratio  load CPU"
)
Pair = Callable[[Browser, str], Awaitable[str]]


@dataclass
class Tally:
    """What one server did for one number of annotators: seconds a pair, by client."""

    latencies: list[list[float]]
    n_in_time: int = 0
    seconds: float = 0.0
    load_cpu: list[float] = field(default_factory=list)
    server_cpu: float = 0.0

    @property
    def per_second(self) -> float:
        """Pairs a second. Those that ended after their slice do not count, and neither does their time."""
        return self.n_in_time / self.seconds

    @property
    def cpu(self) -> float:
        """Milliseconds of the server's core a pair: what is left when the disk is taken out."""
        return 1_000 * self.server_cpu / sum(map(len, self.latencies))

    def milliseconds(self, share: float) -> float:
        """The latency that this share of the pairs stays below."""
        every = sorted(itertools.chain.from_iterable(self.latencies))
        return 1_000 * every[min(len(every) - 1, int(share * len(every)))]

    @property
    def slowest(self) -> float:
        """The slowest client's pairs beside the median client's."""
        counts = [len(client) for client in self.latencies]
        return min(counts) / statistics.median(counts)


def application() -> FastAPI:
    """The server under test, for uvicorn."""
    return create_app(Settings())


# One pair


async def our_pair(browser: Browser, path: str) -> str:
    """Read the post, answer its form, submit it; returns where it leads."""
    page = await browser.get(path)
    answered = await browser.post(path, [*hidden_fields(page.body), *ANSWERS])
    if page.status != 200 or answered.status != 303:
        raise SystemExit(f"{path}: {page.status}, then {answered.status}\n{answered.body.decode()[:2000]}")
    return "" if answered.location.endswith("/finished") else answered.location


async def reference_pair(browser: Browser, path: str) -> str:
    """The same at the reference."""
    page = await browser.get(path)
    answered = await browser.post(path, [("codes", code) for code in CODES[:4]])
    if page.status != 200 or answered.status != 303:
        raise SystemExit(f"{path}: {page.status}, then {answered.status}")
    return answered.location


# Clients


@dataclass
class Client:
    """One annotator at work, who goes on where they stopped."""

    browser: Browser
    path: str
    pair: Pair
    every: float = 0.0
    n_in_time: int = 0

    async def work(self, until: float, latencies: list[float]) -> None:
        """Pair after pair until the moment has come or nothing is left; one `every` so many seconds."""
        await asyncio.sleep(self.every * random.random())
        while self.path and time.perf_counter() < until:
            start = time.perf_counter()
            self.path = await self.pair(self.browser, self.path)
            latencies.append(time.perf_counter() - start)
            self.n_in_time += time.perf_counter() < until
            await asyncio.sleep(max(0.0, start + self.every - time.perf_counter()) if self.every else 0)


def cpu_seconds(pid: int) -> float:
    """How long a process has been on a core."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")


async def slice_of(clients: list[Client], seconds: float, tally: Tally, pid: int) -> None:
    """All clients at once for some seconds."""
    start, cpu, server_cpu = time.perf_counter(), time.process_time(), cpu_seconds(pid)
    work = zip(clients, tally.latencies, strict=True)
    before = sum(client.n_in_time for client in clients)
    await asyncio.gather(*(client.work(start + seconds, latencies) for client, latencies in work))
    elapsed = time.perf_counter() - start
    tally.n_in_time += sum(client.n_in_time for client in clients) - before
    tally.seconds += seconds
    tally.load_cpu.append((time.process_time() - cpu) / elapsed)
    tally.server_cpu += cpu_seconds(pid) - server_cpu


async def cell(
    ours: list[Client], reference: list[Client], seconds: float, turns: int, pids: tuple[int, int]
) -> tuple[Tally, Tally]:
    """Both servers in turns with so many clients; the first pairs warm up and do not count."""
    tallies = Tally([[] for _ in ours]), Tally([[] for _ in reference])
    for client in (*ours, *reference):
        await client.browser.open()
        client.path = await client.pair(client.browser, client.path)
    for _ in range(turns):
        await slice_of(reference, seconds / turns, tallies[1], pids[1])
        await slice_of(ours, seconds / turns, tallies[0], pids[0])
    for client in (*ours, *reference):
        client.browser.close()
    return tallies


# Servers


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: str, port: int, core: int, **environment: str) -> Iterator[int]:
    """An application under uvicorn on one core (its process id), ended at the end of the block."""
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        app,
        "--port",
        str(port),
        "--no-access-log",
        "--timeout-keep-alive",
        "60",
    ]
    process = subprocess.Popen(
        [*command, "--log-level", "warning", *(["--factory"] if app.endswith("application") else [])],
        env={**os.environ, **environment},
    )
    os.sched_setaffinity(process.pid, {core})
    try:
        _wait_for(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def our_database(url: str, n_posts: int, n_annotators: int) -> list[Annotator]:
    """The database at this address, migrated and filled."""
    migrate(url)
    database = Database(url)
    with database.writing() as db:
        people = fill(db, n_posts, n_annotators, SHARE if n_annotators < MANY else SHARE_OF_MANY)
    database.dispose()
    return people


def reference_database(file: Path, n_posts: int) -> None:
    """The reference's two tables."""
    db = sqlite3.connect(file)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, text TEXT)")
    db.execute("CREATE TABLE coding (id INTEGER PRIMARY KEY, annotator INTEGER, post INTEGER, code TEXT)")
    db.executemany(
        "INSERT INTO post VALUES (?, ?)", ((n, TEXT.format(number=n)) for n in range(1, n_posts + 1))
    )
    db.commit()
    db.close()


# The run


def run(n_posts: int, chosen: argparse.Namespace) -> dict[int, tuple[Tally, Tally]]:
    """Every number of annotators over one number of posts."""
    crowd = chosen.annotators
    server_core, load_core = _cores()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name, ExitStack() as open_:
        folder = Path(name)
        url = open_.enter_context(address(folder, postgres=chosen.postgres))
        people = iter(our_database(url, n_posts, sum(crowd)))
        reference, place = _reference(folder, url, n_posts, chosen)
        ours, bare = free_port(), free_port()
        our_server = serving(
            "benchmarks.load:application",
            ours,
            server_core,
            INTERCODER_DATA=str(folder),
            INTERCODER_DATABASE_URL=url,
        )
        bare_server = serving(reference, bare, server_core, REFERENCE_DB=place)
        pids = open_.enter_context(our_server), open_.enter_context(bare_server)
        os.sched_setaffinity(0, {load_core})
        found = {}
        for count in crowd:
            signed_in = [
                Client(Browser(ours, next(people).session), f"{CODING}/1", our_pair, chosen.every)
                for _ in range(count)
            ]
            path = "/annotators/{}/posts/{}"
            others = [
                Client(
                    Browser(bare),
                    path.format(n, 1 + n * 7 % (n_posts // 2)),
                    reference_pair,
                    chosen.every,
                )
                for n in range(count)
            ]
            found[count] = asyncio.run(cell(signed_in, others, chosen.seconds, chosen.turns, pids))
            _print_row(n_posts, count, *found[count])
        return found


def _reference(folder: Path, url: str, n_posts: int, chosen: argparse.Namespace) -> tuple[str, str]:
    """The bare reference's application, and where its database is, filled."""
    if chosen.postgres and chosen.like_with_like:
        place = url.replace("+psycopg", "")
        reference_on_postgres.fill(place, n_posts, TEXT)
        return "benchmarks.reference_on_postgres:app", place
    file = folder / "reference.sqlite3"
    reference_database(file, n_posts)
    return "benchmarks.reference:app", str(file)


def _cores() -> tuple[int, int]:
    cores = sorted(os.sched_getaffinity(0) | set(range(os.cpu_count() or 1)))
    return cores[0], cores[-1]


def _print_row(n_posts: int, count: int, ours: Tally, bare: Tally) -> None:
    for name, tally in (("reference", bare), ("intercoder", ours)):
        times = "  ".join(f"{tally.milliseconds(share):7.1f}" for share in (0.5, 0.95, 0.99))
        ratio = f"{ours.per_second / bare.per_second:6.2f}" if tally is ours else " " * 6
        print(
            f"{n_posts:>8,}  {count:>10}  {name:<10}  {tally.per_second:8.1f}  {times}  "
            f"{tally.slowest:9.2f}  {tally.cpu:6.2f}  {ratio}  {max(tally.load_cpu):8.0%}",
            flush=True,
        )


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--posts", type=int, nargs="+", default=[1_482, 100_000])
    parser.add_argument("--annotators", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=float, default=6.0, help="of load for each server and cell")
    parser.add_argument("--turns", type=int, default=3, help="slices the seconds are cut into")
    parser.add_argument("--postgres", action="store_true", help="our server works on PostgreSQL")
    parser.add_argument("--like-with-like", action="store_true", help="the reference on PostgreSQL, too")
    parser.add_argument(
        "--every", type=float, default=0.0, help="seconds from one save to the next; 0: at once"
    )
    parser.add_argument("--folder", type=Path, help="where the databases are put")
    parser.add_argument("--quick", action="store_true", help="32 annotators, 1,482 posts, 3 seconds")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.posts, chosen.annotators, chosen.seconds = [1_482], [32], 3.0
    print(HEADINGS)
    most = max(chosen.annotators)
    found = [run(posts, chosen) for posts in chosen.posts]
    for posts, cells in zip(chosen.posts, found, strict=True):
        print(f"{posts:,} posts, {most} annotators: ratio {_ratio(cells[most]):.2f}")
    if len(found) > 1:
        growth = _ratio(found[0][most]) / _ratio(found[-1][most])
        print(
            f"from {chosen.posts[0]:,} to {chosen.posts[-1]:,} posts: {growth:.2f} times the cost of a pair"
        )


def _ratio(tallies: tuple[Tally, Tally]) -> float:
    return tallies[0].per_second / tallies[1].per_second


if __name__ == "__main__":
    main()
