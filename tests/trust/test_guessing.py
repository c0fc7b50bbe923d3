"""Figure 19: guesses are counted in the database, whichever server takes them; hashing takes little room."""

import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from anyio.from_thread import BlockingPortal
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from server.accounts import passwords
from server.accounts.actions import create_account
from server.accounts.passwords import hash_password, is_right
from server.accounts.queries import MAX_FAILURES
from server.app import create_app
from server.settings import Settings
from tests.browse import post
from tests.stock import on_one_database
from tests.trust.reporting import report
from tests.trust.sizes import size

GUESSES, SERVERS = size(60, 10_000), 3
AT_ONCE = size(24, 100)
MIB = 1024  # `ru_maxrss` counts in KiB.


class Watched:
    """A hasher that counts what it verifies, and how much of that at once."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher, self._lock = hasher, Lock()
        self.verified, self.at_once, self.most = 0, 0, 0

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def verify(self, stored: str, password: str) -> bool:
        with self._lock:
            self.verified += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        try:
            return self._hasher.verify(stored, password)
        finally:
            with self._lock:
                self.at_once -= 1


@pytest.fixture
def servers(app: FastAPI, settings: Settings) -> Iterator[list[FastAPI]]:
    """Three on one database."""
    others = [create_app(settings) for _ in range(SERVERS - 1)]
    yield [app, *others]
    for other in others:
        other.state.database.dispose()


def test_a_few_guesses_are_tried_whichever_server_takes_them(
    servers: list[FastAPI], event_loop: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = Watched(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    monkeypatch.setattr(passwords, "_hasher", hasher)
    with servers[0].state.database.writing() as db:
        create_account(db, None, "anna", "Anna", "a calm grey heron")
    clients = [_browser(server, event_loop) for server in servers for _ in range(4)]

    def guess(number: int) -> str:
        fields = {"name": "anna", "password": f"guess number {number}"}
        return str(post(clients[number % len(clients)], "/sign-in", fields).text)

    began = time.monotonic()
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(guess, range(GUESSES)))
    windows = 1 + int((time.monotonic() - began) // (15 * 60))
    refused = sum("too many wrong tries" in answer for answer in answers)
    report(
        19,
        f"{hasher.verified} of {GUESSES} guesses tried through {SERVERS} servers in {windows} quarter hours",
    )
    assert hasher.verified <= MAX_FAILURES * windows
    assert hasher.verified + refused == GUESSES
    assert hasher.most <= 2


def _browser(server: FastAPI, portal: BlockingPortal) -> TestClient:
    client = TestClient(server, base_url="http://127.0.0.1:8000", follow_redirects=False)
    client.portal = portal
    return client


@on_one_database
def test_a_crowd_at_the_door_takes_little_room(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = Watched(PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1))
    monkeypatch.setattr(passwords, "_hasher", hasher)
    stored = hash_password("a calm grey heron")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda _: is_right("a calm grey heron", stored), range(AT_ONCE)))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / MIB
    report(19, f"{AT_ONCE} at once: at most {hasher.most} hashed together, {grown:.0f} MiB more")
    assert all(found)
    assert hasher.most <= 2
    assert grown <= 256
