"""The operation on the final dataset: one row a post, as the lead can download it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from server.api.codings import record_reading
from server.api.parameters import ProjectKey
from server.api.routing import LeavesTransactionsRoute, operations
from server.api.shapes import HiddenRound, Shape
from server.api.token_access import ReadsFinal, one_of_few
from server.datasets.table import Cell, Column, Kind, Row
from server.exchange.sending import Sent, closed_on_failure, spooled
from server.projects.files import file_stem
from server.results.draws import with_draws
from server.results.final import FinalTable, final_rows
from server.results.outcomes import Rule
from server.web.routing import database_of

router = operations(LeavesTransactionsRoute)
_KINDS: Mapping[Kind, str] = {
    Kind.TEXT: "text",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.MOMENT: "moment",
    Kind.YES_NO: "boolean",
    Kind.CODED: "code",
    Kind.MIXED: "text or number",
}


class FinalColumn(Shape):
    """What a name in the rows stands for."""

    key: str = Field(examples=["expression_attachment"])
    label: str
    kind: str = Field(
        description="text, integer, number, moment, boolean, code, or text or number", examples=["boolean"]
    )
    codes: tuple[str, ...] = Field(description="The codes there are, of a column of the kind code")


class FinalDataset(Shape):
    """The final dataset: values and what each rests on, a row for each post of the project."""

    columns: tuple[FinalColumn, ...]
    hidden_rounds: tuple[HiddenRound, ...]
    rows: tuple[dict[str, str | bool | int | float | None], ...] = Field(
        description="By the keys of the columns; null where nothing was coded or nothing is resolved"
    )


class FinalQuery(BaseModel):
    """How final values come about."""

    model_config = ConfigDict(extra="forbid")

    rule: Rule = Field(default=Rule.PLURALITY, description="What may stand without a decision")


@router.get("/projects/{project_key}/final", name="api.get_final", response_model=FinalDataset)
def get_final(
    request: Request, access: ReadsFinal, _key: ProjectKey, query: Annotated[FinalQuery, Query()]
) -> Response:
    """The final dataset.

    Scope `results:read`; leads. Rounds in which the owner of the token still codes are left out, and so is
    everything about their posts. It is written into the history.
    """
    with one_of_few(request), database_of(request).reading() as db:
        table = with_draws(db, access, final_rows(db, access, query.rule), query.rule)
        file = spooled(_written(table))
    with closed_on_failure(file):
        with database_of(request).writing() as db:
            record_reading(db, access, request.state.holder, "final")
        return Sent(file, f"{file_stem(access)}-final.json", "application/json")


def _written(table: FinalTable) -> Iterator[str]:
    """The dataset as JSON, piece by piece: the rows of a million posts are never in memory at once."""
    hidden = [{"round": one.number, "why": one.why_no_codings} for one in table.hidden]
    columns = [_column(one).model_dump() for one in table.typed]
    yield f'{{"columns":{_json(columns)},"hidden_rounds":{_json(hidden)},"rows":['
    yield from _separated(_json(_row(table.typed, row)) for row in table.rows)
    yield "]}"


def _separated(pieces: Iterable[str]) -> Iterator[str]:
    comma = ""
    for piece in pieces:
        yield comma + piece
        comma = ","


def _column(of: Column) -> FinalColumn:
    codes = tuple(code.key for code in of.codes) if of.kind is Kind.CODED else ()
    return FinalColumn(key=of.key, label=of.label, kind=_KINDS[of.kind], codes=codes)


def _row(columns: Sequence[Column], row: Row) -> dict[str, Any]:
    return {of.key: _cell(of.kind, cell) for of, cell in zip(columns, row, strict=True)}


def _cell(kind: Kind, cell: Cell) -> Any:
    if isinstance(cell, datetime):
        return cell.isoformat().replace("+00:00", "Z")
    return bool(cell) if kind is Kind.YES_NO and cell is not None else cell


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
