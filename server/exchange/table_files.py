"""The tables of the pages as papers print them, of what the pages show to this reader."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import Query, Request, Response

from server.errors import NotFound
from server.exchange.asking import RESULTS
from server.exchange.called import arriving, called
from server.language import gettext as _
from server.projects.access import SeesAgreement, SeesResults
from server.reliability.agreement_page import Findings, agreement_page
from server.reliability.forms import AgreementQuery
from server.reliability.typesetting import answer_table, code_table
from server.typeset import ApaTable, Kind, typeset
from server.web.routing import LeavesTransactionsRoute, database_of, pages

router = pages(LeavesTransactionsRoute)
_OF_AGREEMENT: Mapping[str, Callable[[Findings], ApaTable | None]] = {
    "answers": answer_table,
    "codes": code_table,
}
_TYPES = {
    Kind.MARKDOWN: "text/markdown; charset=utf-8",
    Kind.LATEX: "application/x-tex; charset=utf-8",
    Kind.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.HTML: "text/html; charset=utf-8",
}


@router.get("/projects/{project_key}/results/tables/{table}.{ending}", name="exchange.result_table")
def result_table(request: Request, access: SeesResults, table: str, ending: str) -> Response:
    """A table of the pages of results."""
    kind = _kind(ending)
    if table not in RESULTS:
        raise NotFound(_("The page shows no such table."))
    with database_of(request).reading() as db:
        found = RESULTS[table](db, access, request.query_params).table()
    return _file(request, found, table, kind)


@router.get("/projects/{project_key}/agreement/tables/{table}.{ending}", name="exchange.agreement_table")
def agreement_table(
    request: Request,
    access: SeesAgreement,
    table: str,
    ending: str,
    query: Annotated[AgreementQuery, Query()],
) -> Response:
    """A table of the page of agreement."""
    kind = _kind(ending)
    if table not in _OF_AGREEMENT:
        raise NotFound(_("The page shows no such table."))
    with database_of(request).reading() as db:
        found = agreement_page(db, access, query, compares_pairs=False).findings
    return _file(request, _OF_AGREEMENT[table](found) if found else None, f"agreement-{table}", kind)


def _kind(ending: str) -> Kind:
    if ending not in list(Kind):
        raise NotFound(_("Tables can be had as CSV, Markdown, LaTeX, Word and HTML."))
    return Kind(ending)


def _file(request: Request, table: ApaTable | None, name: str, kind: Kind) -> Response:
    if table is None:
        raise NotFound(_("The page shows no such table."))
    headers = arriving(called(name, request.query_params, kind.value))
    return Response(typeset(table, kind), media_type=_TYPES[kind], headers=headers)
