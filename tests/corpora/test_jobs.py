"""Imports that go on by themselves: how they end, and who goes on meanwhile."""

import json
import time

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from server.corpora import carrying, jobs, progress
from server.corpora.models import ImportBatch, Upload
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.models import Project
from server.settings import Settings
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.files import HEADER, csv, import_shown, path, previewed, row
from tests.corpora.jobs import (
    FILE,
    MANY,
    Gate,
    at_writing,
    begun,
    ended,
    quick,
    settings,
    texts,
)
from tests.stock import on_one_database

__all__ = ["at_writing", "quick", "settings"]  # Fixtures.


def test_many_posts_come_in_as_few_do(
    client_of: ClientOf, cast: Cast, database: Database, settings: Settings
) -> None:
    lead = client_of(cast.lead)
    content = FILE + row(1).encode() + b"7000,,nobody,,,\n"
    page = ended(lead, begun(lead, cast, content))
    assert page.headers["location"] == path(cast)
    shown = lead.get(path(cast)).text
    assert "400 posts were imported. 1 row was refused." in shown
    stored = texts(database, cast)
    assert [number for number, _id, _text in stored] == list(range(1, MANY + 1))
    assert stored[7][1:] == ("1955550000000000007", "I miss the old one \N{BROKEN HEART}, 7")
    with database.reading() as db:
        batch = db.exec(select(ImportBatch).where(ImportBatch.project_id == cast.project.id)).one()
        assert (batch.n_new, batch.n_refused, batch.n_duplicates) == (MANY, 1, 1)
        event = db.exec(select(HistoryEvent).where(HistoryEvent.action == "posts.import")).all()[-1]
        assert (json.loads(event.details)["new"], event.actor_id) == (MANY, cast.lead.account_id)
        assert not db.exec(select(Upload)).all()
    assert not list(settings.data.glob("*import*"))


def test_changed_posts_take_what_the_file_says(client_of: ClientOf, cast: Cast, database: Database) -> None:
    lead = client_of(cast.lead)
    ended(lead, begun(lead, cast))
    again = HEADER + "".join(row(number, "Something else") for number in range(50)) + row(5_000)
    again += "".join(row(number) for number in range(50, 120))
    ended(lead, begun(lead, cast, again.encode()))
    assert "1 post was imported. 50 posts were changed." in lead.get(path(cast)).text
    stored = texts(database, cast)
    assert stored[0][2] == "Something else, 0"
    assert stored[-1][:2] == (MANY + 1, "1955550000000005000")


def test_others_go_on_and_a_second_import_waits(
    client_of: ClientOf, cast: Cast, database: Database, at_writing: Gate
) -> None:
    lead = client_of(cast.lead)
    other = previewed(lead, cast, csv(9_001))
    page = previewed(lead, cast, FILE)
    address = import_shown(lead, page).headers["location"]
    at_writing.reached()
    assert import_shown(lead, page).headers["location"] == address
    refused = import_shown(lead, other)
    assert refused.status_code == 409
    assert "An import of posts is going on in this project." in refused.text
    assert lead.get(page.url.path, follow_redirects=False).headers["location"] == address
    begin = time.monotonic()
    with database.writing() as db:
        db.add(Project(key="another", title="Another", created_by=None, created_at=make.MOMENT))
    assert time.monotonic() - begin < 1
    assert not texts(database, cast)
    at_writing.is_open.set()
    ended(lead, address)
    assert len(texts(database, cast)) == MANY
    assert import_shown(lead, page).headers["location"] == address


def test_progress_only_grows(
    app: FastAPI, client_of: ClientOf, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another server's import may still be ending, which is not listened to."""
    told: list[tuple[str, int, int]] = []
    lead, hear_of = client_of(cast.lead), jobs.hear_of

    def heard(db: Session, job_id: int, runner: str, phase: str, done: int, total: int) -> bool | None:
        if runner == app.state.imports.runner:
            told.append((phase, done, total))
        return hear_of(db, job_id, runner, phase, done, total)

    monkeypatch.setattr(jobs, "hear_of", heard)
    monkeypatch.setattr(progress, "PAUSE", 0.001)
    ended(lead, begun(lead, cast))
    assert told
    order = [(jobs.PHASES.index(phase), done) for phase, done, _total in told]
    assert order == sorted(order)
    assert all(done <= total == MANY for _phase, done, total in told)


@on_one_database
def test_what_the_lead_did_not_see_is_not_imported(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    lead = client_of(cast.lead)
    page = previewed(lead, cast, FILE)
    import_shown(lead, previewed(lead, cast, csv(3)))
    answer = import_shown(lead, page)
    shown = ended(lead, answer.headers["location"])
    assert "The posts of the project have changed since this was shown." in shown.text
    assert "See what would happen now" in shown.text
    assert len(texts(database, cast)) == 1
    again = lead.get(page.url.path)
    ended(lead, import_shown(lead, again).headers["location"])
    assert len(texts(database, cast)) == MANY


def test_an_import_that_goes_wrong_is_told(
    client_of: ClientOf, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_values: object) -> None:
        raise RuntimeError("no more room")

    monkeypatch.setattr(carrying, "post_columns", fails)
    lead = client_of(cast.lead)
    shown = ended(lead, begun(lead, cast))
    assert "The import went wrong." in shown.text
    assert not texts(database, cast)
    monkeypatch.undo()
