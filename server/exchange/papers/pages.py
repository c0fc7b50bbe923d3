"""The figures and tables of the pages as papers print them, of what the pages show to this reader."""

from enum import StrEnum
from typing import Annotated

from fastapi import Query, Request, Response

from server.errors import NotFound, Refusal
from server.exchange.papers.asking import AGREEMENT, RESULTS, ForPapers
from server.exchange.papers.called import arriving, called
from server.figures import Format, Subject, Width, drawn
from server.language import gettext as _
from server.projects.access import SeesAgreement, SeesResults
from server.reliability.agreement_page import agreement_page
from server.reliability.forms import AgreementQuery
from server.reliability.sheets import OF_PAIRS
from server.typeset import ApaTable, Kind, typeset
from server.web.routing import LeavesTransactionsRoute, database_of, pages

# Drawing takes longer than reading, and needs no transaction.
router = pages(LeavesTransactionsRoute)
_TYPES = {
    Format.SVG: "image/svg+xml",
    Format.PDF: "application/pdf",
    Format.PNG: "image/png",
    Kind.MARKDOWN: "text/markdown; charset=utf-8",
    Kind.LATEX: "application/x-tex; charset=utf-8",
    Kind.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.HTML: "text/html; charset=utf-8",
}


class Sort(StrEnum):
    """What is taken along."""

    FIGURES = "figures"
    TABLES = "tables"

    @property
    def is_missing(self) -> str:
        """Said where there is none of this name, or nothing in it."""
        if self is Sort.FIGURES:
            return _("There is nothing to draw here: the page shows no such figure.")
        return _("The page shows no such table.")

    def kind(self, ending: str) -> Format | Kind:
        """Which kind of file an ending means; `NotFound` where there is none."""
        if self is Sort.FIGURES:
            if ending not in list(Format):
                raise NotFound(_("Figures can be had as SVG, PDF and PNG."))
            return Format(ending)
        if ending not in list(Kind):
            raise NotFound(_("Tables can be had as CSV, Markdown, LaTeX, Word and HTML."))
        return Kind(ending)


@router.get("/projects/{project_key}/results/{sort}/{of}.{ending}", name="exchange.result_paper")
def result_paper(request: Request, access: SeesResults, sort: str, of: str, ending: str) -> Response:
    """A figure or table of the pages of results."""
    wanted = _sort(sort)
    kind = wanted.kind(ending)
    if of not in RESULTS:
        raise NotFound(wanted.is_missing)
    with database_of(request).reading() as db:
        made = _made(RESULTS[of](db, access, request.query_params), wanted)
    return _file(request, made, of, kind)


@router.get("/projects/{project_key}/agreement/{sort}/{of}.{ending}", name="exchange.agreement_paper")
def agreement_paper(
    request: Request,
    access: SeesAgreement,
    sort: str,
    of: str,
    ending: str,
    query: Annotated[AgreementQuery, Query()],
) -> Response:
    """A figure or table of the page of agreement."""
    wanted = _sort(sort)
    kind = wanted.kind(ending)
    if of not in AGREEMENT:
        raise NotFound(wanted.is_missing)
    with database_of(request).reading() as db:
        found = agreement_page(db, access, query, compares_pairs=of in OF_PAIRS).findings
    if found is None:
        raise NotFound(wanted.is_missing)
    return _file(request, _made(AGREEMENT[of](found), wanted), f"agreement-{of}", kind)


def _sort(given: str) -> Sort:
    if given not in list(Sort):
        raise NotFound(_("Only figures and tables can be taken along."))
    return Sort(given)


def _made(of: ForPapers, wanted: Sort) -> Subject | ApaTable:
    made = of.figure() if wanted is Sort.FIGURES else of.table()
    if made is None:
        raise NotFound(wanted.is_missing)
    return made


def _file(request: Request, made: Subject | ApaTable, name: str, kind: Format | Kind) -> Response:
    if isinstance(made, ApaTable):
        file = typeset(made, Kind(kind))
    else:
        file = drawn(made, Format(kind), _width(request, made))
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
