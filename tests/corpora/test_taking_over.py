"""Imports whose server was killed, or stopped, or lost its database for a while, are finished by another."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from server.corpora import jobs
from server.corpora.models import ImportBatch, ImportJob
from server.corpora.running import Imports
from server.db.engine import Database
from server.settings import Settings
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.files import path
from tests.corpora.jobs import MANY, Gate, at_writing, begun, counted, ended, quick, settings, texts
from tests.stock import on_one_database

__all__ = ["at_writing", "quick", "settings"]  # Fixtures.

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
