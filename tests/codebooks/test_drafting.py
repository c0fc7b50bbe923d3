"""Pure parts of the codebook: keys, nesting, checks, differences, the past."""

import pytest

from server.codebooks.changes import differences, for_history
from server.codebooks.checks import contradictions, problems
from server.codebooks.drafting import in_order, with_code_changed, with_code_moved, without_code
from server.codebooks.keys import KEY, derived_key
from server.codebooks.nesting import descendants, nested
from server.codebooks.past import Past, refuse_changed_kinds, refuse_reused_keys
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.errors import Refusal


def single(*codes: CodeSheet, key: str = "stance", kind: str = "single") -> CodebookSheet:
    return CodebookSheet((VariableSheet(key, kind, key.title(), codes=codes),))


def keys(sheet: CodebookSheet) -> list[str]:
    return [code.key for code in sheet.variables[0].codes]


A, B, C = CodeSheet("a", "A"), CodeSheet("b", "B"), CodeSheet("c", "C")
A1, A2 = CodeSheet("a1", "A1", parent_key="a"), CodeSheet("a2", "A2", parent_key="a")


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Relational attachment", "relational_attachment"),
        ("Déjà vu!", "deja_vu"),
        ("情感", "code_3"),
        ("ما هو الموقف؟ 2", "code_3"),
        ("Привет 4o", "code_3"),
        ("?!", "code_3"),
        ("Straße nach Łódź", "strasse_nach_lodz"),
        ("4o", "4o"),
        ("Loss", "loss_2"),
        ("x" * 90, "x" * 48),
    ],
)
def test_a_key_is_made_of_the_label(label: str, key: str) -> None:
    made = derived_key(label, ["LOSS", "other"], "code")

    assert made == key
    assert KEY.fullmatch(made)


def test_children_stand_behind_their_parents() -> None:
    places = nested([A1, B, A, A2])

    assert [(place.code.key, place.depth) for place in places] == [("b", 0), ("a", 0), ("a1", 1), ("a2", 1)]
    assert [place.is_first for place in places] == [True, False, True, False]
    assert [place.is_last for place in places] == [False, True, False, True]


def test_a_circle_of_parents_is_shown_and_not_followed_for_ever() -> None:
    circle = [CodeSheet("x", "X", parent_key="y"), CodeSheet("y", "Y", parent_key="x")]

    assert [place.code.key for place in nested(circle)] == ["x", "y"]
    assert descendants(circle, "x") == {"x", "y"}


def test_moving_a_parent_takes_its_children_along() -> None:
    sheet = single(A, A1, A2, B)

    assert keys(with_code_moved(sheet, "stance", "b", -1)) == ["b", "a", "a1", "a2"]
    assert keys(with_code_moved(sheet, "stance", "a2", -1)) == ["a", "a2", "a1", "b"]
    assert with_code_moved(sheet, "stance", "a1", -1) == sheet


def test_removing_a_parent_moves_its_children_up() -> None:
    codes = without_code(single(A, A1, B), "stance", "a").variables[0].codes

    assert [(code.key, code.parent_key) for code in codes] == [("a1", None), ("b", None)]


def test_a_new_key_of_a_parent_reaches_its_children() -> None:
    changed = with_code_changed(single(A, A1), "stance", "a", CodeSheet("z", "Z"))

    assert [code.parent_key for code in changed.variables[0].codes] == [None, "z"]


def test_a_scale_without_numbers_is_numbered_in_its_order() -> None:
    sheet = in_order(single(A, B, C, kind="ordinal"))

    assert [code.value for code in sheet.variables[0].codes] == [0, 1, 2]


def test_a_good_codebook_has_no_problems() -> None:
    assert problems(single(A, A1, B)) == ()


@pytest.mark.parametrize(
    ("sheet", "field", "part"),
    [
        (CodebookSheet(), "", "no variable yet"),
        (single(A), "codes", "at least 2 codes, and has 1"),
        (single(kind="ordinal"), "codes", "at least 2 codes"),
        (single(kind="multiple"), "codes", "at least 1 code, and has 0"),
    ],
)
def test_a_draft_may_wait_for_what_is_missing(sheet: CodebookSheet, field: str, part: str) -> None:
    [problem] = problems(sheet)

    assert (problem.field, problem.is_missing) == (field, True)
    assert part in problem.message
    assert contradictions(sheet) == ()


