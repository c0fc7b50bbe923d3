"""Starting a server, set-up links, migrating, and the demonstration."""

import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlmodel import Session, col
from uvicorn import Config

from server.accounts.models import Account, SecondFactor
from server.accounts.passwords import is_right
from server.accounts.queries import open_link
from server.app import create_app
from server.cli import demo
from server.cli.leaving import LeavingServer
from server.db.engine import Database
from server.db.holding import held
from server.db.revisions import NEWEST, revision
from server.errors import Refusal
from server.projects.models import Member, Project
from server.projects.roles import Role
from server.settings import Settings
from tests import make
from tests.certificates import certificate
from tests.cli.shell import Shell, told
from tests.stock import on_one_database

HTTPS = "https://study.example"


def test_a_setup_link_works_until_there_is_an_admin(shell: Shell, database: Database) -> None:
    address = shell("setup-link", "--base-url", "https://study.example/").out.strip()

    assert address.startswith("https://study.example/set-up/")
    with database.reading() as db:
        assert open_link(db, "setup", address.rsplit("/", 1)[-1]) is not None
    shell("user", "add", "anna", "--admin")
    assert "has an admin already" in shell("setup-link").refusal


def test_migrating_twice_is_harmless(shell: Shell) -> None:
    assert [shell("migrate").code, shell("migrate").code] == [0, 0]


@pytest.fixture
def newer(database: Database) -> Iterator[str]:
    """The database as a newer program would leave it."""
    stamp = text("UPDATE alembic_version SET version_num = :revision")
    with database.writing() as db:
        db.execute(stamp, {"revision": "9999"})
    yield "9999"
    with database.writing() as db:  # Tests share PostgreSQL's.
        db.execute(stamp, {"revision": NEWEST})


def test_a_server_leaves_a_database_of_a_newer_one_alone(
    shell: Shell, database: Database, newer: str
) -> None:
    assert "newer Intercoder" in shell("serve", "--port", "0").refusal
    assert revision(database.url) == newer


