"""The second step: codes of an app and recovery codes, each of which works once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import select

from server.accounts import actions, codes, queries, second_step
from server.accounts.models import HalfSignIn, RecoveryCode, SecondFactor, SignInSession
from server.accounts.sealing import opened, sealed
from server.db.engine import Database
from server.errors import Refusal
from server.history.models import HistoryEvent
from server.settings import DemandedOf, Settings
from tests.accounts.conftest import PASSWORD, People, twice
from tests.browse import form_fields, post
from tests.stock import on_one_database

WRONG = "000000"
MOMENT = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class Phone:
    """An app with a secret in it, and a clock that tests move: 30 seconds a code."""

    def __init__(self) -> None:
        self.secret, self.moment = "", MOMENT

    def code(self) -> str:
        """The next code."""
        self.moment += timedelta(seconds=30)
        return str(pyotp.TOTP(self.secret).at(self.moment))


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Phone]:
    found = Phone()
    monkeypatch.setattr(second_step, "now", lambda: found.moment)
    return found  # type: ignore[return-value]


def add(client: TestClient, phone: Phone, path: str = "/me/second-step", **more: str) -> Response:
    """Scan the picture of the page and confirm it."""
    phone.secret = form_fields(client.get(path), path)["secret"][0]
    return post(client, path, {"secret": phone.secret, "code": phone.code(), **more})


def spare_codes(page: Response) -> list[str]:
    return [part.split("</code>")[0] for part in page.text.split("<li><code>")[1:]]


def enter(client: TestClient, **more: str) -> Response:
    return post(client, "/sign-in", {"name": "anna", "password": PASSWORD, "next": "/me", **more})


def is_signed_in(client: TestClient) -> bool:
    page: Response = client.get("/me")
    return page.status_code == 200


@pytest.fixture
def anna(people: People, phone: Phone) -> TestClient:
    """Anna's browser, after she has added a second step."""
    client = people.browser("anna")
    assert add(client, phone, password=PASSWORD).status_code == 200
    return client


def test_after_the_password_a_code_is_asked_for(people: People, anna: TestClient, phone: Phone) -> None:
    assert is_signed_in(anna)
    client = people.browser()
    asked = enter(client)
    assert asked.headers["location"] == "/sign-in/code?next=%2Fme"
    assert not is_signed_in(client)
    assert client.get(asked.headers["location"]).status_code == 200
    assert post(client, "/sign-in/code", {"code": WRONG}).status_code == 422
    done = post(client, "/sign-in/code", {"code": phone.code(), "next": "/me"})
    assert (done.status_code, done.headers["location"]) == (303, "/me")
    assert is_signed_in(client)


@on_one_database
def test_adding_it_signs_every_other_browser_out(people: People, phone: Phone) -> None:
    client, elsewhere = people.browser("anna"), people.browser()
    assert enter(elsewhere).status_code == 303
    old = client.cookies["session"]
    page = add(client, phone, password=PASSWORD)
    assert len(spare_codes(page)) == codes.RECOVERY_CODES
    assert client.cookies["session"] != old
    assert (is_signed_in(client), is_signed_in(elsewhere)) == (True, False)


@on_one_database
def test_it_is_added_with_the_password_and_a_right_code_only(people: People, phone: Phone) -> None:
    client = people.browser("anna")
    assert "This is not your password." in add(client, phone, password="no heron here").text
    fields = {"secret": phone.secret, "code": WRONG, "password": PASSWORD}
    refused = post(client, "/me/second-step", fields)
    assert (refused.status_code, "not the present code" in refused.text) == (422, True)
    assert form_fields(refused, "/me/second-step")["secret"] == [phone.secret]
    assert post(client, "/me/second-step", {**fields, "secret": "A"}).status_code == 422
    assert post(client, "/me/second-step", {**fields, "code": phone.code()}).status_code == 200


