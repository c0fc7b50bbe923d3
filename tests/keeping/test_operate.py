"""Each command of docs/operate.md does what it says there."""

import re
from pathlib import Path

import pytest

from server.cli.commands import run
from server.db.engine import Database
from server.settings import Settings
from tests import make
from tests.keeping.test_backups import emptied, held
from tests.stock import on_one_database

PAGE = (Path(__file__).parents[2] / "docs" / "operate.md").read_text()
COMMANDS = [
    re.sub(r"\s+#.*", "", line)
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("intercoder ")
]


def ran(command: str, *more: str) -> None:
    assert run([*command.split()[1:], *more]) == 0, command


@on_one_database
def test_backup_restore_and_check(
    database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with database.writing() as db:
        make.project(db)
    before = held(database)
    database.dispose()
    to_folder, to_file, back, _back_to_postgres, check, _move = COMMANDS
    monkeypatch.setenv("INTERCODER_DATA", str(settings.data))
    ran(to_folder)
    ran(to_file)
    [file] = Path("backups").iterdir()
    assert re.fullmatch(r"intercoder-\d{8}T\d{6}\.\d{6}Z\.sqlite3", file.name)
    ran(re.sub(r"backups/\S+", str(file), back))
    ran(check)
    restored = Database(settings.resolved_database_url)
    assert held(restored) == before
    restored.dispose()


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_moving_to_postgresql_and_restoring_there(
    database: Database, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    *_others, back, _check, move = COMMANDS
    folder = tmp_path / "small"
    assert run(["user", "add", "lead", "--lead", "--data", str(folder)]) == 0
    emptied(settings.resolved_database_url)
    address = "postgresql://NAME:PASSWORD@HOST/NAME"
    ran(move.replace(address, settings.database_url), "--data", str(folder))
    assert "account: 1 " in capsys.readouterr().out
    assert run(["backup", str(tmp_path / "FILE"), "--database-url", settings.database_url]) == 0
    emptied(settings.resolved_database_url)
    restoring = back.replace(address, settings.database_url).replace("FILE", str(tmp_path / "FILE"))
    ran(restoring, "--data", str(tmp_path))
    assert held(database)["account"].rows == 1
