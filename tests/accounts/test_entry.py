from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import Session, select

from server.accounts import actions, queries
from server.accounts.models import Account, SignInFailure, SignInSession
from server.db.engine import Database
from tests.accounts.conftest import PASSWORD, People
from tests.browse import form_fields, post
from tests.stock import on_one_database

WRONG = "a wrong password"
FRESH = "another grey heron"


def enter(client: TestClient, name: str = "anna", password: str = PASSWORD, **more: str) -> Response:
    return post(client, "/sign-in", {"name": name, "password": password, **more})


def is_signed_in(client: TestClient) -> bool:
    page: Response = client.get("/me")
    return page.status_code == 200


def test_who_is_not_signed_in_is_asked_to_and_comes_back(people: People) -> None:
    people.browser("anna")
    client = people.browser()
    asked = client.get("/me")
    assert asked.status_code == 303
    page = client.get(asked.headers["location"])
    fields = form_fields(page, "/sign-in")
    assert fields["next"] == ["/me"]
    entered = enter(client, next=fields["next"][0])
    assert (entered.status_code, entered.headers["location"]) == (303, "/me")
    assert is_signed_in(client)


def test_who_is_signed_in_goes_on_from_the_door(people: People) -> None:
    answer = people.browser("anna").get("/sign-in?next=/me")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")


@on_one_database
@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\/evil.example", "/a\\b", "javascript:1",
     "/\t/evil.example", " //evil.example", "/\r\nx: y", ""],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(people: People, elsewhere: str) -> None:
    people.browser("anna")
    client = people.browser()
    assert form_fields(client.get("/sign-in", params={"next": elsewhere}))["next"] == ["/"]
    assert enter(client, next=elsewhere).headers["location"] == "/"


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(people: People) -> None:
    people.browser("anna")
    client = people.browser()
    pages = [enter(client, name, WRONG) for name in ("anna", "anne", "not a name \x00", "x" * 5_000)]
    assert [page.status_code for page in pages] == [422] * 4
    assert all("The name or the password is not right." in page.text for page in pages)
    assert not is_signed_in(client)


def test_a_wrong_password_is_not_sent_back_but_the_name_is(people: People) -> None:
    people.browser("anna")
    page = enter(people.browser(), password=WRONG, next="/me")
    assert WRONG not in page.text
    assert form_fields(page, "/sign-in")["name"] == ["anna"]
    assert form_fields(page, "/sign-in")["next"] == ["/me"]


def test_missing_fields_are_asked_for(people: People) -> None:
    page = post(people.browser(), "/sign-in", {})
    assert page.status_code == 422
    assert page.text.count("Please fill this in.") >= 2


def test_refused_tries_are_counted_although_nothing_else_is_kept(people: People, database: Database) -> None:
    people.browser("anna")
    client = people.browser()
    for _ in range(queries.MAX_FAILURES):
        assert "not right" in enter(client, password=WRONG).text
    blocked = enter(client)
    assert (blocked.status_code, "too many wrong tries" in blocked.text) == (422, True)
    with database.reading() as db:
        assert len(db.exec(select(SignInFailure)).all()) == queries.MAX_FAILURES


def test_many_tries_at_once_are_all_counted(people: People) -> None:
    people.browser("anna")
    clients = [people.browser() for _ in range(8)]

    def guess(number: int) -> str:
        return enter(clients[number % 8], password=WRONG).text

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(3 * queries.MAX_FAILURES)))
    assert sum("not right" in answer for answer in answers) == queries.MAX_FAILURES


def test_signing_in_changes_the_token_and_ends_the_old_session(people: People, database: Database) -> None:
    client = people.browser("anna")
    planted = client.cookies["session"]
    assert enter(client).status_code == 303
    assert client.cookies["session"] != planted
    with database.reading() as db:
        assert queries.viewer_by_token(db, planted) is None


