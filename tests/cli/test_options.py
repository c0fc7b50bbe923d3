"""Wrong arguments end with one line and exit code 2; a database is there, or that is said."""

import sqlite3
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from server.cli import commands
from server.cli.opening import opened
from server.cli.options import settings_of
from server.errors import Refusal
from server.settings import Settings
from tests.cli.shell import told

COMMANDS = (
    ("serve",),
    ("demo",),
    ("migrate",),
    ("setup-link",),
    ("user", "add"),
    ("user", "list"),
    ("project", "create"),
    ("project", "list"),
    ("import",),
    ("agreement",),
    ("results",),
    ("export",),
)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ((), "Missing command"),
        (("fly",), "No such command 'fly'"),
        (("user",), "Missing command"),
        (("user", "fly"), "No such command 'fly'"),
        (("user", "add"), "Missing argument"),
        (("user", "list", "--fly"), "No such option"),
        (("user", "list", "more"), "more"),
        (("project", "create", "T"), "--lead"),
        (("agreement",), "--project"),
        (("agreement", "--project", "P", "--level", "cardinal"), "'cardinal' is not one of"),
        (("agreement", "--project", "P", "--format", "xml"), "'xml' is not one of"),
        (("agreement", "--project", "P", "--round", "one"), "--round"),
        (("results", "--project", "P", "--rule", "coin"), "'coin' is not one of"),
        (("export", "--project", "P"), "--out"),
        (("export", "--project", "P", "--out", "-", "--what", "all"), "'all' is not one of"),
        (("export", "--project", "P", "--out", "-", "--format", "pdf"), "'pdf' is not one of"),
        (("import", "--project", "P"), "at least one file"),
        (("import", "--project", "P", "--posts", "no-such-file.csv"), "no-such-file.csv"),
        (("serve", "--port", "many"), "--port"),
        (("serve", "--port", "99999"), "--port"),
        (("serve", "--threads", "1"), "--threads"),
        (("serve", "--max-upload-mb", "0"), "--max-upload-mb"),
    ],
)
def test_a_wrong_argument_ends_with_one_clear_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], part: str
) -> None:
    assert part in told(capsys, *arguments).refusal


def test_a_folder_is_no_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "directory" in told(capsys, "import", "--project", "P", "--ratings", str(tmp_path)).refusal


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_takes_the_data_folder(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    answer = told(capsys, *command, "--help")

    assert (answer.code, answer.err) == (0, "")
    assert "--data" in answer.out


def test_serve_lists_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "serve", "--help").out

    for name in Settings.model_fields:
        assert f"--{name.replace('_', '-')} " in said
        assert f"INTERCODER_{name.upper()}" in said


def test_flags_overrule_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INTERCODER_PORT", "9001")
    monkeypatch.setenv("INTERCODER_HOST", "127.0.0.2")

    settings = settings_of(data=tmp_path, port=9002, host=None)

    assert (settings.port, settings.host, settings.data) == (9002, "127.0.0.2", tmp_path)


def test_a_wrong_environment_is_told_like_a_wrong_flag(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("INTERCODER_THREADS", "several")

    assert "--threads" in told(capsys, "user", "list", "--data", str(tmp_path)).refusal


@pytest.mark.parametrize(
    "command", [("user", "list"), ("project", "create", "T", "--lead", "x"), ("results", "--project", "P")]
)
def test_without_a_database_nothing_is_made(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    folder = tmp_path / "mistyped"

    assert "no Intercoder database" in told(capsys, *command, "--data", str(folder)).refusal
    assert not folder.exists()


@pytest.mark.parametrize("command", [("user", "list"), ("user", "add", "anna"), ("migrate",), ("demo",)])
def test_a_file_that_is_no_database_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    file = tmp_path / "intercoder.sqlite3"
    file.write_text("not a database, whatever its name says")
    port = ("--port", "0") if command == ("demo",) else ()

    assert "cannot be opened" in told(capsys, *command, *port, "--data", str(tmp_path)).refusal
    assert file.read_text().startswith("not a database")


def test_a_data_folder_that_is_a_file_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    assert "cannot be written to" in told(capsys, "user", "add", "anna", "--data", str(file)).refusal


@pytest.mark.parametrize("url", ["nonsense", "mysql://u@localhost/d", "postgres-ql://u@localhost/d"])
def test_an_address_of_another_kind_is_refused(capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert "--database-url" in told(capsys, "user", "list", "--database-url", url).refusal


def test_a_database_that_does_not_answer_is_told_without_its_password(
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = "postgresql://anna:secret@127.0.0.1:1/study"

    said = told(capsys, "user", "list", "--database-url", url).refusal

    assert "cannot be opened" in said
    assert "secret" not in said


def _stamp(file: Path, revision: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()


def test_a_database_of_a_newer_version_is_left_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert told(capsys, "migrate", "--data", str(tmp_path)).code == 0
    _stamp(tmp_path / "intercoder.sqlite3", "9999")

    for command in (("user", "list"), ("migrate",), ("user", "add", "anna")):
        assert "newer Intercoder" in told(capsys, *command, "--data", str(tmp_path)).refusal


def test_what_reads_does_not_migrate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path)
    with opened(settings, create=True):
        pass
    monkeypatch.setattr("server.cli.opening._revision", lambda _settings: "an older one")

    with pytest.raises(Refusal, match="intercoder migrate"), opened(settings):
        pass


def test_the_program_itself_leaves_with_the_code(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from server.cli import main; main()", "user", "list"]

    done = subprocess.run(
        [*command, "--data", str(tmp_path / "none")], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_each_command_is_found_in_the_module_that_has_it() -> None:
    for part, names in commands.COMMANDS.items():
        alone = typer.Typer()
        import_module(f"server.cli.{part}").add_to(alone)
        found = typer.main.get_group(alone).commands
        assert tuple(found) == names
