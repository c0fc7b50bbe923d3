import re

import pytest

from server.db.engine import Database
from server.tokens.actions import make_token
from server.tokens.scopes import Scope
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

WANTED = {"name": "R script", "scopes": ["projects:read", "results:read"], "days": "30"}


@on_one_database
def test_a_token_is_made_shown_once_used_and_revoked(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.viewer)
    made = post(client, "/me/tokens", WANTED | {"project": cast.project.key})
    assert made.status_code == 200
    found = re.search(r'value="(intercoder_[\w-]{43})"', made.text)
    assert found
    listed = client.get("/me/tokens").text
    assert found[1] not in listed
    assert "R script" in listed
    assert ">never</td>" in listed
    asked = {"headers": {"Authorization": f"Bearer {found[1]}"}}
    assert client_of(None).get("/api/v1/projects", **asked).status_code == 200
    assert ">never</td>" not in client.get("/me/tokens").text
    handle = re.search(r"/me/tokens/(\w+)/revoke", listed)
    assert handle
    assert post(client_of(cast.lead), handle[0]).status_code == 404
    assert post(client, handle[0]).headers["location"] == "/me/tokens"
    assert client_of(None).get("/api/v1/projects", **asked).status_code == 401
    assert "R script" not in client.get("/me/tokens").text


@on_one_database
def test_the_same_form_with_other_answers_is_another_token(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.viewer)
    form = WANTED | {"form_token": "the-same"}
    answers = (form, form, form | {"days": "1"})
    shown = [
        re.findall(r"intercoder_[\w-]{43}", post(client, "/me/tokens", each).text)[0] for each in answers
    ]
    assert shown[0] == shown[1] != shown[2]


@on_one_database
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "Please fill this in."),
        ({"scopes": []}, "Choose at least one."),
        ({"days": "366"}, "This must be at most 365."),
        ({"project": "no-such-project"}, "Please choose one of the answers offered."),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_kept(
    cast: Cast, client_of: ClientOf, fields: dict[str, str], words: str
) -> None:
    page = post(client_of(cast.viewer), "/me/tokens", WANTED | fields)
    assert page.status_code == 422
    assert words in page.text
    kept = {name: value for name, value in WANTED.items() if name not in fields}
    found = form_fields(page, "/me/tokens")
    assert {name: found[name] if name == "scopes" else found[name][0] for name in kept} == kept


@on_one_database
def test_leads_see_what_reaches_their_project_and_shut_it_out(
    cast: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        make_token(db, cast.annotator.account_id, "for <all>", [Scope.CODINGS_READ], 9)
    lead, place = client_of(cast.lead), f"/projects/{cast.project.key}/tokens"
    listed = lead.get(place).text
    assert "for &lt;all&gt;" in listed
    handle = re.search(rf"{place}/(\w+)/revoke", listed)
    assert handle
    assert post(client_of(cast.viewer), handle[0]).status_code == 403
    assert post(lead, handle[0]).headers["location"] == place
    assert "for &lt;all&gt;" not in lead.get(place).text
    assert "for &lt;all&gt;" in client_of(cast.annotator).get("/me/tokens").text
    told = lead.get(f"/projects/{cast.project.key}/history").text
    assert "shut an access token out of the project" in told
