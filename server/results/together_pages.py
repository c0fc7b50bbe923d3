"""The page of codes that stand together."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from server.errors import Refusal
from server.figures import Width
from server.language import gettext as _
from server.projects.access import SeesResults
from server.results.captions import of_sample
from server.results.forms import TogetherForm
from server.results.labels import Options, measures, options
from server.results.together import Measure, TogetherReport, together_report
from server.web.forms import Form, blank, parse
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class TogetherPage:
    """The matrix of codes, by one measure. `address` is that of what is shown.

    `fits_column`: whether its figure fits into a column of a journal. `drawing` says how posts were drawn.
    """

    form: Form[Any]
    rules: Options
    measures: Options
    questions: Options
    weights: Options
    measure: Measure
    address: dict[str, str]
    fits_column: bool
    report: TogetherReport
    drawing: tuple[str, ...]


@router.get("/projects/{project_key}/results/together", name="results.together")
def together(request: Request, db: Db, access: SeesResults) -> Response:
    """Which codes stand together; what cannot be asked is said, and all codes are shown."""
    asked = parse(TogetherForm, FormData(dict(request.query_params)))
    given, form = asked.value or TogetherForm(), asked
    try:
        report = together_report(db, access, given.question, given.ways)
    except Refusal as refusal:
        form = asked.refused(refusal)
        given = TogetherForm()
        report = together_report(db, access, given.question, given.ways)
    shown = given.model_dump(mode="json")
    page = TogetherPage(
        form=form if form.message else blank(**shown),
        rules=options()["rule"],
        measures=measures(),
        weights=options()["weights"],
        questions=(("", _("All")), *report.questions),
        measure=given.measure,
        address={name: value for name, value in shown.items() if value},
        fits_column=Width.COLUMN.holds(len(report.codes)),
        report=report,
        drawing=tuple(of_sample(report.sampling)),
    )
    return render(request, "results/together.html", page, status=422 if form.message else 200)
