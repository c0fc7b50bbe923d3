"""Figure 15: no other site sends a form in somebody's name, on any route that changes something."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from server.db.engine import Database
from server.web.routing import SAFE_METHODS
from tests import make
from tests.browse import form_key
from tests.browser.furnished import Furnished, furnish
from tests.browser.scenes import address, person_of
from tests.conftest import ClientOf
from tests.stock import on_one_database
from tests.trust.reporting import report
from tests.trust.unchanged import held, watching

pytestmark = on_one_database

OURS = "http://127.0.0.1:8000"
# What only a page of ours can say of itself, in six ways in which another site fails to.
FORGED: dict[str, tuple[dict[str, str], str]] = {
    "from another site": ({"sec-fetch-site": "cross-site", "origin": OURS}, "own"),
    "from a neighbouring site": ({"sec-fetch-site": "same-site", "origin": OURS}, "own"),
    "with a foreign origin": ({"origin": "https://evil.example"}, "own"),
    "with an origin that is kept secret": ({"origin": "null"}, "own"),
    "without a key": ({"sec-fetch-site": "same-origin", "origin": OURS}, "none"),
    "with another person's key": ({"sec-fetch-site": "same-origin", "origin": OURS}, "another's"),
}
SAID = ("This form was sent from another site", "This form is from an earlier sign-in")


def changing_routes(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Each way of changing something that the program has, found in the program itself."""
    for route in app.routes:
        if isinstance(route, APIRoute):
            yield from ((method, route) for method in sorted(set(route.methods or ()) - SAFE_METHODS))


@pytest.fixture
def furnished(database: Database) -> Furnished:
    with database.writing() as db:
        return furnish(db)


@pytest.fixture
def clients(furnished: Furnished, client_of: ClientOf) -> dict[str, TestClient]:
    """Everybody is signed in: who is not has no sign-in that a forged form could use."""
    people = {name: who or furnished.people["beginner"] for name, who in furnished.people.items()}
    return {name: client_of(who) for name, who in people.items()}


def test_a_forged_form_changes_nothing_on_any_route(
    app: FastAPI, database: Database, furnished: Furnished, clients: dict[str, TestClient]
) -> None:
    before, sent, taken = held(database), 0, []
    with watching(database) as watch:
        for method, route in changing_routes(app):
            client = clients[person_of(route.name)]
            another = clients["waiter" if person_of(route.name) != "waiter" else "lead"]
            keys = {"own": form_key(client), "another's": form_key(another)}
            for name, (headers, key) in FORGED.items():
                fields = {"form_key": keys[key]} if key in keys else {}
                path = address(furnished, route.name, {})
                answer = client.request(method, path, data=fields, headers=headers)
                refused = answer.status_code == 403 and any(words in answer.text for words in SAID)
                if not refused or watch.has_changed():
                    taken.append(f"{method} {route.name} {name}: {answer.status_code}")
                sent += 1
    assert taken == []
    assert held(database) == before
    assert sent > 6 * 80
    report(15, f"{sent} forged requests to {sent // 6} routes: all refused, database unchanged")


def test_the_watch_sees_a_change(database: Database) -> None:
    before = held(database)
    with watching(database) as watch:
        assert not watch.has_changed()
        with database.writing() as db:
            make.project(db)
        assert watch.has_changed()
        assert not watch.has_changed()
    assert held(database) != before
