"""Figure 4: servers that are told to stop end what they have begun, and nobody's save fails."""

import signal
import time
from pathlib import Path

import pytest

from server.db.engine import Database
from server.settings import Settings
from tests.stock import on_one_database
from tests.trust.annotating import Annotator, all_errors, all_saved, at_work, wait_for_saves
from tests.trust.finding import faults
from tests.trust.proxying import proxying
from tests.trust.reporting import report
from tests.trust.servers import Launcher, Server, serving
from tests.trust.sizes import size
from tests.trust.study import Study, fill

RESTARTS = size(4, 50)
PAUSE = size(4, 2) / 10


def studied(database: Database) -> Study:
    with database.writing() as db:
        return fill(db, size(200, 10_000), 16)


def checked(database: Database, study: Study, crowd: list[Annotator]) -> str:
    """All is there, and nobody had to send a form more than twice to a server that listens."""
    saved = all_saved(crowd)
    assert all_errors(crowd) == []
    assert max(each.n_sent for each in saved) <= 2
    with database.reading() as db:
        assert faults(db, study, saved) == []
    n_twice, n_unheard = sum(each.n_sent > 1 for each in saved), sum(each.n_unheard for each in crowd)
    return f"{len(saved)} saves, {n_twice} sent twice, 0 failed; {n_unheard} tries while nobody listened"


@on_one_database
@pytest.mark.timeout(3600)
def test_one_server_started_again(database: Database, server: Server) -> None:
    study = studied(database)
    with serving(server), at_work(study, server.port, pause=PAUSE) as crowd:
        for _restart in range(RESTARTS):
            wait_for_saves(crowd, 5)
            server.end(signal.SIGTERM)
            server.start()
            server.ready()
    report(4, f"SQLite, {RESTARTS} restarts: {checked(database, study, crowd)}")


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
@pytest.mark.timeout(3600)
def test_several_servers_started_again_in_turn(
    database: Database, settings: Settings, launcher: Launcher, tmp_path: Path
) -> None:
    study = studied(database)
    servers = [Server(launcher, settings, tmp_path) for _server in range(size(2, 3))]
    ports = [each.port for each in servers]
    with serving(*servers), proxying(ports) as front, at_work(study, front, pause=PAUSE) as crowd:
        for restart in range(RESTARTS):
            server = servers[restart % len(servers)]
            wait_for_saves(crowd, 5)
            server.end(signal.SIGTERM)
            server.start()
            server.ready()
    said = checked(database, study, crowd)
    report(4, f"PostgreSQL, {len(servers)} servers, {RESTARTS} restarts in turn: {said}")


@on_one_database
def test_a_server_says_that_it_leaves_before_it_does(server: Server) -> None:
    server.more = ("--notice-seconds", "2")
    with serving(server):
        server.send(signal.SIGTERM)
        while server.says("/readyz", 200):
            time.sleep(0.01)
        assert server.says("/readyz", 503)
        assert server.says("/healthz", 200), "it still works for those who come"
        server.end(signal.SIGTERM)  # A second one is meant: it ends at once.
    report(4, "/readyz says no before the server ends")
