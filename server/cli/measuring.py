"""The command `agreement`: of a project, or of a file of codings without any server."""

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast

import numpy as np
import typer

from server.agreement import DEFAULT_RESAMPLES, IntervalMethod, Level
from server.cli.agreement_tables import PAIRS_SHOWN, ReadTable, tables_of
from server.cli.opening import opened
from server.cli.options import Data, DatabaseUrl, settings_of
from server.cli.people import lead_of
from server.cli.printing import latex_table, markdown_table, print_table
from server.corpora.parsing import read_table
from server.errors import Refusal
from server.exchange.ratings.coded_files import Asked, CodedVariable, read_long, read_wide
from server.exchange.ratings.recal import with_names
from server.language import gettext as _
from server.reliability.figures import AgreementReport
from server.reliability.fitting import why_no_weights
from server.reliability.grouping import grouped
from server.reliability.inquiry import OnceRead, Study
from server.reliability.material import ALL_PAIRS, DEFAULT_SEED
from server.reliability.measuring import Measuring
from server.reliability.pairing import Pairing, PairsWanted
from server.reliability.report import agreement_report, as_json
from server.settings import Settings
from server.typeset.latex import latex_text


class LevelName(StrEnum):
    """The levels of measurement."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


class WeightsOption(StrEnum):
    """How much two different codes agree."""

    IDENTITY = "identity"
    LINEAR = "linear"
    QUADRATIC = "quadratic"
    ORDINAL = "ordinal"
    RATIO = "ratio"
    RADICAL = "radical"
    BIPOLAR = "bipolar"


class IntervalOption(StrEnum):
    """How intervals are made."""

    BOOTSTRAP = "bootstrap"
    BCA = "bca"
    ANALYTIC = "analytic"
    KRIPPENDORFF = "krippendorff"


class Format(StrEnum):
    """How figures are printed."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    LATEX = "latex"


File = Annotated[Path | None, typer.Argument(help="A CSV file of codings, instead of a project")]
ProjectName = Annotated[str | None, typer.Option("--project", help="The project's key or its title")]
Printed = Annotated[Format, typer.Option("--format", help="How it is printed")]
LevelChosen = Annotated[
    LevelName | None, typer.Option(help="Level of measurement, instead of the variable's")
]
Weights = Annotated[WeightsOption, typer.Option(help="How much different codes agree, for kappas and AC")]
Interval = Annotated[
    IntervalOption, typer.Option("--ci", help="How intervals are made; bootstrap: percentiles, analytic: t")
]
Variable = Annotated[
    str | None, typer.Option(help="Project: only this variable. File: the column of the variable")
]
Rounds = Annotated[list[int] | None, typer.Option("--round", help="Project: only this round; repeatable")]
Confidence = Annotated[float, typer.Option(help="Of the intervals")]
Resamples = Annotated[int, typer.Option(help="Of the bootstrap, at least 100")]
Seed = Annotated[int, typer.Option(help="Of the bootstrap")]
Group = Annotated[str | None, typer.Option(help="Project: only annotators of this group")]
Wide = Annotated[bool, typer.Option("--wide", help="File: a row a unit, a column a coder")]
Multi = Annotated[bool, typer.Option("--multi", help="File: several codes can be chosen")]
Unit = Annotated[str | None, typer.Option(help="File: the column of the unit")]
Coder = Annotated[str | None, typer.Option(help="File: the column of the coder")]
Value = Annotated[str | None, typer.Option(help="File: the column of the value")]
Cluster = Annotated[
    str | None,
    typer.Option(help="File: the column of the author of a unit. A project's authors always count"),
]
# What --cluster may say of a project, too: intervals draw its authors in any case.
AUTHOR = "author"


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(agreement)


