"""A coding form whose sign-in has ended: nothing is stored, and nothing that was typed is lost."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import col, delete, select, update

from server.accounts.models import Account, SignInSession
from server.accounts.passwords import hash_password
from server.db.engine import Database
from server.projects.access import Access
from server.projects.models import Member
from tests import make
from tests.browse import form_fields, form_key, post
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, opened, stored, study
from tests.conftest import ClientOf

PASSWORD = "a grey heron by the water"
TYPED = ANSWERS | {"memo": "half a <thought>", "unsure": "on"}


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        hashed = hash_password(PASSWORD)
        db.execute(update(Account).values(password_hash=hashed))
        return study(db, cast)


@pytest.fixture
def client(client_of: ClientOf, cast: Cast, database: Database) -> TestClient:
    client = client_of(None)
    sign_in_elsewhere(client, database, cast.annotator)
    return client


def sign_in_elsewhere(client: TestClient, database: Database, person: Access) -> None:
    """A new session of the browser, as another tab of it would begin one."""
    with database.writing() as db:
        client.cookies.set("session", make.session(db, person.account_id), domain="127.0.0.1")


def sign_everybody_out(database: Database) -> None:
    with database.writing() as db:
        db.execute(delete(SignInSession))


def name_of(database: Database, person: Access) -> str:
    with database.reading() as db:
        return db.exec(select(Account.name).where(col(Account.id) == person.account_id)).one()


def entered(client: TestClient, page: Response, name: str, password: str = PASSWORD) -> Response:
    """The answer to the door's form as it stands, with a name and a password in it."""
    fields = form_fields(page, "/sign-in") | {"name": name, "password": password}
    address = page.text.split('action="')[1].split('"')[0].replace("&amp;", "&")
    answer: Response = client.post(address, data=fields)
    return answer


def shown(page: Response) -> dict[str, Any]:
    fields = form_fields(page, "/code/")
    return {name: fields.get(name) for name in ("v-expression", "v-emotion", "v-stance", "memo", "unsure")}


SHOWN = {
    "v-expression": ["attachment", "quality"],
    "v-emotion": ["2"],
    "v-stance": ["against"],
    "memo": ["half a <thought>"],
    "unsure": ["on"],
}


