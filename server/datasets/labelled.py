"""SPSS and Stata: numbers with labels for their values, labels for the columns, missing values as such.

The library that writes both takes a table as a whole, so that its size is bounded.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import IO, Any

from server.datasets.csv_files import plain_number
from server.datasets.legal_names import (
    SPSS,
    STATA,
    Limits,
    code_label,
    label_of,
    legal_names,
    shortened,
)
from server.datasets.table import Cell, Code, Column, Dataset, Kind, Row
from server.datasets.words import counted, yes_and_no
from server.errors import Refusal
from server.language import gettext as _

MOST_CELLS = 10_000_000
# SPSS: the longest text of a cell, in bytes. Stata has room for two billion.
_LONGEST_TEXT = 32_767
_ROWS_AT_ONCE = 10_000
_MEASURES = {
    Kind.INTEGER: "scale",
    Kind.NUMBER: "scale",
    Kind.MOMENT: "scale",
}
_Change = Callable[[Cell], Any]


@dataclass(frozen=True)
class _Program:
    """What the two differ in."""

    ending: str
    limits: Limits
    longest_text: int | None
    write: Callable[..., None]


def write_spss(dataset: Dataset, file: IO[bytes]) -> None:
    """Write an SPSS system file (.sav).

    Raises:
        Refusal: The table has more than `MOST_CELLS` cells.
    """
    measures = {
        one.key: "ordinal" if one.is_ordered else _MEASURES.get(one.kind, "nominal")
        for one in dataset.columns
    }
    names = legal_names(dataset.columns, SPSS)
    by_name = {name: measures[one.key] for name, one in zip(names, dataset.columns, strict=True)}
    # Loaded only where somebody wants such a file.
    write_sav = import_module("pyreadstat").write_sav
    write = partial(write_sav, variable_measure=by_name, row_compress=True)
    _write(dataset, file, _Program("sav", SPSS, _LONGEST_TEXT, write))


def write_stata(dataset: Dataset, file: IO[bytes]) -> None:
    """Write a Stata file (.dta, of Stata 14 and later).

    Raises:
        Refusal: The table has more than `MOST_CELLS` cells.
    """
    write = partial(import_module("pyreadstat").write_dta, version=14)
    _write(dataset, file, _Program("dta", STATA, None, write))


def _write(dataset: Dataset, file: IO[bytes], program: _Program) -> None:
    names = legal_names(dataset.columns, program.limits)
    named = list(zip(names, dataset.columns, strict=True))
    frame = _frame(dataset, names, program.longest_text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"data.{program.ending}")
        program.write(
            frame,
            path,
            file_label=shortened(dataset.title, 60, in_bytes=True),
            column_labels={name: label_of(column, name, program.limits) for name, column in named},
            variable_value_labels=_value_labels(named, program.limits),
        )
        with path.open("rb") as written:
            shutil.copyfileobj(written, file)


def _value_labels(named: Sequence[tuple[str, Column]], limits: Limits) -> dict[str, dict[int, str]]:
    return {
        name: {code.number: code_label(code.label, limits) for code in _codes(column)}
        for name, column in named
        if column.codes or column.kind is Kind.YES_NO
    }


def _codes(column: Column) -> tuple[Code, ...]:
    return column.codes or yes_and_no() if column.kind is Kind.YES_NO else column.codes


def _frame(dataset: Dataset, names: Sequence[str], longest: int | None) -> Any:
    """The whole table as a frame of polars, which the library takes."""
    polars = import_module("polars")
    types = _types(polars)
    schema = {name: types[one.kind] for name, one in zip(names, dataset.columns, strict=True)}
    changes = [_change(column, longest) for column in dataset.columns]
    parts = [polars.DataFrame(schema=schema)]
    for some in _batches(dataset):
        columns = zip(changes, zip(*some, strict=True), strict=True)
        cells = [[None if cell is None else change(cell) for cell in column] for change, column in columns]
        parts.append(polars.DataFrame(dict(zip(names, cells, strict=True)), schema=schema))
    return polars.concat(parts)


def _types(polars: Any) -> dict[Kind, Any]:
    return {
        Kind.TEXT: polars.String,
        Kind.INTEGER: polars.Float64,
        Kind.NUMBER: polars.Float64,
        Kind.MOMENT: polars.Datetime("us"),
        Kind.YES_NO: polars.Int8,
        Kind.CODED: polars.Int32,
        Kind.MIXED: polars.String,
    }


def _batches(dataset: Dataset) -> Iterator[list[Row]]:
    n_rows = 0
    while some := list(islice(dataset.rows, _ROWS_AT_ONCE)):
        n_rows += len(some)
        if n_rows * len(dataset.columns) > MOST_CELLS:
            raise Refusal(
                _(
                    "Files for SPSS and Stata are made as a whole, with at most {cells} cells, and this one "
                    "needs more. CSV, JSON Lines, Parquet and the archive for R have no such limit."
                ).format(cells=counted(MOST_CELLS))
            )
        yield some


def _change(column: Column, longest: int | None) -> _Change:
    """From a cell to what the file holds."""
    if column.kind is Kind.CODED:
        numbers: dict[Cell, int] = {code.key: code.number for code in column.codes}
        return numbers.__getitem__
    if column.kind is Kind.MOMENT:
        return _without_zone
    if column.kind in {Kind.TEXT, Kind.MIXED}:
        return partial(_text, longest=longest)
    return plain_number


def _without_zone(cell: Cell) -> datetime | None:
    # Neither program knows zones: moments are UTC.
    return cell.astimezone(UTC).replace(tzinfo=None) if isinstance(cell, datetime) else None


def _text(cell: Cell, longest: int | None) -> str:
    text = str(plain_number(cell))
    return text if longest is None or len(text) * 4 <= longest else shortened(text, longest, in_bytes=True)
