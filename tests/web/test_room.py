"""A disk that is nearly full is told before it is full."""

from types import SimpleNamespace

import pytest
from fastapi import FastAPI

from server.accounts.models import Account
from server.db import room
from server.db.engine import Database
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

WORDS = "The disk of the server is nearly full"


def left(monkeypatch: pytest.MonkeyPatch, mb: int) -> None:
    monkeypatch.setattr(room, "disk_usage", lambda _folder: SimpleNamespace(free=mb * room.MB))


@on_one_database
@pytest.mark.parametrize(
    ("free", "status", "is_warned"), [(99, 503, True), (100, 200, True), (499, 200, True), (500, 200, False)]
)
def test_who_looks_after_the_study_is_warned_and_the_proxy_told(
    app: FastAPI,
    cast: Cast,
    database: Database,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
    free: int,
    status: int,
    is_warned: bool,
) -> None:
    left(monkeypatch, free)
    with database.writing() as db:
        admin = make.member(db, make.project(db), cast.lead.role, "admin")
        db.get_one(Account, admin.account_id).is_admin = True
    ready = client_of(None).get("/readyz")
    assert (ready.status_code, WORDS in ready.text) == (status, status == 503)
    study = f"/projects/{cast.project.key}"
    assert (f"{free} MB are left" in client_of(cast.lead).get(study).text) == is_warned
    assert (WORDS in client_of(admin).get("/accounts").text) == is_warned
    assert WORDS not in client_of(cast.annotator).get(study).text


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_a_disk_that_holds_no_database_is_not_looked_at(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    left(monkeypatch, 1)
    assert room.why_no_room(database, 100) == room.warning(database, 100) == ""


@on_one_database
def test_nought_never_says_no(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    left(monkeypatch, 0)
    assert room.why_no_room(database, 0) == room.warning(database, 0) == ""
