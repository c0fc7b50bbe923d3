"""The commands that look further into shares: a code in groups, codes together, corrected shares."""

import json
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from server.cli.opening import opened
from server.cli.options import Data, DatabaseUrl, settings_of
from server.cli.people import Project, lead_of
from server.cli.printing import print_table
from server.exchange.spreadsheets import csv_lines
from server.projects.access import Access
from server.reliability.sheets import Cell, Sheet
from server.results.choices import USUAL, Clustering, IntervalKind, Ways, Weights
from server.results.corrected_report import corrected_report
from server.results.groups_report import GroupsAsked, groups_report
from server.results.outcomes import Rule
from server.results.sheets import corrected_sheet, group_sheet, together_sheet
from server.results.together import together_report


class Format(StrEnum):
    """How a table is printed: the main columns for eyes, every column for programs."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


Printed = Annotated[Format, typer.Option("--format", help="How it is printed")]
Counted = Annotated[Rule, typer.Option(help="What may stand without a decision")]
Weighed = Annotated[Weights, typer.Option(help="How much a post counts")]
CodeName = Annotated[str, typer.Option(help="The code, as question:code; without it the first")]

_GROUPS = ("group", "count", "denominator", "share", "low", "high", "risk_ratio", "odds_ratio", "p_adjusted")
_TOGETHER = ("variable", "code", "other_variable", "other_code", "both", "share", "jaccard")
_CORRECTED = ("code", "estimate", "share", "low", "high", "posts", "method")


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (groups, together, corrected):
        app.command()(command)


def groups(
    project: Project,
    code: CodeName = "",
    by: Annotated[
        str, typer.Option(help="day, week, month, author, field:NAME, question:KEY or code:KEY:CODE")
    ] = "day",
    rule: Counted = USUAL.rule,
    interval: Annotated[IntervalKind, typer.Option(help="How intervals are made")] = USUAL.interval,
    clusters: Annotated[Clustering, typer.Option(help="Whether authors are clusters")] = USUAL.clusters,
    weights: Weighed = USUAL.weights,
    printed: Printed = Format.TABLE,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """A code over time or in groups of posts, with ratios, tests and their adjustment."""
    ways = Ways(rule, interval, clusters=clusters, weights=weights)

    def read(db: Session, lead: Access) -> Sheet:
        return group_sheet(groups_report(db, lead, GroupsAsked(code, by), ways), ways)

    _print(_sheet(project, data, database_url, read), _GROUPS, printed)


def together(
    project: Project,
    question: Annotated[str, typer.Option(help="Codes of this question alone")] = "",
    rule: Counted = USUAL.rule,
    weights: Weighed = USUAL.weights,
    printed: Printed = Format.TABLE,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Which codes stand together in posts: every pair, a row each."""
    ways = Ways(rule, weights=weights)

    def read(db: Session, lead: Access) -> Sheet:
        return together_sheet(together_report(db, lead, question, ways), ways)

    _print(_sheet(project, data, database_url, read), _TOGETHER, printed)


def corrected(
    project: Project,
    code: CodeName = "",
    predictions: Annotated[str, typer.Option(help="The further column with a model's predictions")] = "",
    rule: Counted = USUAL.rule,
    weights: Weighed = USUAL.weights,
    printed: Printed = Format.TABLE,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """A share corrected for errors of coding, and with predictions of a model."""
    ways = Ways(rule, weights=weights)

    def read(db: Session, lead: Access) -> Sheet:
        return corrected_sheet(corrected_report(db, lead, code, predictions, ways), ways)

    _print(_sheet(project, data, database_url, read), _CORRECTED, printed)


def _sheet(
    project: str, data: Path | None, database_url: str | None, read: Callable[[Session, Access], Sheet]
) -> Sheet:
    settings = settings_of(data=data, database_url=database_url)
    with opened(settings) as database, database.reading() as db:
        return read(db, lead_of(db, project))


def _print(sheet: Sheet, shown: tuple[str, ...], printed: Format) -> None:
    if printed is Format.JSON:
        rows = [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
        print(json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False))
    elif printed is Format.CSV:
        sys.stdout.writelines(csv_lines(sheet.columns, sheet.rows, with_bom=False))
    else:
        places = [sheet.columns.index(name) for name in shown]
        print_table(shown, ([_said(row[place]) for place in places] for row in sheet.rows))


def _said(cell: Cell) -> str:
    return f"{cell:.3f}" if isinstance(cell, float) else str("" if cell is None else cell)
