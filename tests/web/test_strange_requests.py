"""What no browser sends: answered in words and with the right status, never with a failure of ours."""

import pytest
from fastapi.testclient import TestClient

from server.web.bodies import MAX_TEXT_BYTES
from server.web.csrf import FIELD
from tests.browse import form_key, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

pytestmark = on_one_database

TEXT = "application/x-www-form-urlencoded"
NOWHERE = "http://["


@pytest.fixture
def lead(cast: Cast, client_of: ClientOf) -> TestClient:
    return client_of(cast.lead)


def test_a_form_key_of_strange_letters_is_a_wrong_one(lead: TestClient) -> None:
    assert lead.post("/me", data={FIELD: "\N{LATIN SMALL LETTER E WITH ACUTE}"}).status_code == 403


@pytest.mark.parametrize("origin", [NOWHERE, "null", "http://elsewhere.example"])
def test_an_origin_that_is_not_ours_is_refused(lead: TestClient, origin: str) -> None:
    assert post(lead, "/me", {"display_name": "Ada"}, headers={"origin": origin}).status_code == 403


def test_a_null_origin_is_no_host_either(lead: TestClient) -> None:
    answer = post(lead, "/me", {"display_name": "Ada"}, headers={"origin": "null", "host": ""})
    assert answer.status_code == 403


def test_a_referer_that_is_no_address_leads_to_the_first_page(client_of: ClientOf) -> None:
    answer = client_of(None).post("/me", headers={"referer": NOWHERE})
    assert answer.headers["location"] == "/sign-in?next=%2F"


def test_nothing_is_named_with_a_nul(lead: TestClient, cast: Cast) -> None:
    assert lead.get("/projects/a%00b").status_code == 404
    assert post(lead, f"/projects/{cast.project.key}/invitations/%00/revoke").status_code == 404


@pytest.mark.parametrize("charset", ["utf-7", "punycode", "unicode_escape", "undefined"])
def test_a_form_in_a_strange_encoding_is_not_read(lead: TestClient, cast: Cast, charset: str) -> None:
    fields = {FIELD: form_key(lead), "title": "+2AA-", "description": "\\ud800"}
    parts = (
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    )
    answer = lead.post(
        f"/projects/{cast.project.key}/settings",
        content="".join(parts) + "--B--\r\n",
        headers={"content-type": f"multipart/form-data; charset={charset}; boundary=B"},
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("kind", "status"),
    [(TEXT, 413), (f"{TEXT}; charset=UTF-8", 413), ("multipart/form-data; boundary=B", 413)],
)
def test_nobody_sends_more_text_than_a_form_has(client_of: ClientOf, kind: str, status: int) -> None:
    headers = {"content-type": kind, "content-length": str(MAX_TEXT_BYTES + 1)}
    assert client_of(None).post("/sign-in", content=b"a", headers=headers).status_code == status


FILES = "multipart/form-data; boundary=B"


def test_a_made_up_session_sends_no_long_files(client_of: ClientOf, lead: TestClient) -> None:
    headers = {"content-type": FILES, "content-length": str(MAX_TEXT_BYTES + 1)}
    forger = client_of(None)
    forger.cookies.set("session", "made-up")
    assert forger.post("/sign-in", content=b"a", headers=headers).status_code == 413
    assert lead.post("/me", content=b"a", headers=headers).status_code != 413


def test_a_stream_of_files_comes_from_somebody_only(client_of: ClientOf, lead: TestClient) -> None:
    empty = [b"--B--\r\n"]
    answer = client_of(None).post("/sign-in", content=iter(empty), headers={"content-type": FILES})
    assert answer.status_code == 411
    assert lead.post("/me", content=iter(empty), headers={"content-type": FILES}).status_code == 403


def test_a_form_says_how_long_it_is(client_of: ClientOf) -> None:
    answer = client_of(None).post("/sign-in", content=iter([b"a=b"]), headers={"content-type": TEXT})
    assert answer.status_code == 411
