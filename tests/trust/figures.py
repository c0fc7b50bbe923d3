"""Runs the tests of all figures in full and prints a table: `python -m tests.trust.figures`, `make trust`.

What became of each is kept (`tests.trust.verdicts`): a run that was stopped goes on where it stopped, with
the figures that have not passed in full in this commit. Numbers of figures run only those, whatever is
kept; `--short` runs as little as the usual run of tests does; `--table` runs nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table

from tests.trust.acceptance import FIGURES, ROOT, Figure
from tests.trust.document import write_document
from tests.trust.verdicts import (
    FAILED,
    MISSING,
    NOT_RUN,
    PARTLY,
    PASSED,
    Run,
    Verdict,
    commit_here,
    keep,
    last_runs,
)


@dataclass(frozen=True)
class Outcome:
    """How many tests a run had, and why those were left out that were."""

    n_tests: int
    n_failed: int
    reasons: tuple[str, ...]


def judged(figure: Figure, *, full: bool) -> Verdict:
    """Run a figure's tests and say what became of it."""
    if figure.missing:
        return Verdict(MISSING, "no test: " + ", ".join(figure.missing))
    with tempfile.TemporaryDirectory() as folder:
        told, report = Path(folder) / "told.jsonl", Path(folder) / "report.xml"
        _run(figure, full=full, told=told, report=report)
        return verdict_of(_outcome(report), _measured(told, figure.number))


def verdict_of(outcome: Outcome | None, measured: tuple[str, ...]) -> Verdict:
    """What a run means. Without a test that ran nothing is shown, so nothing has passed."""
    if outcome is None or outcome.n_tests == 0:
        return Verdict(MISSING, "no test ran", measured)
    if outcome.n_failed:
        return Verdict(FAILED, f"{outcome.n_failed} of {outcome.n_tests} tests", measured)
    left_out = "; ".join(sorted(set(outcome.reasons)))
    if len(outcome.reasons) == outcome.n_tests:
        return Verdict(NOT_RUN, left_out, measured)
    word = PARTLY.format(n=len(outcome.reasons)) if outcome.reasons else PASSED
    return Verdict(word, left_out, measured)


def _run(figure: Figure, *, full: bool, told: Path, report: Path) -> None:
    environment = {**os.environ, "INTERCODER_TRUST_REPORT": str(told)}
    if full:
        environment |= {"INTERCODER_TRUST": "full", "INTERCODER_EVERY_FILE": "1"}
    workers = ("-n", "2") if figure.side_by_side else ()
    subprocess.run(
        [sys.executable, "-m", "pytest", *workers, *figure.tests, f"--junitxml={report}", "--timeout=14400"],
        cwd=ROOT,
        env=environment,
        stdout=sys.stderr,
        check=False,
    )


def _outcome(report: Path) -> Outcome | None:
    if not report.exists():
        return None
    cases = list(ElementTree.parse(report).iter("testcase"))
    skipped = [each.get("message") or "" for case in cases for each in case.iter("skipped")]
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    return Outcome(len(cases), len(failed), tuple(skipped))


def _measured(told: Path, number: int) -> tuple[str, ...]:
    if not told.exists():
        return ()
    lines = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
    said = Counter(line["measured"] for line in lines if line["figure"] == number)
    return tuple(f"{n} × {line}" if n > 1 else line for line, n in said.items())


def to_run(numbers: Iterable[int], kept: Mapping[int, Run], commit: str) -> tuple[Figure, ...]:
    """The figures of these numbers; without any, those that have not passed in full in this commit."""
    if asked := set(numbers):
        return tuple(figure for figure in FIGURES if figure.number in asked)
    settled = {number for number, run in kept.items() if run.settles(commit)}
    return tuple(figure for figure in FIGURES if figure.number not in settled)


def _run_and_keep(figure: Figure, *, full: bool) -> None:
    began, commit = time.monotonic(), commit_here()
    verdict = judged(figure, full=full)
    day = datetime.now(UTC).date().isoformat()
    keep(Run(figure.number, verdict, commit, full, day, round(time.monotonic() - began)))


def table(runs: Mapping[int, Run], commit: str) -> Table:
    """All 27, with what is known of each."""
    table = Table(show_lines=True)
    for heading in ("", "What", "Passes when", "Measured", "Verdict", "Run"):
        table.add_column(heading)
    for figure in FIGURES:
        run = runs.get(figure.number)
        known = (_said(run), _when(run, commit)) if run else ("not run yet", "")
        measured = "\n".join(run.verdict.measured) if run else ""
        table.add_row(str(figure.number), figure.what, figure.passes, measured, *known)
    return table


def _said(run: Run) -> str:
    return f"{run.verdict.word}: {run.verdict.why}" if run.verdict.why else run.verdict.word


def _when(run: Run, commit: str) -> str:
    where = "" if run.commit == commit else f", in another commit: {run.commit}"
    return f"{'in full' if run.full else 'SHORT'}, {run.day}, {run.seconds} s{where}"


def main() -> int:
    """Run what is asked for, and print all that is known.

    0 where every test of all that was asked for (without numbers: of all 27) has passed in full, in this
    commit; 1 also where a test was left out, since what it needs is not here.
    """
    given = _arguments()
    if not given.table:
        for figure in to_run(given.numbers, last_runs(), commit_here()):
            _run_and_keep(figure, full=not given.short)
    runs, commit = last_runs(), commit_here()
    if given.document:
        write_document(runs)
    Console(width=None if sys.stdout.isatty() else 180).print(table(runs, commit))
    asked = given.numbers or [figure.number for figure in FIGURES]
    return 0 if all(number in runs and runs[number].settles(commit) for number in asked) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("numbers", type=int, nargs="*", help="of the figures to run; all without")
    parser.add_argument("--short", action="store_true", help="as little as in the usual run of tests")
    parser.add_argument("--table", action="store_true", help="run nothing: print what is kept")
    parser.add_argument("--document", action="store_true", help="write what is kept into docs/trust.md, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
