"""What can be made for a paper of what an address asks of results and agreement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from pydantic import BaseModel
from sqlmodel import Session
from starlette.datastructures import FormData

from server.figures import Subject
from server.projects.access import Access
from server.reliability.agreement_page import Findings
from server.reliability.drawings import code_figure, confusion_figure, trend_figure
from server.reliability.typesetting import (
    answer_table,
    code_table,
    confusion_table,
    pair_table,
    trend_table,
)
from server.results.corrected_report import corrected_report
from server.results.drawings import corrected_figure, group_figure, share_figure, together_figure
from server.results.forms import CorrectedForm, GroupsForm, TogetherForm, WaysForm
from server.results.groups_report import GroupsAsked, groups_report
from server.results.report import results_report
from server.results.together import together_report
from server.results.typesetting import corrected_table, group_apa_table, share_table, together_table
from server.typeset import ApaTable
from server.web.forms import parse

Given = Mapping[str, str]
Asking = TypeVar("Asking", bound=BaseModel)


@dataclass(frozen=True)
class ForPapers:
    """The figure and the table of a page, each made when it is asked for; None where there is nothing."""

    figure: Callable[[], Subject | None]
    table: Callable[[], ApaTable | None]


def asked(form: type[Asking], given: Given) -> Asking:
    """What the address asks for; `Refusal` in words where it cannot be."""
    return parse(form, FormData(dict(given))).checked()


def _shares(db: Session, access: Access, given: Given) -> ForPapers:
    report = results_report(db, access, asked(WaysForm, given).ways)
    variable = given.get("variable", "")
    return ForPapers(partial(share_figure, report, variable), partial(share_table, report, variable))


def _groups(db: Session, access: Access, given: Given) -> ForPapers:
    form = asked(GroupsForm, given)
    report = groups_report(db, access, GroupsAsked(form.code, form.by), form.ways)
    return ForPapers(partial(group_figure, report, form.ways), partial(group_apa_table, report, form.ways))


def _together(db: Session, access: Access, given: Given) -> ForPapers:
    form = asked(TogetherForm, given)
    report = together_report(db, access, form.question, form.ways)
    what = (report, form.measure, form.ways)
    return ForPapers(partial(together_figure, *what), partial(together_table, *what))


def _corrected(db: Session, access: Access, given: Given) -> ForPapers:
    form = asked(CorrectedForm, given)
    report = corrected_report(db, access, form.code, form.predictions, form.ways)
    return ForPapers(
        partial(corrected_figure, report, form.ways), partial(corrected_table, report, form.ways)
    )


RESULTS: Mapping[str, Callable[[Session, Access, Given], ForPapers]] = {
    "shares": _shares,
    "groups": _groups,
    "together": _together,
    "corrected": _corrected,
}


def _nothing() -> None:
    """Where a page shows a table alone."""


AGREEMENT: Mapping[str, Callable[[Findings], ForPapers]] = {
    "answers": lambda found: ForPapers(_nothing, partial(answer_table, found)),
    "codes": lambda found: ForPapers(partial(code_figure, found), partial(code_table, found)),
    "pairs": lambda found: ForPapers(_nothing, partial(pair_table, found)),
    "confusion": lambda found: ForPapers(partial(confusion_figure, found), partial(confusion_table, found)),
    "trend": lambda found: ForPapers(partial(trend_figure, found), partial(trend_table, found)),
}