@pytest.mark.parametrize(
    ("sheet", "field", "part"),
    [
        (single(A, CodeSheet("b", " a ")), "label", "two codes called"),
        (single(A, CodeSheet("A", "B")), "key", "another code with the key"),
        (single(A, CodeSheet("b c", "B")), "key", "letters without accents"),
        (single(A, CodeSheet("b", " ")), "label", "fill this in"),
        (single(A, CodeSheet("b", "B", parent_key="gone")), "parent_key", "is not a code of"),
        (single(A, CodeSheet("b", "B", parent_key="b")), "parent_key", "below itself"),
        (single(CodeSheet("a", "A", 1.0), CodeSheet("b", "B", 1.0), kind="ordinal"), "value", "1 already"),
        (single(CodeSheet("a", "A", 1.0), B, kind="ordinal"), "value", "needs its number"),
        (single(A, CodeSheet("None", "None"), kind="multiple"), "key", "always offered"),
        (single(A, kind="number"), "kind", "has no codes"),
        (CodebookSheet((VariableSheet("n", "number", "N", minimum=2, maximum=1),)), "maximum", "less than"),
        (CodebookSheet((VariableSheet("n", "text", "N", minimum=2),)), "minimum", "Only a number"),
        (
            CodebookSheet((VariableSheet("n", "text", "N"), VariableSheet("N", "text", "M"))),
            "key",
            "another variable",
        ),
    ],
)
def test_contradictions_are_found_where_they_are(sheet: CodebookSheet, field: str, part: str) -> None:
    [problem] = contradictions(sheet)

    assert problem.field == field
    assert part in problem.message


def test_no_difference_is_no_change() -> None:
    assert not differences(single(A, B), single(A, B))


def test_differences_name_what_was_added_removed_renamed_and_moved() -> None:
    changes = differences(single(A, B, C), single(C, CodeSheet("b", "Beta"), CodeSheet("d", "D")))

    [variable] = changes.variables
    assert (variable.what, variable.fields, variable.codes_reordered) == ("changed", (), True)
    assert [(code.what, code.key) for code in variable.codes] == [
        ("changed", "b"),
        ("added", "d"),
        ("removed", "a"),
    ]
    [renamed] = variable.codes[0].fields
    assert (renamed.word, renamed.before, renamed.after) == ("Label", "B", "Beta")
    assert [changes.counts(what) for what in ("added", "changed", "removed")] == [(0, 1), (1, 1), (0, 1)]


def test_a_new_variable_is_told_with_its_codes() -> None:
    changes = differences(CodebookSheet(), single(A, B))

    assert changes.counts("added") == (1, 2)
    assert differences(single(A, B), CodebookSheet()).counts("removed") == (1, 2)


def test_the_history_never_holds_an_example_since_it_may_quote_a_post() -> None:
    told = for_history(differences(single(A), single(CodeSheet("a", "A", definition="D", example="I miss"))))

    fields = told["variables"][0]["codes"][0]["fields"]
    assert fields == {"definition": {"before": "", "after": "D"}, "example": {"changed": True}}


def test_a_published_key_is_not_given_to_something_new() -> None:
    past = Past(((1, single(A, B)),))

    with pytest.raises(Refusal) as refusal:
        refuse_reused_keys(past, single(A), single(A, CodeSheet("B", "Something else")))

    assert "“B” of version 1" in refusal.value.fields["key"]
    refuse_reused_keys(past, single(A), single(A, C))


def test_a_published_kind_stays() -> None:
    with pytest.raises(Refusal) as refusal:
        refuse_changed_kinds(Past(((1, single(A, B)),)), single(A, B, kind="multiple"))

    assert "Make a new variable" in refusal.value.fields["kind"]


def test_a_published_key_keeps_its_spelling() -> None:
    past = Past(((1, single(A, B)),))

    with pytest.raises(Refusal, match="published in this spelling"):
        refuse_changed_kinds(past, single(A, CodeSheet("B", "B")))


def test_the_past_knows_what_the_draft_no_longer_has_and_how_it_was_last() -> None:
    past = Past(((2, single(A, CodeSheet("b", "Beta"))), (1, single(A, B, C))))

    gone = past.removed_codes(single(A).variables[0])

    assert {(code.entry.key, code.entry.label, code.version) for code in gone} == {
        ("b", "Beta", 2),
        ("c", "C", 1),
    }
    assert [found.entry.key for found in past.removed_variables(CodebookSheet())] == ["stance"]
