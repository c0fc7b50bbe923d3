"""Codebooks as files: read from an upload, written for a spreadsheet."""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from server.codebooks.sheet import (
    COLUMNS,
    CodebookReading,
    CodebookSheet,
    SheetRemark,
    read_codebook,
)
from server.codebooks.writing import codebook_rows
from server.corpora.parsing import read_table
from server.exchange.spreadsheets import csv_lines, unguarded


def read_codebook_file(content: bytes | BinaryIO, filename: str) -> CodebookReading:
    """The codebook in a CSV file; a row that cannot be read is a problem like any other."""
    table = unguarded(read_table(content, filename))
    reading = read_codebook(table.columns, table.rows)
    unread = tuple(SheetRemark(row.number, row.reason) for row in table.refused)
    problems = sorted(unread + reading.problems, key=lambda problem: problem.number)
    return replace(reading, problems=tuple(problems))


def codebook_csv(sheet: CodebookSheet, with_bom: bool = False) -> Iterator[str]:
    """The codebook as guarded CSV; `read_codebook_file` reads it as the same codebook."""
    return csv_lines(COLUMNS, codebook_rows(sheet), with_bom)
