import pytest

from server.codebooks.queries import Codebook, CodeInfo, VariableInfo
from server.coding.answers import Answer, coded, in_words, plain, typed_of
from server.coding.questions import COMMANDS, questions
from server.errors import Refusal


def code(number: int, key: str, value: float | None = None, parent: int | None = None) -> CodeInfo:
    return CodeInfo(number, key, key.title(), value, "What it means.", "", "", "", "", parent)


def variable(
    number: int,
    key: str,
    kind: str,
    codes: tuple[CodeInfo, ...] = (),
    *,
    is_required: bool = True,
    minimum: float | None = None,
    maximum: float | None = None,
) -> VariableInfo:
    return VariableInfo(number, key, kind, key.title(), "", is_required, minimum, maximum, codes)


BOOK = Codebook(
    1,
    1,
    "",
    0,
    None,
    (
        variable(1, "topics", "multiple", (code(11, "work"), code(12, "play", parent=11))),
        variable(2, "stance", "single", (code(21, "for"), code(22, "against"))),
        variable(3, "force", "ordinal", (code(31, "0", 0), code(32, "1", 1.0)), is_required=False),
        variable(4, "count", "number", is_required=False, minimum=0, maximum=10),
        variable(5, "why", "text", is_required=False),
    ),
)
GOOD = {"v-topics": ("work",), "v-stance": ("for",)}


def errors(**typed: str | tuple[str, ...]) -> dict[str, str]:
    fields = {
        name.replace("_", "-"): value if isinstance(value, tuple) else (value,)
        for name, value in typed.items()
    }
    with pytest.raises(Refusal) as refused:
        coded(BOOK, GOOD | fields)
    return dict(refused.value.fields)


def test_answers_become_rows() -> None:
    typed = {
        "v-topics": ("play", "work", "play"),
        "v-stance": ("against",),
        "v-force": ("1",),
        "v-count": (" 2,5 ",),
        "v-why": ("  because\r\nof it ",),
        "memo": ("note",),
        "unsure": ("on",),
    }

    found = coded(BOOK, typed)

    assert found.answers == (
        Answer(1, code_id=12),
        Answer(1, code_id=11),
        Answer(2, code_id=22),
        Answer(3, code_id=32),
        Answer(4, number=2.5),
        Answer(5, text="because\nof it"),
    )
    assert (found.memo, found.is_unsure) == ("note", True)


def test_nothing_applies_is_an_answer_of_its_own() -> None:
    found = coded(BOOK, {"v-topics": (), "none-topics": ("on",), "v-stance": ("for",)})

    assert found.answers[0] == Answer(1, nothing_applies=True)


def test_optional_questions_may_stay_open() -> None:
    found = coded(BOOK, GOOD | {"v-force": ("",), "v-count": ("",), "v-why": ("  ",)})

    assert {answer.variable_id for answer in found.answers} == {1, 2}


def test_every_open_required_question_is_named() -> None:
    with pytest.raises(Refusal) as refused:
        coded(BOOK, {})

    assert set(refused.value.fields) == {"v-topics", "v-stance"}


def test_nothing_applies_cannot_stand_beside_a_code() -> None:
    assert "cannot stand beside" in errors(none_topics="on")["v-topics"]


def test_one_answer_only() -> None:
    assert "one answer only" in errors(v_stance=("for", "against"))["v-stance"]


def test_a_code_that_is_not_in_the_codebook() -> None:
    assert "not in the codebook" in errors(v_stance="elsewhere")["v-stance"]


@pytest.mark.parametrize("text", ["many", "nan", "inf", "1_0", "1e999", "2.5.1", "٣ or so"])
def test_what_is_no_number(text: str) -> None:
    assert "Write a number" in errors(v_count=text)["v-count"]


@pytest.mark.parametrize(("text", "words"), [("-1", "at least 0"), ("10.5", "at most 10")])
def test_a_number_out_of_range(text: str, words: str) -> None:
    assert words in errors(v_count=text)["v-count"]


def test_texts_that_are_too_long() -> None:
    found = errors(v_why="x" * 10_001, memo="x" * 5_001)

    assert "10000" in found["v-why"]
    assert "5000" in found["memo"]


def test_a_question_that_is_not_in_the_codebook() -> None:
    assert errors(v_other="x") == {}


def test_a_stored_coding_fills_its_form_again() -> None:
    typed = {"v-topics": ("work",), "v-stance": ("for",), "v-count": ("3",), "v-why": ("so",), "memo": ("m",)}
    found = coded(BOOK, typed)

    again = typed_of(BOOK, found)

    assert again == {name: list(values) for name, values in typed.items()} | {"unsure": []}
    assert coded(BOOK, {name: tuple(values) for name, values in again.items()}) == found


