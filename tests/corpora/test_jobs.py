"""Imports that go on by themselves: how they end, what cancelling leaves, and who takes over what is left."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel, func, select

from server.corpora import carrying, jobs, progress, running, writing
from server.corpora.models import ImportBatch, ImportJob, Post, Upload
from server.corpora.running import Imports
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.models import Project
from server.settings import Settings
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.files import HEADER, csv, import_shown, path, previewed, row
from tests.stock import on_one_database

MANY = 400
FILE = csv(*range(MANY))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A server to which some hundred posts are many."""
    return settings.model_copy(update={"import_at_once": 100, "shown_at_once": 50})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, count few rows at a time, and keep others waiting for no more than a statement."""
    monkeypatch.setattr(progress, "PAUSE", 0.01)
    monkeypatch.setattr(carrying, "_LONGEST", 0.0)
    monkeypatch.setattr(writing, "_IN_A_BLOCK", 20)
    monkeypatch.setattr(writing, "_BLOCKS_IN_A_STATEMENT", 1)
    monkeypatch.setattr(writing, "_COPIED_AT_ONCE", 70)
    monkeypatch.setattr(running, "_LOOK_AGAIN", 0.05)


class Gate:
    """Stops a runner at a step until the test has looked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, after: int = 0) -> None:
        self.is_reached, self.is_open = Event(), Event()
        step, calls = getattr(where, name), count(1)

        def guarded(*values: Any) -> Any:
            if next(calls) > after:
                self.is_reached.set()
                assert self.is_open.wait(20)
            return step(*values)

        monkeypatch.setattr(where, name, guarded)

    def reached(self) -> None:
        assert self.is_reached.wait(20)


