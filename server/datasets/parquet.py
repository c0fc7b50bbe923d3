"""Parquet: typed columns in batches, with labels in the metadata of each field."""

import json
from collections.abc import Sequence
from importlib import import_module
from itertools import islice
from typing import IO, Any

from server.datasets.csv_files import plain_number
from server.datasets.table import Cell, Column, Dataset, Kind

_ROWS_AT_ONCE = 20_000


def write_parquet(dataset: Dataset, file: IO[bytes]) -> None:
    """Write the file; memory holds some thousand rows at a time."""
    # Only here: the library takes longer to load than all the rest of the program.
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    types = [_type(arrow, one) for one in dataset.columns]
    fields = [
        arrow.field(one.key, type_, metadata=_said(one))
        for one, type_ in zip(dataset.columns, types, strict=True)
    ]
    schema = arrow.schema(fields, {"title": dataset.title})
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while some := list(islice(dataset.rows, _ROWS_AT_ONCE)):
            columns = zip(dataset.columns, types, zip(*some, strict=True), strict=True)
            arrays = [_array(arrow, *column) for column in columns]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))


def _type(arrow: Any, column: Column) -> Any:
    return {
        Kind.TEXT: arrow.string(),
        Kind.INTEGER: arrow.int64(),
        Kind.NUMBER: arrow.float64(),
        Kind.MOMENT: arrow.timestamp("us", tz="UTC"),
        Kind.YES_NO: arrow.int8(),
        Kind.CODED: arrow.dictionary(arrow.int32(), arrow.string(), ordered=column.is_ordered),
        Kind.MIXED: arrow.string(),
    }[column.kind]


def _said(column: Column) -> dict[str, str]:
    said = {"label": column.label}
    if column.codes:
        said["codes"] = json.dumps({code.key: code.label for code in column.codes}, ensure_ascii=False)
    return said


def _array(arrow: Any, column: Column, type_: Any, cells: Sequence[Cell]) -> Any:
    if column.kind is not Kind.CODED:
        return arrow.array(_cells(column, cells), type_)
    # All codes in their order, whichever of them stand in these rows.
    keys = [code.key for code in column.codes]
    places: dict[Cell, int | None] = {None: None, **{key: place for place, key in enumerate(keys)}}
    found = arrow.array([places[cell] for cell in cells], arrow.int32())
    dictionary = arrow.array(keys, arrow.string())
    return arrow.DictionaryArray.from_arrays(found, dictionary, ordered=column.is_ordered)


def _cells(column: Column, cells: Sequence[Cell]) -> Sequence[Cell]:
    if column.kind is not Kind.MIXED:
        return cells
    return [None if cell is None else str(plain_number(cell)) for cell in cells]
