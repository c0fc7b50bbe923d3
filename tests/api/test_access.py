"""Every operation × person × project × scope; an operation that is not in the table fails the test."""

from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import func, select
from sqlmodel import SQLModel

from server.api.application import ROUTERS
from server.db.engine import Database
from server.tokens.actions import make_token
from server.tokens.scopes import Scope
from tests.access_table import API, PERSONS
from tests.api.scene import BASE, Programs, bearer
from tests.cast import Cast

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
SEATS = [*(("sqlite", each) for each in PERSONS), ("postgres", "lead"), ("postgres", "annotator")]
SCOPES = {
    "api.list_projects": Scope.PROJECTS_READ,
    "api.get_project": Scope.PROJECTS_READ,
    "api.get_codebook": Scope.PROJECTS_READ,
    "api.list_posts": Scope.POSTS_READ,
    "api.add_posts": Scope.POSTS_WRITE,
    "api.list_own_codings": Scope.CODINGS_READ,
    "api.list_codings": Scope.CODINGS_READ,
    "api.list_decisions": Scope.DECISIONS_READ,
    "api.get_agreement": Scope.AGREEMENT_READ,
    "api.get_results": Scope.RESULTS_READ,
    "api.get_final": Scope.RESULTS_READ,
}


def test_every_operation_is_in_the_tables() -> None:
    assert {route.name for route in ROUTES} == set(API) == set(SCOPES)


def _ask(programs: Programs, token: str, route: APIRoute, key: str) -> Any:
    method = next(iter(route.methods or ()))
    body: dict[str, Any] = {"json": {}} if method == "POST" else {}
    path = BASE + route.path_format.format(project_key=key)
    return programs.client.request(method, path, headers=bearer(token), **body)


@pytest.mark.parametrize(("stock", "person"), SEATS, indirect=["stock"])
def test_operations_answer_whom_they_should(programs: Programs, database: Database, person: str) -> None:
    token = programs.tokens[person]
    found, expected = {}, {}
    programs.client.get(f"{BASE}/projects", headers=bearer(token))  # The use of the token is noted.
    before = _rows(database)
    for route in ROUTES:
        status = API[route.name].statuses[PERSONS.index(person)]
        is_of_project = "{" in route.path_format
        elsewhere = 401 if person == "anonymous" else 404
        keys = {"own": programs.key}
        if is_of_project:
            keys |= {"absent": "no-such-project"}
            keys |= {"foreign": programs.foreign_key} if person != "outsider" else {}
        for whose, key in keys.items():
            # A body that cannot be used is told before the project is looked for.
            unfit = 401 if person == "anonymous" else 422
            wanted = status if whose == "own" else elsewhere
            expected[route.name, whose] = unfit if route.name == "api.add_posts" else wanted
            found[route.name, whose] = _ask(programs, token, route, key).status_code
    assert found == expected
    n_told = 2 if person == "lead" else 0  # All codings and the final dataset are told to the history.
    before["history_event"] += n_told
    assert _rows(database) == before


@pytest.mark.parametrize("stock", ["sqlite"], indirect=True)
def test_posts_are_stored_for_leads_alone(programs: Programs, database: Database) -> None:
    before = _rows(database)
    body = {"posts": [{"id": "7", "text": "hello"}]}
    statuses = {}
    for person in PERSONS:
        if person != "lead":
            statuses[person] = programs.ask(person, "posts", "POST", json=body).status_code
    assert statuses == {
        person: API["api.add_posts"].statuses[PERSONS.index(person)] for person in PERSONS if person != "lead"
    }
    assert _rows(database) == before


@pytest.mark.parametrize("stock", ["sqlite"], indirect=True)
def test_a_token_does_only_what_it_was_made_for(programs: Programs, cast: Cast, database: Database) -> None:
    for route in ROUTES:
        own = SCOPES[route.name]
        with database.writing() as db:
            others = [scope for scope in Scope if scope is not own]
            token = make_token(db, cast.lead.account_id, "all others", others, 1)
            alone = make_token(db, cast.lead.account_id, "this one", [own], 1)
        if route.name != "api.add_posts":
            answer = _ask(programs, token, route, programs.key)
            assert answer.status_code == 403, route.name
            assert f'scope="{own.value}"' in answer.headers["www-authenticate"]
            assert _ask(programs, alone, route, programs.key).status_code == 200, route.name
            # Where nobody may look, nobody is told that there is something.
            assert _ask(programs, token, route, "no-such-project").status_code == 403


@pytest.mark.parametrize("stock", ["sqlite"], indirect=True)
def test_what_is_foreign_is_told_like_what_is_absent(programs: Programs) -> None:
    for route in ROUTES:
        if "{" in route.path_format and route.name != "api.add_posts":
            foreign = _ask(programs, programs.tokens["lead"], route, programs.foreign_key)
            absent = _ask(programs, programs.tokens["lead"], route, "no-such-project")
            assert (foreign.status_code, foreign.text) == (absent.status_code, absent.text) != (200, "")


def _rows(database: Database) -> dict[str, int]:
    with database.reading() as db:
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0
            for table in SQLModel.metadata.sorted_tables
            if table.name != "history_head"
        }
