"""What was taken down stays down when an older backup is restored, whichever server did it."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.cli.commands import run
from server.corpora.models import Post
from server.db.engine import Database
from server.settings import Settings
from server.takedown.log import FILE, Entry, append, entries_in
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.keeping.test_backups import emptied
from tests.stock import on_one_database
from tests.takedown.test_takedown import SECRET, WRITER, take_down


@pytest.fixture
def lead(client_of: ClientOf, cast: Cast) -> TestClient:
    return client_of(cast.lead)


@pytest.fixture
def older(database: Database, settings: Settings, cast: Cast, tmp_path: Path) -> Path:
    """A backup with two posts of which somebody wants to be gone later."""
    with database.writing() as db:
        first, second = make.posts(db, cast.project, 2)
        first.text = second.text = SECRET
        first.author, first.external_id = WRITER, f"at://{WRITER}/1"
    folder = tmp_path / "backups"
    folder.mkdir()
    assert run(["backup", str(folder / "older"), *another_server(settings, tmp_path)]) == 0
    assert list(folder.iterdir()) == [folder / "older"], "nothing is down yet, so there is no list"
    return folder / "older"


def another_server(settings: Settings, tmp_path: Path) -> list[str]:
    """On the same database, with a data folder of its own."""
    return ["--data", str(tmp_path / "another"), "--database-url", settings.resolved_database_url]


def told_of(url: str) -> str:
    database = Database(url)
    with database.reading() as db:
        posts = list(db.scalars(select(Post)))
        assert posts
        said = "".join(f"{post.text}{post.author}{post.external_id}" for post in posts)
    database.dispose()
    return said


def test_what_another_server_took_down_is_not_brought_back(
    lead: TestClient, cast: Cast, database: Database, settings: Settings, older: Path, tmp_path: Path
) -> None:
    take_down(lead, cast, "remove", posts="#1\n#2")
    drill = ["restore", str(older), "--data", str(tmp_path / "drill")]
    assert run([*drill, "--takedowns-of", settings.resolved_database_url]) == 0
    assert SECRET not in told_of(f"sqlite:///{tmp_path}/drill/intercoder.sqlite3")
    # The newest backup knows of it, though the list of the server that did it is elsewhere.
    assert run(["backup", str(older.parent), *another_server(settings, tmp_path)]) == 0
    listed = (older.parent / FILE).read_text()
    assert WRITER not in listed
    assert run(["backup", str(older.parent), *another_server(settings, tmp_path)]) == 0
    assert (older.parent / FILE).read_text() == listed
    place = ["--data", str(tmp_path / "new")]
    if database.is_sqlite:
        url = f"sqlite:///{tmp_path}/new/intercoder.sqlite3"
    else:
        url = settings.resolved_database_url
        emptied(url)
        place += ["--database-url", url]
    assert run(["restore", str(older), *place]) == 0
    assert SECRET not in told_of(url)
    assert WRITER not in told_of(url)
    # Known there before anything was restored: a server that starts on half of it would do the same.
    assert {entry.number for entry in entries_in(tmp_path / "new")} == {1, 2}


@on_one_database
def test_the_database_that_is_replaced_is_asked_first(
    lead: TestClient,
    cast: Cast,
    settings: Settings,
    older: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    take_down(lead, cast, "keep", posts="#1\n#2")
    (settings.data / FILE).unlink()
    replacing = ["restore", str(older), "--replace", "--data", str(settings.data)]
    assert run(replacing) == 0
    assert SECRET not in told_of(settings.resolved_database_url)
    (settings.data / "intercoder.sqlite3").write_bytes(b"no database")
    (settings.data / "intercoder.sqlite3-wal").unlink(missing_ok=True)
    capsys.readouterr()
    assert run(replacing) == 0
    assert "cannot be read" in capsys.readouterr().out
    assert SECRET not in told_of(settings.resolved_database_url)
    assert run([*replacing, "--takedowns-of", f"sqlite:///{settings.data}/none.sqlite3"]) == 2
    assert "There is no database at" in capsys.readouterr().err


def test_a_line_that_was_cut_off_takes_no_other_with_it(tmp_path: Path) -> None:
    one, other = (Entry("key", number, "at://ü\u2028", keeps_codings=True) for number in (1, 2))
    append(tmp_path, [one])
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole + whole[: whole.index(b"\xbc")])
    append(tmp_path, [other])
    assert list(entries_in(tmp_path)) == [one, other]