def test_a_code_works_once(people: People, anna: TestClient, phone: Phone) -> None:
    code = phone.code()
    clients = [people.browser() for _ in range(4)]
    for client in clients:
        enter(client)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda client: post(client, "/sign-in/code", {"code": code}), clients))
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]


def test_a_clock_that_goes_back_lets_in_with_new_codes_and_not_with_used_ones(
    people: People, anna: TestClient, phone: Phone
) -> None:
    def status(code: str) -> int:
        client = people.browser()
        enter(client)
        answer: Response = post(client, "/sign-in/code", {"code": code})
        return answer.status_code

    right = phone.moment
    used = phone.code()
    assert status(used) == 303
    phone.moment += timedelta(hours=1)
    assert status(phone.code()) == 303
    phone.moment = right  # The hour before is there again.
    assert status(used) == 422
    phone.moment += timedelta(minutes=1)
    fresh = phone.code()
    assert [status(fresh), status(fresh)] == [303, 422]


@on_one_database
def test_the_code_it_was_added_with_does_not_work_again(people: People, phone: Phone) -> None:
    add(people.browser("anna"), phone, password=PASSWORD)
    client = people.browser()
    enter(client)
    used = pyotp.TOTP(phone.secret).at(phone.moment)
    assert post(client, "/sign-in/code", {"code": used}).status_code == 422


def test_a_recovery_code_works_once(people: People, phone: Phone, database: Database) -> None:
    spare = spare_codes(add(people.browser("anna"), phone, password=PASSWORD))
    clients = [people.browser() for _ in range(4)]
    for client in clients:
        enter(client)
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda client: post(client, "/sign-in/code", {"code": spare[0].upper().replace("-", " ")}),
                clients,
            )
        )
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]
    with database.reading() as db:
        assert len(db.exec(select(RecoveryCode)).all()) == codes.RECOVERY_CODES - 1
        assert not any(spare[1] in row.code_hash for row in db.exec(select(RecoveryCode)))


def test_guessing_codes_is_counted_like_guessing_passwords(
    people: People, anna: TestClient, phone: Phone
) -> None:
    client = people.browser()
    tried = 0
    for _ in range(3 * queries.MAX_FAILURES):
        if enter(client).status_code == 303:
            tried += "not the present code" in post(client, "/sign-in/code", {"code": WRONG}).text
    assert 0 < tried < queries.MAX_FAILURES
    blocked = post(client, "/sign-in/code", {"code": phone.code()})
    assert (blocked.status_code, "too many wrong tries" in blocked.text) == (422, True)


@on_one_database
def test_without_the_password_nobody_is_asked_for_a_code(people: People, anna: TestClient) -> None:
    client = people.browser()
    client.cookies.set("half-way", "made up", domain="127.0.0.1")
    for path in ("/sign-in/code", "/sign-in/second-step"):
        assert client.get(path).headers["location"] == "/sign-in"
        assert post(client, path, {"code": WRONG}).headers["location"] == "/sign-in"


@on_one_database
def test_half_a_sign_in_does_not_last(
    people: People, anna: TestClient, phone: Phone, database: Database
) -> None:
    client = people.browser()
    enter(client)
    with database.writing() as db:
        row = db.exec(select(HalfSignIn)).one()
        row.expires_at = row.expires_at - timedelta(minutes=11)
    assert post(client, "/sign-in/code", {"code": phone.code()}).headers["location"] == "/sign-in"
    assert not is_signed_in(client)


@on_one_database
def test_half_a_sign_in_works_once(people: People, anna: TestClient, phone: Phone) -> None:
    client = people.browser()
    enter(client)
    half = client.cookies["half-way"]
    assert post(client, "/sign-in/code", {"code": phone.code()}).status_code == 303
    other = people.browser()
    other.cookies.set("half-way", half, domain="127.0.0.1")
    assert post(other, "/sign-in/code", {"code": phone.code()}).headers["location"] == "/sign-in"


