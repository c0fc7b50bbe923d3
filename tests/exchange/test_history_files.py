"""The history as a file: what is in it, that its chain can be checked elsewhere, and what it withholds."""

import csv
import json
from io import StringIO

import pytest
from sqlmodel import Session

from server.codebooks.editing import record_edit
from server.db.engine import Database
from server.history import queries
from server.history.actions import record
from server.history.checking import Head, Link, check
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf


def path_of(cast: Cast, rest: str = "/history/download") -> str:
    return f"/projects/{cast.project.key}{rest}"


@pytest.fixture
def told(database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five events, read two at a time."""
    monkeypatch.setattr(queries, "EVENTS_AT_ONCE", 2)
    with database.writing() as db:
        for number in range(1, 5):
            _record(db, cast, "round.open", f"round {number}", cast.lead.account_id)
        _record(db, cast, "coding.skip", "=1+1", None)


def _record(db: Session, cast: Cast, action: str, subject: str, actor: int | None) -> None:
    record(
        db,
        project_id=cast.lead.project_id,
        actor_id=actor,
        action=action,
        subject=subject,
        details={"reason": "triste ✓"},
    )


def test_the_chain_of_the_lines_can_be_checked_elsewhere(told: None, cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    answer = post(client, path_of(cast), {"format": "jsonl"})
    assert answer.headers["content-type"] == "application/x-ndjson; charset=utf-8"
    assert answer.headers["content-disposition"].endswith('-history.jsonl"')
    lines = [json.loads(line) for line in answer.text.splitlines()]
    names = (
        "sequence",
        "at",
        "actor_id",
        "action",
        "subject",
        "details",
        "contents",
        "previous_hash",
        "hash",
    )
    links = [Link(**{name: line[name] for name in names}) for line in lines]
    checked = check(lines[0]["chain"], links, Head(5, links[-1].hash))
    assert (checked.n_sound, checked.found) == (5, None)
    assert (lines[0]["member"], lines[0]["person"][:4], lines[4]["person"]) == (1, "Lead", None)
    page = client.get(path_of(cast, "/history")).text
    assert "downloaded data" in page
    assert "the history" in page


def test_a_table_is_guarded_and_filtered(told: None, cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    rows = list(csv.DictReader(StringIO(post(client, path_of(cast), {"format": "csv"}).text)))
    assert [row["subject"] for row in rows] == [*(f"round {n}" for n in range(1, 5)), "'=1+1"]
    some = post(client, path_of(cast), {"format": "csv", "round": "2", "person": "1"})
    assert [row["sequence"] for row in csv.DictReader(StringIO(some.text))] == ["2"]


def test_a_filter_that_cannot_be_used_makes_no_file(told: None, cast: Cast, client_of: ClientOf) -> None:
    answer = post(client_of(cast.lead), path_of(cast), {"format": "csv", "since": "soon"})
    assert (answer.status_code, "Please write a day" in answer.text) == (422, True)
    assert "content-disposition" not in answer.headers


def test_who_still_codes_gets_no_answers_and_no_hashes(
    told: None, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    with database.writing() as db:
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 1)
        make.round_(db, cast.project, book, posts, [cast.lead])
        record_edit(db, cast.lead, "codebook.edit_code", "code expression.quality", {"label": "Loss"})
    answer = post(client_of(cast.lead), path_of(cast), {"format": "jsonl"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert {(line["hash"], line["previous_hash"]) for line in lines} == {(None, None)}
    assert [line["details"] is None for line in lines] == [False] * 4 + [True, False]
    assert (lines[-1]["contents"], json.loads(lines[-1]["details"])) == (None, {"label": "Loss"})


def test_the_history_of_an_archived_project_is_taken_away_by_leads_alone(
    told: None, cast: Cast, client_of: ClientOf
) -> None:
    post(client_of(cast.lead), path_of(cast, "/archive"))
    assert post(client_of(cast.lead), path_of(cast), {"format": "csv"}).status_code == 200
    assert post(client_of(cast.adjudicator), path_of(cast), {"format": "csv"}).status_code == 403
