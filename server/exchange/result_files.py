"""The tables of the pages of results as files, as the pages show them to this reader."""

from typing import TypeVar

from fastapi import Request, Response
from pydantic import BaseModel
from starlette.datastructures import FormData

from server.exchange.sending import Sent, closed_on_failure, spooled
from server.exchange.spreadsheets import csv_lines
from server.projects.access import SeesResults
from server.reliability.sheets import Sheet
from server.results.corrected_page import corrected_report
from server.results.forms import CorrectedForm, GroupsForm, TogetherForm, WaysForm
from server.results.group_page import Asked, groups_report
from server.results.report import results_report
from server.results.sheets import corrected_sheet, group_sheet, share_sheet, together_sheet
from server.results.together import together_report
from server.web.forms import parse
from server.web.routing import Db, pages

router = pages()
Asking = TypeVar("Asking", bound=BaseModel)


@router.get("/projects/{project_key}/results.csv", name="exchange.results")
def results(request: Request, db: Db, access: SeesResults) -> Response:
    """The share of every code."""
    ways = _asked(request, WaysForm).ways
    return _sent(share_sheet(results_report(db, access, ways)), "results")


@router.get("/projects/{project_key}/results/groups.csv", name="exchange.groups")
def groups(request: Request, db: Db, access: SeesResults) -> Response:
    """A code in groups of posts."""
    given = _asked(request, GroupsForm)
    report = groups_report(db, access, Asked(given.code, given.by), given.ways)
    return _sent(group_sheet(report, given.ways), "groups")


@router.get("/projects/{project_key}/results/together.csv", name="exchange.together")
def together(request: Request, db: Db, access: SeesResults) -> Response:
    """The codes that stand together."""
    given = _asked(request, TogetherForm)
    report = together_report(db, access, given.question, given.rule)
    return _sent(together_sheet(report, given.rule.value), "together")


@router.get("/projects/{project_key}/results/corrected.csv", name="exchange.corrected")
def corrected(request: Request, db: Db, access: SeesResults) -> Response:
    """A share as coded and as corrected."""
    given = _asked(request, CorrectedForm)
    report = corrected_report(db, access, given.code, given.predictions, given.rule)
    return _sent(corrected_sheet(report, given.rule.value), "corrected")


def _asked(request: Request, form: type[Asking]) -> Asking:
    """What the address asks for; `Refusal` in words where it cannot be."""
    return parse(form, FormData(dict(request.query_params))).checked()


def _sent(sheet: Sheet, name: str) -> Response:
    file = spooled(csv_lines(sheet.columns, sheet.rows, with_bom=False))
    with closed_on_failure(file):
        return Sent(file, f"{name}.csv")