def test_words_for_answers_good_and_bad() -> None:
    said = dict(in_words(BOOK, {"v-topics": ("work", "gone"), "none-topics": ("on",)}))

    assert said["Topics"] == "Work, gone, Nothing applies"
    assert said["Stance"] == "no answer"


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (2.5, "2.5"), (-0.1, "-0.1"), (1e300, "1e+300")])
def test_numbers_as_one_types_them(value: float, text: str) -> None:
    assert plain(value) == text


def test_keys_are_digits_for_the_first_question_and_letters_for_the_rest() -> None:
    topics, stance, force, count, why = questions(BOOK)

    assert [choice.key for choice in topics.choices] == ["1", "2"]
    assert topics.none_key == "0"
    assert [choice.key for choice in (*stance.choices, *force.choices)] == ["a", "b", "c", "g"]
    assert (count.choices, count.none_key) == ((), "")
    assert (count.key, why.key, force.key) == ("h", "i", "")


def keys_of(*asked: VariableInfo) -> list[list[str]]:
    book = Codebook(1, 1, "", 0, None, asked)
    return [
        [*(choice.key for choice in question.choices), *filter(None, [question.none_key])]
        for question in questions(book)
    ]


def many(count: int) -> tuple[CodeInfo, ...]:
    return tuple(code(number, f"code{number}") for number in range(count))


def test_no_code_has_the_key_of_a_command_or_of_another_code() -> None:
    first, second = keys_of(
        variable(1, "first", "multiple", many(12)), variable(2, "second", "multiple", many(25))
    )

    assert first == [*"123456789", "a", "b", "c", "0"]
    given = [key for key in (*first, *second) if key]
    assert len(given) == len(set(given))
    assert not set(given) & set(COMMANDS.values())
    assert set(given) == set("0123456789abcdefghijklmnopqrstuvwxyz") - set(COMMANDS.values())


def test_a_choice_of_one_has_ten_digits() -> None:
    assert keys_of(variable(1, "stance", "single", many(11))) == [[*"1234567890", "a"]]


def steps(*values: float, label: str = "") -> tuple[CodeInfo, ...]:
    return tuple(code(place, label or f"step {value}", value) for place, value in enumerate(values))


@pytest.mark.parametrize(
    ("values", "keys"),
    [((0, 1, 2, 3), "0123"), ((1, 2, 3), "123"), ((3, 2, 1), "321"), ((-1, 0, 1), "abc"), ((9, 10), "ab"),
     ((0.5, 1), "ab"), ((1, 1), "ab")],
)  # fmt: skip
def test_a_scale_has_its_own_numbers_as_keys_or_letters(values: tuple[float, ...], keys: str) -> None:
    assert keys_of(variable(1, "force", "ordinal", steps(*values))) == [[*keys]]


def test_a_scale_has_its_own_numbers_where_another_question_has_not_taken_them() -> None:
    stance = variable(1, "stance", "single", many(3))
    high, low = (variable(2, "high", "ordinal", steps(4, 5)), variable(3, "low", "ordinal", steps(0, 1)))

    assert keys_of(stance, high, low) == [[*"123"], [*"45"], [*"ab"]]
    assert keys_of(low, stance, high) == [[*"01"], [*"abc"], [*"45"]]


def test_the_digits_go_to_a_choice_behind_a_scale_that_has_letters() -> None:
    scale = variable(1, "tone", "ordinal", steps(-1, 0, 1))

    assert keys_of(scale, variable(2, "stance", "single", many(3))) == [[*"abc"], [*"123"]]


@pytest.mark.parametrize(
    ("count", "label", "fits"),
    [(3, "Neutral", True), (5, "Very negative", True), (7, "Neutral", True), (7, "Ambivalent", False),
     (3, "Neither this nor that nor anything else", False)],
)  # fmt: skip
def test_a_label_stands_under_its_step_where_there_is_room(count: int, label: str, fits: bool) -> None:
    scale = Codebook(1, 1, "", 0, None, (variable(1, "tone", "ordinal", steps(*range(count), label=label)),))

    captions = {choice.caption for choice in questions(scale)[0].choices}

    assert captions == {scale.variables[0].codes[0].label if fits else ""}


def test_a_code_stands_below_its_parent() -> None:
    assert [choice.depth for choice in questions(BOOK)[0].choices] == [0, 1]
