"""The commands that read a project: agreement, results, export."""

import json
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table as ConsoleTable
from sqlmodel import Session

from server.agreement import Level
from server.cli.options import Data, DatabaseUrl, opened, settings_of
from server.cli.people import Project, lead_of
from server.errors import Refusal
from server.exchange.actions import record_download
from server.exchange.downloads import Wanted, What, csv_file, left_out
from server.language import gettext as _
from server.projects.access import Access
from server.reliability.report import agreement_report
from server.reliability.report import as_json as agreement_json
from server.results.outcomes import Rule
from server.results.report import as_json as results_json
from server.results.report import results_report


class Format(StrEnum):
    """How figures are printed."""

    TABLE = "table"
    JSON = "json"


class FileFormat(StrEnum):
    """How files are written."""

    CSV = "csv"


class LevelName(StrEnum):
    """The levels of measurement."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


Printed = Annotated[Format, typer.Option("--format", help="How it is printed")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(agreement)
    app.command()(results)
    app.command()(export)


def agreement(
    project: Project,
    printed: Printed = Format.TABLE,
    level: Annotated[
        LevelName | None, typer.Option(help="Level of measurement, instead of the variable's")
    ] = None,
    group: Annotated[str | None, typer.Option(help="Only annotators of this group")] = None,
    round_number: Annotated[
        list[int] | None, typer.Option("--round", help="Only this round; repeatable")
    ] = None,
    variable: Annotated[str | None, typer.Option(help="Only this variable")] = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Inter-rater agreement of independent codings, by variable, code and pair."""
    chosen: Level | None = None if level is None else level.value
    with _reading(project, data, database_url) as (db, lead):
        report = agreement_json(agreement_report(db, lead, round_number or None, group, chosen, variable))
    _say_left_out((one["round"], one["why"]) for one in report["hidden_rounds"])
    _print(report, printed, _agreement_rows)


def results(
    project: Project,
    printed: Printed = Format.TABLE,
    rule: Annotated[Rule, typer.Option(help="What may stand without a decision")] = Rule.PLURALITY,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """The final proportion of every code, with its interval and how it came about."""
    with _reading(project, data, database_url) as (db, lead):
        report = results_json(results_report(db, lead, rule))
    _say_left_out((one["round"], one["why"]) for one in report["hidden_rounds"])
    _print(report, printed, _result_rows)


def export(
    project: Project,
    out: Annotated[Path, typer.Option(help="The file to write; - for the standard output", allow_dash=True)],
    what: Annotated[What, typer.Option(help="Which data")] = What.FINAL,
    _format: Annotated[FileFormat, typer.Option("--format", help="Which kind of file")] = FileFormat.CSV,
    bom: Annotated[bool, typer.Option("--bom", help="With the mark by which Excel knows UTF-8")] = False,
    names: Annotated[bool, typer.Option("--names", help="With names instead of pseudonyms")] = False,
    rule: Annotated[Rule, typer.Option(help="What may stand without a decision")] = Rule.PLURALITY,
    plain: Annotated[
        bool, typer.Option("--plain", help="For statistics software: without the guard against formulas")
    ] = False,
    texts: Annotated[bool, typer.Option("--texts", help="With the posts' texts and further columns")] = False,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write the final dataset or all codings to a file, which appears when it is whole."""
    wanted = Wanted(what, bom, names, rule, plain, texts)
    with opened(settings_of(data=data, database_url=database_url)) as database:
        with database.reading() as db:
            lead = lead_of(db, project)
            hidden, content = left_out(db, lead), csv_file(db, lead, wanted)
        with content:
            _write(content, out)
        with database.writing() as db:
            record_download(db, lead, wanted, actor_id=None)
    _say_left_out((one.number, one.why_no_codings) for one in hidden)


def _say_left_out(rounds: Iterable[tuple[int, str]]) -> None:
    """Beside the figures, so that the standard output holds nothing else."""
    for number, why in rounds:
        print(
            "intercoder: " + _("round %(number)s is left out: %(why)s") % {"number": number, "why": why},
            file=sys.stderr,
        )


def _write(content: IO[bytes], out: Path) -> None:
    if str(out) == "-":
        sys.stdout.flush()
        shutil.copyfileobj(content, sys.stdout.buffer)
        return
    unfinished = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        with unfinished.open("xb") as file:
            shutil.copyfileobj(content, file)
        unfinished.replace(out)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise Refusal(
            _("%(file)s cannot be written: %(reason)s.") % {"file": out, "reason": reason}
        ) from problem
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _reading(project: str, data: Path | None, database_url: str | None) -> Iterator[tuple[Session, Access]]:
    settings = settings_of(data=data, database_url=database_url)
    with opened(settings) as database, database.reading() as db:
        yield db, lead_of(db, project)


def _print(report: dict[str, Any], printed: Format, rows: Any) -> None:
    if printed is Format.JSON:
        print(json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False))
        return
    columns, *lines = rows(report)
    table = ConsoleTable(*columns, box=None)
    for line in lines:
        table.add_row(*line)
    # Piped into a file or another program, lines stay whole.
    width = None if sys.stdout.isatty() else 160
    console = Console(width=width, markup=False, highlight=False, emoji=False)
    console.print(table)


def _agreement_rows(report: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    yield "variable", "code", "coefficient", "level", "estimate", "95 % interval", ""
    for variable in report["variables"]:
        for one in variable["coefficients"]:
            yield variable["variable"], "", *_figures(one)
        for code in variable["codes"]:
            for one in code["coefficients"]:
                yield variable["variable"], code["code"], *_figures(one)


def _figures(one: dict[str, Any]) -> tuple[str, ...]:
    estimate = "" if one["estimate"] is None else f"{one['estimate']:.3f}"
    return one["name"], one["level"] or "", estimate, _interval(one["interval"]), one["undefined"] or ""


def _interval(interval: list[float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"


def _result_rows(report: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    yield "variable", "code", "posts", "of", "share", "95 % interval", "unresolved"
    for variable in report["variables"]:
        for code in variable["codes"]:
            share = "" if code["share"] is None else f"{100 * code['share']:.1f} %"
            yield (
                variable["variable"],
                str(code["code"]),
                str(code["count"]),
                str(code["denominator"]),
                share,
                _interval(code["interval"]),
                str(code["unresolved"]),
            )
