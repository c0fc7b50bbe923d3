"""One code in groups of posts: what may be asked of it, and all that its page, the shell and files say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from server.codebooks.kinds import CHOICES
from server.codebooks.queries import VariableInfo
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.results.choices import Ways
from server.results.course import Course, course, scale_end
from server.results.estimating import Estimator
from server.results.fields import (
    TIMES,
    Grouping,
    Pick,
    by_author,
    by_code,
    by_field,
    by_question,
    by_time,
    cells,
    choices_of,
    picks,
    time_label,
)
from server.results.finals import Finals
from server.results.groups import GroupTable, group_table
from server.results.memory import remembered_fields, remembered_finals, remembered_moments
from server.results.outcomes import is_coded_on
from server.results.queries import Scope, scope_of_figures, variables
from server.results.sampling import UNWEIGHABLE, Sampling, Weighted, sampling_of, weighted_by
from server.rounds.queries import Sight

Options = tuple[tuple[str, str], ...]
OptionGroups = tuple[tuple[str, Options], ...]


@dataclass(frozen=True)
class GroupsReport:
    """A code in the groups of one field, and by what else it can be looked at."""

    pick: Pick | None
    by: str
    codes: OptionGroups
    fields: OptionGroups
    table: GroupTable | None
    course: Course | None
    top: float
    weighted: Weighted
    sampling: Sampling
    hidden: tuple[Sight, ...]


@dataclass(frozen=True)
class GroupsAsked:
    """Which code, by what; empty for the page's own choice."""

    code: str = ""
    by: str = ""


def groups_report(db: Session, access: Access, asked: GroupsAsked, ways: Ways) -> GroupsReport:
    """One code by days, by a column, by the size of authors, or by other codes, as this reader may see it.

    Raises:
        Refusal: where there is no such code or field, or it has too many values.
    """
    (report,) = groups_reports(db, access, (asked.code,), asked.by, ways)
    return report


def groups_reports(
    db: Session, access: Access, codes: Sequence[str], by: str, ways: Ways
) -> tuple[GroupsReport, ...]:
    """The same of several codes, in their order, by one field: what they share is read once.

    Raises:
        Refusal: as for one.
    """
    scope = scope_of_figures(db, access)
    all_ = variables(db, access, scope)
    known = [variable for variable in all_ if variable.kind in CHOICES]
    found = picks(known)
    fields, sampling = _fields(remembered_fields(db, scope), known), sampling_of(db, scope)
    nothing = GroupsReport(None, "", (), fields, None, None, 1.0, UNWEIGHABLE, sampling, scope.hidden)
    if not found:
        return (nothing,) * len(codes)
    chosen = [chosen_code(found, code) for code in codes]
    by = _checked_field(fields, by or "day")
    finals = remembered_finals(db, access, scope, all_, ways.rule)
    asked = [replace(nothing, pick=pick, by=by, codes=code_options(known)) for pick in chosen]
    if not finals.of or not finals.is_coded.any():
        return tuple(asked)
    grouping = _grouping(db, scope, finals, by, known)
    weighted = weighted_by(db, scope, finals, sampling, ways)
    return tuple(
        _in_groups(one, pick, finals, grouping, weighted, ways)
        for one, pick in zip(asked, chosen, strict=True)
    )


def _in_groups(
    of: GroupsReport, pick: Pick, finals: Finals, grouping: Grouping, weighted: Weighted, ways: Ways
) -> GroupsReport:
    """The report on one code, with its groups."""
    values = choices_of(finals, pick.variable)
    place = pick.variable.codes.index(pick.code)
    basis = values.basis[:, place]
    coded = is_coded_on(basis) if grouping.coded is None else is_coded_on(basis) & grouping.coded
    weighted = weighted.on(coded)
    estimator = Estimator(finals.authors, ways, weighing=weighted.weighing)
    table = group_table(values.chosen[:, place], basis, grouping, estimator)
    end = scale_end(table.lines)
    return replace(of, table=table, course=course(table.lines), top=end, weighted=weighted)


def chosen_code(found: Mapping[str, Pick], key: str) -> Pick:
    """The code with this name, the first where it is empty; `Refusal` where there is none."""
    if not key:
        return next(iter(found.values()))
    if key not in found:
        message = _("The codebook has no such code.")
        raise Refusal(message, {"code": message})
    return found[key]


def _checked_field(fields: OptionGroups, by: str) -> str:
    if by not in {value for _group, options in fields for value, _label in options}:
        message = _("The posts have no such field.")
        raise Refusal(message, {"by": message})
    return by


def _also(by: str, known: list[VariableInfo]) -> list[VariableInfo]:
    """The question that the posts are grouped by, if it is one."""
    kind, _colon, rest = by.partition(":")
    if kind == "code":
        return [picks(known)[rest].variable]
    return [variable for variable in known if kind == "question" and variable.key == rest]


def _grouping(db: Session, scope: Scope, finals: Finals, by: str, known: list[VariableInfo]) -> Grouping:
    kind, _colon, rest = by.partition(":")
    if kind in TIMES:
        return by_time(remembered_moments(db, scope), kind)
    if kind == "author":
        return by_author(finals)
    if kind == "field":
        return by_field(cells(db, scope.project_id, rest), rest, finals.numbers)
    if kind == "code":
        return by_code(finals, picks(known)[rest])
    return by_question(finals, _also(by, known)[0])


def _fields(columns: tuple[str, ...], known: list[VariableInfo]) -> OptionGroups:
    times = tuple((step, time_label(step)) for step in TIMES)
    author = ("author", _("Posts of the author"))
    extra = tuple((f"field:{name}", name) for name in columns)
    questions = tuple(
        (f"question:{variable.key}", variable.label) for variable in known if variable.kind != "multiple"
    )
    codes = tuple((f"code:{key}", pick.code.label) for key, pick in picks(known).items())
    found = (
        (_("Time"), times),
        (_("Posts"), (*extra, author)),
        (_("Questions with one answer"), questions),
        (_("With and without a code"), codes),
    )
    return tuple((name, options) for name, options in found if options)


def code_options(known: list[VariableInfo]) -> OptionGroups:
    """All codes to choose from, by their questions."""
    return tuple(
        (variable.label, tuple((f"{variable.key}:{code.key}", code.label) for code in variable.codes))
        for variable in known
        if variable.codes
    )


def address_of(report: GroupsReport, ways: Ways) -> dict[str, Any]:
    """What stands in the address of what the report shows."""
    code = {"code": report.pick.key} if report.pick else {}
    return {**code, "by": report.by, **ways.stored()}