@pytest.mark.parametrize("has_cookie", [True, False], ids=["expired", "signed out"])
def test_what_was_typed_is_shown_again_after_a_new_sign_in(
    has_cookie: bool, here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | TYPED
    sign_everybody_out(database)
    if not has_cookie:
        client.cookies.clear()

    door = client.post(here.path(1), data=fields)
    assert (door.status_code, "nothing was submitted" in door.text) == (401, True)
    wrong = entered(client, door, "nobody", "wrong")
    assert (wrong.status_code, "not right" in wrong.text) == (422, True)
    page = entered(client, wrong, name_of(database, cast.annotator))

    assert page.status_code == 200
    assert "nothing was submitted yet" in page.text
    assert shown(page) == SHOWN
    assert PASSWORD not in page.text
    assert stored(database, here, 1, cast.annotator).state == "queued"
    again = form_fields(page, "/code/")
    assert again["form_key"] == [form_key(client)]
    assert client.post(here.path(1), data=again).headers["location"] == here.path(2)
    assert stored(database, here, 1, cast.annotator).revisions[0].memo == "half a <thought>"


def test_a_form_from_an_earlier_sign_in_is_shown_again(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | TYPED
    sign_in_elsewhere(client, database, cast.annotator)

    page = client.post(here.path(1), data=fields)

    assert (page.status_code, shown(page)) == (409, SHOWN)
    assert stored(database, here, 1, cast.annotator).state == "queued"
    assert post(client, here.path(1), form_fields(page, "/code/")).status_code == 303


def test_the_door_knows_who_signed_in_in_another_tab(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | TYPED
    sign_everybody_out(database)
    door = client.post(here.path(1), data=fields)
    sign_in_elsewhere(client, database, cast.annotator)

    page = entered(client, door, name_of(database, cast.annotator))

    assert (page.status_code, shown(page)) == (409, SHOWN)


def test_nobody_else_is_shown_what_was_typed(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | TYPED
    sign_everybody_out(database)
    door = client.post(here.path(1), data=fields)

    other = entered(client, door, name_of(database, cast.other_annotator))

    assert (other.status_code, "Somebody else is signed in" in other.text) == (401, True)
    assert 'id="coding"' not in other.text
    assert opened(client, here.path(1))["memo"] == [""]
    page = entered(client, other, name_of(database, cast.annotator))
    assert (page.status_code, shown(page)) == (200, SHOWN)


def test_who_may_not_code_any_more_is_told_so_behind_the_door(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | TYPED
    sign_everybody_out(database)
    with database.writing() as db:
        db.execute(update(Member).where(col(Member.id) == cast.annotator.member_id).values(is_active=False))

    answer = entered(client, client.post(here.path(1), data=fields), name_of(database, cast.annotator))

    assert (answer.status_code, answer.headers["location"]) == (303, here.path(1))
    assert client.get(here.path(1)).status_code == 404


def test_a_skip_is_asked_for_again_with_what_is_kept_of_the_answers(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    post(client, here.path(1) + "/draft", opened(client, here.path(1)) | TYPED)
    skip = form_fields(client.get(here.path(1)), "/skip") | {"reason": "other", "reason_words": "too sad"}
    sign_everybody_out(database)

    door = client.post(here.path(1) + "/skip", data=skip)
    page = entered(client, door, name_of(database, cast.annotator))

    assert (page.status_code, shown(page)) == (200, SHOWN)
    assert "The post is not skipped yet." in page.text
    assert "too sad" in page.text
    assert stored(database, here, 1, cast.annotator).state == "queued"


def test_the_search_one_came_from_stays_in_the_address(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    address = here.path(1) + "?from=mine&wanted=unsure"
    fields = opened(client, address) | TYPED
    sign_everybody_out(database)

    page = entered(client, client.post(address, data=fields), name_of(database, cast.annotator))

    assert form_fields(page, "/code/1?from=mine&wanted=unsure")["memo"] == ["half a <thought>"]


def test_a_form_that_is_older_than_the_coding_still_shows_both(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | TYPED
    post(client, here.path(1), opened(client, here.path(1)) | ANSWERS)
    sign_everybody_out(database)

    page = entered(client, client.post(here.path(1), data=fields), name_of(database, cast.annotator))

    again = post(client, here.path(1), form_fields(page, "/code/"))
    assert (again.status_code, "Two versions of your coding" in again.text) == (409, True)


def test_only_the_answers_are_carried_and_only_from_a_page_of_ours(
    here: Study, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | TYPED
    strange = fields | {"next": "https://evil.example", "extra": "x", "password": "typed elsewhere"}
    sign_everybody_out(database)

    door = client.post(here.path(1), data=strange)
    assert "evil.example" not in door.text
    assert "typed elsewhere" not in door.text
    assert 'name="extra"' not in door.text
    assert client.post(here.path(1), data=ANSWERS).headers["location"].startswith("/sign-in?")
    for path in (here.path(1), here.path(1) + "/sign-in"):
        elsewhere = client.post(path, data=fields, headers={"sec-fetch-site": "cross-site"})
        assert "half a" not in elsewhere.text


def test_a_draft_is_answered_with_a_number(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | TYPED
    kept = client.post(here.path(1) + "/draft", data=fields)
    assert f'data-stored-as="{kept.headers["draft-stored-as"]}"' in client.get(here.path(1)).text
    sign_everybody_out(database)
    assert client.post(here.path(1) + "/draft", data=fields).status_code == 401
    sign_in_elsewhere(client, database, cast.annotator)
    assert client.post(here.path(1) + "/draft", data=fields).status_code == 403


def test_the_address_that_is_left_in_the_bar_leads_to_the_post(here: Study, client: TestClient) -> None:
    answer = client.get(here.path(1) + "/sign-in?from=mine")

    assert (answer.status_code, answer.headers["location"]) == (303, here.path(1) + "?from=mine")


def test_a_script_is_told_where_to_go_on_instead_of_being_sent_there(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    path = here.path(1)
    fields = opened(client, path) | ANSWERS
    client.headers["sent-by"] = "script"
    answer = client.post(path, data=fields, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (204, here.path(2))
    assert stored(database, here, 1, cast.annotator).state == "submitted"
    fields = opened(client, here.path(2)) | ANSWERS | {"v-stance": "no such code"}
    assert client.post(here.path(2), data=fields).status_code == 422
