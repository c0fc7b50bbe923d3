"""Figure 13: where nothing can be saved nobody is told that it was, and nothing typed is lost."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text

from server.db.engine import Database
from server.keeping.backups import back_up
from server.settings import Settings
from tests.stock import on_one_database
from tests.trust.annotating import Answer, Browser, OpenForm, Saved, opened
from tests.trust.finding import faults, n_codings
from tests.trust.reporting import report
from tests.trust.servers import Launcher, Server, serving
from tests.trust.sizes import name_of
from tests.trust.study import Study, fill

WORDS = "A reason that took a while to write"
# What the server's process begins with: its connections obey what stands in a file.
OBEYING = """
from pathlib import Path
from server.db import sessions

taken = sessions.KeptSessions._taken

def obeying(self):
    connection, session = taken(self)
    if (switch := Path("{switch}")).exists():
        connection.connection.driver_connection.execute(switch.read_text())
    return connection, session

sessions.KeptSessions._taken = obeying
"""
NO_LONGER_FILES = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
"""
RENAMED = "ALTER TABLE coding_answer RENAME COLUMN {} TO {}"


def filled(form: OpenForm) -> list[tuple[str, str]]:
    return [*form.filled(), ("memo", WORDS)]


def until_it_fails(browser: Browser, path: str) -> tuple[list[Saved], OpenForm, Answer]:
    """Submit until the server cannot save any more; what it has acknowledged, and what it said then."""
    saved: list[Saved] = []
    for _post in range(200):
        form = opened(browser, path)
        answer = browser.ask("POST", form.path, filled(form))
        if answer.status != 303:
            return saved, form, answer
        saved.append(form.saved())
        path = answer.location
    raise AssertionError("the fault did not come")


def check_answer(answer: Answer, form: OpenForm, words: str) -> None:
    """The person reads why, and has everything before them to send it again."""
    page = answer.body.decode()
    assert words in page
    for name, value in filled(form):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert f"<dd>{WORDS}</dd>" in page


def studied(database: Database) -> Study:
    with database.writing() as db:
        return fill(db, 200, 1)


def whole(database: Database, study: Study, saved: list[Saved]) -> None:
    with database.reading() as db:
        assert n_codings(db) == len(saved)
        assert faults(db, study, saved) == []


@on_one_database
@pytest.mark.parametrize(
    ("pragma", "back", "words"),
    [
        ("max_page_count=1", "max_page_count=4294967294", "no room left on the server&#39;s disk"),
        ("query_only=ON", "query_only=OFF", "may only read its database"),
    ],
    ids=["full", "read-only"],
)
def test_a_disk_that_takes_nothing(
    database: Database, server: Server, tmp_path: Path, pragma: str, back: str, words: str
) -> None:
    study, switch, script = studied(database), tmp_path / "switch", tmp_path / "fault.py"
    script.write_text(OBEYING.format(switch=switch))
    server.fault = str(script)
    browser = Browser(server.port, study.people[0].session)
    with serving(server):
        first = opened(browser, study.coding)
        switch.write_text(f"PRAGMA {pragma}")
        saved, form, answer = until_it_fails(browser, first.path)
        assert (answer.status, answer.headers["retry-after"]) == (503, "2")
        check_answer(answer, form, words)
        assert server.says("/healthz", 200)
        assert server.says("/readyz", 503) or pragma != "query_only=ON"
        whole(database, study, saved)
        switch.write_text(f"PRAGMA {back}")
        assert server.says("/readyz", 200)
        assert browser.ask("POST", form.path, filled(form)).status == 303
    whole(database, study, [*saved, form.saved()])
    report(13, f"SQLite, {pragma}: 503 and words; {len(saved)} acknowledged before are there, 0 false")


@on_one_database
def test_a_file_that_cannot_grow(database: Database, server: Server, tmp_path: Path) -> None:
    study, script = studied(database), tmp_path / "fault.py"
    script.write_text(NO_LONGER_FILES)
    server.fault = str(script)
    browser = Browser(server.port, study.people[0].session)
    with serving(server):
        saved, form, answer = until_it_fails(browser, study.coding)
    assert answer.status == 503
    check_answer(answer, form, "cannot reach its database")
    whole(database, study, saved)
    report(13, f"SQLite, a file that cannot grow: 503 and words; {len(saved)} acknowledged, all there")


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own of 16 MB; the test is skipped where nobody may mount one."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("a real full disk needs the right to mount one, which is not given here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


needs_mount = pytest.mark.skipif(
    shutil.which("mount") is None, reason="there is no command to mount a small disk with"
)


