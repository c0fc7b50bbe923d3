"""The archive through the page and the shell."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from sqlmodel import select

from server.cli.commands import run
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.files import file_stem
from server.settings import Settings
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

pytestmark = on_one_database


def test_the_page_of_downloads_gives_it_and_history_knows(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    with database.writing() as db:
        make.posts(db, cast.project, 2)
    browser = client_of(cast.lead)
    assert "Download the archive" in browser.get(f"/projects/{cast.project.key}/download").text
    answer = post(browser, f"/projects/{cast.project.key}/replication-archive", {"texts": "on"})
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(BytesIO(answer.content)) as packed:
        assert f"{file_stem(cast.lead)}-archive/texts.csv" in packed.namelist()
        assert packed.testzip() is None
    with database.reading() as db:
        [event] = db.exec(select(HistoryEvent).where(HistoryEvent.action == "export")).all()
        assert event.details == '{"names":false,"texts":true,"what":"archive"}'


def test_whoever_is_blind_is_told_why(client_of: ClientOf, database: Database, cast: Cast) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        make.round_(db, cast.project, book, make.posts(db, cast.project, 1), [cast.lead])
    answer = post(client_of(cast.lead), f"/projects/{cast.project.key}/replication-archive")
    assert answer.status_code == 422
    assert "An archive holds everything, and round 1 is hidden from you." in answer.text


def test_the_shell_writes_it(
    settings: Settings, database: Database, cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing() as db:
        make.posts(db, cast.project, 2)
    out = tmp_path / "study.zip"
    assert run(["archive", cast.project.key, "--out", str(out), "--data", str(settings.data)]) == 0
    with zipfile.ZipFile(out) as packed:
        assert f"{file_stem(cast.lead)}-archive/recompute.py" in packed.namelist()
    assert capsys.readouterr().out == ""
