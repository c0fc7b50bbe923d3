"""The page of results: final shares with their intervals, and how the values came about."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from server.projects.access import SeesResults
from server.results.forms import RuleForm
from server.results.outcomes import Rule
from server.results.report import ResultsReport, results_report
from server.results.tables import ResultTable, legend, rule_label, tables
from server.web.forms import Form, blank, parse
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ResultsPage:
    """The results under one rule, with the rules to choose from."""

    form: Form[Any]
    rules: Choices
    report: ResultsReport
    tables: tuple[ResultTable, ...]
    legend: Choices


@router.get("/projects/{project_key}/results", name="results.show")
def show(request: Request, db: Db, access: SeesResults) -> Response:
    """The final shares of the project; an unknown rule is said, and the usual one shown."""
    asked = parse(RuleForm, FormData(dict(request.query_params)))
    chosen = asked.value or RuleForm()
    report = results_report(db, access, chosen.rule)
    page = ResultsPage(
        form=asked if asked.value is None else blank(rule=chosen.rule.value),
        rules=tuple((rule.value, _upper(rule_label(rule))) for rule in Rule),
        report=report,
        tables=tables(report),
        legend=legend(report),
    )
    return render(request, "results/show.html", page, status=200 if asked.value else 422)


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
