"""Runs the tests of all figures in full and prints a table: `python -m tests.trust.figures`, `make trust`.

Numbers of figures run only those; `--short` runs them as the usual run of tests does.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table

from tests.trust.acceptance import FIGURES, ROOT, Figure

PASSED, FAILED, MISSING, NOT_RUN = "passed", "FAILED", "missing", "not run here"


@dataclass(frozen=True)
class Verdict:
    """What became of a figure: one of the words above, why, and what was measured."""

    word: str
    why: str = ""
    measured: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether nothing is left to do about it here."""
        return self.word in {PASSED, NOT_RUN}


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
    said = f"{len(outcome.reasons)} of {outcome.n_tests} tests left out: {left_out}" if left_out else ""
    return Verdict(PASSED, said, measured)


def _run(figure: Figure, *, full: bool, told: Path, report: Path) -> None:
    environment = {**os.environ, "INTERCODER_TRUST_REPORT": str(told)}
    if full:
        environment |= {"INTERCODER_TRUST": "full", "INTERCODER_EVERY_FILE": "1"}
    subprocess.run(
        [sys.executable, "-m", "pytest", *figure.tests, f"--junitxml={report}", "--timeout=14400"],
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
    return tuple(line["measured"] for line in lines if line["figure"] == number)


def _table(verdicts: dict[Figure, Verdict]) -> Table:
    table = Table(show_lines=True)
    for heading in ("", "What", "Passes when", "Measured", "Verdict"):
        table.add_column(heading)
    for figure, verdict in verdicts.items():
        said = f"{verdict.word}: {verdict.why}" if verdict.why else verdict.word
        table.add_row(str(figure.number), figure.what, figure.passes, "\n".join(verdict.measured), said)
    return table


def main() -> int:
    """Run what is asked for; 0 where nothing failed and nothing is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", type=int, nargs="*", help="of the figures to run; all without")
    parser.add_argument("--short", action="store_true", help="as little as in the usual run of tests")
    given = parser.parse_args()
    chosen = [figure for figure in FIGURES if not given.numbers or figure.number in given.numbers]
    verdicts = {figure: judged(figure, full=not given.short) for figure in chosen}
    Console(width=None if sys.stdout.isatty() else 160).print(_table(verdicts))
    return 0 if all(verdict.is_good for verdict in verdicts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
