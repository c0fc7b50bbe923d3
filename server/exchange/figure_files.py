"""The figures of the pages as files, drawn of what the pages show to this reader."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import Query, Request, Response

from server.errors import NotFound, Refusal
from server.exchange.asking import RESULTS
from server.exchange.called import arriving, called
from server.figures import Format, Subject, Width, drawn
from server.language import gettext as _
from server.projects.access import SeesAgreement, SeesResults
from server.reliability.agreement_page import Findings, agreement_page
from server.reliability.drawings import code_figure, confusion_figure, trend_figure
from server.reliability.forms import AgreementQuery
from server.reliability.sheets import OF_PAIRS
from server.web.routing import LeavesTransactionsRoute, database_of, pages

# Drawing takes longer than reading, and needs no transaction.
router = pages(LeavesTransactionsRoute)
_OF_AGREEMENT: Mapping[str, Callable[[Findings], Subject | None]] = {
    "codes": code_figure,
    "confusion": confusion_figure,
    "trend": trend_figure,
}
_TYPES = {Format.SVG: "image/svg+xml", Format.PDF: "application/pdf", Format.PNG: "image/png"}


@router.get("/projects/{project_key}/results/figures/{figure}.{ending}", name="exchange.result_figure")
def result_figure(request: Request, access: SeesResults, figure: str, ending: str) -> Response:
    """A figure of the pages of results."""
    kind = _kind(ending)
    if figure not in RESULTS:
        raise NotFound(_("There is no such figure."))
    with database_of(request).reading() as db:
        subject = RESULTS[figure](db, access, request.query_params).figure()
    return _file(request, subject, figure, kind)


@router.get("/projects/{project_key}/agreement/figures/{figure}.{ending}", name="exchange.agreement_figure")
def agreement_figure(
    request: Request,
    access: SeesAgreement,
    figure: str,
    ending: str,
    query: Annotated[AgreementQuery, Query()],
) -> Response:
    """A figure of the page of agreement."""
    kind = _kind(ending)
    if figure not in _OF_AGREEMENT:
        raise NotFound(_("There is no such figure."))
    with database_of(request).reading() as db:
        found = agreement_page(db, access, query, compares_pairs=figure in OF_PAIRS).findings
    return _file(request, _OF_AGREEMENT[figure](found) if found else None, f"agreement-{figure}", kind)


def _kind(ending: str) -> Format:
    if ending not in list(Format):
        raise NotFound(_("Figures can be had as SVG, PDF and PNG."))
    return Format(ending)


def _file(request: Request, subject: Subject | None, name: str, kind: Format) -> Response:
    if subject is None:
        raise NotFound(_("There is nothing to draw here: the page shows no such figure."))
    file = drawn(subject, kind, _width(request, subject))
    headers = arriving(called(name, request.query_params, kind.value))
    return Response(file, media_type=_TYPES[kind], headers=headers)


def _width(request: Request, subject: Subject) -> Width:
    wanted = request.query_params.get("width", Width.PAGE.value)
    if wanted not in list(Width):
        raise Refusal(_("A figure is as wide as a column or as a page."))
    if not subject.fits(Width(wanted).millimetres):
        raise Refusal(
            _("This is more than a figure of {n} mm can hold. Take the table, or choose less.").format(
                n=Width(wanted).millimetres
            )
        )
    return Width(wanted)