@on_one_database
@pytest.mark.usefixtures("anna")
def test_a_code_sent_twice_at_once_begins_one_session(
    people: People, phone: Phone, database: Database
) -> None:
    client, before = people.browser(), _sessions(database)
    enter(client)
    answers = twice(client, "/sign-in/code", {"code": phone.code(), "next": "/me"})
    assert sorted(bool(cookie) for _status, cookie in answers) == [False, True]
    assert [status for status, _cookie in answers] == [303, 303]  # In, or to the door that leads on.
    assert _sessions(database) == before + 1


def test_a_second_step_is_added_once_and_taken_off_once(people: People, phone: Phone) -> None:
    client = people.browser("anna")
    phone.secret = form_fields(client.get("/me/second-step"), "/me/second-step")["secret"][0]
    added = {"secret": phone.secret, "code": phone.code(), "password": PASSWORD}
    for path, fields in (("/me/second-step", added), ("/me/second-step/remove", {"password": PASSWORD})):
        answers = twice(client, path, fields)
        (cookie,) = [cookie for _status, cookie in answers if cookie]  # The other finds it done.
        client.cookies.clear()
        client.cookies.set("session", cookie)
        assert is_signed_in(client)


def _sessions(database: Database) -> int:
    with database.reading() as db:
        return len(db.exec(select(SignInSession.token_hash)).all())


def test_a_link_for_a_password_does_not_go_round_it(
    people: People, anna: TestClient, phone: Phone, database: Database
) -> None:
    client = people.browser()
    with database.writing() as db:
        path = f"/reset/{actions.make_reset_link(db, None, 'anna')}"
    after = post(client, path, {"password": "another grey heron"})
    assert after.headers["location"].startswith("/sign-in/code?")
    assert not is_signed_in(client)


@on_one_database
def test_it_is_taken_off_with_the_password(people: People, anna: TestClient, database: Database) -> None:
    assert post(anna, "/me/second-step/remove", {"password": "no heron here"}).status_code == 422
    assert post(anna, "/me/second-step/remove", {"password": PASSWORD}).status_code == 303
    assert is_signed_in(anna)
    client = people.browser()
    assert enter(client).headers["location"] == "/me"
    with database.reading() as db:
        assert not db.exec(select(SecondFactor)).all()
        assert not db.exec(select(RecoveryCode)).all()


@on_one_database
def test_new_recovery_codes_replace_the_earlier_ones(people: People, phone: Phone) -> None:
    client = people.browser("anna")
    old = spare_codes(add(client, phone, password=PASSWORD))
    fresh = spare_codes(post(client, "/me/second-step/codes", {"password": PASSWORD}))
    assert not set(old) & set(fresh)
    other = people.browser()
    enter(other)
    assert post(other, "/sign-in/code", {"code": old[0]}).status_code == 422
    assert post(other, "/sign-in/code", {"code": fresh[0]}).status_code == 303


@on_one_database
def test_an_admin_sees_it_and_takes_it_off_and_the_history_says_so(
    people: People, anna: TestClient, database: Database
) -> None:
    admin = people.browser("root", is_admin=True)
    assert "second step" in admin.get("/accounts").text
    assert post(admin, "/accounts/anna/second-step").status_code == 303
    assert not is_signed_in(anna)
    assert post(admin, "/accounts/anna/second-step").status_code == 422
    with database.reading() as db:
        done = [row.action for row in db.exec(select(HistoryEvent)) if "second_step" in row.action]
    assert done == ["account.add_second_step", "account.remove_second_step"]


