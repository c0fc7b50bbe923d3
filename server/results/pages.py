"""The page of results: final shares with their intervals, and how the values came about."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from server.errors import Refusal
from server.projects.access import Access, SeesResults
from server.reliability.basis import ways_of_alpha
from server.results.captions import of_drawing
from server.results.choices import USUAL, Ways
from server.results.forms import WaysForm
from server.results.labels import Options, denominator_label, options
from server.results.report import ResultsReport, results_report
from server.results.tables import ResultTable, legend, tables
from server.web.forms import Form, blank, parse
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class ResultsPage:
    """The results, counted and estimated in one way, with the ways to choose from.

    `about_alpha` says how the intervals of alpha were made, with which seed, and `drawing` what chance there
    was in shares. `address` is what the links of this page take along of what was chosen.
    """

    form: Form[Any]
    options: dict[str, Options]
    address: dict[str, str]
    denominator: str
    report: ResultsReport
    tables: tuple[ResultTable, ...]
    about_alpha: str
    drawing: tuple[str, ...]
    legend: Options


@router.get("/projects/{project_key}/results", name="results.show")
def show(request: Request, db: Db, access: SeesResults) -> Response:
    """The final shares of the project; what cannot be asked is said, and the usual ways are shown."""
    asked = parse(WaysForm, FormData(dict(request.query_params)))
    form, report = _reported(db, access, asked)
    page = ResultsPage(
        form=form,
        options=options(),
        address=report.ways.stored(),
        denominator=denominator_label(report.ways.denominator),
        report=report,
        tables=tables(report),
        about_alpha=ways_of_alpha([code.alpha for of in report.variables for code in of.codes if code.alpha]),
        drawing=tuple(of_drawing(report.sampling)),
        legend=legend(report),
    )
    return render(request, "results/show.html", page, status=422 if form.message else 200)


def _reported(db: Db, access: Access, asked: Form[WaysForm]) -> tuple[Form[Any], ResultsReport]:
    if asked.value is None:
        return asked, results_report(db, access)
    ways = asked.value.ways
    try:
        return offered(ways), results_report(db, access, ways)
    except Refusal as refusal:
        return asked.refused(refusal), results_report(db, access, Ways(ways.rule))


def offered(ways: Ways = USUAL) -> Form[Any]:
    """The form with what is chosen in it."""
    return blank(**ways.all())
