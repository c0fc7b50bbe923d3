"""Every code over time, as the page of groups has it in its usual ways."""

from sqlmodel import Session

from server.codebooks.queries import VariableInfo
from server.errors import Refusal
from server.projects.access import Access
from server.reliability.sheets import Sheet
from server.results.choices import USUAL
from server.results.fields import TIMES, picks
from server.results.groups_report import GroupsReport, groups_reports
from server.results.sheets import GROUP_COLUMNS, group_sheet


def over_time(db: Session, access: Access, variables: tuple[VariableInfo, ...]) -> tuple[GroupsReport, ...]:
    """A report a code, by day; by week or month where days are more than can be shown, and none for ages."""
    codes = tuple(picks(variables))
    for step in TIMES:
        try:
            return groups_reports(db, access, codes, step, USUAL)
        except Refusal:
            continue
    return ()


def time_step(reports: tuple[GroupsReport, ...]) -> str:
    """The step of time they have; empty without any."""
    return reports[0].by if reports else ""


def over_time_sheet(reports: tuple[GroupsReport, ...]) -> Sheet:
    """Every code in every time, a row each, with how the times of a code differ."""
    return Sheet(GROUP_COLUMNS, tuple(row for report in reports for row in group_sheet(report, USUAL).rows))
