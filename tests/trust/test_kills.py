"""Figure 1: servers killed at random moments lose nothing that they have acknowledged."""

import random
import signal
import time
from pathlib import Path

import pytest

from server.db.engine import Database
from server.settings import Settings
from tests.stock import on_one_database
from tests.trust.annotating import Annotator, all_errors, all_saved, at_work
from tests.trust.finding import faults, n_codings
from tests.trust.proxying import proxying
from tests.trust.reporting import report
from tests.trust.servers import Launcher, Server, serving
from tests.trust.sizes import IS_FULL, size
from tests.trust.study import Study, fill

READY_SECONDS = 10.0


def studied(database: Database, n_posts: int) -> Study:
    with database.writing() as db:
        return fill(db, n_posts, 32, n_signed_in=size(31, 0))


def checked(database: Database, study: Study, crowd: list[Annotator], n_kills: int) -> str:
    """Nothing is wrong; returns what there was, at least a save from one kill to the next on average."""
    saved = all_saved(crowd)
    assert all_errors(crowd) == []
    assert len(saved) >= n_kills, "they were at work"
    with database.reading() as db:
        assert faults(db, study, saved) == []
        n_unsaid = n_codings(db) - len(saved)
    n_each = len(saved) / n_kills
    return f"{len(saved)} acknowledged ({n_each:.0f} a kill), 0 lost; {n_unsaid} stored without an answer"


@on_one_database
@pytest.mark.timeout(3600)
def test_a_killed_server_keeps_what_it_has_acknowledged(database: Database, server: Server) -> None:
    n_kills, chance, slowest = size(20, 200), random.Random(1), 0.0
    study = studied(database, size(300, 20_000))
    with serving(server), at_work(study, server.port, pause=size(8, 1) / 10) as crowd:
        for _kill in range(n_kills):
            time.sleep(chance.uniform(0, 0.2))
            server.end(signal.SIGKILL)
            server.start()
            slowest = max(slowest, server.ready())
    assert not IS_FULL or slowest <= READY_SECONDS
    report(
        1, f"SQLite, {n_kills} kills: {checked(database, study, crowd, n_kills)}; ready after {slowest:.1f} s"
    )


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
@pytest.mark.timeout(3600)
def test_of_three_servers_each_may_be_killed(
    database: Database, settings: Settings, launcher: Launcher, tmp_path: Path
) -> None:
    n_kills, chance, slowest = size(4, 200), random.Random(2), 0.0
    study = studied(database, size(300, 20_000))
    servers = [Server(launcher, settings, tmp_path) for _server in range(3)]
    ports = [each.port for each in servers]
    with serving(*servers), proxying(ports) as front, at_work(study, front, pause=size(8, 1) / 10) as crowd:
        for kill in range(n_kills):
            time.sleep(chance.uniform(0, 0.2))
            servers[kill % 3].end(signal.SIGKILL)
            servers[kill % 3].start()
            slowest = max(slowest, servers[kill % 3].ready())
    assert not IS_FULL or slowest <= READY_SECONDS
    said = checked(database, study, crowd, n_kills)
    report(1, f"PostgreSQL, 3 servers, {n_kills} kills: {said}; ready after {slowest:.1f} s")
