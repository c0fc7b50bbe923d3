"""A database that works long is waited for; one that says nothing is not."""

import asyncio
import gc
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event
from weakref import ref

import psycopg
import pytest
from anyio.from_thread import start_blocking_portal
from sqlalchemy import text

from server.db import silence
from server.db.engine import Database
from server.db.reaching import reaching
from server.db.wire import Driver, wire_on
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


@on_postgresql
def test_nothing_is_cut_where_only_new_connections_hang(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "_is_there", lambda _waiting: False)
    is_over = Event()

    def goes_on_answering() -> None:
        with database.reading() as db:
            while not is_over.wait(0.02):
                db.scalar(text("SELECT 1"))

    with database.watched(), ThreadPoolExecutor(1) as beside, database.reading() as db:
        other = beside.submit(goes_on_answering)
        try:
            assert db.scalar(text("SELECT 1 FROM pg_sleep(0.6)")) == 1
        finally:
            is_over.set()
        other.result()


# What PostgreSQL and poolers greet with: the password is right; ready for a statement.
GREETING = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I"
REFUSAL = "SВ\0C53300\0Mtoo many clients\0\0".encode()
REFUSING = b"E" + (4 + len(REFUSAL)).to_bytes(4) + REFUSAL


@contextmanager
def listening(*said: bytes) -> Iterator[str]:
    """A place that says this to one connection after the other, and then nothing more to any; its address."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener, ThreadPoolExecutor(1) as threads:

        def listen() -> None:
            come = []
            for words in said:
                come.append(listener.accept()[0])
                come[-1].recv(4096)
                come[-1].sendall(words)
            is_over.wait(20)
            for each in come:
                each.close()

        is_over = Event()
        listens = threads.submit(listen)
        try:
            at = f"host=127.0.0.1 port={listener.getsockname()[1]}"
            yield f"{at} user=x dbname=x sslmode=disable gssencmode=disable"
        finally:
            is_over.set()
        listens.result()


@contextmanager
def waiting_at(place: str) -> Iterator[Driver]:
    """A connection that waits for an answer there."""
    with closing(psycopg.connect(place)) as driver:
        driver.pgconn.send_query(b"SELECT 1")
        yield driver


@pytest.mark.parametrize("said", [GREETING, REFUSING], ids=["greets", "refuses"])
def test_a_database_that_takes_or_refuses_a_connection_is_there(said: bytes) -> None:
    with listening(GREETING, said) as place, waiting_at(place) as driver:
        assert silence._is_there(driver), "a pooler may hold what is asked, however well the database is"


@pytest.mark.parametrize(
    ("said", "is_there"),
    [
        ("connection timeout expired", False),
        ('connection to server at "10.0.0.1", port 5432 failed: No route to host', False),
        ("connection to server failed: server closed the connection unexpectedly", False),
        ('connection to server at "10.0.0.1", port 5432 failed: Connection refused', True),
        ("connection failed: SSL error: certificate verify failed", True),
    ],
)
def test_what_is_no_word_of_the_database_is_none(
    said: str, is_there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(GREETING) as place, waiting_at(place) as driver:

        def fails(*_where: object, **_more: object) -> None:
            raise psycopg.OperationalError(said)

        monkeypatch.setattr(psycopg, "connect", fails)
        assert silence._is_there(driver) == is_there


@on_postgresql
def test_each_statement_is_noted_when_it_is_asked(database: Database) -> None:
    with database.writing() as db:
        wire = wire_on(db.connection().connection.dbapi_connection)  # type: ignore[arg-type]
        for ask in (wire.answers, wire.conclude, wire.roll_back):
            wire.asked_at = wire.heard_at = 0.0
            db.connection().exec_driver_sql("SELECT 1")
            assert 0 < wire.asked_at <= wire.heard_at
            wire.asked_at = wire.heard_at = 0.0
            ask()
            assert 0 < wire.asked_at <= wire.heard_at, ask.__name__


def test_an_address_may_say_otherwise() -> None:
    ours = reaching("postgresql+psycopg://db.example/study", "-c lock_timeout=5000", taken_within=10)
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

    class Form:
        def kept(self) -> None:
            ran.append("too late")

    async def both() -> float:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        slow = asyncio.create_task(threads.in_thread(lambda: goes_on.wait(20)))
        await asyncio.sleep(0)
        began, form = time.monotonic(), Form()
        sent = ref(form)
        with pytest.raises(Busy):
            await threads.in_thread(form.kept)
        seconds = time.monotonic() - began
        del form
        gc.collect()
        assert sent() is None, "what was sent is let go of, though no thread has come to it"
        goes_on.set()
        assert await slow, "what has begun is waited for, however long it takes"
        return seconds

    with start_blocking_portal() as loop:
        assert loop.call(both) < 5
    assert ran == []