@on_one_database
def test_a_server_may_demand_it_of_leads_and_admins(app: FastAPI, people: People, phone: Phone) -> None:
    app.state.settings = app.state.settings.model_copy(update={"demand_second_step": DemandedOf.LEADS})
    people.browser("bert")
    client = people.browser("anna", may_create_projects=True)
    post(client, "/sign-out")
    assert (
        post(people.browser(), "/sign-in", {"name": "bert", "password": PASSWORD}).headers["location"] == "/"
    )
    assert enter(client).headers["location"] == "/sign-in/second-step?next=%2Fme"
    assert not is_signed_in(client)
    assert post(client, "/sign-in/second-step", {"secret": "A" * 32, "code": WRONG}).status_code == 422
    page = add(client, phone, "/sign-in/second-step", next="/me")
    assert len(spare_codes(page)) == codes.RECOVERY_CODES
    assert is_signed_in(client)
    assert "demands a second step" in post(client, "/me/second-step/remove", {"password": PASSWORD}).text


@on_one_database
def test_a_server_may_demand_it_of_everybody(app: FastAPI, people: People) -> None:
    people.browser("bert")
    app.state.settings = app.state.settings.model_copy(update={"demand_second_step": DemandedOf.EVERYBODY})
    client = people.browser()
    answer = post(client, "/sign-in", {"name": "bert", "password": PASSWORD})
    assert answer.headers["location"].startswith("/sign-in/second-step")
    assert not is_signed_in(client)


@on_one_database
def test_who_was_signed_in_before_it_was_demanded_cannot_put_it_off(app: FastAPI, people: People) -> None:
    client = people.browser("bert")
    app.state.settings = app.state.settings.model_copy(update={"demand_second_step": DemandedOf.EVERYBODY})
    fields = {"current_password": PASSWORD, "password": "another grey heron"}
    page = post(client, "/me/password", fields)
    assert (page.status_code, "demands a second step of you" in page.text) == (422, True)


def test_the_secret_is_sealed_with_a_key_that_is_not_in_the_database(
    anna: TestClient, phone: Phone, database: Database, settings: Settings
) -> None:
    with database.reading() as db:
        kept = db.exec(select(SecondFactor)).one().sealed_secret
    assert phone.secret.encode() not in kept
    assert opened(kept, settings.data / "secret.key") == phone.secret


@on_one_database
def test_without_the_key_a_recovery_code_is_left(people: People, phone: Phone, settings: Settings) -> None:
    spare = spare_codes(add(people.browser("anna"), phone, password=PASSWORD))
    (settings.data / "secret.key").unlink()
    client = people.browser()
    enter(client)
    refused = post(client, "/sign-in/code", {"code": phone.code()})
    assert (refused.status_code, "Use a recovery code" in refused.text) == (422, True)
    assert post(client, "/sign-in/code", {"code": spare[0]}).status_code == 303


def test_many_who_make_the_key_at_once_make_one(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda number: sealed(str(number), file), range(8)))
    assert [opened(token, file) for token in tokens] == [str(number) for number in range(8)]
    assert (file.stat().st_mode & 0o777, len(list(tmp_path.iterdir()))) == (0o600, 1)
    file.write_text("not a key")
    with pytest.raises(Refusal, match="lost the key"):
        opened(tokens[0], file)


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, with the six last digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for second, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        moment = datetime.fromtimestamp(second, UTC)
        assert codes.step_of(secret, code, moment) == second // 30
        assert codes.step_of(secret, f" {code[:3]} {code[3:]}", moment) == second // 30
        assert codes.step_of(secret, code, moment + timedelta(seconds=90)) is None


@pytest.mark.parametrize("typed", ["", "é" * 24, "abcd-efgh", "1" * 24, "a" * 25])
def test_what_is_no_recovery_code_is_not_looked_up(typed: str) -> None:
    assert codes.plain_recovery_code(typed) == ""


def test_a_person_who_was_promoted_adds_it_at_the_next_sign_in(
    cast: Any, database: Database, app: FastAPI
) -> None:
    with database.reading() as db:
        assert app.state.leads(db, cast.lead.account_id)
        assert not app.state.leads(db, cast.annotator.account_id)
