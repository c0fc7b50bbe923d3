"""Each command of docs/operate.md does what it says there, or is named here as one that is only read."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml
from sqlalchemy import make_url

from server.cli.commands import COMMANDS, run
from server.db.engine import Database
from server.settings import Settings
from tests.keeping.commands import BLOCKS, LANGUAGES, lines_in, within_sentences
from tests.keeping.test_backups import emptied, held
from tests.stock import on_one_database

ROOT = Path(__file__).parents[2]
COMMANDS_HERE = lines_in("sh")
TO_POSTGRES = [each for each in COMMANDS_HERE if "postgresql://" in each]
HERE = [each for each in COMMANDS_HERE if each not in TO_POSTGRES]
[CRONTAB] = lines_in("cron")
IN_CONTAINERS = [each for each in lines_in("console") if "docker compose exec" in each]
SERVE = "intercoder serve --data drill --port 8001"
AUDIT = ".venv/bin/python -m supply.audit"
IN_COMPOSE = re.findall(r"INTERCODER_DATABASE_URL: (\S+)", (ROOT / "docker-compose.yml").read_text())[0]
PASSWORD = "a@b%41:c/d e"
ADDRESS = "postgresql://NAME:PASSWORD@HOST/NAME"
# They would change the machine that tests run on, or need what is not on it: the shell parses them, no more.
READ = {
    "apt install systemd-journal-remote",
    "docker compose build",
    "docker compose stop server",
    "docker compose up -d",
    "docker network create --driver overlay --opt encrypted",
    "docker network ls",
    "git clone https://example.org/intercoder.git /opt/intercoder && cd /opt/intercoder && make install",
    "git pull && make install",
    "install -d -m 0700 -o intercoder -g intercoder /var/backups/intercoder",
    "install -m 0644 docs/examples/intercoder.service docs/examples/intercoder-backup.* /etc/systemd/system/",
    "install -m 0644 docs/examples/journal-upload.conf /etc/systemd/journal-upload.conf",
    "journalctl -u intercoder",
    "make audit",
    "make sbom",
    "nginx -t",
    "sudo -u intercoder env INTERCODER_DATA=/var/lib/intercoder "
    "/opt/intercoder/.venv/bin/intercoder setup-link",
    "systemctl daemon-reload && systemctl enable --now intercoder.service intercoder-backup.timer",
    "systemctl enable --now systemd-journal-upload.service",
    "systemd-analyze security intercoder.service",  # `test_examples.py` has it rate the unit's file.
    "useradd --system --home-dir /var/lib/intercoder --shell /usr/sbin/nologin intercoder",
    "usermod -aG intercoder caddy",
}
# A command that is meant, without what it is told.
NAMED = {"intercoder backup", "intercoder import"}
RUN_BESIDE = {SERVE, AUDIT, "intercoder user list"}


def ran(command: str, *more: str) -> None:
    assert run([*command.split()[1:], *more]) == 0, command


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path of the shell with this Intercoder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    file = folder / "intercoder"
    started = f'exec {sys.executable} -c "from server.cli import main; main()" "$@"'
    file.write_text(f"#!/bin/sh\nPYTHONPATH={ROOT} {started}\n")
    file.chmod(0o700)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder


def by_the_shell(command: str) -> str:
    done = subprocess.run(["sh", "-ec", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def test_every_command_is_run_or_known_to_be_only_read() -> None:
    assert {language for language, _block in BLOCKS} <= LANGUAGES
    run_here = {*COMMANDS_HERE, CRONTAB, *IN_CONTAINERS, *RUN_BESIDE}
    told = {*COMMANDS_HERE, CRONTAB, *lines_in("console"), *within_sentences()}
    assert told - run_here - READ - NAMED == set(), "run it in this file, or say in READ that nobody does"
    assert told >= READ | NAMED | RUN_BESIDE, "it stands in the page no more"
    assert all(each.startswith("intercoder ") for each in COMMANDS_HERE)
    known = {name for names in COMMANDS.values() for name in names}
    assert {each.split()[1] for each in told if each.startswith("intercoder ")} <= known


@pytest.mark.parametrize("command", sorted(READ))
def test_what_is_only_read_is_a_command_with_files_that_are_there(command: str) -> None:
    subprocess.run(["sh", "-n", "-c", command], check=True, timeout=10)
    for word in shlex.split(command):
        if word.startswith("docs/"):
            assert list(ROOT.glob(word)), word


def test_settings_that_the_page_shows_are_known() -> None:
    names = [line.partition("=")[0] for line in lines_in("ini")]
    assert names
    assert {name.removeprefix("INTERCODER_").lower() for name in names} <= set(Settings.model_fields)


def test_figures_are_asked_of_each_server_by_the_name_that_containers_have() -> None:
    shown = [yaml.safe_load(block) for language, block in BLOCKS if language == "yaml"]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    [asked] = [each["scrape_configs"][0] for each in shown if "dns_sd_configs" in str(each)]
    [by_name] = asked["dns_sd_configs"]
    assert set(by_name["names"]) <= set(compose["services"])
    assert (by_name["type"], by_name["port"]) == ("A", Settings.model_fields["port"].default)


@on_one_database
def test_every_command_does_what_it_says(
    database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: Path
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
        ran(re.sub(r"backups/intercoder-\S+", str(file), command))
    for folder in (settings.data, Path("drill")):
        restored = Database(f"sqlite:///{folder / 'intercoder.sqlite3'}")
        assert held(restored) == before
        restored.dispose()
    _a_line_of_a_crontab_is_carried_out(tmp_path, programs)
    ran("intercoder user list")
    _a_server_starts_on_the_drill()


def _a_line_of_a_crontab_is_carried_out(tmp_path: Path, programs: Path) -> None:
    *moment, command = CRONTAB.split(maxsplit=5)
    assert re.fullmatch(r"\d+ \d+ \* \* \*", " ".join(moment))
    assert "%" not in command, "cron ends the command there"
    place = tmp_path / "srv"
    (place / ".venv").mkdir(parents=True)
    (place / ".venv" / "bin").symlink_to(programs)
    assert ": " in by_the_shell(command.replace("/srv/intercoder", str(place)))
    assert len(list((place / "backups").glob("intercoder-*.sqlite3"))) == 1


def _a_server_starts_on_the_drill() -> None:
    command = SERVE.replace("8001", "0").split()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            [address] = re.findall(r"http://\S+", process.stdout.readline())
            assert httpx.get(address, follow_redirects=True, timeout=20).status_code == 200
        finally:
            process.kill()


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_moving_to_postgresql_and_restoring_there(
    database: Database, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    restoring, move, back = (each.replace(ADDRESS, settings.database_url) for each in TO_POSTGRES)
    folder = tmp_path / "small"
    assert run(["user", "add", "lead", "--lead", "--data", str(folder)]) == 0
    emptied(settings.resolved_database_url)
    ran(move, "--data", str(folder))
    assert "account: 1 " in capsys.readouterr().out
    assert run(["backup", str(tmp_path / "FILE"), "--database-url", settings.database_url]) == 0
    emptied(settings.resolved_database_url)
    ran(restoring.replace("FILE", str(tmp_path / "FILE")), "--data", str(tmp_path))
    assert held(database)["account"].rows == 1
    ran(back.replace("/srv/intercoder/data", str(tmp_path)))
    returned = Database(f"sqlite:///{tmp_path}/intercoder.sqlite3")
    assert held(returned) == held(database)
    returned.dispose()


@pytest.fixture
def as_in_containers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """PostgreSQL as the containers see it, which asks for a password that no address could hold as it is."""
    here = make_url(settings.database_url)
    monkeypatch.setenv("PGHOST", str(here.query["host"]))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("INTERCODER_DATABASE_URL", IN_COMPOSE.replace("@database/", "@/"))
    with psycopg.connect(settings.database_url, autocommit=True) as server:
        server.execute(f"CREATE ROLE intercoder SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
        [(folder,)] = server.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
        monkeypatch.setenv("PATH", folder, prepend=os.pathsep)
        [(rules,)] = server.execute("SHOW hba_file")
        before = Path(rules).read_text()
        Path(rules).write_text(f"local all intercoder scram-sha-256\n{before}")
        server.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            Path(rules).write_text(before)
            server.execute("SELECT pg_reload_conf()")
            server.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")
            server.execute("DROP ROLE intercoder")


@pytest.mark.usefixtures("programs", "as_in_containers")
@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_containers_are_restored_beside_the_old_database(
    database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERCODER_DATA", str(tmp_path))
    assert make_url(settings.database_url).database == make_url(IN_COMPOSE).database
    assert run(["user", "add", "lead", "--lead"]) == 0
    assert run(["backup", str(tmp_path / "FILE")]) == 0
    by_the_shell(f"pg_dump --schema-only --file={tmp_path}/dump {IN_COMPOSE.replace('@database/', '@/')}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", "another")
        assert run(["check"]) == 2
    for command in IN_CONTAINERS:
        by_the_shell(re.sub(r"^docker compose exec \w+ ", "", command).replace("/backups", str(tmp_path)))
    restored = Database(make_url(settings.resolved_database_url).set(database="restored").render_as_string())
    assert held(restored) == held(database)
    restored.dispose()


def test_the_audit_says_when_nobody_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    command = [sys.executable, *AUDIT.split()[1:]]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False).returncode == 75
