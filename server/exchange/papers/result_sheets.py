"""The tables of the pages of results as files, as the pages show them to this reader."""

from fastapi import Request, Response

from server.exchange.papers.asking import asked
from server.exchange.papers.called import called
from server.exchange.sending import Sent, closed_on_failure, spooled
from server.exchange.spreadsheets import csv_lines
from server.projects.access import SeesResults
from server.reliability.sheets import Sheet
from server.results.corrected_report import corrected_report
from server.results.forms import CorrectedForm, GroupsForm, TogetherForm, WaysForm
from server.results.groups_report import GroupsAsked, groups_report
from server.results.report import results_report
from server.results.sheets import corrected_sheet, group_sheet, share_sheet, together_sheet
from server.results.together import together_report
from server.web.routing import Db, pages

router = pages()


@router.get("/projects/{project_key}/results.csv", name="exchange.results")
def results(request: Request, db: Db, access: SeesResults) -> Response:
    """The share of every code."""
    ways = asked(WaysForm, request.query_params).ways
    return _sent(request, share_sheet(results_report(db, access, ways)), "results")


@router.get("/projects/{project_key}/results/groups.csv", name="exchange.groups")
def groups(request: Request, db: Db, access: SeesResults) -> Response:
    """A code in groups of posts."""
    given = asked(GroupsForm, request.query_params)
    report = groups_report(db, access, GroupsAsked(given.code, given.by), given.ways)
    return _sent(request, group_sheet(report, given.ways), "groups")


@router.get("/projects/{project_key}/results/together.csv", name="exchange.together")
def together(request: Request, db: Db, access: SeesResults) -> Response:
    """The codes that stand together."""
    given = asked(TogetherForm, request.query_params)
    report = together_report(db, access, given.question, given.ways)
    return _sent(request, together_sheet(report, given.ways), "together")


@router.get("/projects/{project_key}/results/corrected.csv", name="exchange.corrected")
def corrected(request: Request, db: Db, access: SeesResults) -> Response:
    """A share as coded and as corrected."""
    given = asked(CorrectedForm, request.query_params)
    report = corrected_report(db, access, given.code, given.predictions, given.ways)
    return _sent(request, corrected_sheet(report, given.ways), "corrected")


def _sent(request: Request, sheet: Sheet, name: str) -> Response:
    file = spooled(csv_lines(sheet.columns, sheet.rows, with_bom=False))
    with closed_on_failure(file):
        return Sent(file, called(name, request.query_params, "csv"))
