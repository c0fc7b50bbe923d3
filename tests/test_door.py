"""The door answers while everything else is still being loaded; nobody else sees half a server."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event, Timer

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from uvicorn import Config

from server.app import ROUTERS, create_app, furnish
from server.cli.leaving import LeavingServer
from server.door import open_door
from server.settings import Settings
from server.web.waiting import Waiting
from tests.cli.shell import told
from tests.stock import on_one_database

pytestmark = on_one_database
HERE = "http://127.0.0.1:8000"


@dataclass
class Opened:
    """A server that loads what is behind its door when `go_on` is set."""

    settings: Settings
    go_on: Event = field(default_factory=Event)
    breaks: bool = False

    def __post_init__(self) -> None:
        self.app = open_door(self.settings, self._load)
        self.client = TestClient(self.app, base_url=HERE, follow_redirects=False)

    def _load(self, app: FastAPI) -> None:
        assert self.go_on.wait(5)
        if self.breaks:
            raise ImportError("no such area")
        furnish(app)


@pytest.fixture
def opened(settings: Settings) -> Iterator[Opened]:
    """A server with an open door."""
    server = Opened(settings)
    yield server
    server.app.state.database.dispose()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads of people who wait, and of servers: this one may have an event loop already."""
    with ThreadPoolExecutor(4) as threads:
        yield threads


def test_the_door_is_answered_at_once_and_the_rest_when_it_is_loaded(
    opened: Opened, threads: ThreadPoolExecutor
) -> None:
    with opened.client as client:
        assert client.get("/sign-in").status_code == client.get("/healthz").status_code == 200
        assert client.get("/").headers["location"] == "/sign-in?next=%2F"
        assert client.get("/static/nothing.css").status_code == 404
        assert [client.get(path).status_code for path in ("/openz", "/readyz", "/set-up/none")] == [
            503,
            503,
            404,
        ]
        waiting = [
            threads.submit(client.get, "/projects/new"),
            threads.submit(client.post, "/sign-in", data={}, headers={"Origin": HERE}),
            threads.submit(client.get, "/nowhere"),
            threads.submit(client.get, "/api/v1/projects"),
        ]
        assert not wait(waiting, 0.2).done
        opened.go_on.set()
        assert [each.result().status_code for each in waiting] == [303, 422, 404, 401]
        assert client.get("/openz").status_code == client.get("/readyz").status_code == 200
        opened.app.state.is_leaving = True
        assert client.get("/openz").status_code == client.get("/readyz").status_code == 503


def test_nothing_stands_in_the_way_afterwards(opened: Opened, settings: Settings) -> None:
    whole = create_app(settings)
    opened.go_on.set()
    with opened.client as client:
        assert client.get("/projects/new").status_code == 303
        assert [type(route) for route in opened.app.routes] == [type(route) for route in whole.routes]
    assert any(isinstance(route, Waiting) for route in open_door(settings, furnish).routes)
    assert len(whole.routes) > sum(len(router.routes) for router in ROUTERS)
    assert type(opened.app.state.paths) is dict
    assert opened.app.state.paths == whole.state.paths
    assert whole.state.paths["projects.home"] == "/"


def test_an_address_behind_the_door_is_waited_for(opened: Opened, threads: ThreadPoolExecutor) -> None:
    loading: Future[None] = Future()
    opened.app.state.loading = loading
    paths = opened.app.state.paths
    asked = threads.submit(paths.__getitem__, "coding.annotate")
    assert paths["accounts.me"] == "/me"
    assert not asked.done()
    furnish(opened.app)
    loading.set_result(None)
    assert asked.result(10) == opened.app.state.paths["coding.annotate"]


def test_a_server_that_is_told_to_stop_while_it_loads_ends_when_it_has(opened: Opened) -> None:
    with opened.client:
        Timer(0.1, opened.go_on.set).start()
    assert opened.app.state.loading.done()
    assert opened.app.state.is_loaded


def test_a_server_ends_where_an_area_cannot_be_loaded(opened: Opened, threads: ThreadPoolExecutor) -> None:
    opened.breaks = True
    server = LeavingServer(Config(opened.app), opened.app)
    with opened.client as client:
        assert not threads.submit(asyncio.run, server.on_tick(1)).result()
        waiting = threads.submit(client.get, "/projects/new")
        opened.go_on.set()
        assert waiting.result().status_code == 503
        assert threads.submit(asyncio.run, server.on_tick(2)).result()


def test_why_it_could_not_be_loaded_is_said(
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    threads: ThreadPoolExecutor,
) -> None:
    def broken(_app: FastAPI) -> None:
        raise ImportError("no such area")

    monkeypatch.setattr("server.cli.loading.load", broken)
    with pytest.raises(ImportError, match="no such area"):
        threads.submit(told, capsys, "serve", "--port", "0", "--data", str(settings.data)).result()
