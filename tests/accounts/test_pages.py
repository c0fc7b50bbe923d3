import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from server.accounts import queries
from server.accounts.actions import make_reset_link
from server.accounts.halves import await_second_step, waiting
from server.accounts.models import Account
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.actions import invite
from server.projects.roles import Role
from server.tokens.actions import make_token
from server.tokens.scopes import Scope
from tests.accounts.conftest import PASSWORD, People
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

pytestmark = on_one_database

NEW = {"name": "Bert.B", "display_name": "Bert Berg"}


def names(database: Database) -> set[str]:
    with database.reading() as db:
        return {row.name for row in queries.all_accounts(db)}


def row_of(database: Database, name: str) -> queries.AccountRow:
    with database.reading() as db:
        return next(row for row in queries.all_accounts(db) if row.name == name)


@pytest.fixture
def admin(people: People) -> TestClient:
    return people.browser("root", is_admin=True)


def test_ones_own_account_shows_itself(people: People) -> None:
    page = people.browser("anna").get("/me")
    assert page.status_code == 200
    assert form_fields(page, "/me")["display_name"] == ["Anna"]


def test_the_language_is_a_question_where_there_are_two(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = people.browser("anna")
    assert "Français" in client.get("/me").text
    monkeypatch.setattr("server.accounts.me_pages.names_of_languages", lambda: (("en", "English"),))
    assert "Language of the pages" not in client.get("/me").text


def test_the_name_shown_and_the_language_can_be_changed(people: People, database: Database) -> None:
    client = people.browser("anna")
    answer = post(client, "/me", {"display_name": "  Anna   Lind ", "language": "en"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert "Saved." in client.get("/me").text
    with database.reading() as db:
        account = db.exec(select(Account)).one()
    assert (account.display_name, account.language) == ("Anna Lind", "en")


def test_a_page_comes_in_the_language_of_the_account_or_else_of_the_browser(people: People) -> None:
    client = people.browser("anna")
    page = client.get("/me", headers={"Accept-Language": "fr-CH, en;q=0.5"}).text
    assert '<html lang="fr">' in page
    assert "Votre compte" in page
    post(client, "/me", {"display_name": "Anna", "language": "fr"})
    assert "Votre compte" in client.get("/me", headers={"Accept-Language": "en"}).text
    post(client, "/me", {"display_name": "Anna", "language": "en"})
    assert '<html lang="en">' in client.get("/me", headers={"Accept-Language": "fr"}).text


@pytest.mark.parametrize(
    "fields", [{"display_name": " "}, {"display_name": "x" * 81}, {"display_name": "A", "language": "xx"}]
)
def test_a_wrong_name_or_language_is_refused(
    people: People, database: Database, fields: dict[str, str]
) -> None:
    page = post(people.browser("anna"), "/me", fields)
    assert page.status_code == 422
    assert form_fields(page, "/me")["display_name"] == [fields["display_name"]]
    assert row_of(database, "anna").display_name == "Anna"


def test_only_admins_see_accounts(people: People, admin: TestClient) -> None:
    client = people.browser("anna", may_create_projects=True)
    assert admin.get("/accounts").status_code == 200
    assert client.get("/accounts").status_code == 403
    assert people.browser().get("/accounts").status_code == 303
    for path in ("", "/root/link", "/root/rights", "/root/deactivate", "/root/activate"):
        assert post(client, f"/accounts{path}", NEW).status_code == 403
        assert post(people.browser(), f"/accounts{path}", NEW).status_code == 303


def test_an_account_is_made_with_a_link_that_is_shown_once(
    people: People, admin: TestClient, database: Database
) -> None:
    made = post(admin, "/accounts", {**NEW, "may_create_projects": "on"})
    link = re.search(r'value="http://127\.0\.0\.1:8000(/reset/[\w-]+)"', made.text)
    assert made.status_code == 200
    assert link is not None
    row = row_of(database, "bert.b")
    assert (row.display_name, row.may_create_projects, row.is_admin, row.can_sign_in) == (
        "Bert Berg",
        True,
        False,
        False,
    )
    assert link[1] not in admin.get("/accounts").text
    owner = people.browser()
    assert post(owner, link[1], {"password": PASSWORD}).status_code == 303
    assert owner.get("/projects/new").status_code == 200


def test_a_name_that_is_taken_is_said_at_its_field(admin: TestClient, database: Database) -> None:
    page = post(admin, "/accounts", {"name": "ROOT", "display_name": "Another"})
    assert page.status_code == 422
    assert "Somebody has this name already." in page.text
    assert form_fields(page, "/accounts")  # the page is whole
    assert 'value="Another"' in page.text
    assert names(database) == {"root"}


@pytest.mark.parametrize("fields", [{}, {"name": "a b", "display_name": "A"}, {"name": "bert"}])
def test_an_account_needs_a_name_that_can_be_typed(
    admin: TestClient, database: Database, fields: dict[str, str]
) -> None:
    assert post(admin, "/accounts", fields).status_code == 422
    assert names(database) == {"root"}


def test_a_reset_link_is_made_for_an_account(people: People, admin: TestClient) -> None:
    people.browser("anna")
    page = post(admin, "/accounts/anna/link")
    assert page.status_code == 200
    link = re.search(r"/reset/[\w-]+", page.text)
    assert link is not None
    assert people.browser().get(link[0], follow_redirects=True).status_code == 200
    assert post(admin, "/accounts/nobody/link").status_code == 404
    assert post(admin, "/accounts/%00/link").status_code == 404


def test_rights_are_given_and_taken(people: People, admin: TestClient, database: Database) -> None:
    client = people.browser("anna")
    assert post(admin, "/accounts/anna/rights", {"may_create_projects": "on"}).status_code == 303
    assert client.get("/projects/new").status_code == 200
    assert post(admin, "/accounts/anna/rights", {}).status_code == 303
    assert client.get("/projects/new").status_code == 403
    assert post(admin, "/accounts/anna/rights", {"is_admin": "on"}).status_code == 303
    assert client.get("/accounts").status_code == 200


def test_the_last_admin_cannot_leave(admin: TestClient, database: Database) -> None:
    for path in ("/accounts/root/rights", "/accounts/root/deactivate"):
        page = post(admin, path, {})
        assert page.status_code == 422
        assert "only admin" in page.text
    assert row_of(database, "root").is_admin
    assert row_of(database, "root").is_active


def test_an_admin_who_gives_it_up_goes_home(people: People, admin: TestClient) -> None:
    people.browser("second", is_admin=True)
    assert post(admin, "/accounts/root/rights", {}).headers["location"] == "/"
    assert admin.get("/accounts").status_code == 403


def test_accounts_are_deactivated_and_activated(people: People, admin: TestClient) -> None:
    client = people.browser("anna")
    assert post(admin, "/accounts/anna/deactivate").status_code == 303
    assert client.get("/me").status_code == 303
    assert "deactivated" in admin.get("/accounts").text
    assert post(admin, "/accounts/anna/link").status_code == 422
    assert post(admin, "/accounts/anna/activate").status_code == 303
    assert post(people.browser(), "/sign-in", {"name": "anna", "password": PASSWORD}).status_code == 303


def test_what_a_deactivated_account_had_opened_stays_closed(
    people: People, admin: TestClient, cast: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        name = db.get_one(Account, cast.lead.account_id).name
        token = make_token(db, cast.lead.account_id, "A script", (Scope.PROJECTS_READ,), 9)
        invite(db, cast.lead, Role.LEAD, "", 9, "an-invitation")
        half = await_second_step(db, cast.lead.account_id)
        link = make_reset_link(db, None, name)
    browser, asked = client_of(cast.lead), {"headers": {"Authorization": f"Bearer {token}"}}
    assert client_of(None).get("/api/v1/projects", **asked).status_code == 200
    for deed in ("deactivate", "activate"):
        assert post(admin, f"/accounts/{name}/{deed}").status_code == 303
    assert browser.get("/me").status_code == 303
    assert client_of(None).get("/api/v1/projects", **asked).status_code == 401
    for gone in ("/invitations/an-invitation", f"/reset/{link}"):
        assert client_of(None).get(gone).status_code == 404
    with database.reading() as db:
        assert waiting(db, half) is None
        actions = db.exec(select(HistoryEvent.action).order_by(col(HistoryEvent.id))).all()
    assert {"token.revoke", "invitation.revoke"} <= set(actions)


def test_names_are_escaped(people: People, admin: TestClient) -> None:
    post(admin, "/accounts", {"name": "eve", "display_name": "<b>Eve</b>"})
    page = admin.get("/accounts")
    assert "<b>Eve" not in page.text
    assert "&lt;b&gt;Eve" in page.text
