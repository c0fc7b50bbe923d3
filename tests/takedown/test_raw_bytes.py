"""That nothing of a post is left in the files of the database, either.

PostgreSQL's log of changes and whatever was archived are out of reach: they are written over in time.
"""

from functools import partial
from pathlib import Path
from time import monotonic

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import make_url, text
from sqlmodel import Session, select

from server.corpora.actions import receive_file
from server.corpora.parcels import stowed
from server.db.engine import Database
from server.history.actions import record
from server.history.contents import told_line
from server.keeping.backups import back_up, restore_sqlite
from server.projects.models import Project
from server.settings import Settings
from server.takedown import wiping
from server.takedown.log import repeat
from server.takedown.wiping import Tries, wipe
from tests.browse import post
from tests.cast import Cast
from tests.takedown.test_takedown import SECRET, WRITER, lead, study, take_down
from tests.trust.reporting import report
from tests.trust.sizes import name_of, on_both_in_full

__all__ = ["lead", "study"]  # Fixtures.


def files_of(database: Database) -> list[Path]:
    if database.is_sqlite:
        path = Path(make_url(database.url).database or "")
        return [path, *path.parent.glob(f"{path.name}-*")]
    with database.alone() as connection:
        outside = connection.execution_options(isolation_level="AUTOCOMMIT")
        outside.execute(text("CHECKPOINT"))
        folder = outside.scalar(text("SHOW data_directory"))
        number = outside.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    return [path for path in (Path(str(folder)) / "base" / str(number)).iterdir() if path.is_file()]


def found(database: Database, words: str) -> list[str]:
    return [path.name for path in files_of(database) if words.encode() in path.read_bytes()]


def tell_of_a_decision(db: Session, cast: Cast) -> None:
    """What the history tells of a decision whose reason quotes the post."""
    record(
        db,
        project_id=cast.project.id,
        actor_id=cast.lead.account_id,
        action="adjudication.decide",
        subject="post 1",
        contents=[told_line(1, {"reason": f"Look at “{SECRET}”."})],
    )


def test_the_files_hold_nothing_of_it(lead: TestClient, cast: Cast, database: Database) -> None:
    with database.alone() as connection:  # Statistics hold values of the columns.
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    waiting = f"the same post in a file that waits: {SECRET}"
    with stowed(database, {"reading": [waiting.encode()]}) as parcel_ids, database.writing() as db:
        receive_file(db, cast.lead, "posts.csv", parcel_ids=parcel_ids)
        tell_of_a_decision(db, cast)
    assert found(database, SECRET)
    assert found(database, waiting)
    take_down(lead, cast, posts="#1", with_copies="on")
    assert found(database, SECRET) == []
    assert found(database, WRITER) == []
    where = "file and log" if database.is_sqlite else "files, without its log of changes"
    report(22, f"{name_of(database)}: 0 hits of a post taken down in the database’s {where}")


def test_it_goes_as_soon_as_nobody_sees_the_older_state(
    lead: TestClient, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f"/projects/{cast.project.key}/takedown"
    other = Database(database.url)
    with other.reading() as long_transaction:
        long_transaction.scalar(select(Project.id))
        monkeypatch.setattr("server.takedown.pages.wipe", partial(wipe, patience=0.1))
        take_down(lead, cast, posts="#1", with_copies="on")
        assert "Not wholly gone yet" in lead.get(page).text
        assert found(database, SECRET)
    other.dispose()
    Tries(database).go_on()
    assert "Not wholly gone yet" not in lead.get(page).text
    assert found(database, SECRET) == []


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_one_server_at_a_time_writes_the_files_anew_and_only_where_it_is_needed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = iter(
        [{1: True}, {1: True}, {}]
    )  # The other server does it between the two looks of the second try.
    monkeypatch.setattr(wiping, "_waiting", lambda _database: next(waiting))
    monkeypatch.setattr(wiping, "scrub", lambda *_: pytest.fail("it was done twice"))
    with database.alone() as other:
        outside = other.execution_options(isolation_level="AUTOCOMMIT")
        outside.execute(text("SELECT pg_advisory_lock(4404404)"))
        began = monotonic()
        assert not wipe(database, patience=0.1)
        assert monotonic() - began < 2
        outside.execute(text("SELECT pg_advisory_unlock(4404404)"))
        assert wipe(database)


@on_both_in_full
def test_a_backup_and_files_made_later_hold_nothing_of_it(
    lead: TestClient, cast: Cast, database: Database, settings: Settings, tmp_path: Path
) -> None:
    before = back_up(database, tmp_path / "before.sqlite3").file
    taken_out = _files(lead, cast)
    assert SECRET.encode() in taken_out
    take_down(lead, cast, posts="#1", with_copies="on")
    after = back_up(database, tmp_path / "after.sqlite3").file.read_bytes() + _files(lead, cast)
    assert SECRET.encode() not in after
    assert WRITER.encode() not in after

    # An older backup is told of it when a server starts on it.
    older = tmp_path / "older" / "intercoder.sqlite3"
    restore_sqlite(before, older)
    restored = Database(f"sqlite:///{older}")
    assert found(restored, SECRET)
    assert repeat(restored, settings.data) == 2  # The post and its copy.
    assert found(restored, SECRET) == []
    assert found(restored, WRITER) == []
    restored.dispose()
    report(
        22,
        f"{name_of(database)}: 0 hits in a backup and in files made later, and in an older backup restored "
        "(on SQLite)",
    )


def _files(lead: TestClient, cast: Cast) -> bytes:
    """What can be downloaded with texts in it."""
    asked = {"format": "jsonl", "texts": "on", "names": "on"}
    answers = [
        post(lead, f"/projects/{cast.project.key}/download/{what}", asked) for what in ("final", "codings")
    ]
    assert {answer.status_code for answer in answers} == {200}
    return b"".join(answer.content for answer in answers)
