"""Every route × person → the expected status; a route that is not in the table fails the test.

The persons: anonymous, somebody of another project (outsider), viewer, annotator, another annotator who
has no part in the round, adjudicator, lead, an admin who is no member, and a deactivated member.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlmodel import Session, SQLModel

from server.accounts.models import Account
from server.app import ROUTERS
from server.corpora.models import Upload
from server.corpora.uploads import packed
from server.db.engine import Database
from server.projects.access import Access
from server.projects.models import Member
from server.projects.roles import Role
from tests import make
from tests.access_table import PERSONS, ROUTES, Route
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.trust.unchanged import watching


@dataclass(frozen=True)
class World:
    """Who asks, and the values that stand in addresses."""

    people: dict[str, Access | None]
    places: dict[str, str]


@pytest.fixture
def world(database: Database, cast: Cast) -> World:
    with database.writing() as db:
        people = _people(db, cast)
        places = _places(db, cast, people)
    return World(people, places)


def _people(db: Session, cast: Cast) -> dict[str, Access | None]:
    other = make.project(db, "Another study")
    admin = make.account(db, "server_admin", is_admin=True)
    assert admin.id is not None
    deactivated = make.member(db, cast.project, Role.LEAD, "left", is_active=False)
    return {
        "anonymous": None,
        "outsider": make.member(db, other, Role.LEAD, "outsider"),
        "viewer": cast.viewer,
        "annotator": cast.annotator,
        "other annotator": cast.other_annotator,
        "adjudicator": cast.adjudicator,
        "lead": cast.lead,
        "admin": replace(cast.lead, account_id=admin.id),
        "deactivated": deactivated,
    }


def _places(db: Session, cast: Cast, people: dict[str, Access | None]) -> dict[str, str]:
    book = make.published(db, cast.project)
    posts = make.posts(db, cast.project, 3)
    second = make.member(db, cast.project, Role.ANNOTATOR, "second")
    round_ = make.round_(db, cast.project, book, posts, [cast.annotator, second])
    for annotator, stance in ((cast.annotator, "against"), (second, "favour")):
        make.coding(db, book, round_, posts[0], annotator, {"stance": stance})
    upload = Upload(
        project_id=cast.lead.project_id,
        key="upload-key",
        purpose="posts",
        filename="posts.csv",
        content=packed(BytesIO(b"post_id,text\n1,hello\n")),
        uploaded_by=cast.lead.account_id,
        uploaded_at=make.MOMENT,
    )
    db.add(upload)
    account = db.get_one(Account, cast.annotator.account_id)
    member = db.get_one(Member, second.member_id)
    return {
        "project_key": cast.project.key,
        "number": "1",
        "earlier": "1",
        "comment": "1",
        "post": "1",
        "position": "2",
        "token": "no-such-token",
        "handle": "no-such-invitation",
        "variable_key": "stance",
        "code_key": "against",
        "upload_key": "upload-key",
        "account_name": account.name,
        "member_number": str(member.number),
        "name": "stance",
        "question_key": "no-such-question",
        "sort": "figures",
        "of": "shares",
        "ending": "no-such-ending",
    }


def _all_routes(app: FastAPI) -> dict[str, tuple[str, str]]:
    return {
        route.name: (next(iter(route.methods - {"HEAD"})), route.path.replace(":digits", ""))  # type: ignore[attr-defined]
        for router in ROUTERS
        for route in router.routes
    }


def test_every_route_is_in_the_table(app: FastAPI) -> None:
    assert set(_all_routes(app)) == set(ROUTES)


# Who may do what is decided by the program alone: on PostgreSQL who may do most suffices.
SEATS = [*(("sqlite", each) for each in PERSONS), ("postgres", "lead")]


@pytest.mark.parametrize(("stock", "person"), SEATS, indirect=["stock"])
def test_routes_let_in_whom_they_should(
    app: FastAPI, database: Database, world: World, client_of: ClientOf, person: str
) -> None:
    client = client_of(world.people[person])
    found, expected = {}, {}
    routes = _all_routes(app)
    with _watch(database) as has_changed:
        for name in ROUTES:
            method, path = routes[name]
            address = path.format(**world.places)
            expected[name] = _expected(ROUTES[name], person)
            is_refused = method != "GET" and expected[name] in {401, 403, 404}
            if is_refused:
                has_changed()
            response = client.get(address) if method == "GET" else post(client, address)
            found[name] = _outcome(response.status_code, response.headers.get("location", ""))
            assert not (is_refused and has_changed()), f"{name} changed something for {person}"
    assert found == expected


def _outcome(status: int, location: str) -> int:
    """The status, where being sent to the sign-in page counts as 401."""
    return 401 if status == 303 and location.startswith("/sign-in?") else status


def _expected(route: Route, person: str) -> int:
    return route.statuses[PERSONS.index(person)]


@contextmanager
def _watch(database: Database) -> Iterator[Callable[[], bool]]:
    """Whether anything was changed since it was last asked; on PostgreSQL, whether there are as many rows."""
    if database.is_sqlite:
        with watching(database) as watch:
            yield watch.has_changed
        return
    before = _rows(database)

    def has_changed() -> bool:
        nonlocal before
        earlier, before = before, _rows(database)
        return earlier != before

    yield has_changed


def _rows(database: Database) -> dict[str, int]:
    with database.reading() as db:
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0
            for table in SQLModel.metadata.sorted_tables
            if table.name != "sign_in_session"
        }