def test_a_token_that_was_planted_before_signing_in_is_worth_nothing(people: People) -> None:
    people.browser("anna")
    client, attacker = people.browser(), people.browser()
    client.cookies.set("session", "planted", domain="127.0.0.1")
    assert enter(client).status_code == 303
    attacker.cookies.set("session", "planted", domain="127.0.0.1")
    assert is_signed_in(client)
    assert not is_signed_in(attacker)


def test_the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(people: People) -> None:
    people.browser("anna")
    cookie = enter(people.browser()).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_another_site_cannot_sign_somebody_in(people: People) -> None:
    people.browser("anna")
    client = people.browser()
    fields = {"name": "anna", "password": PASSWORD}
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert client.post("/sign-in", data=fields, headers=headers).status_code == 403
    assert not is_signed_in(client)


def test_signing_out_ends_the_session_in_the_database(people: People, database: Database) -> None:
    client = people.browser("anna")
    answer = post(client, "/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert not is_signed_in(client)
    with database.reading() as db:
        assert not db.exec(select(SignInSession)).all()
    assert client.get("/sign-out").status_code == 405


def setup_link(database: Database) -> str:
    with database.writing() as db:
        return actions.make_setup_link(db)


PERSON = {"name": "Root", "display_name": "Root", "password": PASSWORD}


def test_an_empty_server_says_how_to_begin(people: People) -> None:
    assert "intercoder setup-link" in people.browser().get("/sign-in").text
    people.browser("root", is_admin=True)
    assert "intercoder setup-link" not in people.browser().get("/sign-in").text


def test_looking_at_a_setup_link_does_not_use_it_up(people: People, database: Database) -> None:
    client, path = people.browser(), f"/set-up/{setup_link(database)}"
    for _ in range(3):
        assert client.get(path, follow_redirects=True).status_code == 200
    made = post(client, path, PERSON)
    assert (made.status_code, made.headers["location"]) == (303, "/")
    assert client.get("/accounts").status_code == 200
    for gone in (client.get(path), post(client, path, {**PERSON, "name": "second"})):
        assert gone.status_code == 404
        assert "run “intercoder setup-link” to make a new one" in gone.text
    with database.reading() as db:
        assert [account.name for account in db.exec(select(Account))] == ["root"]


def test_a_weak_password_does_not_use_the_setup_link_up(people: People, database: Database) -> None:
    client, path = people.browser(), f"/set-up/{setup_link(database)}"
    page = post(client, path, {**PERSON, "password": "short"})
    assert page.status_code == 422
    assert "at least 12 characters" in page.text
    assert form_fields(page, "/set-up/")["display_name"] == ["Root"]
    assert post(client, path, PERSON).status_code == 303


def test_a_setup_link_used_by_many_at_once_makes_one_admin(people: People, database: Database) -> None:
    path = f"/set-up/{setup_link(database)}"
    clients = [people.browser() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda number: post(clients[number], path, {**PERSON, "name": f"root{number}"}), range(8)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [303] + [404] * 7
    with database.reading() as db:
        assert len(db.exec(select(Account)).all()) == 1


def reset_link(database: Database, name: str = "anna") -> str:
    with database.writing() as db:
        return f"/reset/{actions.make_reset_link(db, None, name)}"


def test_a_reset_link_sets_the_password_and_signs_in(people: People, database: Database) -> None:
    elsewhere = people.browser("anna")
    client, path = people.browser(), reset_link(database)
    assert "anna" in client.get(path, follow_redirects=True).text
    assert post(client, path, {"password": FRESH}).status_code == 303
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    for gone in (client.get(path), post(client, path, {"password": PASSWORD})):
        assert (gone.status_code, "used or has expired" in gone.text) == (404, True)
    assert enter(people.browser(), password=FRESH).status_code == 303


def test_a_refused_password_leaves_the_reset_link_open(people: People, database: Database) -> None:
    people.browser("anna")
    client, path = people.browser(), reset_link(database)
    page = post(client, path, {"password": "anna anna"})
    assert (page.status_code, "anna anna" in page.text) == (422, False)
    assert enter(people.browser()).status_code == 303
    assert client.get(path).status_code == 303


def test_the_token_of_a_link_stands_in_no_address_that_is_kept(people: People, database: Database) -> None:
    names = ("anna", "bert")
    for name in names:
        people.browser(name)
    links, client = [reset_link(database, name) for name in names], people.browser()
    looks = [client.get(link) for link in links]
    places = [look.headers["location"] for look in looks]
    for link, look, place, name in zip(links, looks, places, names, strict=True):
        assert (look.status_code, look.text, look.headers["cache-control"]) == (303, "", "no-store")
        assert "httponly" in look.headers["set-cookie"].lower()
        assert place.removeprefix("/reset/") not in link
        page = client.get(place).text
        assert (name in page, link.removeprefix("/reset/") in page) == (True, False)
    elsewhere = people.browser()
    for answer in (elsewhere.get(places[0]), post(elsewhere, places[0], {"password": FRESH})):
        assert answer.status_code == 404
        assert "Open the link that you were sent once more" in answer.text
    assert post(client, places[0], {"password": FRESH}).status_code == 303
    assert enter(elsewhere, password=FRESH).status_code == 303


def test_links_that_never_were_lead_nowhere(people: People) -> None:
    client = people.browser()
    for path in ("/reset/nothing", "/set-up/nothing", "/reset/%00"):
        assert client.get(path).status_code == 404
        assert post(client, path, PERSON).status_code == 404


def test_changing_the_password_keeps_only_this_browser(people: People, database: Database) -> None:
    client, elsewhere = people.browser("anna"), people.browser()
    enter(elsewhere)
    old = client.cookies["session"]
    answer = post(client, "/me/password", {"current_password": PASSWORD, "password": FRESH})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert client.cookies["session"] != old
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert enter(people.browser(), password=FRESH).status_code == 303


@on_one_database
@pytest.mark.parametrize(
    ("current", "fresh", "sentence"),
    [
        (WRONG, FRESH, "This is not your password."),
        (PASSWORD, "short", "at least 12 characters"),
        ("", FRESH, "Please fill this in."),
    ],
)
def test_a_password_is_not_changed_by_a_wrong_form(
    people: People, current: str, fresh: str, sentence: str
) -> None:
    client = people.browser("anna")
    page = post(client, "/me/password", {"current_password": current, "password": fresh})
    assert page.status_code == 422
    assert sentence in page.text
    assert FRESH not in page.text
    assert enter(people.browser()).status_code == 303


def test_guessing_the_present_password_is_limited_too(people: People) -> None:
    client = people.browser("anna")
    fields = {"current_password": WRONG, "password": FRESH}
    for _ in range(queries.MAX_FAILURES):
        assert "This is not your password." in post(client, "/me/password", fields).text
    page = post(client, "/me/password", {**fields, "current_password": PASSWORD})
    assert "too many wrong tries" in page.text


def test_who_is_not_signed_in_changes_no_password(people: People) -> None:
    fields = {"current_password": PASSWORD, "password": FRESH}
    assert post(people.browser(), "/me/password", fields).status_code == 303


def test_a_deactivated_account_is_out_at_its_next_request(people: People, database: Database) -> None:
    client = people.browser("anna")
    assert is_signed_in(client)
    with database.writing() as db:
        actions.deactivate(db, None, "anna")
    assert client.get("/me").status_code == 303
    assert "not right" in enter(people.browser()).text


def test_a_session_that_expired_is_asked_to_sign_in(people: People, database: Database) -> None:
    client = people.browser("anna")
    with database.writing() as db:
        row = db.exec(select(SignInSession)).one()
        row.expires_at = row.created_at
    assert client.get("/me").status_code == 303
    assert enter(client).status_code == 303


def test_a_name_is_free_of_what_databases_refuse(people: People, database: Database) -> None:
    client = people.browser("anna")
    post(client, "/me", {"display_name": "An\x00na\u0007  Lind"})
    assert _display_name(database) == "Anna Lind"


def _display_name(database: Database) -> str:
    with database.reading() as db:
        return _only(db).display_name


def _only(db: Session) -> Account:
    return db.exec(select(Account)).one()
