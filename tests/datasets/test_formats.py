"""Every format read back by a library of its own, cell by cell."""

import csv
import json
import tempfile
import zipfile
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import polars
import pyarrow.parquet as pq
import pyreadstat
import pytest

from server.datasets import labelled, xlsx_files
from server.datasets.files import write_file
from server.datasets.r_archive import quoted, r_script
from server.datasets.table import Cell, Code, Column, Dataset, Format, Kind, Row, numbered
from server.errors import Refusal
from tests.datasets.awkward import CODES, COLUMNS, LONG, ONE, ROWS, TWINS, dataset, endless, written

NUMBER_OF = {code.key: code.number for code in CODES}
NAMES = [column.key for column in COLUMNS]


def iso(cell: Cell) -> Cell:
    return cell.isoformat() if isinstance(cell, datetime) else cell


def whole(cell: Cell) -> Cell:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def test_csv_for_programs() -> None:
    found = list(csv.reader(StringIO(written(Format.CSV, guards=False).read().decode(), newline="")))
    wanted = [["" if cell is None else str(iso(whole(cell))) for cell in row] for row in ROWS]
    assert found == [NAMES, *wanted]


def test_csv_for_spreadsheets_guards_every_text() -> None:
    [_names, first, second, *_rest] = csv.reader(StringIO(written(Format.CSV).read().decode(), newline=""))
    assert (first[3][:5], first[7], second[0], second[4]) == ("'=1+1", "'+look", "'@x", "-3")


def test_json_lines() -> None:
    found = [json.loads(line) for line in written(Format.JSON_LINES).read().decode().split("\n")[:-1]]
    assert found == [dict(zip(NAMES, map(iso, row), strict=True)) for row in ROWS]


def test_excel() -> None:
    book = openpyxl.load_workbook(written(Format.XLSX))
    sheet = book["Data"]
    found = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert found[0] == NAMES
    for row, wanted in zip(found[1:], ROWS, strict=True):
        assert row == [_in_excel(cell) for cell in wanted]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n", "d"}
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:I5")


