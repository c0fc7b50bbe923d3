"""One table as a file of any format."""

from collections.abc import Callable, Iterable, Mapping
from typing import IO

from server.datasets.csv_files import csv_pieces
from server.datasets.json_lines import json_pieces
from server.datasets.labelled import write_spss, write_stata
from server.datasets.parquet import write_parquet
from server.datasets.r_archive import write_r_archive
from server.datasets.table import Dataset, Format
from server.datasets.xlsx_files import write_xlsx

MEDIA_TYPES: Mapping[Format, str] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON_LINES: "application/jsonl; charset=utf-8",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.SPSS: "application/x-spss-sav",
    Format.STATA: "application/x-stata-dta",
    Format.R: "application/zip",
}
_WRITERS: Mapping[Format, Callable[[Dataset, IO[bytes]], None]] = {
    Format.XLSX: write_xlsx,
    Format.PARQUET: write_parquet,
    Format.SPSS: write_spss,
    Format.STATA: write_stata,
    Format.R: write_r_archive,
}


def ending(format_: Format) -> str:
    """The ending of a file's name."""
    return "zip" if format_ is Format.R else format_.value


def write_file(
    dataset: Dataset, format_: Format, file: IO[bytes], *, with_bom: bool = False, guards: bool = True
) -> None:
    """Write the table; `with_bom` and `guards` are about CSV alone.

    Raises:
        Refusal: The format has no room for so many rows or cells.
    """
    if format_ is Format.CSV:
        _write_text(csv_pieces(dataset, with_bom=with_bom, guards=guards), file)
    elif format_ is Format.JSON_LINES:
        _write_text(json_pieces(dataset), file)
    else:
        _WRITERS[format_](dataset, file)


def _write_text(pieces: Iterable[str], file: IO[bytes]) -> None:
    for piece in pieces:
        file.write(piece.encode())
