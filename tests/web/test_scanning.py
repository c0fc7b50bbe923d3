"""No file that somebody sent is read before the scanner, where there is one, let it pass."""

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlmodel import SQLModel

from server.app import create_app
from server.db.engine import Database
from server.settings import Settings
from server.web import reader_processes, scanning
from server.web.few import places_for
from tests import make
from tests.browse import form_key
from tests.cast import Cast
from tests.cli.shell import told
from tests.stock import on_one_database

ROOT = Path(__file__).parents[2]
TEMPLATES = tuple(file.read_text() for file in (ROOT / "templates").rglob("*.html"))
SENDING = re.compile(r"<form[^>]*action=\"\{\{ url\('([\w.]+)'\) \}\}\"[^>]*multipart/form-data")
ROUTES = sorted({route for text in TEMPLATES for route in SENDING.findall(text)})
# It finds something in what says so, does nothing for ever with another, and breaks over a third.
SCANNER = """#!/bin/sh
grep -q EVIL "$1" && exit 1
grep -q SLOW "$1" && exec sleep 60
grep -q ODD "$1" && exit 2
exit 0
"""
FOUND, FAILED = "found malware in this file", "could not be scanned for malware"


@pytest.fixture
def scanner(tmp_path: Path) -> str:
    file = tmp_path / "scanner"
    file.write_text(SCANNER)
    file.chmod(0o700)
    return str(file)


@pytest.fixture
def lead(settings: Settings, scanner: str, cast: Cast) -> Iterator[TestClient]:
    app = create_app(settings.model_copy(update={"scan_command": scanner, "scan_seconds": 0.2}))
    with TestClient(app, follow_redirects=False) as client:
        with app.state.database.writing() as db:
            client.cookies.set("session", make.session(db, cast.lead.account_id))
        yield client


def send(client: TestClient, cast: Cast, route: str, text: str) -> tuple[int, str]:
    path = client.app.state.paths[route].format(project_key=cast.project.key)  # type: ignore[attr-defined]
    files = {"file": ("posts.csv", f"post_id,text\n1,{text}\n")}
    fields = {"form_key": form_key(client), "author": "kept as it was typed"}
    answer = client.post(path, data=fields, files=files)
    return answer.status_code, answer.text


def rows(database: Database) -> dict[str, int]:
    with database.reading() as db:
        tables = SQLModel.metadata.sorted_tables
        return {each.name: db.scalar(select(func.count()).select_from(each)) or 0 for each in tables}


def test_every_form_with_a_file_is_known() -> None:
    assert len(ROUTES) == sum(text.count("multipart/form-data") for text in TEMPLATES)
    readers = [file.name for file in (ROOT / "server").rglob("*.py") if "UploadFile" in file.read_text()]
    assert readers == ["forms.py"]


@on_one_database
def test_no_page_takes_a_file_in_which_something_was_found(
    lead: TestClient, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    database: Database = lead.app.state.database  # type: ignore[attr-defined]
    before = rows(database)
    for route in ROUTES:
        caplog.clear()
        with caplog.at_level(logging.WARNING, "intercoder.scans"):
            status, page = send(lead, cast, route, "EVIL")
        assert (status, FOUND in page) == (422, True), route
        [line] = caplog.records
        assert (vars(line)["kind"], vars(line)["account"]) == ("malware found", cast.lead.account_id)
        assert (route == "takedown.look") == ("kept as it was typed" in page)
    assert rows(database) == before


@on_one_database
def test_every_page_reads_its_file_apart(
    lead: TestClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    lend, numbers = reader_processes._lent, list[int]()

    @contextmanager
    def counted(file: BinaryIO) -> Iterator[tuple[int, reader_processes.Bounds]]:
        with lend(file) as (number, bounds):
            numbers.append(number)
            yield number, bounds

    monkeypatch.setattr(reader_processes, "_lent", counted)
    for n_sent, route in enumerate(ROUTES, 1):
        send(lead, cast, route, "harmless")
        assert len(numbers) == n_sent, route


@on_one_database
def test_what_cannot_be_scanned_is_not_taken_and_what_is_clean_is(lead: TestClient, cast: Cast) -> None:
    for text in ("SLOW", "ODD"):
        status, page = send(lead, cast, "corpora.receive", text)
        assert (status, FAILED in page) == (422, True)
    assert send(lead, cast, "corpora.receive", "harmless")[0] == 303


@on_one_database
def test_a_scanner_that_hangs_keeps_a_quarter_of_the_threads_at_most(
    lead: TestClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "_PATIENCE", 0.01)
    assert (places_for(2)._value, places_for(16)._value) == (1, 4)
    with lead.app.state.scanning:  # type: ignore[attr-defined]
        status, page = send(lead, cast, "corpora.receive", "harmless")
    assert (status, FAILED in page) == (422, True)


def test_what_a_scanner_has_started_ends_with_it(tmp_path: Path) -> None:
    left = tmp_path / "left"
    command = ["sh", "-c", f"(sleep 1; touch {left}) & sleep 5"]
    assert scanning._exit_code(command, BytesIO(b"anything"), 0.1) is None
    time.sleep(1.1)
    assert not left.exists()


@pytest.mark.parametrize(
    ("command", "words"), [("no-such-scanner --quiet", "no program"), ("scan 'it", "--scan-command")]
)
def test_a_scanner_that_is_not_there_is_said_at_start(
    capsys: pytest.CaptureFixture[str], command: str, words: str
) -> None:
    assert words in told(capsys, "serve", "--scan-command", command).refusal
