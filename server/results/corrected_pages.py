"""The page of corrected shares."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import SeesResults
from server.results.captions import about_skipped, about_unresolved, of_all_posts
from server.results.corrected_report import CorrectedReport, corrected_report
from server.results.forms import CorrectedForm
from server.results.labels import Options, options
from server.web.forms import Form, blank, parse
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class CorrectedPage:
    """One code, corrected, with what else can be asked. `address` is that of what is shown.

    `unresolved` says that posts are in no share here, `of_which` of which posts the shares with predictions
    are, where not of those of the others, and `skipped` that posts are missing from the sample.
    """

    form: Form[Any]
    rules: Options
    weights: Options
    columns: Options
    address: dict[str, str]
    report: CorrectedReport
    unresolved: tuple[str, ...]
    of_which: tuple[str, ...]
    skipped: tuple[str, ...]


@router.get("/projects/{project_key}/results/corrected", name="results.corrected")
def corrected(request: Request, db: Db, access: SeesResults) -> Response:
    """One share, corrected for errors of coding and with predictions; what cannot be asked is said."""
    asked = parse(CorrectedForm, FormData(dict(request.query_params)))
    given, form = asked.value or CorrectedForm(), asked
    try:
        report = corrected_report(db, access, given.code, given.predictions, given.ways)
    except Refusal as refusal:
        form = asked.refused(refusal)
        given = CorrectedForm()
        report = corrected_report(db, access, "", "", given.ways)
    code = report.pick.key if report.pick else ""
    shown = given.model_dump(mode="json") | {"code": code}
    page = CorrectedPage(
        form=form if form.message else blank(**shown),
        rules=options()["rule"],
        weights=options()["weights"],
        columns=(("", _("No column")), *((name, name) for name in report.columns)),
        address={name: value for name, value in shown.items() if value},
        report=report,
        unresolved=tuple(about_unresolved(report)),
        of_which=tuple(of_all_posts(report)),
        skipped=tuple(about_skipped(report.sampling)),
    )
    return render(request, "results/corrected.html", page, status=422 if form.message else 200)
