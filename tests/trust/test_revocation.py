"""Figure 21: what was taken away is gone at the next request, whichever server answers it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from server.accounts import actions
from server.accounts.models import Account
from server.app import create_app
from server.projects.actions import change_role, deactivate_member
from server.projects.models import Member
from server.projects.roles import Role
from server.settings import Settings
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.trust.reporting import report
from tests.trust.sizes import size

TIMES = size(1, 50)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, at both servers with the same cookie."""

    account: Account
    number: int
    browsers: tuple[TestClient, TestClient]


@pytest.fixture
def servers(app: FastAPI, settings: Settings) -> Iterator[tuple[FastAPI, FastAPI]]:
    """Two on one database."""
    other = create_app(settings)
    yield app, other
    other.state.database.dispose()


def _lead(servers: tuple[FastAPI, FastAPI], cast: Cast, portal: BlockingPortal, name: str) -> Person:
    """A second lead, who is an admin, too; the first one stays."""
    with servers[0].state.database.writing() as db:
        access = make.member(db, cast.project, Role.LEAD, name)
        account = db.get_one(Account, access.account_id)
        account.is_admin = True
        number = db.get_one(Member, access.member_id).number
        token = make.session(db, access.account_id)
    browsers = tuple(_browser(server, portal, token) for server in servers)
    return Person(account, number, (browsers[0], browsers[1]))


def _browser(server: FastAPI, portal: BlockingPortal, token: str) -> TestClient:
    client = TestClient(server, base_url="http://127.0.0.1:8000", follow_redirects=False)
    client.portal = portal
    client.cookies.set("session", token, domain="127.0.0.1")
    return client


def _disable(db: Session, _cast: Cast, person: Person) -> None:
    actions.deactivate(db, None, person.account.name)


def _reset(db: Session, _cast: Cast, person: Person) -> None:
    actions.set_password(db, None, person.account.id or 0, "a hash")


def _no_admin(db: Session, _cast: Cast, person: Person) -> None:
    actions.change_rights(db, None, person.account.name, is_admin=False, may_create=False)


def _other_role(db: Session, cast: Cast, person: Person) -> None:
    change_role(db, cast.lead, person.number, Role.ANNOTATOR)


def _out_of_project(db: Session, cast: Cast, person: Person) -> None:
    deactivate_member(db, cast.lead, person.number)


# What is taken away, a page that was theirs, and what it answers afterwards.
CHANGES = {
    "disabled": (_disable, "/me", 303),
    "new password": (_reset, "/me", 303),
    "no admin any more": (_no_admin, "/accounts", 403),
    "another role": (_other_role, "/projects/{project}/history", 403),
    "out of the project": (_out_of_project, "/projects/{project}", 404),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_next_request_is_refused_on_every_server(
    servers: tuple[FastAPI, FastAPI], cast: Cast, event_loop: BlockingPortal, name: str
) -> None:
    change, path, status = CHANGES[name]
    _keep_another_admin(servers[0])
    after = []
    for number in range(TIMES):
        person = _lead(servers, cast, event_loop, f"lead{number}")
        page = path.format(project=cast.project.key)
        assert [browser.get(page).status_code for browser in person.browsers] == [200, 200]
        _change(servers[number % 2], change, cast, person)
        after += [browser.get(page).status_code for browser in person.browsers]
    report(21, f"{name}: {after.count(status)} of {len(after)} next requests refused, on two servers")
    assert after == [status] * (2 * TIMES)


def _keep_another_admin(server: FastAPI) -> None:
    with server.state.database.writing() as db:
        actions.create_account(db, None, "root", "Root", "a calm grey heron", is_admin=True)


def _change(
    server: FastAPI, change: Callable[[Session, Cast, Person], None], cast: Cast, person: Person
) -> None:
    with server.state.database.writing() as db:
        change(db, cast, replace(person, account=db.get_one(Account, person.account.id)))


def test_who_signs_out_is_out_on_every_server(
    servers: tuple[FastAPI, FastAPI], cast: Cast, event_loop: BlockingPortal
) -> None:
    person = _lead(servers, cast, event_loop, "second")
    first, second = person.browsers
    stolen = first.cookies["session"]
    assert (first.get("/me").status_code, second.get("/me").status_code) == (200, 200)
    assert post(first, "/sign-out").status_code == 303
    again = _browser(servers[0], event_loop, stolen)
    refused = [browser.get("/me").status_code for browser in (again, second)]
    report(21, f"signed out: {refused.count(303)} of 2 next requests refused, on two servers")
    assert refused == [303, 303]