def test_an_empty_server_starts_with_a_setup_link_and_with_tls_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from server.cli import main; main()", "serve", "--port", "0"]
    made = certificate(tmp_path, "localhost")
    command += ["--host", "localhost", "--tls-cert", str(made.cert), "--tls-key", str(made.key)]
    trusting = ssl.create_default_context(cafile=made.cert)
    with subprocess.Popen(
        [*command, "--data", str(tmp_path / "new")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline().strip() for _line in range(3)]
            with httpx.Client(verify=trusting, follow_redirects=True) as browser:
                assert browser.get(lines[2]).status_code == 200
        finally:
            process.send_signal(signal.SIGINT)
            _out, err = process.communicate(timeout=20)

    assert lines[0].startswith("Intercoder is at https://localhost:")
    assert "/set-up/" in lines[2]
    assert (process.returncode, err) == (0, "")


@pytest.fixture
def quick_study(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demonstration without its posts and codings, which `tests/sample` looks at."""
    monkeypatch.setattr(demo, "store_study", lambda *_arguments: None)


def people_of(db: Session) -> dict[str, Account]:
    return {account.name: account for account in db.scalars(select(Account))}


@pytest.mark.usefixtures("quick_study")
def test_the_demonstration_makes_its_people(settings: Settings, database: Database) -> None:
    signs = demo.fill(settings)

    assert [each.name for each in signs] == ["lead", "annotator-a", "annotator-b", "annotator-c"]
    with database.reading() as db:
        people = people_of(db)
        project = db.scalars(select(Project)).one()
        roles = db.scalars(select(col(Member.role)).order_by(col(Member.number))).all()
    assert project.is_synthetic
    assert roles == [Role.LEAD, Role.ANNOTATOR, Role.ANNOTATOR, Role.ANNOTATOR]
    assert all(is_right(each.password, people[each.name].password_hash) for each in signs)


@pytest.mark.usefixtures("quick_study")
def test_the_demonstration_makes_new_passwords_each_time(settings: Settings, database: Database) -> None:
    first = demo.fill(settings)
    with database.writing() as db:
        # Whoever tries it out may have made a project of their own.
        make.project(db, "My own")

    second = demo.fill(settings)

    assert not {each.password for each in first} & {each.password for each in second}
    with database.reading() as db:
        people = people_of(db)
        assert db.scalar(select(func.count()).select_from(Project)) == 2
    assert len(people) == 4
    assert is_right(second[0].password, people["lead"].password_hash)
    assert not is_right(first[0].password, people["lead"].password_hash)


@pytest.mark.parametrize("name", ["lead", "anna"])
@pytest.mark.usefixtures("quick_study")
def test_the_demonstration_leaves_another_study_alone(
    settings: Settings, database: Database, shell: Shell, name: str
) -> None:
    password = shell("user", "add", name, "--lead").out.strip()
    shell("project", "create", "A real study", "--lead", name)

    with pytest.raises(Refusal, match="holds another study"):
        demo.fill(settings)

    with database.reading() as db:
        (account,) = people_of(db).values()
        assert db.scalar(select(func.count()).select_from(Project)) == 1
    assert is_right(password, account.password_hash)


def test_the_demonstration_says_who_can_sign_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "serve_on", lambda *_arguments: None)
    monkeypatch.setattr(demo, "store_study", lambda *_arguments: None)
    # A real study's database in the environment is not what the demonstration is for.
    monkeypatch.setenv("INTERCODER_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/real")

    answer = told(capsys, "demo", "--data", str(tmp_path / "demo"), "--port", "0")

    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert "http://127.0.0.1:" in lines[0]
    assert [line.split()[-2] for line in lines[-4:]] == ["lead", "annotator-a", "annotator-b", "annotator-c"]


def test_a_second_server_on_a_folder_is_refused_at_start(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with held(tmp_path):
        answer = told(capsys, "serve", "--port", "0", "--data", str(tmp_path))

    assert "Another process works on the data folder" in answer.refusal


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--database-url", "postgresql://anna:secret@127.0.0.1:1/study"), "cannot be opened"),
        (("--database-url", "mysql://anna@127.0.0.1/study"), "--database-url"),
        (("--base-url", "intercoder.example.org"), "--base-url"),
        (("--base-url", "https://[half"), "--base-url"),
        (("--oidc-client-secret-file", "no-such-file"), "this file cannot be read"),
        (("--data", "/dev/null"), "cannot be written to"),
        (("--database-url", "postgresql://anna:secret@db.example/study"), "could be read or changed"),
        (
            (
                "--base-url",
                "https://study.example",
                "--oidc-issuer",
                "https://id.example",
                "--oidc-client-id",
                "i",
            ),
            "--oidc-client-secret-file",
        ),
    ],
)
def test_a_server_without_what_it_needs_says_so_at_start(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, given: tuple[str, str], words: str
) -> None:
    answer = told(capsys, "serve", "--port", "0", "--data", str(tmp_path), *given)

    assert words in answer.refusal
    assert ":secret" not in answer.refusal


@on_one_database
def test_a_server_whose_key_is_not_where_it_was_says_so_at_start(
    settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as db:
        account = make.account(db, "anna", is_admin=True).id or 0
        sealed = b"what only the key opens"
        db.add(SecondFactor(account_id=account, sealed_secret=sealed, since=make.MOMENT))
    given = ("--port", "0", "--base-url", HTTPS, "--data", str(settings.data))
    assert f"not at {settings.resolved_secret_file}" in told(capsys, "serve", *given).refusal
    assert not settings.resolved_secret_file.exists()


@on_one_database
def test_a_server_leaves_after_its_notice(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"notice_seconds": 0.1}))
    server = LeavingServer(Config(app), app)
    server.handle_exit(signal.SIGTERM, None)
    assert (app.state.is_leaving, server.should_exit) == (True, False)
    until = time.monotonic() + 30
    while not server.should_exit:
        assert time.monotonic() < until
    app.state.database.dispose()


@on_one_database
def test_ctrl_c_ends_a_server_at_once(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"notice_seconds": 60}))
    server = LeavingServer(Config(app), app)
    server.handle_exit(signal.SIGINT, None)
    assert server.should_exit
    app.state.database.dispose()
