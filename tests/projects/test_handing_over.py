"""A lead hands the project over: both roles change at once, and somebody always leads."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.db.engine import Database
from server.errors import Conflict, Forbidden
from server.history.queries import actions_done
from server.projects import actions
from server.projects.models import Member
from server.projects.roles import Role
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database


def path_of(cast: Cast) -> str:
    return f"/projects/{cast.project.key}/members/hand-over"


@pytest.fixture
def signing_in(database: Database, cast: Cast) -> None:
    """Members 2, 3 and 4 can sign in; 3 has left, and the account of 4 is deactivated."""
    with database.writing() as db:
        for access in (cast.adjudicator, cast.annotator, cast.other_annotator):
            db.get_one(Account, access.account_id).password_hash = "x"
        db.get_one(Account, cast.other_annotator.account_id).is_active = False
        actions.deactivate_member(db, cast.lead, 3)


def _roles(database: Database, cast: Cast) -> list[str]:
    with database.reading() as db:
        rows = select(col(Member.role)).where(col(Member.project_id) == cast.lead.project_id)
        return list(db.scalars(rows.order_by(col(Member.number))))


def test_both_roles_change_at_once(
    signing_in: None, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    client = client_of(cast.lead)
    page = client.get(path_of(cast))
    assert form_fields(page, "hand-over")["role"] == ["viewer"]
    answer = post(client, path_of(cast), {"number": "2", "role": "annotator"})
    assert answer.status_code == 303
    assert _roles(database, cast)[:2] == ["annotator", "lead"]
    assert client.get(path_of(cast)).status_code == 403
    assert client_of(cast.adjudicator).get(path_of(cast)).status_code == 200
    with database.reading() as db:
        done = set(actions_done(db, cast.lead.project_id))
    assert {"project.hand_over", "member.change_role"} <= done


def test_the_project_can_be_shared(
    signing_in: None, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    assert post(client_of(cast.lead), path_of(cast), {"number": "2", "role": "lead"}).status_code == 303
    assert _roles(database, cast)[:2] == ["lead", "lead"]


@on_one_database
def test_the_same_form_twice_is_told_that_it_is_done(
    signing_in: None, cast: Cast, database: Database
) -> None:
    with database.writing() as db:
        actions.hand_over(db, cast.lead, 2, Role.VIEWER)
        with pytest.raises(Conflict):
            actions.hand_over(db, cast.lead, 2, Role.VIEWER)
        with pytest.raises(Forbidden):
            actions.hand_over(db, cast.lead, 3, Role.VIEWER)


@on_one_database
def test_the_account_is_held_before_the_project(
    signing_in: None, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As everybody does it; who held the project first would wait for who waits for it."""
    held: list[str] = []

    def watch(name: str) -> None:
        hold: Callable[[Session, int], object] = getattr(actions, name)

        def watched(db: Session, key: int) -> object:
            held.append(name)
            return hold(db, key)

        monkeypatch.setattr(actions, name, watched)

    watch("hold_active")
    watch("hold_project")
    with database.writing() as db:
        actions.hand_over(db, cast.lead, 2, Role.VIEWER)
    assert held[:2] == ["hold_active", "hold_project"]


@on_one_database
@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1", "Choose an active member"),  # Oneself.
        ("3", "Choose an active member"),
        ("4", "Choose an active member"),
        ("5", "Choose an active member"),  # Cannot sign in.
        ("99", "Choose an active member"),
        ("", "Please fill this in."),
        ("x", "Please write a whole number."),
    ],
)
def test_who_could_not_run_the_project_does_not_get_it(
    signing_in: None, cast: Cast, client_of: ClientOf, database: Database, number: str, said: str
) -> None:
    before = _roles(database, cast)
    page = post(client_of(cast.lead), path_of(cast), {"number": number, "role": "adjudicator"})
    assert (page.status_code, said in page.text) == (422, True)
    assert form_fields(page, "hand-over")["role"] == ["adjudicator"]
    assert _roles(database, cast) == before


def test_without_anybody_else_the_page_says_what_to_do(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.lead).get(path_of(cast)).text
    assert "Nobody can take it over yet" in page
