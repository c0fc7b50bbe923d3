"""The tables of the pages of agreement as files, as the pages show them to this reader."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Query, Request, Response

from server.errors import NotFound
from server.exchange.papers.called import arriving, called
from server.exchange.sending import CSV
from server.exchange.spreadsheets import csv_lines
from server.language import gettext as _
from server.projects.access import SeesAgreement
from server.reliability.agreement_page import agreement_page
from server.reliability.forms import SheetQuery
from server.reliability.planner import plan_page
from server.reliability.sheets import OF_PAIRS, Sheet
from server.web.routing import Db, ReadsFirstRoute, pages

router = pages(ReadsFirstRoute)


@router.get("/projects/{project_key}/agreement.csv", name="exchange.agreement")
def agreement(
    request: Request,
    db: Db,
    access: SeesAgreement,
    query: Annotated[SheetQuery, Query()],
) -> Response:
    """A table of the page of agreement, as it shows it to this reader."""
    found = agreement_page(db, access, query, compares_pairs=query.table in OF_PAIRS).findings
    return _sheet_file(request, found.sheets if found else {}, query.table, "agreement")


@router.get("/projects/{project_key}/agreement/plan.csv", name="exchange.plan")
def plan(request: Request, _access: SeesAgreement) -> Response:
    """A table of the page that plans how many posts to code twice."""
    asked = request.query_params
    return _sheet_file(request, plan_page(asked).sheets, asked.get("table", ""), "plan")


def _sheet_file(request: Request, sheets: Mapping[str, Sheet], table: str, name: str) -> Response:
    sheet = sheets.get(table)
    if sheet is None:
        raise NotFound(_("The page shows no such table."))
    text = "".join(csv_lines(sheet.columns, sheet.rows, with_bom=False))
    headers = arriving(called(f"{name}-{table}", request.query_params, "csv"))
    return Response(text, media_type=CSV, headers=headers)
