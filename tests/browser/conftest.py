"""A real server and a real Chromium. Where there is no Chromium these tests say so and skip."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from server.app import create_app
from server.db.engine import Database
from server.settings import Settings
from tests.browser.furnished import Furnished, furnish
from tests.stock import Stock

# The shell without windows is the same browser, and opens a page six times sooner.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

NewPage = Callable[..., Page]


@dataclass(frozen=True)
class Live:
    """A server that answers on an address of this machine."""

    url: str
    database: Database


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    if CHROMIUM is None:
        if os.environ.get("INTERCODER_BROWSER_REQUIRED"):
            pytest.fail("no Chromium was found, and INTERCODER_BROWSER_REQUIRED asks for one")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def furnished_file(tmp_path_factory: pytest.TempPathFactory, sqlite_stock: Stock) -> tuple[Path, Furnished]:
    """The study in which every page has something to show; made once, and copied for each test."""
    with sqlite_stock.empty(tmp_path_factory.mktemp("furnished")) as settings:
        database = Database(settings.resolved_database_url)
        with database.writing() as db:
            furnished = furnish(db)
        database.dispose()
    return settings.data / "intercoder.sqlite3", furnished


@pytest.fixture
def furnished(furnished_file: tuple[Path, Furnished]) -> Furnished:
    """Who is in that study, which is then what `live` serves."""
    return furnished_file[1]


@pytest.fixture
def live(request: pytest.FixtureRequest, tmp_path: Path, sqlite_stock: Stock) -> Iterator[Live]:
    """A server of our own on a migrated SQLite database: empty, or furnished."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    if "furnished" in request.fixturenames:
        shutil.copy(request.getfixturevalue("furnished_file")[0], tmp_path)
    else:
        with sqlite_stock.empty(tmp_path):
            pass
    settings = Settings(data=tmp_path, port=listener.getsockname()[1])
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Live(settings.resolved_base_url, app.state.database)
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def new_page(browser: Browser, live: Live) -> Iterator[NewPage]:
    """A page in a browser context of its own: another person at another machine."""
    contexts: list[BrowserContext] = []

    def open_page(**options: object) -> Page:
        context = browser.new_context(base_url=live.url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
