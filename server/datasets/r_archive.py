"""R: an archive with the data as CSV and a readable script that reads it with types, factors and labels."""

import re
import zipfile
from collections.abc import Iterator
from io import TextIOWrapper
from typing import IO

from server.datasets.csv_files import csv_pieces
from server.datasets.table import Column, Dataset, Kind
from server.language import gettext as _

DATA, SCRIPT = "data.csv", "read.R"
# What a text in R's quotes cannot hold as it is, and marks that turn what is read around.
_UNSAFE = re.compile('[\\x00-\\x1f\\x7f"\\\\\u0080-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]')
_INTO = {
    Kind.INTEGER: "as.numeric({})",
    Kind.NUMBER: "as.numeric({})",
    Kind.YES_NO: "as.integer({})",
    Kind.MOMENT: 'as.POSIXct({}, format = "%Y-%m-%dT%H:%M:%S", tz = "UTC")',
}


def write_r_archive(dataset: Dataset, file: IO[bytes]) -> None:
    """Write a .zip of the two files; memory holds some hundred rows at a time."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(SCRIPT, r_script(dataset.title, dataset.columns))
        with (
            archive.open(DATA, "w", force_zip64=True) as data,
            TextIOWrapper(data, "utf-8", newline="") as out,
        ):
            out.writelines(csv_pieces(dataset, guards=False))


def r_script(title: str, columns: tuple[Column, ...]) -> str:
    """The script that reads the data: needs R 4.0 and no package."""
    return "\n".join([*_head(title), "", *(line for column in columns for line in _lines(column)), ""])


def _head(title: str) -> Iterator[str]:
    yield f"# {' '.join(title.split())}"
    yield "# " + _("Set the working directory to the folder of this file, then:")
    yield f'#   source("{SCRIPT}", encoding = "UTF-8")'
    yield "# " + _('Empty cells become NA; every column has its description in attr(…, "label").')
    yield ""
    yield "data <- read.csv("
    yield f'  "{DATA}",'
    yield '  fileEncoding = "UTF-8", colClasses = "character", na.strings = "", check.names = FALSE'
    yield ")"


def _lines(column: Column) -> Iterator[str]:
    cells = f"data[[{quoted(column.key)}]]"
    if column.kind is Kind.CODED:
        yield from _factor(column, cells)
    elif column.kind in _INTO:
        yield f"{cells} <- {_INTO[column.kind].format(cells)}"
    yield f'attr({cells}, "label") <- {quoted(column.label)}'


def _factor(column: Column, cells: str) -> Iterator[str]:
    yield f"{cells} <- factor("
    yield f"  {cells},"
    yield f"  levels = c({', '.join(quoted(code.key) for code in column.codes)}),"
    yield f"  labels = c({', '.join(map(quoted, _told_apart(column)))})" + ("," if column.is_ordered else "")
    if column.is_ordered:
        yield "  ordered = TRUE"
    yield ")"


def _told_apart(column: Column) -> Iterator[str]:
    """The labels of the codes; R would make one of two that are the same."""
    labels = [code.label for code in column.codes]
    for code in column.codes:
        yield code.label if labels.count(code.label) == 1 else f"{code.label} ({code.key})"


def quoted(text: str) -> str:
    """The text as R reads it, whatever is in it."""
    return '"' + _UNSAFE.sub(lambda found: _escaped(found.group()), text) + '"'


def _escaped(letter: str) -> str:
    return "\\" + letter if letter in {'"', "\\"} else f"\\u{ord(letter):04x}"