@pytest.fixture
def at_writing(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Where everything is read and nothing is written."""
    return Gate(monkeypatch, carrying, "post_columns")


def counted(database: Database) -> dict[str, int]:
    """How many rows every table has."""
    with database.reading() as db:
        return {
            name: db.scalar(select(func.count()).select_from(table)) or 0
            for name, table in SQLModel.metadata.tables.items()
        }


def texts(database: Database, cast: Cast) -> list[tuple[int, str, str]]:
    """The posts of the study in their order."""
    with database.reading() as db:
        rows = db.exec(select(Post).where(Post.project_id == cast.project.id).order_by(Post.number)).all()  # type: ignore[arg-type]
        return [(row.number, row.external_id, row.text) for row in rows]


def eventually(found: Callable[[], Any]) -> Any:
    """What is found at last."""
    end = time.monotonic() + 20
    while not (value := found()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return value


def begun(lead: TestClient, cast: Cast, content: bytes = FILE) -> str:
    """Begin an import; the address of its progress."""
    answer = import_shown(lead, previewed(lead, cast, content))
    assert answer.status_code == 303
    address = answer.headers["location"]
    assert address.endswith("/progress")
    return str(address)


def ended(lead: TestClient, address: str) -> Response:
    """What the page of an import says when it is over."""

    def look() -> Response | None:
        page: Response = lead.get(address, follow_redirects=False)
        return None if "refresh" in page.headers else page

    found: Response = eventually(look)
    return found


def test_many_posts_come_in_as_few_do(
    client_of: ClientOf, cast: Cast, database: Database, settings: Settings
) -> None:
    lead = client_of(cast.lead)
    content = FILE + row(1).encode() + b"7000,,nobody,,,\n"
    page = ended(lead, begun(lead, cast, content))
    assert page.headers["location"] == path(cast)
    shown = lead.get(path(cast)).text
    assert "400 posts were imported. 1 row was refused." in shown
    stored = texts(database, cast)
    assert [number for number, _id, _text in stored] == list(range(1, MANY + 1))
    assert stored[7][1:] == ("1955550000000000007", "I miss the old one \N{BROKEN HEART}, 7")
    with database.reading() as db:
        batch = db.exec(select(ImportBatch).where(ImportBatch.project_id == cast.project.id)).one()
        assert (batch.n_new, batch.n_refused, batch.n_duplicates) == (MANY, 1, 1)
        event = db.exec(select(HistoryEvent).where(HistoryEvent.action == "posts.import")).all()[-1]
        assert (json.loads(event.details)["new"], event.actor_id) == (MANY, cast.lead.account_id)
        assert not db.exec(select(Upload)).all()
    assert not list(settings.data.glob("*import*"))


def test_changed_posts_take_what_the_file_says(client_of: ClientOf, cast: Cast, database: Database) -> None:
    lead = client_of(cast.lead)
    ended(lead, begun(lead, cast))
    again = HEADER + "".join(row(number, "Something else") for number in range(50)) + row(5_000)
    again += "".join(row(number) for number in range(50, 120))
    ended(lead, begun(lead, cast, again.encode()))
    assert "1 post was imported. 50 posts were changed." in lead.get(path(cast)).text
    stored = texts(database, cast)
    assert stored[0][2] == "Something else, 0"
    assert stored[-1][:2] == (MANY + 1, "1955550000000005000")


def test_cancelling_leaves_nothing_behind(
    client_of: ClientOf, cast: Cast, database: Database, settings: Settings, at_writing: Gate
) -> None:
    lead = client_of(cast.lead)
    page = previewed(lead, cast, FILE)
    before = counted(database)
    address = import_shown(lead, page).headers["location"]
    at_writing.reached()
    shown = lead.get(address)
    assert shown.headers["refresh"] == "2"
    answer = lead.post(address.replace("progress", "cancel"), data=form_fields(shown, "cancel"))
    assert answer.headers["location"] == address
    assert "The import is being cancelled." in lead.get(address).text
    at_writing.is_open.set()
    assert ended(lead, address).headers["location"] == path(cast, "import")
    assert (
        "The import was cancelled. Nothing was imported; the file still waits." in lead.get(path(cast)).text
    )
    assert counted(database) == before
    assert not list(settings.data.glob("*import*"))


@pytest.fixture
def half_way(database: Database, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Where some of the posts are in the database of SQLite, and nobody is to see them yet."""
    if not database.is_sqlite:
        pytest.skip("Elsewhere all posts come in at one moment.")
    return Gate(monkeypatch, carrying._Import, "_insert", after=3)


def test_what_is_half_written_is_seen_by_nobody_and_can_be_cancelled(
    client_of: ClientOf, cast: Cast, database: Database, half_way: Gate
) -> None:
    lead = client_of(cast.lead)
    import_shown(lead, previewed(lead, cast, csv(9_001, 9_002)))
    page = previewed(lead, cast, FILE)
    before = counted(database)
    address = import_shown(lead, page).headers["location"]
    half_way.reached()
    assert counted(database)["post"] > before["post"]
    assert len(texts(database, cast)) == 2
    assert "Import 2" not in lead.get(path(cast, "imports")).text
    post(lead, address.replace("progress", "cancel"))
    half_way.is_open.set()
    assert ended(lead, address).headers["location"] == path(cast, "import")
    assert counted(database) == before


def test_it_is_too_late_to_cancel_when_posts_are_shown(
    client_of: ClientOf, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database.is_sqlite:
        pytest.skip("Elsewhere all posts come in at one moment.")
    gate = Gate(monkeypatch, carrying._Import, "_change_alone")
    lead = client_of(cast.lead)
    import_shown(lead, previewed(lead, cast, (HEADER + row(1, "Something else")).encode()))
    address = begun(lead, cast)
    gate.reached()
    assert len(texts(database, cast)) == MANY
    shown = lead.get(address).text
    assert "It can no longer be cancelled" in shown
    assert "/cancel" not in shown
    post(lead, address.replace("progress", "cancel"))
    assert "It is too late to cancel" in lead.get(address).text
    gate.is_open.set()
    ended(lead, address)
    assert "399 posts were imported. 1 post was changed." in lead.get(path(cast)).text


def test_others_go_on_and_a_second_import_waits(
    client_of: ClientOf, cast: Cast, database: Database, at_writing: Gate
) -> None:
    lead = client_of(cast.lead)
    other = previewed(lead, cast, csv(9_001))
    page = previewed(lead, cast, FILE)
    address = import_shown(lead, page).headers["location"]
    at_writing.reached()
    assert import_shown(lead, page).headers["location"] == address
    refused = import_shown(lead, other)
    assert refused.status_code == 409
    assert "An import of posts is going on in this project." in refused.text
    assert lead.get(page.url.path, follow_redirects=False).headers["location"] == address
    begin = time.monotonic()
    with database.writing() as db:
        db.add(Project(key="another", title="Another", created_by=None, created_at=make.MOMENT))
    assert time.monotonic() - begin < 1
    assert not texts(database, cast)
    at_writing.is_open.set()
    ended(lead, address)
    assert len(texts(database, cast)) == MANY
    assert import_shown(lead, page).headers["location"] == address


def test_progress_only_grows(
    app: FastAPI, client_of: ClientOf, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another server's import may still be ending, which is not listened to."""
    told: list[tuple[str, int, int]] = []
    lead, hear_of = client_of(cast.lead), jobs.hear_of

    def heard(db: Session, job_id: int, runner: str, phase: str, done: int, total: int) -> bool | None:
        if runner == app.state.imports.runner:
            told.append((phase, done, total))
        return hear_of(db, job_id, runner, phase, done, total)

    monkeypatch.setattr(jobs, "hear_of", heard)
    monkeypatch.setattr(progress, "PAUSE", 0.001)
    ended(lead, begun(lead, cast))
    assert told
    order = [(jobs.PHASES.index(phase), done) for phase, done, _total in told]
    assert order == sorted(order)
    assert all(done <= total == MANY for _phase, done, total in told)


@on_one_database
def test_what_the_lead_did_not_see_is_not_imported(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    lead = client_of(cast.lead)
    page = previewed(lead, cast, FILE)
    import_shown(lead, previewed(lead, cast, csv(3)))
    answer = import_shown(lead, page)
    shown = ended(lead, answer.headers["location"])
    assert "The posts of the project have changed since this was shown." in shown.text
    assert "See what would happen now" in shown.text
    assert len(texts(database, cast)) == 1
    again = lead.get(page.url.path)
    ended(lead, import_shown(lead, again).headers["location"])
    assert len(texts(database, cast)) == MANY


def test_an_import_that_goes_wrong_is_told(
    client_of: ClientOf, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_values: object) -> None:
        raise RuntimeError("no more room")

    monkeypatch.setattr(carrying, "post_columns", fails)
    lead = client_of(cast.lead)
    shown = ended(lead, begun(lead, cast))
    assert "The import went wrong." in shown.text
    assert not texts(database, cast)
    monkeypatch.undo()


_CHILD = """
import os, sys
from server.corpora import carrying, writing
from server.corpora.running import Imports
from server.db.engine import Database

writing._IN_A_BLOCK, writing._BLOCKS_IN_A_STATEMENT = 20, 1
carrying._LONGEST = 60.0
database, job, place = Database(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
where = {"writing": (carrying, "post_columns"), "showing": (carrying._Import, "_insert")}[place]
step, count = getattr(*where), 0

def killed(*values):
    global count
    count += 1
    if count == (1 if place == "writing" else 3):
        os.kill(os.getpid(), 9)
    return step(*values)

setattr(*where, killed)
imports = Imports(database, 50)
imports.runner = "gone"
imports.work_on(job)
imports._threads[job].join()
"""


@pytest.mark.parametrize("place", ["writing", "showing"])
def test_an_import_whose_server_was_killed_is_finished_by_the_next(
    client_of: ClientOf,
    cast: Cast,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    place: str,
) -> None:
    if place == "showing" and not database.is_sqlite:
        pytest.skip("Elsewhere all posts come in at one moment.")
    lead = client_of(cast.lead)
    with monkeypatch.context() as patch:
        patch.setattr(Imports, "work_on", lambda *_values: None)
        address = begun(lead, cast)
    before = counted(database)["post"]
    with database.writing() as db:
        job = db.exec(select(ImportJob)).one()
        job.runner = "gone"
        db.add(job)
    command = [sys.executable, "-c", _CHILD, settings.resolved_database_url, str(job.id), place]
    child = subprocess.run(command, check=False, cwd=Path(__file__).parents[2])
    assert child.returncode == -signal.SIGKILL
    assert counted(database)["post"] - before == (120 if place == "showing" else 0)
    monkeypatch.setattr(jobs, "SILENCE", jobs.SILENCE * 0)
    with Imports(database, 50).going_on():
        assert ended(lead, address).headers["location"] == path(cast)
    assert [number for number, _id, _text in texts(database, cast)] == list(range(1, MANY + 1))
    with database.reading() as db:
        of_project = ImportBatch.project_id == cast.project.id
        assert db.exec(select(ImportBatch.n_new).where(of_project)).all() == [MANY]
    assert "400 posts were imported." in lead.get(path(cast)).text
    assert not list(settings.data.glob("*import*"))


@on_one_database
def test_a_database_that_fails_for_a_while_does_not_end_the_watch(
    client_of: ClientOf, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = client_of(cast.lead)
    with monkeypatch.context() as patch:
        patch.setattr(Imports, "work_on", lambda *_values: None)
        address = begun(lead, cast)
    monkeypatch.setattr(jobs, "SILENCE", jobs.SILENCE * 0)
    left_alone, calls = jobs.left_alone, count(1)

    def fails_at_first(db: Session) -> Sequence[int]:
        if next(calls) < 3:
            raise OperationalError("SELECT", None, Exception("disk I/O error"))
        return left_alone(db)

    monkeypatch.setattr(jobs, "left_alone", fails_at_first)
    with Imports(database, 50).going_on():
        ended(lead, address)
    assert len(texts(database, cast)) == MANY


def test_a_server_that_stops_leaves_the_import_to_the_next(
    client_of: ClientOf, cast: Cast, database: Database, at_writing: Gate
) -> None:
    lead = client_of(cast.lead)
    with Imports(database, 50).going_on() as _nothing:
        pass
    address = begun(lead, cast)
    at_writing.reached()
    imports = lead.app.state.imports  # type: ignore[attr-defined]
    for each in imports._progress.values():
        each.stop()
    at_writing.is_open.set()
    for thread in imports._threads.values():
        thread.join()
    assert not texts(database, cast)
    ended(lead, address)
    assert len(texts(database, cast)) == MANY
