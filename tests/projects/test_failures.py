"""Pages that say what went wrong lead a member back to the project, and tell nobody else of it."""

import re

import pytest

from server.db.engine import Database
from server.projects.roles import Role
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database


def back_to(cast: Cast) -> str:
    return f'href="/projects/{cast.project.key}">Back to {cast.project.title}</a>'


@on_one_database
@pytest.mark.parametrize(
    ("page", "status"),
    [("/members", 403), ("/rounds/99/mine", 404), ("/rounds/first/mine", 404), ("/nowhere/at/all", 404)],
)
def test_a_member_is_led_back_to_the_project(page: str, status: int, cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.annotator).get(f"/projects/{cast.project.key}{page}")
    assert answer.status_code == status
    assert back_to(cast) in answer.text


@on_one_database
def test_so_is_who_sends_a_form_where_none_is_taken(cast: Cast, client_of: ClientOf) -> None:
    answer = post(client_of(cast.annotator), f"/projects/{cast.project.key}/rounds/1/mine")
    assert answer.status_code == 405
    assert back_to(cast) in answer.text


@on_one_database
@pytest.mark.parametrize("page", ["", "/members", "/rounds/1/mine", "/rounds/first/mine", "/nowhere/at/all"])
def test_what_is_not_ones_own_looks_like_what_does_not_exist(
    page: str, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    with database.writing() as db:
        neighbour = make.member(db, make.project(db, title="Another study"), Role.LEAD, "neighbour")
    for client in (client_of(neighbour), client_of(None)):
        theirs = client.get(f"/projects/{cast.project.key}{page}")
        nobodys = client.get(f"/projects/{'0' * len(cast.project.key)}{page}")
        assert theirs.status_code == nobodys.status_code
        assert cast.project.title not in theirs.text
        assert _without_keys(theirs.text, cast) == _without_keys(nobodys.text, cast)


def _without_keys(html: str, cast: Cast) -> str:
    return re.sub(f"{cast.project.key}|0{{{len(cast.project.key)}}}", "KEY", html)
