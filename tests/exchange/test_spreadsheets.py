"""CSV that is safe to open in a spreadsheet and reads back exactly."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.corpora.parsing import read_table
from server.datasets.formulas import guard_cell, unguard_cell
from server.errors import Refusal
from server.exchange.codebooks import codebook_csv, read_codebook_file
from server.exchange.spreadsheets import csv_lines, unguarded


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "-", "'=1"]
)
def test_formulas_are_guarded(text: str) -> None:
    assert guard_cell(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["-1", "+3.5", "-1,5", "-.5", "+1e6", "plain", "a=b", "'quoted'", "'", "", "1-2"]
)
def test_numbers_and_plain_text_are_not(text: str) -> None:
    assert guard_cell(text) == text


@given(st.text() | st.text(st.sampled_from("'=+-@\t\r1.e"), max_size=6))
def test_the_guard_is_taken_away_exactly(text: str) -> None:
    assert unguard_cell(guard_cell(text)) == text


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
RISKY = st.text(st.sampled_from("'=+-@\t\r\n,;\"1 é"), max_size=6)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(CELLS | RISKY, min_size=3, max_size=3), min_size=1, max_size=5),
    st.booleans(),
)
def test_what_is_exported_reads_back(rows: list[list[str]], with_bom: bool) -> None:
    numbered = [(f"n{number}", *row) for number, row in enumerate(rows)]
    text = "".join(csv_lines(["post_id", "text", "=extra", "note"], numbered, with_bom))
    table = unguarded(read_table(text.encode(), "final.csv"))
    assert table.columns == ("post_id", "text", "=extra", "note")
    assert [row.cells for row in table.rows] == numbered


def test_numbers_and_missing_values_are_written_plainly() -> None:
    assert list(csv_lines(["a", "b", "c", "d"], [(1, -0.5, None, "x")], with_bom=True)) == [
        "\ufeffa,b,c,d\r\n",
        "1,-0.5,,x\r\n",
    ]


def test_long_files_come_in_pieces() -> None:
    pieces = list(csv_lines(["n"], ((number,) for number in range(1200)), with_bom=False))
    assert ([piece.count("\n") for piece in pieces], pieces[-1][-6:]) == ([1, 500, 500, 200], "1199\r\n")


def test_a_codebook_with_formulas_reads_back() -> None:
    code = CodeSheet("minus", "-", -1.0, "=HYPERLINK()", example="@mara, no\nreally")
    sheet = CodebookSheet((VariableSheet("q", "single", "+1?", codes=(code,)),))
    text = "".join(codebook_csv(sheet, with_bom=True))
    assert "'=HYPERLINK()" in text
    assert read_codebook_file(text.encode(), "codebook.csv").checked() == sheet


def test_a_codebook_row_that_cannot_be_read_is_a_problem() -> None:
    reading = read_codebook_file(b"question,type,code\nq,single,a\nq,single,b,c\n", "codebook.csv")
    assert [problem.number for problem in reading.problems] == [3]
    with pytest.raises(Refusal, match="Row 3"):
        reading.checked()
