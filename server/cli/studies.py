"""The commands that read a project: results, export."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from server.cli.files import check_endings, write_figure, write_table, write_whole
from server.cli.opening import opened
from server.cli.options import Data, DatabaseUrl, settings_of
from server.cli.people import Project, lead_of
from server.cli.printing import print_table
from server.cli.qualitative import write_codebook, write_project
from server.datasets.table import Format as FileFormat
from server.errors import Refusal
from server.exchange.downloads.files import data_file, left_out
from server.exchange.downloads.recording import record_export
from server.exchange.downloads.wanted import SHAPES, Shape, Wanted, What
from server.exchange.qda.outward import People
from server.language import gettext as _
from server.projects.access import Access
from server.results.choices import USUAL, Clustering, Denominator, IntervalKind, Reach, Ways, Weights
from server.results.drawings import share_figure
from server.results.outcomes import Rule
from server.results.printed import as_json as results_json
from server.results.report import results_report
from server.results.typesetting import share_table
from server.settings import Settings


class Format(StrEnum):
    """How figures are printed."""

    TABLE = "table"
    JSON = "json"


class Exported(StrEnum):
    """What can be written: typed tables, and whole projects and codebooks for other programs."""

    FINAL = "final"
    CODINGS = "codings"
    AGREEMENT = "agreement"
    QDPX = "qdpx"
    QDC = "qdc"


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
    weights: Annotated[Weights, typer.Option(help="How much a post counts")] = USUAL.weights,
    figure: Annotated[Path | None, typer.Option(help="Write a figure, too: .svg, .pdf or .png")] = None,
    table: Annotated[
        Path | None, typer.Option(help="Write a table for a paper, too: .md, .tex, .docx or .html")
    ] = None,
    variable: Annotated[str, typer.Option(help="Of this variable alone, in figure and table")] = "",
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """The final proportion of every code, with its interval and how it came about."""
    check_endings(figure, table)
    ways = Ways(rule, interval, denominator, clusters, reach, weights)
    with _reading(project, data, database_url) as (db, lead):
        found = results_report(db, lead, ways)
    if figure:
        write_figure(share_figure(found, variable), figure)
    if table:
        write_table(share_table(found, variable), table)
    report = results_json(found)
    say_left_out((one["round"], one["why"]) for one in report["hidden_rounds"])
    _print(report, printed, _result_rows)


def export(
    project: Project,
    out: Annotated[Path, typer.Option(help="The file to write; - for the standard output", allow_dash=True)],
    what: Annotated[
        Exported, typer.Option(help="Which data; qdpx and qdc are the project and its codebook in REFI-QDA")
    ] = Exported.FINAL,
    format_: Annotated[
        FileFormat | None, typer.Option("--format", help="Which kind of file; csv without it")
    ] = None,
    shape: Annotated[
        Shape | None,
        typer.Option(help="wide or long; of agreement tidycomm or recal (a .zip); the usual one without it"),
    ] = None,
    bom: Annotated[bool, typer.Option("--bom", help="CSV with the mark by which Excel knows UTF-8")] = False,
    names: Annotated[bool, typer.Option("--names", help="With names instead of pseudonyms")] = False,
    rule: Annotated[Rule, typer.Option(help="What may stand without a decision")] = Rule.PLURALITY,
    plain: Annotated[
        bool, typer.Option("--plain", help="For statistics software: CSV without the guard against formulas")
    ] = False,
    texts: Annotated[bool, typer.Option("--texts", help="With the posts' texts and further columns")] = False,
    pseudonyms: Annotated[
        bool, typer.Option("--pseudonyms", help="Authors as numbers, and no link or column that names them")
    ] = False,
    mask_mentions: Annotated[
        bool, typer.Option("--mask-mentions", help="@user for every @-mention in texts and further columns")
    ] = False,
    bare: Annotated[
        bool, typer.Option("--ids-and-codes", help="Nothing that tells a text or a person, to share")
    ] = False,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write the final dataset, all codings, or a table for agreement, to a file that appears when whole."""
    settings = settings_of(data=data, database_url=database_url)
    if what in {Exported.QDPX, Exported.QDC}:
        if format_ or shape:
            raise Refusal(_("%(what)s is a format itself: leave --format and --shape out.") % {"what": what})
        if what is Exported.QDC:
            write_codebook(settings, project, out)
        else:
            write_project(settings, project, out, People(names, pseudonyms, mask_mentions), texts=texts)
        return
    kind = format_ or FileFormat.CSV
    wanted = Wanted(What(what), bom, names, rule, plain, texts, kind, shape, pseudonyms, bare, mask_mentions)
    if wanted.shape not in SHAPES[wanted.what]:
        shapes = ", ".join(each.value for each in SHAPES[wanted.what])
        raise Refusal(_("--shape of %(what)s is one of: %(shapes)s.") % {"what": what, "shapes": shapes})
    _write_data(settings, project, out, wanted)


def _write_data(settings: Settings, project: str, out: Path, wanted: Wanted) -> None:
    with opened(settings) as database:
        with database.reading() as db:
            lead = lead_of(db, project)
            hidden, content = left_out(db, lead), data_file(db, lead, wanted)
        with content:
            write_whole(content, out)
        with database.writing() as db:
            record_export(db, lead, wanted.what.value, None, **wanted.told)
    say_left_out((one.number, one.why_no_codings) for one in hidden)


def say_left_out(rounds: Iterable[tuple[int, str]]) -> None:
    """Say it beside the figures, so that the standard output holds nothing else."""
    for number, why in rounds:
        print(
            "intercoder: " + _("round %(number)s is left out: %(why)s") % {"number": number, "why": why},
            file=sys.stderr,
        )


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
    yield "variable", "code", "posts", "of", "share", "95% interval", "unresolved"
    for variable in report["variables"]:
        for code in variable["codes"]:
            share = "" if code["share"] is None else f"{100 * code['share']:.1f}%"
            yield (
                variable["variable"],
                str(code["code"]),
                str(code["count"]),
                str(code["denominator"]),
                share,
                _interval(code["interval"]),
                str(code["unresolved"]),
            )
