"""A backup brings back every row, from either database into either, and says when it cannot."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from server.cli.commands import run
from server.corpora.models import Parcel, ParcelPiece
from server.db.engine import Database, connection_of
from server.errors import Refusal
from server.keeping.backups import back_up, file_in, forget_older, restore_postgres, restore_sqlite
from server.keeping.copying import Digests, copy_rows, digests
from server.keeping.files import in_one_transaction, sqlite_engine
from server.settings import Settings
from server.takedown.actions import Order, take_down
from server.takedown.log import FILE, Entry, append
from tests import make
from tests.browser.furnished import furnish
from tests.cast import Cast
from tests.stock import on_one_database


def held(database: Database) -> Digests:
    with database.reading() as db:
        return digests(connection_of(db))


def emptied(url: str) -> None:
    """Take every row out of a PostgreSQL database, as nobody but its owner can."""
    with in_one_transaction(url) as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for table in SQLModel.metadata.sorted_tables:
            connection.execute(table.delete())


@pytest.fixture
def full(database: Database) -> Digests:
    with database.writing() as db:
        furnish(db)
        parcel = Parcel(part="reading")
        db.add(parcel)
        db.flush()
        db.add(ParcelPiece(parcel_id=make.id_of(parcel), start=0, content=b"\0 some of a file \xff"))
    return held(database)


def test_a_backup_restored_is_the_same(
    database: Database, settings: Settings, full: Digests, tmp_path: Path
) -> None:
    kept = back_up(database, tmp_path / "kept.sqlite3")
    assert kept.digests == full
    with database.writing() as db:
        make.project(db, "made after the backup")
    if database.is_sqlite:
        restored = restore_sqlite(kept.file, tmp_path / "new" / "intercoder.sqlite3")
        other = Database(f"sqlite:///{tmp_path / 'new' / 'intercoder.sqlite3'}")
    else:
        emptied(settings.resolved_database_url)
        restored = restore_postgres(kept.file, settings.resolved_database_url)
        other = Database(settings.resolved_database_url)
    assert restored.digests == held(other) == full
    with other.writing() as db:
        # The next row gets the next number, and references hold again.
        assert make.project(db, "made after restoring").id
    other.dispose()


def test_a_database_moves_to_the_other_kind_and_back(
    database: Database, settings: Settings, full: Digests, tmp_path: Path
) -> None:
    kept = back_up(database, tmp_path / "kept.sqlite3")
    with sqlite_engine(kept.file) as engine, engine.connect() as source:
        assert digests(source) == full
        if not database.is_sqlite:
            emptied(settings.resolved_database_url)
            with in_one_transaction(settings.resolved_database_url) as target:
                assert copy_rows(source, target) == full
            return
        with (
            in_one_transaction(settings.resolved_database_url) as target,
            pytest.raises(Refusal, match="not empty"),
        ):
            copy_rows(source, target)


@on_one_database
def test_backups_while_others_save_hold_all_that_was_saved_before(database: Database, tmp_path: Path) -> None:
    stop, saved = threading.Event(), [0]

    def save() -> None:
        while not stop.is_set():
            with database.writing() as db:
                make.project(db, f"project {saved[0]}")
            saved[0] += 1

    thread = threading.Thread(target=save)
    thread.start()
    try:
        for number in range(5):
            before = saved[0]
            kept = back_up(database, tmp_path / f"{number}.sqlite3")
            assert kept.digests["project"].rows >= before
    finally:
        stop.set()
        thread.join()
    assert saved[0] > 5


@on_one_database
def test_what_is_no_whole_backup_is_refused(database: Database, tmp_path: Path) -> None:
    kept = back_up(database, tmp_path / "kept.sqlite3").file
    content = kept.read_bytes()
    for name, changed in (
        ("text", b"post_id,coder\n"),
        ("nothing", b""),
        ("cut off", content[: len(content) // 2]),
        ("overwritten", content[:8192] + b"\xff" * 4096 + content[12288:]),
    ):
        broken = tmp_path / name
        broken.write_bytes(changed)
        with pytest.raises(Refusal, match=r"no backup|damaged"):
            restore_sqlite(broken, tmp_path / "into.sqlite3")
        assert not (tmp_path / "into.sqlite3").exists()
    with closing(sqlite3.connect(kept)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refusal, match="newer Intercoder"):
        restore_sqlite(kept, tmp_path / "into.sqlite3")
    there = tmp_path / "there.sqlite3"
    there.write_bytes(content)
    with pytest.raises(Refusal, match="newer Intercoder"):
        restore_sqlite(kept, there)
    assert there.read_bytes() == content, "what is there stays until the backup is whole"
    with pytest.raises(Refusal, match="cannot be written"):
        back_up(database, tmp_path / "missing" / "kept.sqlite3")


@on_one_database
def test_a_folder_keeps_the_newest(database: Database, tmp_path: Path) -> None:
    files = [back_up(database, tmp_path).file for _time in range(3)]
    other = tmp_path / "intercoder.sqlite3"
    assert sorted(forget_older(tmp_path, 2)) == files[:1]
    assert sorted(tmp_path.glob("intercoder-*")) == files[1:]
    assert other.exists(), "what is no backup is left alone"
    assert file_in(tmp_path / "named", make.MOMENT) == tmp_path / "named"


@on_one_database
def test_older_backups_are_deleted_where_the_list_beside_them_cannot_be_kept(
    database: Database, cast: Cast, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as db:
        [post] = make.posts(db, cast.project, 1)
        take_down(db, Order(make.id_of(cast.project), None, [make.id_of(post)], True, "asked"))
    backup = ["backup", str(tmp_path), "--keep", "1", "--data", str(settings.data)]
    (tmp_path / FILE).symlink_to(tmp_path / "missing" / FILE)
    assert [run(backup), run(backup)] == [2, 2]
    assert capsys.readouterr().err.count("cannot be written") == 2
    assert len(list(tmp_path.glob("intercoder-*"))) == 1
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).mkdir()
    assert run(backup) == 2
    assert "taken down cannot be read" in capsys.readouterr().err


@on_one_database
def test_a_refused_restore_takes_nothing_down(
    database: Database, cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    folder, place = tmp_path / "another's", ["--data", str(settings.data)]
    folder.mkdir()
    assert run(["backup", str(folder / "kept"), *place]) == 0
    database.dispose()
    append(folder, [Entry(cast.project.key, 1, "1", keeps_codings=True)])
    (folder / "text").write_bytes(b"post_id,coder\n")
    assert run(["restore", str(folder / "kept"), *place]) == 2
    assert run(["restore", str(folder / "text"), "--replace", *place]) == 2
    assert not (settings.data / FILE).exists()


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_a_restore_into_a_filled_database_begins_nothing(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    with database.writing() as db:
        make.project(db, "Filled")
    begun: list[str] = []
    with pytest.raises(Refusal, match="not empty"):
        restore_postgres(tmp_path / "any", settings.resolved_database_url, lambda: begun.append("before"))
    assert begun == []


@on_one_database
def test_backup_and_restore_through_the_shell(
    database: Database, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as db:
        make.project(db, "Kept")
    file = tmp_path / "kept.sqlite3"
    assert run(["backup", str(file), "--data", str(settings.data)]) == 0
    with database.writing() as db:
        make.project(db, "Lost")
    database.dispose()
    assert run(["restore", str(file), "--data", str(settings.data)]) == 2
    assert "--replace" in capsys.readouterr().err
    assert run(["restore", str(file), "--replace", "--data", str(settings.data)]) == 0
    said = capsys.readouterr().out
    assert "before-" in said
    assert "The history: ok" in said
    [aside] = settings.data.glob("intercoder.sqlite3.before-*Z")
    for place, titles in ((settings.data / "intercoder.sqlite3", {"Kept"}), (aside, {"Kept", "Lost"})):
        with closing(sqlite3.connect(place)) as found:
            assert {title for [title] in found.execute("SELECT title FROM project")} == titles
