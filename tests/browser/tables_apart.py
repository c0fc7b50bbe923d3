"""Downloaded tables read by libraries of their formats, as the text that a CSV has in each cell."""

import csv
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars
import pyreadstat

Lines = list[list[str]]
# The column of a coded question → the number that stands for a code → its key.
Codes = Mapping[str, Mapping[str, str]]


def said(cell: Any) -> str:
    """A cell as a CSV has it: moments in ISO 8601, whole numbers without a point."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=cell.tzinfo or UTC).isoformat(timespec="seconds")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def from_csv(path: Path) -> Lines:
    with path.open(encoding="utf-8", newline="") as source:
        return list(csv.reader(source))


def from_json_lines(path: Path) -> Lines:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [list(rows[0]), *([said(cell) for cell in row.values()] for row in rows)]


def from_parquet(path: Path) -> Lines:
    frame = polars.read_parquet(path)
    return [frame.columns, *([said(cell) for cell in row] for row in frame.iter_rows())]


def from_excel(path: Path) -> Lines:
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        return [[said(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]


def codes_in_excel(path: Path) -> Codes:
    """What the sheet beside the data says of the numbers that SPSS and Stata have for codes."""
    found: dict[str, dict[str, str]] = {}
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        rows = list(book.worksheets[1].iter_rows(min_row=2, values_only=True))
    for column, _said, _kind, code, number, _label in rows:
        if code is not None:
            found.setdefault(str(column), {})[said(number)] = str(code)
    return found


def from_statistics(path: Path, ending: str, names: list[str], codes: Codes) -> Lines:
    """SPSS or Stata, under the names that the columns have elsewhere."""
    read: Callable[..., Any] = pyreadstat.read_sav if ending == "sav" else pyreadstat.read_dta
    frame, _meta = read(path, output_format="polars")
    columns = []
    for name, column in zip(names, frame.iter_columns(), strict=True):
        cells = [said(cell) for cell in column]
        keys = codes.get(name)
        columns.append([keys[cell] if cell else "" for cell in cells] if keys else cells)
    return [names, *map(list, zip(*columns, strict=True))]


def same_in_all(files: Mapping[str, Path]) -> Lines:
    """The table of the CSV, when each other file says the same in every cell."""
    wanted, codes = from_csv(files["csv"]), codes_in_excel(files["xlsx"])
    compare("xlsx", from_excel(files["xlsx"]), wanted)
    compare("jsonl", from_json_lines(files["jsonl"]), wanted)
    compare("parquet", from_parquet(files["parquet"]), wanted)
    compare("dta", from_statistics(files["dta"], "dta", wanted[0], codes), wanted)
    # SPSS fills texts with spaces to a common width, so that its own at the end cannot be told apart.
    trimmed = [[cell.rstrip(" ") for cell in row] for row in wanted]
    compare("sav", from_statistics(files["sav"], "sav", wanted[0], codes), trimmed)
    return wanted


def compare(ending: str, found: Lines, wanted: Lines) -> None:
    """Hold that both are the same, and name the cells that are not."""
    assert found[0] == wanted[0], ending
    assert len(found) == len(wanted), ending
    differing = [
        (number, name, one, other)
        for number, (row, other_row) in enumerate(zip(found, wanted, strict=True))
        if row != other_row
        for name, one, other in zip(wanted[0], row, other_row, strict=True)
        if one != other
    ]
    assert differing == [], ending
