"""An annotator's own keys: how they are merged, refused and kept, and that nobody else gets them."""

import re

import pytest
from fastapi.testclient import TestClient

from server.coding.keymap import OwnKeys, clashing, is_usable, merged, usual
from server.coding.questions import COMMANDS, questions
from server.db.engine import Database
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.coding.desk import Study, study
from tests.conftest import ClientOf

USUAL = {"!memo": "m", "stance.against": "a", "stance.favour": "b"}


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        return study(db, cast)


@pytest.fixture
def client(client_of: ClientOf, cast: Cast) -> TestClient:
    return client_of(cast.annotator)


def keys_page(of: Study) -> str:
    return of.path().removesuffix("/code") + "/keys"


def badges(client: TestClient, of: Study) -> dict[str, str]:
    found = re.findall(r'id="(f-[^"]+)"[^>]* data-key="([^"]*)"', client.get(of.path(1)).text)
    return {name.removeprefix("f-v-"): key for name, key in found}


def save(client: TestClient, of: Study, **keys: str) -> int:
    fields = form_fields(client.get(keys_page(of)), "/keys")
    changed = {name.replace("__", "."): key for name, key in keys.items()}
    sent = fields | {
        (name if name in {"off", "reset"} else f"k-{name}"): key for name, key in changed.items()
    }
    return post(client, keys_page(of), sent).status_code


@pytest.mark.parametrize(
    ("own", "keys"),
    [
        ({}, "mab"),
        ({"stance.against": "x"}, "mxb"),
        ({"stance.against": "b"}, "mb "),
        ({"stance.against": "b", "stance.favour": "a"}, "mba"),
        ({"!memo": ""}, " ab"),
        ({"gone.code": "a"}, "mab"),
    ],
)
def test_own_keys_win_over_the_usual_ones(own: dict[str, str], keys: str) -> None:
    found = merged(USUAL, OwnKeys(own))
    assert "".join(key or " " for key in found.values()) == keys
    assert not clashing(found)
    assert set(merged(USUAL, OwnKeys(own, is_off=True)).values()) == {""}


@pytest.mark.parametrize(
    ("key", "usable"),
    [("", True), ("é", True), ("&", True), ("?", True), (" ", False), ("\n", False), ("ab", False)],
)
def test_a_key_is_one_character_or_none(key: str, usable: bool) -> None:
    assert is_usable(key) is usable


def test_every_answer_and_command_has_a_name(here: Study) -> None:
    names = usual(questions(here.book))
    assert {"!memo", "expression.attachment", "expression.", "emotion.2", "stance.against"} <= set(names)


def test_own_keys_stand_on_the_own_desk_only(
    here: Study, client: TestClient, client_of: ClientOf, cast: Cast
) -> None:
    other = client_of(cast.other_annotator)
    usual_badges = badges(other, here)
    assert save(client, here, stance__against="é", **{"!memo": "w"}) == 303
    own = badges(client, here)
    assert own["stance-against"] == "é"
    assert 'data-key-memo="w"' in client.get(here.path(1)).text
    assert own | {"stance-against": usual_badges["stance-against"]} == usual_badges
    assert badges(other, here) == usual_badges
    assert 'data-key-memo="m"' in other.get(here.path(1)).text
    assert save(client, here, reset="on") == 303
    assert badges(client, here) == usual_badges


def test_a_clash_is_said_at_both_fields_and_nothing_is_saved(here: Study, client: TestClient) -> None:
    before = badges(client, here)
    fields = form_fields(client.get(keys_page(here)), "/keys")
    page = post(client, keys_page(here), fields | {"k-stance.against": "m", "k-stance.favour": "ab"})
    assert page.status_code == 422
    assert "The same key as: Memo.</p>" in page.text
    assert "The same key as: Against.</p>" in page.text
    assert "Write one character, or nothing.</p>" in page.text
    assert form_fields(page, "/keys")["k-stance.against"] == ["m"]
    assert form_fields(page, "/keys")["k-stance.favour"] == ["ab"]
    assert badges(client, here) == before


def test_every_command_can_have_another_key_and_shows_it(here: Study, client: TestClient) -> None:
    own = dict(zip(COMMANDS, "pvwxyz%!+*", strict=True))
    assert save(client, here, **{f"!{command}": key for command, key in own.items()}) == 303
    page = client.get(here.path(1)).text
    for command, key in own.items():
        # What is offered only for some posts has its key in the list of all keys alone.
        assert f">{key}</kbd>" in page or command in {"show", "thread"}, command
    for usual_key in COMMANDS.values():
        assert f">{usual_key}</kbd>" not in page
    assert 'data-key-definitions="P"' in page


def test_keys_of_one_character_can_be_switched_off_and_on(here: Study, client: TestClient) -> None:
    assert save(client, here, stance__against="x") == 303
    assert save(client, here, off="on") == 303
    assert set(badges(client, here).values()) == {""}
    fields = form_fields(client.get(keys_page(here)), "/keys")
    del fields["off"]
    assert post(client, keys_page(here), fields).status_code == 303
    assert badges(client, here)["stance-against"] == "x"


def test_own_keys_hold_in_the_next_version_of_the_codebook(
    here: Study, client: TestClient, database: Database, cast: Cast
) -> None:
    assert save(client, here, stance__against="x") == 303
    with database.writing() as db:
        book = make.published(
            db, cast.project, {"more": ("single", ("yes", "no")), "stance": ("single", ("against", "gone"))}
        )
        later = study(db, cast, book=book)
    assert badges(client, later)["stance-against"] == "x"