def _in_excel(cell: Cell) -> Any:
    """Excel has no zones, and no days before 1900; openpyxl reads line ends as XML does."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None) if cell.year > 1900 else cell.isoformat()
    return cell.replace("\r\n", "\n") if isinstance(cell, str) else cell


def test_excel_explains_its_columns_and_codes() -> None:
    rows = list(openpyxl.load_workbook(written(Format.XLSX))["Codebook"].iter_rows(values_only=True))
    assert ("post_id", "Id", "text", None, None, None) in rows
    assert ("stance", None, None, "for", 1, CODES[0].label) in rows
    assert next(row[1] for row in rows if row[0] == NAMES[5]) == LONG


def test_excel_says_which_texts_were_cut() -> None:
    columns = (Column("text", "Text"),)
    rows = (("😀" * 20_000,), ("a" * 32_767,))
    book = openpyxl.load_workbook(written(Format.XLSX, dataset(rows, columns)))
    cut, kept = (row[0] for row in book["Data"].iter_rows(min_row=2, values_only=True))
    assert (cut, kept) == ("😀" * 16_383 + "…", "a" * 32_767)
    assert "cut: 1." in str(list(book["Codebook"].iter_rows(values_only=True))[-1][1])


def test_parquet() -> None:
    file = written(Format.PARQUET)
    frame = polars.read_parquet(file)
    assert [tuple(row) for row in frame.rows()] == [
        tuple(str(whole(cell)) if place == 7 and cell is not None else cell for place, cell in enumerate(row))
        for row in ROWS
    ]
    assert frame.schema["posted_at"] == polars.Datetime("us", "UTC")
    field = pq.read_schema(file).field("stance")
    assert field.metadata[b"label"] == b"Haltung"
    assert json.loads(field.metadata[b"codes"]) == {code.key: code.label for code in CODES}


def read_back(file: BytesIO, ending: str) -> tuple[dict[str, list[Any]], Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"data.{ending}")
        path.write_bytes(file.read())
        read = pyreadstat.read_sav if ending == "sav" else pyreadstat.read_dta
        frame, meta = read(path, output_format="polars")
        return {name: frame[name].to_list() for name in frame.columns}, meta


def in_statistics(column: Column, cell: Cell) -> Any:
    if column.kind is Kind.CODED:
        return None if cell is None else NUMBER_OF[str(cell)]
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if column.kind in {Kind.TEXT, Kind.MIXED}:
        return "" if cell is None else str(whole(cell))
    return cell


SPSS_NAMES = [
    *NAMES[:4],
    "v_by",
    "expression_attachment_to_the_model_and_more",
    "stance",
    "value",
    "STANCE_2",
]
STATA_NAMES = [*NAMES[:5], "expression_attachment_to_the", "stance", "value", "STANCE_2"]


@pytest.mark.parametrize(
    ("format_", "names"), [(Format.SPSS, SPSS_NAMES), (Format.STATA, STATA_NAMES)], ids=["spss", "stata"]
)
def test_spss_and_stata(format_: Format, names: list[str]) -> None:
    found, meta = read_back(written(format_), format_.value)
    assert list(found) == names
    for place, (name, column) in enumerate(zip(names, COLUMNS, strict=True)):
        assert found[name] == [in_statistics(column, row[place]) for row in ROWS]
    labels = meta.column_names_to_labels
    assert labels["stance"] == "Haltung"
    assert labels[names[5]].startswith(f"{NAMES[5]}: ")
    assert labels["STANCE_2"] == "STANCE: Differs in case alone"
    assert meta.variable_value_labels["stance"][1] == CODES[0].label
    assert meta.variable_value_labels["stance"][2].startswith("größtenteils dagegen größtenteils")
    assert meta.variable_value_labels[names[5]] == {0: "no", 1: "yes"}


def test_the_archive_for_r() -> None:
    with zipfile.ZipFile(written(Format.R)) as archive:
        assert archive.namelist() == ["read.R", "data.csv"]
        data, script = archive.read("data.csv"), archive.read("read.R").decode()
    assert data == written(Format.CSV, guards=False).read()
    assert script.count("(") == script.count(")")
    assert 'data[["by"]] <- as.numeric(data[["by"]])' in script
    assert 'as.POSIXct(data[["posted_at"]], format = "%Y-%m-%dT%H:%M:%S", tz = "UTC")' in script
    assert '  levels = c("for", "against"),' in script
    assert 'attr(data[["text"]], "label") <- "Text \\"quoted\\" \\\\ and\\u000abroken"' in script
    # What stays text is left as it was read.
    assert 'data[["post_id"]] <-' not in script


STEPS = numbered([("low", "Low", None), ("mid", "Middling", None), ("high", "High", None)])
SCALES = (
    Column("strength", "How strong", Kind.CODED, STEPS, is_ordered=True),
    Column("rank", "A number", Kind.NUMBER, (Code("0", "No", 0), Code("2", "Yes", 2)), is_ordered=True),
    Column("stance", "Haltung", Kind.CODED, CODES),
)
ON_SCALES: tuple[Row, ...] = (("high", 2.0, "for"), (None, None, None), ("low", 0.0, "against"))


def test_scales_keep_their_order_in_parquet() -> None:
    table = pq.read_table(written(Format.PARQUET, dataset(ON_SCALES, SCALES)))
    assert [table.schema.field(name).type.ordered for name in ("strength", "stance")] == [True, False]
    assert table["strength"].chunk(0).dictionary.to_pylist() == ["low", "mid", "high"]
    assert table["strength"].to_pylist() == ["high", None, "low"]


def test_scales_keep_their_order_and_labels_in_spss() -> None:
    found, meta = read_back(written(Format.SPSS, dataset(ON_SCALES, SCALES)), "sav")
    assert [meta.variable_measure[name] for name in found] == ["ordinal", "ordinal", "nominal"]
    assert meta.variable_value_labels["rank"] == {0: "No", 2: "Yes"}
    assert (found["strength"], found["rank"]) == ([3, None, 1], [2, None, 0])


def test_scales_are_ordered_factors_in_r() -> None:
    script = r_script("A study", SCALES)
    assert '  labels = c("Low", "Middling", "High"),\n  ordered = TRUE\n)' in script
    assert script.count("ordered = TRUE") == 1
    assert 'data[["rank"]] <- as.numeric(data[["rank"]])' in script


def test_labels_that_are_the_same_stay_two_levels_in_r() -> None:
    script = r_script("A study", (Column("c", "c", Kind.CODED, TWINS),))
    assert '  labels = c("the same (a)", "the same (b)")' in script


def test_nothing_in_a_label_ends_a_text_of_r() -> None:
    assert quoted('") ; system("x') == '"\\") ; system(\\"x"'
    assert quoted("a\\\u202eb") == '"a\\\\\\u202eb"'


@pytest.mark.parametrize(
    ("format_", "module", "bound"),
    [
        (Format.XLSX, xlsx_files, "MOST_ROWS"),
        (Format.SPSS, labelled, "MOST_CELLS"),
        (Format.STATA, labelled, "MOST_CELLS"),
    ],
)
def test_too_much_is_refused_with_what_can_take_it(
    format_: Format, module: object, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, bound, 20)
    with pytest.raises(Refusal, match=r"20 .*Parquet"):
        write_file(Dataset("Long", ONE, endless()), format_, BytesIO())


@pytest.mark.parametrize("format_", list(Format))
def test_an_empty_table_is_a_file(format_: Format) -> None:
    found = written(format_, dataset(()))
    assert bool(found.read()) is (format_ is not Format.JSON_LINES)


def test_codes_keep_the_numbers_of_the_codebook_where_they_can() -> None:
    def numbers(*values: float | None) -> list[int]:
        return [code.number for code in numbered([(str(n), "", value) for n, value in enumerate(values)])]

    assert numbers(0.0, 5.0, -1.0) == [0, 5, -1]
    assert numbers(None, None) == [0, 1], "the keys, where they are numbers and the codebook gives none"
    assert numbers(1.0, 1.0) == numbers(0.5, 2.0) == numbers(None, 7.0) == [1, 2]
