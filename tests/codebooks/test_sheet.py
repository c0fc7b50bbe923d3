"""Codebooks as rows of a file: what is read, what is refused and where, and the way back."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.codebooks.sheet import (
    COLUMNS,
    CodebookReading,
    CodebookSheet,
    CodeSheet,
    VariableSheet,
    humanised,
    read_codebook,
    read_number,
    write_number,
)
from server.codebooks.when import ConditionSheet
from server.codebooks.writing import write_codebook_csv
from server.corpora.compact import Row
from server.corpora.parsing import read_table
from server.errors import Refusal
from server.exchange.spreadsheets import unguarded

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real data sets are not here")

HEADER = "question,type,code,value,label,definition\n"


def read(text: str) -> CodebookReading:
    table = unguarded(read_table(text.encode(), "codebook.csv"))
    return read_codebook(table.columns, table.rows)


def problems(rows: str, header: str = HEADER) -> list[tuple[int, str]]:
    return [(problem.number, problem.message) for problem in read(header + rows).problems]


def only(rows: str, header: str = HEADER) -> VariableSheet:
    return read(header + rows).checked().variables[0]


def test_a_codebook_is_read() -> None:
    rows = "tone,single,pos,1,Positive,Says good things\ntone,single,neg,,,\n"
    assert only(rows) == VariableSheet(
        "tone",
        "single",
        "Tone",
        codes=(
            CodeSheet("pos", "Positive", 1.0, "Says good things"),
            CodeSheet("neg", "Neg"),
        ),
    )


def test_optional_columns_are_read() -> None:
    header = "question,type,code,question_label,hint,required,minimum,maximum,"
    header += "use_when,avoid_when,example,counter_example,parent\n"
    rows = "tone,multi,a,Which tone?,Think twice,no,0,2,if so,if not,yes it is,no it is not,\n"
    rows += "tone,multi,b,,,,,,,,,,a\n"
    variable = only(rows, header)
    assert (variable.label, variable.hint, variable.required) == ("Which tone?", "Think twice", False)
    assert (variable.minimum, variable.maximum) == (0.0, 2.0)
    assert variable.codes == (
        CodeSheet(
            "a",
            "A",
            use_when="if so",
            avoid_when="if not",
            example="yes it is",
            counter_example="no it is not",
        ),
        CodeSheet("b", "B", parent_key="a"),
    )


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("single", "single"),
        ("Nominal", "single"),
        ("single choice", "single"),
        ("binary", "single"),
        ("multi", "multiple"),
        ("multiple_choice", "multiple"),
        ("Multi-Label", "multiple"),
        ("ordinal", "ordinal"),
    ],
)
def test_types_have_synonyms(said: str, kind: str) -> None:
    assert only(f"q,{said},a,,,\n").kind == kind


@pytest.mark.parametrize(
    ("said", "kind"),
    [("number", "number"), ("numeric", "number"), ("interval", "number"), ("free text", "text")],
)
def test_questions_without_codes_are_one_row(said: str, kind: str) -> None:
    assert only(f"q,{said},,,,\n") == VariableSheet("q", kind, "Q")


def test_none_is_no_code_of_a_multiple_choice_but_one_of_a_single_choice() -> None:
    rows = "m,multi,a,1,,\nm,multi,none,1,None,\ns,single,none,,,\n"
    variables = read(HEADER + rows).checked().variables
    assert [[code.key for code in variable.codes] for variable in variables] == [["a"], ["none"]]


def test_derived_questions_are_left_out_with_a_notice() -> None:
    reading = read(HEADER + "q,single,a,,,\nf,derived,RE,1,,both\nf,derived,HI,1,,both\n")
    assert [variable.key for variable in reading.checked().variables] == ["q"]
    assert (reading.derived, [notice.number for notice in reading.notices]) == (frozenset("f"), [3])


def test_a_scale_without_values_is_numbered_in_its_order() -> None:
    assert [code.value for code in only("q,ordinal,low,,,\nq,ordinal,high,,,\n").codes] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("rows", "number", "words"),
    [
        ("q,colour,a,,,\n", 2, "type “colour” is not known"),
        ("q,single,a,,,\nq,multi,b,,,\n", 3, "has two types: “single” in row 2 and “multi” here"),
        ("q,single,a,,,\nq,single,a,,,\n", 3, "“a” of the question “q” is already in row 2"),
        ("q,single,Yes,,,\nq,single,yes,,,\n", 3, "already in row 2"),
        ("q,single,a,,,\nq,single,,,b,\n", 3, "names no code"),
        (",single,a,,,\n", 2, "names no question"),
        ("q,multi,none,,,\n", 2, "no code but “none”"),
        ("q,single,ä b,,,\n", 2, "“ä b” cannot be a key"),
        ("qü,single,a,,,\n", 2, "“qü” cannot be a key"),
        ("q,single," + "a" * 65 + ",,,\n", 2, "cannot be a key"),
        ("q,single,a,,,\nQ,single,b,,,\n", 3, "“Q” is written “q” elsewhere"),
        ("q,single,a,one,,\n", 2, "“value” takes a number, not “one”"),
        ("q,single,a,nan,,\n", 2, "takes a number"),
        ("q,ordinal,a,1,,\nq,ordinal,b,,,\n", 3, "Give this one its own"),
        ("q,ordinal,a,1,,\nq,ordinal,b,1,,\n", 3, "Row 2 has the same value"),
        ("q,number,a,,,\n", 2, "has no codes"),
    ],
)
def test_problems_are_told_with_their_row(rows: str, number: int, words: str) -> None:
    told = problems(rows)
    assert [problem[0] for problem in told] == [number]
    assert words in told[0][1]


@pytest.mark.parametrize(
    ("rows", "number", "words"),
    [
        ("q,single,a,b,,,\n", 2, "“b” is not a code"),
        ("q,single,a,a,,,\n", 2, "its own ancestor"),
        ("q,single,a,,maybe,,\n", 2, "takes yes or no, not “maybe”"),
        ("q,single,a,,yes,,\nq,single,b,,no,,\n", 3, "something else here than in row 2"),
        ("q,number,,,,5,1\n", 2, "minimum is greater"),
        ("q,number,,,,low,\n", 2, "“minimum” takes a number"),
    ],
)
def test_problems_in_optional_columns_are_told_too(rows: str, number: int, words: str) -> None:
    told = problems(rows, "question,type,code,parent,required,minimum,maximum\n")
    assert [problem[0] for problem in told] == [number]
    assert words in told[0][1]


def test_a_circle_of_parents_is_told_once_for_each_code() -> None:
    told = problems("q,single,a,b\nq,single,b,a\n", "question,type,code,parent\n")
    assert [number for number, _ in told] == [2, 3]


def test_all_problems_are_told_at_once_and_nothing_is_taken() -> None:
    reading = read(HEADER + "q,colour,a,,,\np,single,b b,,,\n")
    with pytest.raises(Refusal, match=r"Row 2: .*Row 3: "):
        reading.checked()


def test_many_problems_are_summed_up() -> None:
    with pytest.raises(Refusal, match=r"Row 7: .*There are 5 more\.$"):
        read(HEADER + "q,single,ä,,,\n" * 8).checked()


def test_a_missing_column_is_refused() -> None:
    with pytest.raises(Refusal, match="lacks the columns “type”, “code”"):
        read("question,label\nq,a\n")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1.0),
        ("-1,5", -1.5),
        ("0,125", 0.125),
        ("1,234", None),
        ("1e3", 1000.0),
        ("", None),
        ("1_0", None),
        ("inf", None),
        ("x", None),
    ],
)
def test_numbers_are_read(text: str, number: float | None) -> None:
    assert read_number(text) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_as_they_were_written(number: float) -> None:
    assert read_number(write_number(number)) == number


def test_keys_become_labels() -> None:
    assert (humanised("very_unclear"), humanised("RE"), humanised("")) == ("Very unclear", "RE", "")


LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=15).map(str.strip)
LABELS = LINES.filter(bool)
KEYS = st.from_regex(r"[a-z][a-z0-9_.-]{0,7}", fullmatch=True).filter(lambda key: key != "none")
NUMBERS = st.none() | st.floats(-1e6, 1e6)


@st.composite
def variables(draw: st.DrawFn, key: str) -> VariableSheet:
    kind = draw(st.sampled_from(["single", "multiple", "ordinal", "number", "text"]))
    codes: list[CodeSheet] = []
    if kind not in ("number", "text"):
        for rank, code in enumerate(draw(st.lists(KEYS, min_size=1, max_size=4, unique=True))):
            parent = draw(st.sampled_from([None, *(earlier.key for earlier in codes)]))
            value = float(rank) - 1 if kind == "ordinal" else draw(NUMBERS)
            when, avoid, example, counter = draw(st.tuples(LINES, LINES, LINES, LINES))
            codes.append(
                CodeSheet(code, draw(LABELS), value, draw(LINES), when, avoid, example, counter, parent)
            )
    low, high = sorted(draw(st.tuples(st.floats(-9, 9), st.floats(-9, 9))))
    return VariableSheet(key, kind, draw(LABELS), draw(LINES), draw(st.booleans()), low, high, tuple(codes))


@st.composite
def codebooks(draw: st.DrawFn) -> CodebookSheet:
    keys = draw(st.lists(KEYS, min_size=1, max_size=3, unique=True))
    conditions = st.frozensets(st.builds(ConditionSheet, KEYS, KEYS), max_size=4)
    return CodebookSheet(tuple(replace(draw(variables(key)), when=draw(conditions)) for key in keys))


@settings(max_examples=50, deadline=None)
@given(codebooks())
def test_a_codebook_is_read_as_it_was_written(sheet: CodebookSheet) -> None:
    assert read(write_codebook_csv(sheet)).checked() == sheet


CELLS = st.sampled_from(
    ["q", "Q", "single", "multi", "ordinal", "number", "derived", "none", "a", "1", "x y", ""]
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS, CELLS), max_size=6))
def test_no_rows_surprise_the_reader(rows: list[tuple[str, ...]]) -> None:
    columns = ["question", "type", "code", "value", "parent", "required"]
    reading = read_codebook(columns, [Row(number, row) for number, row in enumerate(rows, start=2)])
    assert all(2 <= problem.number < 2 + len(rows) for problem in reading.problems)
    if reading.sheet.variables and not reading.problems:
        assert read(write_codebook_csv(reading.sheet)).sheet == reading.sheet


def test_line_breaks_in_definitions_survive() -> None:
    sheet = CodebookSheet(
        (VariableSheet("q", "single", "Q", codes=(CodeSheet("a", "A", None, "one\r\ntwo"),)),)
    )
    assert read(write_codebook_csv(sheet)).checked() == sheet


def test_the_file_begins_with_the_columns() -> None:
    assert write_codebook_csv(CodebookSheet()) == ",".join(COLUMNS) + "\r\n"


@needs_shared
@pytest.mark.parametrize(
    ("name", "question", "kind", "label", "count"),
    [
        ("ecosent", "sentiment", "ordinal", "Sentiment", 3),
        ("narrative_frames", "indicators", "multiple", "Indicators", 24),
        ("goemotions_slice", "emotion", "multiple", "Emotion", 29),
    ],
)
def test_real_codebooks_are_read(name: str, question: str, kind: str, label: str, count: int) -> None:
    reading = read((SHARED / name / "codebook.csv").read_text(encoding="utf-8"))
    (variable,) = reading.checked().variables
    assert (variable.key, variable.kind, variable.label) == (question, kind, label)
    assert (len(variable.codes), "none" in [code.key for code in variable.codes]) == (count, False)
    assert reading.derived == (frozenset({"frames"}) if name == "narrative_frames" else frozenset())