def fill_up(disk: Path) -> Path:
    """Leave no byte free; returns the file that takes them."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as filling:
        while filling.write(b"0" * 4_096):
            pass
    return ballast


def saved_around_a_full(disk: Path, server: Server, study: Study) -> list[Saved]:
    """What is acknowledged until the disk is full, and once there is room again; between them words."""
    browser = Browser(server.port, study.people[0].session)
    with serving(server):
        first = opened(browser, study.coding)
        ballast = fill_up(disk)
        saved, form, answer = until_it_fails(browser, first.path)
        assert answer.status == 503
        check_answer(answer, form, "no room left on the server&#39;s disk")
        assert server.says("/healthz", 200)
        ballast.unlink()
        assert browser.ask("POST", form.path, filled(form)).status == 303
    return [*saved, form.saved()]


@on_one_database
@needs_mount
def test_a_disk_that_is_full(
    database: Database, settings: Settings, launcher: Launcher, tmp_path: Path
) -> None:
    study = studied(database)
    with small_disk(tmp_path / "disk") as disk:
        file = back_up(database, disk / "intercoder.sqlite3").file
        there = settings.model_copy(update={"data": disk})
        server = Server(launcher, there, tmp_path)
        server.environment["INTERCODER_LEAST_FREE_MB"] = "0"
        saved, moved = saved_around_a_full(disk, server, study), Database(f"sqlite:///{file}")
        whole(moved, study, saved)
        moved.dispose()
    report(13, f"SQLite, a real full disk: 503 and words; {len(saved)} acknowledged, 0 false")


@contextmanager
def on_small_disk(database: Database, table: str) -> Iterator[Path]:
    """A disk of its own for a table of PostgreSQL, which has to reach it as its own user."""
    with TemporaryDirectory(prefix="icdisk") as above, small_disk(Path(above, "disk")) as disk:
        with database.reading() as db:
            owner = Path(db.execute(text("SHOW data_directory")).scalar_one()).stat()
        Path(above).chmod(0o755)
        os.chown(disk, owner.st_uid, owner.st_gid)
        moving = f"ALTER TABLE {table} SET TABLESPACE"
        outside(database, f"CREATE TABLESPACE small LOCATION '{disk}'", f"{moving} small")
        try:
            yield disk
        finally:
            outside(database, f"{moving} pg_default", "DROP TABLESPACE small")


def outside(database: Database, *commands: str) -> None:
    """Run what no transaction may hold."""
    with database.alone() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        for command in commands:
            connection.execute(text(command))


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
@needs_mount
def test_a_disk_of_postgresql_that_is_full(database: Database, server: Server) -> None:
    study = studied(database)
    with on_small_disk(database, "history_event") as disk:
        saved = saved_around_a_full(disk, server, study)
        whole(database, study, saved)
    report(13, f"PostgreSQL, a table on a full disk: 503 and words; {len(saved)} acknowledged, 0 false")


def test_a_schema_that_has_drifted(database: Database, server: Server) -> None:
    study = studied(database)
    browser = Browser(server.port, study.people[0].session)
    with serving(server):
        form = opened(browser, study.coding)
        with database.writing() as db:
            db.execute(text(RENAMED.format("number", "figure")))
        try:
            answer = browser.ask("POST", form.path, filled(form))
            assert server.says("/readyz", 503)
        finally:
            with database.writing() as db:
                db.execute(text(RENAMED.format("figure", "number")))
        check_answer(answer, form, "Something broke on our side")
        assert answer.status == 500
        assert server.says("/readyz", 200)
        assert browser.ask("POST", form.path, filled(form)).status == 303
    whole(database, study, [form.saved()])
    report(13, f"{name_of(database)}, a column renamed: 500 and words, 0 false; saved once it is back")


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_a_postgresql_that_only_reads(database: Database, settings: Settings, server: Server) -> None:
    study = studied(database)
    browser = Browser(server.port, study.people[0].session)
    name = database.engine.url.database
    server.environment["PGAPPNAME"] = "served"
    with serving(server):
        form = opened(browser, study.coding)
        try:
            only_reads(database, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
            answer = browser.ask("POST", form.path, filled(form))
            assert server.says("/readyz", 503)
        finally:
            only_reads(database, f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        assert answer.status == 503
        check_answer(answer, form, "may only read its database")
        assert browser.ask("POST", form.path, filled(form)).status == 303
    whole(database, study, [form.saved()])
    report(13, "PostgreSQL that only reads: 503, 0 false")


def only_reads(database: Database, change: str) -> None:
    """Change what new connections may, and end those of the server."""
    with database.engine.connect() as connection:
        connection.execute(text("SET TRANSACTION READ WRITE"))
        connection.execute(text(change))
        connection.commit()
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = 'served'"
            )
        )
    database.engine.dispose()
