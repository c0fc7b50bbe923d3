"""What programs are told is what the pages and the shell tell, and what the description says."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema_rs import meta
from sqlalchemy import select
from sqlmodel import col

from server.api.application import document_of
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.results.choices import Ways
from server.results.printed import as_json as results_json
from server.results.report import results_report
from tests.api.scene import BASE, Programs, bearer
from tests.cast import Cast
from tests.cli.schema import problems
from tests.conftest import ClientOf
from tests.stock import on_one_database

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "agreement.schema.json").read_text())


@on_one_database
def test_agreement_is_told_as_its_schema_says(programs: Programs) -> None:
    told = programs.ask("viewer", "agreement").json()
    assert list(problems(told, SCHEMA, SCHEMA)) == []
    assert [one["variable"] for one in told["variables"]] == ["expression", "emotion", "stance"]
    [one] = programs.ask("viewer", "agreement?variable=stance&round=2").json()["variables"]
    assert one["units"] == 2


@on_one_database
def test_results_are_told_as_the_shell_tells_them(programs: Programs, cast: Cast, database: Database) -> None:
    with database.reading() as db:
        expected = results_json(results_report(db, cast.viewer, Ways()))
    assert programs.ask("viewer", "results").json() == json.loads(json.dumps(expected))


@on_one_database
def test_the_document_is_open_to_all_and_describes_every_answer(app: FastAPI, client_of: ClientOf) -> None:
    told = client_of(None).get(f"{BASE}/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    assert told["security"] == [{"token": []}]
    for path, methods in told["paths"].items():
        for operation in methods.values():
            statuses = {int(status) for status in operation["responses"]}
            assert {401, 403, 422, 429, 503} <= statuses, path
            assert operation["summary"]
    for schema in told["components"]["schemas"].values():
        meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


@on_one_database
def test_its_page_names_every_operation(app: FastAPI, client_of: ClientOf) -> None:
    page = client_of(None).get("/api").text
    for path, methods in document_of(app.state.interface)["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page


@on_one_database
def test_what_is_not_there_is_a_problem_and_no_page(programs: Programs) -> None:
    for nothing in ("nothing-here", "projects/a%0Ab/codebook"):
        absent = programs.client.get(f"{BASE}/{nothing}", headers=bearer(programs.tokens["lead"]))
        assert (absent.status_code, absent.headers["content-type"]) == (404, "application/problem+json")
    wrong = programs.client.request("DELETE", f"{BASE}/projects")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")
    assert wrong.headers["content-security-policy"].startswith("default-src 'none'")
    french = programs.client.get(f"{BASE}/projects", headers={"Accept-Language": "fr"}).json()
    assert french["detail"] != programs.client.get(f"{BASE}/projects").json()["detail"]


@on_one_database
def test_only_so_many_figures_are_worked_out_at_once(programs: Programs, app: FastAPI) -> None:
    heavy, taken = app.state.interface.state.heavy, 0
    while heavy.acquire(blocking=False):
        taken += 1
    answers = {
        path: programs.ask("lead", path) for path in ("agreement", "results", "final", "codings", "posts")
    }
    for _one in range(taken):
        heavy.release()
    assert {path: answer.status_code for path, answer in answers.items()} == {
        **dict.fromkeys(("agreement", "results", "final", "codings"), 503),
        "posts": 200,
    }
    assert answers["final"].headers["retry-after"] == "2"
    assert programs.ask("lead", "final").status_code == 200


def test_who_takes_data_away_by_a_token_stands_in_the_history(
    programs: Programs, cast: Cast, database: Database
) -> None:
    programs.ask("lead", "final")
    programs.ask("lead", "codings?after=3")
    with database.reading() as db:
        events = db.execute(
            select(col(HistoryEvent.actor_id), col(HistoryEvent.details)).where(
                col(HistoryEvent.action) == "export"
            )
        ).all()
    assert [(actor, json.loads(said)) for actor, said in events] == [
        (cast.lead.account_id, {"what": what, "format": "json", "token": "script"})
        for what in ("final", "codings")
    ]


@on_one_database
def test_an_accident_of_ours_says_nothing_of_what_was_sent(
    programs: Programs, app: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_given: Any) -> None:
        raise ValueError("the text of a post")

    monkeypatch.setattr("server.api.posts.posts_after", broken)
    programs.client._transport.raise_server_exceptions = False
    answer = programs.ask("lead", "posts")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "the text" not in answer.text
    assert programs.tokens["lead"] not in caplog.text
