"""The commands that read a project: results, export."""

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
from sqlmodel import Session

from server.cli.options import Data, DatabaseUrl, opened, settings_of
from server.cli.people import Project, lead_of
from server.cli.printing import print_table
from server.errors import Refusal
from server.exchange.actions import record_download
from server.exchange.downloads import Wanted, What, csv_file, left_out
from server.language import gettext as _
from server.projects.access import Access
from server.results.choices import USUAL, Clustering, Denominator, IntervalKind, Reach, Ways
from server.results.outcomes import Rule
from server.results.printed import as_json as results_json
from server.results.report import results_report


class Format(StrEnum):
    """How figures are printed."""

    TABLE = "table"
    JSON = "json"


class FileFormat(StrEnum):
    """How files are written."""

    CSV = "csv"


Printed = Annotated[Format, typer.Option("--format", help="How it is printed")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(results)
    app.command()(export)


def results(
    project: Project,
    printed: Printed = Format.TABLE,
    rule: Annotated[Rule, typer.Option(help="What may stand without a decision")] = USUAL.rule,
    interval: Annotated[IntervalKind, typer.Option(help="How intervals are made")] = USUAL.interval,
    denominator: Annotated[Denominator, typer.Option(help="Of which posts")] = USUAL.denominator,
    clusters: Annotated[Clustering, typer.Option(help="Whether authors are clusters")] = USUAL.clusters,
    reach: Annotated[Reach, typer.Option(help="What intervals speak of")] = USUAL.reach,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """The final proportion of every code, with its interval and how it came about."""
    ways = Ways(rule, interval, denominator, clusters, reach)
    with _reading(project, data, database_url) as (db, lead):
        report = results_json(results_report(db, lead, ways))
    say_left_out((one["round"], one["why"]) for one in report["hidden_rounds"])
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
            write_file(content, out)
        with database.writing() as db:
            record_download(db, lead, wanted, actor_id=None)
    say_left_out((one.number, one.why_no_codings) for one in hidden)


def say_left_out(rounds: Iterable[tuple[int, str]]) -> None:
    """Say it beside the figures, so that the standard output holds nothing else."""
    for number, why in rounds:
        print(
            "intercoder: " + _("round %(number)s is left out: %(why)s") % {"number": number, "why": why},
            file=sys.stderr,
        )


def write_file(content: IO[bytes], out: Path) -> None:
    """Write the content to a file, which appears when it is whole, or to the standard output."""
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
    print_table(columns, lines)


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
