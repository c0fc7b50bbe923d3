"""Which questions are asked: the rule itself, and the form that heeds it."""

from collections.abc import Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from server.codebooks.queries import CodeInfo, ConditionInfo, VariableInfo
from server.coding.conditions import asked
from server.db.engine import Database
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.coding.desk import Study, opened, stored, study
from tests.conftest import ClientOf

VARIABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "expression": ("multiple", ("attachment", "quality")),
    "stance": ("single", ("against", "favour")),
    "depth": ("ordinal", ("0", "1")),
    "why": ("text", ()),
}
WHEN: Mapping[str, list[tuple[str, str | None]]] = {
    "stance": [("expression", "attachment"), ("expression", None)],
    "depth": [("stance", "against")],
    "why": [("depth", "1")],
}
ALL = {"v-expression": "attachment", "v-stance": "against", "v-depth": "1", "v-why": "It is loud."}


def variable(id_: int, when: frozenset[ConditionInfo]) -> VariableInfo:
    codes = tuple(CodeInfo(10 * id_ + n, str(n), str(n), None, "", "", "", "", "", None) for n in range(3))
    return VariableInfo(id_, f"v{id_}", "multiple", f"V{id_}", "", True, None, None, codes, when)


@st.composite
def books(draw: st.DrawFn) -> tuple[VariableInfo, ...]:
    """Variables 1, 2, … whose conditions look back."""
    found: list[VariableInfo] = []
    for id_ in range(1, draw(st.integers(1, 6)) + 1):
        earlier = [ConditionInfo(one.id, code.id) for one in found for code in one.codes]
        earlier += [ConditionInfo(one.id, None) for one in found]
        when = draw(st.frozensets(st.sampled_from(earlier), max_size=3)) if earlier else frozenset()
        found.append(variable(id_, when))
    return tuple(found)


@st.composite
def answered(draw: st.DrawFn) -> tuple[tuple[VariableInfo, ...], dict[int, frozenset[int | None]]]:
    book = draw(books())
    codes = {one.id: [None, *(code.id for code in one.codes)] for one in book}
    return book, {key: draw(st.frozensets(st.sampled_from(of), max_size=2)) for key, of in codes.items()}


def by_definition(book: tuple[VariableInfo, ...], chosen: Mapping[int, frozenset[int | None]]) -> set[int]:
    known = {one.id: one for one in book}

    def is_asked(id_: int) -> bool:
        when = known[id_].when
        return not when or any(is_asked(on) and code in chosen[on] for on, code in when)

    return {id_ for id_ in known if is_asked(id_)}


@given(answered())
def test_a_question_is_asked_if_an_asked_one_has_an_answer_it_depends_on(
    case: tuple[tuple[VariableInfo, ...], dict[int, frozenset[int | None]]],
) -> None:
    assert asked(*case) == by_definition(*case)


@given(answered())
def test_answers_to_questions_that_are_not_asked_change_nothing(
    case: tuple[tuple[VariableInfo, ...], dict[int, frozenset[int | None]]],
) -> None:
    book, chosen = case
    found = asked(book, chosen)
    assert asked(book, {key: codes for key, codes in chosen.items() if key in found}) == found
    assert {one.id for one in book if not one.when} <= found


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        return study(db, cast, book=make.published(db, cast.project, VARIABLES, WHEN))


def sent(client: TestClient, here: Study, **answers: Any) -> Any:
    blank = dict.fromkeys(ALL, "")
    changed = {name.replace("_", "-"): value for name, value in answers.items()}
    return post(client, here.path(1), opened(client, here.path(1)) | blank | changed)


@pytest.mark.parametrize(
    "answers",
    [
        {"v_expression": "quality"},
        {"none_expression": "on", "v_stance": "favour"},
        {"v_expression": "attachment", "v_stance": "against", "v_depth": "0"},
        {name.replace("-", "_"): value for name, value in ALL.items()},
    ],
    ids=["one", "after nothing applies", "three", "all"],
)
def test_only_what_is_asked_is_required(
    answers: dict[str, str], here: Study, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    assert sent(client_of(cast.annotator), here, **answers).status_code == 303
    given_to = {name.removeprefix("v_").removeprefix("none_") for name in answers}
    assert {key for key, _value in stored(database, here, 1, cast.annotator).answers} == given_to


def test_what_is_asked_and_required_is_missed(here: Study, cast: Cast, client_of: ClientOf) -> None:
    page = sent(client_of(cast.annotator), here, v_expression="attachment")
    assert page.status_code == 422
    assert page.text.count("Choose an answer.") == 2  # At the question, and in the list above.


def test_an_answer_to_a_question_that_is_not_asked_is_refused_at_its_place(
    here: Study, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    page = sent(client_of(cast.annotator), here, v_expression="quality", v_why="It is loud.", v_depth="1")
    assert page.status_code == 422
    assert 'id="f-v-why-error"' in page.text or "v-why-error" in page.text
    assert "only if “Depth” is “1”" in page.text
    assert "It is loud.</textarea>" in page.text
    kept = stored(database, here, 1, cast.annotator)
    assert (kept.state, kept.revisions, kept.answers) == ("queued", [], [])


def test_a_correction_that_changes_the_governing_answer_drops_what_depended_on_it(
    here: Study, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    client = client_of(cast.annotator)
    assert sent(client, here, **{n.replace("-", "_"): v for n, v in ALL.items()}).status_code == 303
    assert sent(client, here, v_expression="quality").status_code == 303
    kept = stored(database, here, 1, cast.annotator)
    assert kept.answers == [("expression", "quality")]
    assert len(kept.revisions) == 2


def test_a_draft_keeps_what_stands_in_questions_that_are_not_asked(
    here: Study, cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.annotator)
    fields = opened(client, here.path(1)) | {"v-expression": "quality", "v-why": "It is loud."}
    assert post(client, here.path("1/draft"), fields).status_code == 204
    assert "It is loud.</textarea>" in client.get(here.path(1)).text


def test_the_page_says_what_is_asked_when_and_hides_it_where_a_script_runs(
    here: Study, cast: Cast, client_of: ClientOf
) -> None:
    page = client_of(cast.annotator).get(here.path(1)).text
    assert "Asked only if “Expression” is “Attachment” or “Nothing applies”." in page
    assert 'data-when="none-expression=on v-expression=attachment"' in page
    assert page.count('class="question unasked"') == 3
    assert "data-when" in page


def test_a_codebook_without_conditions_needs_no_script_for_them(
    database: Database, cast: Cast, client_of: ClientOf
) -> None:
    with database.writing() as db:
        plain = study(db, cast)
    assert "data-when" not in client_of(cast.annotator).get(plain.path(1)).text


def test_two_versions_of_a_coding_say_what_was_not_asked(
    here: Study, cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.annotator)
    old = opened(client, here.path(1))
    assert sent(client, here, **{n.replace("-", "_"): v for n, v in ALL.items()}).status_code == 303
    page = post(client, here.path(1), old | {"v-expression": "quality"})
    assert page.status_code == 409
    assert page.text.count("not asked") == 3
