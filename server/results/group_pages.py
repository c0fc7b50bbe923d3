"""The page of one code in groups of posts."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from server.errors import Refusal
from server.projects.access import Access, SeesResults
from server.results.captions import comparisons_of, methods_of, of_drawing, reasons_of
from server.results.choices import Ways
from server.results.forms import GroupsForm
from server.results.groups_report import GroupsAsked, GroupsReport, address_of, groups_report
from server.results.labels import Options, group_options
from server.web.forms import Form, blank, parse
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class GroupsPage:
    """One code in groups of posts, with what else can be asked. `address` is that of what is shown.

    `methods` and `reasons` are those of the shares, `notes` of the comparisons and their tests, and `drawing`
    says what chance there was.
    """

    form: Form[Any]
    options: dict[str, Options]
    address: dict[str, Any]
    report: GroupsReport
    methods: tuple[str, ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    drawing: tuple[str, ...]


@router.get("/projects/{project_key}/results/groups", name="results.groups")
def groups(request: Request, db: Db, access: SeesResults) -> Response:
    """A code over time, by a column of the posts, or by other codes; what cannot be asked is said."""
    asked = parse(GroupsForm, FormData(dict(request.query_params)))
    form, ways, report = _reported(db, access, asked)
    lines = report.table.lines if report.table else ()
    page = GroupsPage(
        form=form,
        options=group_options(),
        address=address_of(report, ways),
        report=report,
        methods=methods_of(lines),
        reasons=reasons_of(lines),
        notes=tuple(comparisons_of(lines)),
        drawing=tuple(of_drawing(report.sampling)),
    )
    return render(request, "results/groups.html", page, status=422 if form.message else 200)


def _reported(db: Db, access: Access, asked: Form[GroupsForm]) -> tuple[Form[Any], Ways, GroupsReport]:
    form: Form[Any] = asked
    if asked.value is not None:
        given = asked.value
        try:
            report = groups_report(db, access, GroupsAsked(given.code, given.by), given.ways)
        except Refusal as refusal:
            form = asked.refused(refusal)
        else:
            code = report.pick.key if report.pick else ""
            return blank(code=code, by=report.by, **given.ways.all()), given.ways, report
    return form, Ways(), groups_report(db, access, GroupsAsked(), Ways())
