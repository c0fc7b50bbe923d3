"""JSON Lines: an object a row, with the names of all columns."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from server.datasets.csv_files import plain_number
from server.datasets.table import Cell, Dataset

_ROWS_AT_ONCE = 500


def json_pieces(dataset: Dataset) -> Iterator[str]:
    """The file in pieces of some hundred rows, to be encoded as UTF-8; moments in ISO 8601."""
    names = [column.key for column in dataset.columns]
    write = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    while some := list(islice(dataset.rows, _ROWS_AT_ONCE)):
        yield "".join(
            write({name: _plain(cell) for name, cell in zip(names, row, strict=True)}) + "\n" for row in some
        )


def _plain(cell: Cell) -> Cell:
    return cell.isoformat(timespec="seconds") if isinstance(cell, datetime) else plain_number(cell)
