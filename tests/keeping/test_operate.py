"""Each command of docs/operate.md does what it says there."""

import re
from pathlib import Path

import pytest

from server.cli.commands import run
from server.db.engine import Database
from server.settings import Settings
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


TO_POSTGRES = [each for each in COMMANDS if "postgresql://" in each]
HERE = [each for each in COMMANDS if each not in TO_POSTGRES]


@on_one_database
def test_every_command_does_what_it_says(
    database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INTERCODER_DATA", str(settings.data))
    assert run(["user", "add", "lead", "--lead"]) == 0
    assert run(["project", "create", "A study", "--lead", "lead"]) == 0
    first_restore = next(n for n, each in enumerate(HERE) if " restore " in each)
    database.dispose()
    for command in HERE[:first_restore]:
        ran(command)
    [file] = Path("backups").iterdir()
    assert re.fullmatch(r"intercoder-\d{8}T\d{6}\.\d{6}Z\.sqlite3", file.name)
    before = held(database)
    database.dispose()
    for command in HERE[first_restore:]:
        ran(re.sub(r"backups/\S+", str(file), command))
    for folder in (settings.data, Path("drill")):
        restored = Database(f"sqlite:///{folder / 'intercoder.sqlite3'}")
        assert held(restored) == before
        restored.dispose()


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_moving_to_postgresql_and_restoring_there(
    database: Database, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    back, move = TO_POSTGRES
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
