"""The page of one code in groups of posts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access, SeesResults
from server.results.choices import Ways
from server.results.forms import GroupsForm
from server.results.group_page import Asked, GroupsReport, address_of, groups_report
from server.results.groups import GroupLine
from server.results.labels import Options, group_options
from server.web.forms import Form, blank, parse
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class GroupsPage:
    """One code in groups of posts, with what else can be asked. `address` is that of what is shown.

    `methods` and `reasons` are those of the shares, `notes` of the comparisons and their tests.
    """

    form: Form[Any]
    options: dict[str, Options]
    address: dict[str, Any]
    report: GroupsReport
    methods: tuple[str, ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


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
        methods=tuple(dict.fromkeys(_(line.share.method) for line in lines if line.share.interval)),
        reasons=tuple(dict.fromkeys(_(line.share.reason) for line in lines if line.share.reason)),
        notes=tuple(dict.fromkeys(_notes(lines))),
    )
    return render(request, "results/groups.html", page, status=422 if form.message else 200)


def _reported(db: Db, access: Access, asked: Form[GroupsForm]) -> tuple[Form[Any], Ways, GroupsReport]:
    form: Form[Any] = asked
    if asked.value is not None:
        given = asked.value
        try:
            report = groups_report(db, access, Asked(given.code, given.by), given.ways)
        except Refusal as refusal:
            form = asked.refused(refusal)
        else:
            code = report.pick.key if report.pick else ""
            return blank(code=code, by=report.by, **given.ways.all()), given.ways, report
    return form, Ways(), groups_report(db, access, Asked(), Ways())


def _notes(lines: Sequence[GroupLine]) -> Iterator[str]:
    """How groups were compared, and by which tests, each once."""
    for line in lines:
        yield _("Intervals of ratios and differences: {method}.").format(method=_(line.against.method))
        if line.against.reason:
            yield _(line.against.reason)
    for line in lines:
        if line.test.p_value is not None:
            said = _("p: {method}, {because}.")
            yield said.format(method=_(line.test.method), because=_(line.test.because))
