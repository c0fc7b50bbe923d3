"""Parquet: typed columns in batches, with labels in the metadata of each field."""

import json
from collections.abc import Sequence
from itertools import islice
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from server.datasets.table import Cell, Column, Dataset, Kind

_ROWS_AT_ONCE = 20_000
_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
    Kind.YES_NO: pa.int8(),
    Kind.CODED: pa.dictionary(pa.int32(), pa.string()),
    Kind.MIXED: pa.string(),
}


def write_parquet(dataset: Dataset, file: IO[bytes]) -> None:
    """Write the file; memory holds some thousand rows at a time."""
    schema = pa.schema([_field(column) for column in dataset.columns], {"title": dataset.title})
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while some := list(islice(dataset.rows, _ROWS_AT_ONCE)):
            cells = zip(dataset.columns, zip(*some, strict=True), strict=True)
            arrays = [_array(column, of_column) for column, of_column in cells]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _field(column: Column) -> pa.Field:
    said = {"label": column.label}
    if column.codes:
        said["codes"] = json.dumps({code.key: code.label for code in column.codes}, ensure_ascii=False)
    return pa.field(column.key, _TYPES[column.kind], metadata=said)


def _array(column: Column, cells: Sequence[Cell]) -> pa.Array:
    if column.kind is Kind.MIXED:
        cells = [None if cell is None else str(cell) for cell in cells]
    return pa.array(cells, _TYPES[column.kind])
