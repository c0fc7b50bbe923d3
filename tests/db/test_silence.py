"""A database that works long is waited for; one that says nothing is not."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import text

from server.db import silence
from server.db.engine import Database
from server.db.reaching import reaching
from server.errors import Busy, OutOfOrder
from server.web import threads

on_postgresql = pytest.mark.parametrize("stock", ["postgres"], indirect=True)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "DOUBT_SECONDS", 0.1)
    monkeypatch.setattr(silence, "_LOOKED_EVERY", 0.05)


@on_postgresql
def test_a_statement_that_takes_long_is_waited_for(database: Database) -> None:
    with database.watched(), database.reading() as db:
        assert db.scalar(text("SELECT 1 FROM pg_sleep(0.6)")) == 1


@on_postgresql
def test_only_who_waits_for_a_silent_database_is_cut(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "_is_there", lambda _waiting: False)
    with database.watched(), database.reading() as between_two:
        between_two.scalar(text("SELECT 1"))
        with pytest.raises(OutOfOrder), database.reading() as db:
            db.scalar(text("SELECT 1 FROM pg_sleep(20)"))
        assert between_two.scalar(text("SELECT 2")) == 2, "it did not wait"
        with database.reading() as db:
            assert db.scalar(text("SELECT 3")) == 3


def test_an_address_may_say_otherwise() -> None:
    ours = reaching("postgresql+psycopg://db.example/study", "-c lock_timeout=5000")
    assert (ours["connect_timeout"], ours["tcp_user_timeout"]) == (5, 10_000)
    said = "connect_timeout=9&options=-c+synchronous_commit%3Doff+-c+TimeZone%3DEurope/Paris"
    theirs = reaching(f"postgresql+psycopg://db.example/study?{said}", "-c lock_timeout=5000")
    assert "connect_timeout" not in theirs
    assert theirs["options"] == (
        "-c synchronous_commit=on -c lock_timeout=5000 -c synchronous_commit=off -c TimeZone=Europe/Paris "
        "-c TimeZone=UTC"
    )
    assert reaching("sqlite:///study") == {}


def test_whoever_finds_no_thread_is_told_so_while_none_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "WAIT_SECONDS", 0.05)
    goes_on, ran = Event(), list[str]()

    async def both() -> float:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        slow = asyncio.create_task(threads.in_thread(lambda: goes_on.wait(20)))
        await asyncio.sleep(0)
        began = time.monotonic()
        with pytest.raises(Busy):
            await threads.in_thread(lambda: ran.append("too late"))
        seconds = time.monotonic() - began
        goes_on.set()
        assert await slow, "what has begun is waited for, however long it takes"
        return seconds

    assert asyncio.run(both()) < 5
    assert ran == []