def agreement(
    file: File = None,
    project: ProjectName = None,
    printed: Printed = Format.TABLE,
    level: LevelChosen = None,
    weights: Weights = WeightsOption.IDENTITY,
    interval: Interval = IntervalOption.BCA,
    confidence: Confidence = 0.95,
    resamples: Resamples = DEFAULT_RESAMPLES,
    seed: Seed = DEFAULT_SEED,
    variable: Variable = None,
    group: Group = None,
    round_number: Rounds = None,
    wide: Wide = False,
    multi: Multi = False,
    unit: Unit = None,
    coder: Coder = None,
    value: Value = None,
    cluster: Cluster = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Inter-rater agreement of independent codings, by variable, code and pair."""
    method = cast(IntervalMethod, "t" if interval is IntervalOption.ANALYTIC else interval.value)
    measured: Level | None = None if level is None else level.value
    measuring = Measuring(measured, seed, resamples, weights.value, method, confidence, is_full=True)
    pairs = ALL_PAIRS if printed is Format.JSON else PAIRS_SHOWN
    if (file is None) == (project is None):
        raise Refusal(_("Give either a file of codings or --project."))
    if file is not None:
        _refuse_project_options({"--round": round_number, "--group": group})
        if wide:
            _refuse_long_options({"--coder": coder, "--value": value, "--variable": variable})
        asked = Asked(unit, coder, value, variable, cluster, multi, measured or "nominal")
        report = _of_file(file, asked, measuring, pairs, is_wide=wide)
    else:
        of_authors = None if cluster == AUTHOR else cluster
        columns = {"--unit": unit, "--coder": coder, "--value": value, "--cluster": of_authors}
        _refuse_file_options({"--wide": wide, "--multi": multi, **columns})
        settings = settings_of(data=data, database_url=database_url)
        report = _of_project(project or "", settings, measuring, pairs, round_number, group, variable)
    if printed is Format.JSON:
        _print_json(report, is_of_file=file is not None)
    else:
        _print_tables(tables_of(report), printed)


def _refuse_file_options(given: dict[str, object]) -> None:
    """A project knows its own columns, kinds and authors."""
    for name in (name for name, value in given.items() if value):
        raise Refusal(_("{option} says how a file is read; a project knows this.").format(option=name))


def _refuse_project_options(given: dict[str, object]) -> None:
    for name in (name for name, value in given.items() if value):
        raise Refusal(_("{option} chooses from a project; a file has none.").format(option=name))


def _refuse_long_options(given: dict[str, object]) -> None:
    for name in (name for name, value in given.items() if value):
        raise Refusal(
            _("{option} names a column of long form; in wide form each coder is a column.").format(
                option=name
            )
        )


def _of_project(
    project: str,
    settings: Settings,
    measuring: Measuring,
    pairs: PairsWanted,
    rounds: list[int] | None,
    group: str | None,
    variable: str | None,
) -> AgreementReport:
    with opened(settings) as database, database.reading() as db:
        report = agreement_report(
            db,
            lead_of(db, project),
            measuring,
            rounds=rounds or None,
            group=group,
            variable=variable,
            pairs=pairs,
        )
    for one in report.hidden:
        said = _("round %(number)s is left out: %(why)s") % {"number": one.number, "why": one.why_no_figures}
        print("intercoder: " + said, file=sys.stderr)
    return report


def _of_file(
    file: Path, asked: Asked, measuring: Measuring, pairs: PairsWanted, *, is_wide: bool
) -> AgreementReport:
    try:
        content = file.read_bytes()
    except OSError as problem:
        raise Refusal(
            _("%(file)s cannot be read: %(reason)s.") % {"file": file, "reason": problem.strerror}
        ) from problem
    table = read_table(with_names(content) if is_wide else content, file.name)
    _refuse_broken_rows(table.refused)
    variables = read_wide(table, asked) if is_wide else read_long(table, asked)
    _refuse_incomparable(variables)
    for one in variables:
        _refuse_unweighable(one, measuring)
    try:
        found = tuple(_study(one, measuring, pairs).agreement(one.question) for one in variables)
    except ValueError as problem:
        raise Refusal(str(problem)) from problem
    return AgreementReport(found, (), (), None, measuring.seed, measuring.resamples, why_no_pairs="")


def _refuse_incomparable(variables: Sequence[CodedVariable]) -> None:
    """A file in which nobody can agree with anybody; of some variable alone it is said in its figures."""
    who = {of.annotators[number].name for of in variables for number in np.unique(of.codings.member)}
    if not who:
        raise Refusal(_("The file holds no coding: every value is missing."))
    if len(who) == 1:
        raise Refusal(
            _("Every coding is by one coder, {coder}. Agreement takes two or more.").format(coder=who.pop())
        )


def _refuse_unweighable(one: CodedVariable, measuring: Measuring) -> None:
    """Words where the weights need numbers: of a file this is a mistake, of a project just one variable."""
    question = one.question
    if question.kind == "multiple" or not question.codes:
        return
    why = why_no_weights(measuring.weights, measuring.values_of(question.codes, question.kind))
    if why:
        raise Refusal(f"{question.key}: {why}" if question.key else why)


def _refuse_broken_rows(refused: list[Any]) -> None:
    if refused:
        raise Refusal(
            _("Row {row} cannot be read: {why}").format(row=refused[0].number, why=refused[0].reason)
        )


def _study(of: CodedVariable, measuring: Measuring, pairs: PairsWanted) -> Study:
    return Study(
        OnceRead(lambda question, _rounds: grouped(question, of.codings, of.of_authors, of.author)),
        measuring,
        Pairing(of.annotators, pairs, measuring),
    )


def _print_json(report: AgreementReport, *, is_of_file: bool) -> None:
    found = as_json(report)
    if is_of_file:
        for name in ("rounds", "hidden_rounds", "group"):
            del found[name]
    print(json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False))


def _print_tables(tables: Sequence[ReadTable], printed: Format) -> None:
    """One below the other, each with its notes."""
    for at, table in enumerate(tables):
        if at:
            print()
        notes = table.notes
        if printed is Format.TABLE:
            print_table(table.columns, table.lines)
        elif printed is Format.MARKDOWN:
            print(markdown_table(table.columns, table.lines))
        else:
            print(latex_table(table.columns, table.lines))
            notes = tuple(map(latex_text, notes))
        for note in notes:
            print(f"\n{note}")
