"""The commands about the data of a project: import, agreement, results, export."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table as ConsoleTable
from sqlmodel import Session

from server.agreement import Level
from server.cli.options import Data, DatabaseUrl, opened, settings_of
from server.cli.people import lead_of
from server.codebooks.actions import publish_sheet
from server.corpora.actions import import_posts
from server.corpora.parsing import read_table
from server.errors import Refusal
from server.exchange.actions import import_ratings
from server.exchange.codebooks import read_codebook_file
from server.exchange.downloads import Wanted, What, csv_text
from server.exchange.spreadsheets import unguarded
from server.history.actions import record
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


Project = Annotated[str, typer.Option(help="The project's key or its title")]
Printed = Annotated[Format, typer.Option("--format", help="How it is printed")]
InputFile = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, readable=True)]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("import")(import_files)
    app.command()(agreement)
    app.command()(results)
    app.command()(export)


def import_files(
    project: Project,
    posts: InputFile = None,
    codebook: InputFile = None,
    ratings: InputFile = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Import posts, a codebook and ratings, in this order; all of it or, after a mistake, nothing."""
    given = {"posts": posts, "codebook": codebook, "ratings": ratings}
    files = {name: file for name, file in given.items() if file is not None}
    if not files:
        raise Refusal(_("Name at least one file: --posts, --codebook or --ratings."))
    said: list[str] = []
    settings = settings_of(data=data, database_url=database_url)
    with opened(settings) as database, database.writing() as db:
        lead = lead_of(db, project)
        for name, file in files.items():
            said += _IMPORTS[name](db, lead, file)
        _note(db, lead, "shell.import", {name: file.name for name, file in files.items()})
    print("\n".join(said))


def _import_posts(db: Session, lead: Access, file: Path) -> Iterator[str]:
    plan = import_posts(db, lead, file.name, file.read_bytes()).plan
    yield (
        f"posts: {len(plan.new)} new, {len(plan.unchanged)} unchanged, {len(plan.changed)} changed, "
        f"{len(plan.locked)} coded already and left as they are, {len(plan.duplicates)} duplicates, "
        f"{len(plan.refused)} refused"
    )
    for row in plan.refused:
        yield f"posts, row {row.number}: {row.reason}"


def _import_codebook(db: Session, lead: Access, file: Path) -> Iterator[str]:
    reading = read_codebook_file(file.read_bytes(), file.name)
    sheet = reading.checked()
    number = publish_sheet(db, lead, sheet, note=file.name)
    yield f"codebook: version {number} with {len(sheet.variables)} variables"
    for notice in reading.notices:
        yield f"codebook, row {notice.number}: {notice.message}"


def _import_ratings(db: Session, lead: Access, file: Path) -> Iterator[str]:
    outcome = import_ratings(db, lead, unguarded(read_table(file.read_bytes(), file.name)))
    stored = f"stored as round {outcome.round_number}" if outcome.round_number else "there already"
    yield (
        f"ratings: {outcome.n_codings} codings of {outcome.n_posts} posts by {outcome.n_annotators} "
        f"annotators, {stored}"
    )
    for row in (*outcome.plan.problems, *outcome.plan.notices):
        yield f"ratings, row {row.number}: {row.message}"


_IMPORTS = {"posts": _import_posts, "codebook": _import_codebook, "ratings": _import_ratings}


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
    _print(report, printed, _result_rows)


def export(
    project: Project,
    out: Annotated[Path, typer.Option(help="The file to write; - for the standard output", allow_dash=True)],
    what: Annotated[What, typer.Option(help="Which data")] = What.FINAL,
    file_format: Annotated[FileFormat, typer.Option("--format", help="Which kind of file")] = FileFormat.CSV,
    bom: Annotated[bool, typer.Option("--bom", help="With the mark by which Excel knows UTF-8")] = False,
    names: Annotated[bool, typer.Option("--names", help="With names instead of pseudonyms")] = False,
    rule: Annotated[Rule, typer.Option(help="What may stand without a decision")] = Rule.PLURALITY,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write the final dataset or all codings to a file; it appears when it is whole."""
    wanted = Wanted(what, bom, names, rule)
    with opened(settings_of(data=data, database_url=database_url)) as database:
        with database.reading() as db:
            _write(csv_text(db, lead_of(db, project), wanted), out)
        with database.writing() as db:
            _note(db, lead_of(db, project), "export", {"what": what.value, "format": file_format.value})


def _write(lines: Iterator[str], out: Path) -> None:
    if str(out) == "-":
        for text in lines:
            sys.stdout.write(text)
        return
    try:
        handle, unfinished = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    except OSError as problem:
        raise Refusal(_("%s cannot be written.") % out) from problem
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        Path(unfinished).replace(out)
    finally:
        Path(unfinished).unlink(missing_ok=True)


@contextmanager
def _reading(project: str, data: Path | None, database_url: str | None) -> Iterator[tuple[Session, Access]]:
    settings = settings_of(data=data, database_url=database_url)
    with opened(settings) as database, database.reading() as db:
        yield db, lead_of(db, project)


def _note(db: Session, lead: Access, action: str, details: dict[str, Any]) -> None:
    # The actor is nobody: whoever has the server's shell, on behalf of the lead.
    record(db, project_id=lead.project_id, actor_id=None, action=action, subject="project", details=details)


def _print(report: dict[str, Any], printed: Format, rows: Any) -> None:
    if printed is Format.JSON:
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return
    columns, *lines = rows(report)
    table = ConsoleTable(*columns, box=None)
    for line in lines:
        table.add_row(*line)
    # Piped into a file or another program, lines stay whole.
    console = Console() if sys.stdout.isatty() else Console(width=160)
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
