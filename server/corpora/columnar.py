"""Tables in Parquet files, some thousand rows at a time."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any, BinaryIO

from server.corpora.flattening import as_text, writable
from server.corpora.parsing import MAX_ROWS, refuse_too_many_rows
from server.corpora.records import MAX_CELL, MAX_CELLS, Record, too_long, too_many
from server.errors import Refusal
from server.language import _

_AT_ONCE = 2_000


def parquet_records(file: BinaryIO, filename: str) -> Iterator[Record]:
    """The names of the columns as the first record, then every row."""
    # Only now: it takes longer to load than all the rest of the server, and hardly a file needs it.
    pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    try:
        table = parquet.ParquetFile(file)
        names = tuple(table.schema_arrow.names)
        if len(names) > MAX_CELLS:
            raise Refusal(too_many())
        if table.metadata.num_rows > MAX_ROWS:
            refuse_too_many_rows()
        yield Record(1, names)
        number = 1
        for batch in table.iter_batches(batch_size=_AT_ONCE, use_threads=False):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                yield _record(number, row)
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as problem:
        raise Refusal(
            _("“{filename}” is a Parquet file that is damaged or cut off. Export it again.").format(
                filename=filename
            )
        ) from problem


def _record(number: int, row: tuple[Any, ...]) -> Record:
    cells = tuple(map(_cell, row))
    if any(len(cell) > MAX_CELL for cell in cells):
        return Record(number, (), too_long())
    return Record(number, cells)


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        # A column of whole numbers with a gap is stored as one of fractions.
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return writable(value.decode("utf-8", errors="replace"))
    if isinstance(value, list | dict):
        return as_text(json.loads(json.dumps(value, default=str)))
    return as_text(value)
