"""`intercoder verify-history`: what it prints, and the exit code by which a script knows."""

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from server.db.engine import Database
from server.history.models import HistoryEvent, HistoryHead
from server.history.queries import check_chain
from server.projects.actions import create_project
from server.projects.models import Project
from tests import make
from tests.cli.shell import Shell
from tests.history.tampering import disarm


@pytest.fixture
def key(database: Database) -> str:
    """The key of one of two projects."""
    with database.writing() as db:
        lead = make.id_of(make.account(db, "lead"))
        create_project(db, lead, "Another\nstudy")
        return create_project(db, lead, "A study").project_key


def test_whole_chains_are_told_with_their_last_hash(shell: Shell, database: Database, key: str) -> None:
    answer = shell("verify-history", "--project", key)
    with database.reading() as db:
        chain = db.scalars(select(col(Project.id)).where(col(Project.key) == key)).one()
        last = check_chain(db, chain or 0).last
    assert last is not None
    assert answer.out == f"{key} A study: ok, 2 events, last hash {last.hash}\n"
    assert (answer.code, answer.err) == (0, "")
    every = shell("verify-history", "--all")
    assert (every.code, len(every.out.splitlines()), answer.out in every.out) == (0, 3, True)
    assert shell("verify-history").out == every.out
    assert every.out.startswith("the server: ok, 0 events\n")
    assert shell("verify-history", "--project", "A study").out == answer.out


def test_a_fault_is_told_and_ends_with_1(shell: Shell, database: Database, key: str) -> None:
    with database.writing() as db:
        disarm(db)
        chain = db.scalars(select(col(Project.id)).where(col(Project.key) == key)).one()
        last = (col(HistoryEvent.chain) == chain, col(HistoryEvent.sequence) == 2)
        db.execute(update(HistoryEvent).where(*last).values(details='{"role": "viewer"}'))
    answer = shell("verify-history")
    told = [line for line in answer.out.splitlines() if "ok" not in line]
    assert (answer.code, answer.err, len(told)) == (1, "", 1)
    assert told == [f"{key} A study: NOT WHOLE. Event 2 is not what was recorded: somebody changed it."]
    with database.writing() as db:
        disarm(db)
        db.execute(delete(HistoryEvent).where(*last))
    assert "are missing, from event 2 on" in shell("verify-history", "--project", key).out


def test_what_is_left_of_a_project_that_is_gone_is_checked(shell: Shell, database: Database) -> None:
    with database.writing() as db:
        db.add(HistoryHead(chain=77, sequence=3, hash="0" * 64))
    answer = shell("verify-history")
    assert answer.code == 1
    assert "a project that is gone (77): NOT WHOLE. The newest events are missing" in answer.out


def test_what_cannot_be_meant_ends_with_2(shell: Shell, key: str) -> None:
    assert "exclude each other" in shell("verify-history", "--all", "--project", key).refusal
    assert "no project with the key" in shell("verify-history", "--project", "nowhere").refusal
