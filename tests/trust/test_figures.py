"""The table of figures says nothing that no test has shown."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from tests.trust.acceptance import FIGURES, ROOT
from tests.trust.document import DOCUMENT, described
from tests.trust.figures import Outcome, judged, to_run, verdict_of
from tests.trust.verdicts import FAILED, MISSING, NOT_RUN, PASSED, Run, Verdict, keep, last_runs

RUN = Run(8, Verdict(PASSED, "", ("p99 12 ms",)), "0123abcd", full=True, day="2026-01-31", seconds=610)


def test_there_are_27_figures_and_every_test_here_belongs_to_one() -> None:
    assert [figure.number for figure in FIGURES] == list(range(1, 28))
    known = set(itertools.chain.from_iterable(figure.tests for figure in FIGURES))
    here = {f"tests/trust/{file.name}" for file in (ROOT / "tests" / "trust").glob("test_*.py")}
    assert here - known == {"tests/trust/test_figures.py"}


def test_a_figure_without_a_test_is_missing() -> None:
    absent = FIGURES[0].__class__(1, "", "", ("tests/trust/test_nowhere.py",))
    assert judged(absent, full=True).word == MISSING


def test_what_a_run_means() -> None:
    assert verdict_of(None, ()).word == MISSING
    assert verdict_of(Outcome(0, 0, ()), ()).word == MISSING
    assert verdict_of(Outcome(3, 1, ()), ()).word == FAILED
    assert verdict_of(Outcome(2, 0, ("no compiler", "no compiler")), ()).word == NOT_RUN
    half = verdict_of(Outcome(2, 0, ("no compiler",)), ("0 lost",))
    assert half == Verdict("passed, 1 left out", "no compiler", ("0 lost",))
    assert verdict_of(Outcome(2, 0, ()), ("0 lost",)) == Verdict(PASSED, "", ("0 lost",))


def test_a_run_that_was_stopped_goes_on_where_it_stopped(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "verdicts.jsonl"
    keep(replace(RUN, verdict=Verdict(FAILED)), file)
    keep(RUN, file)
    keep(replace(RUN, number=9, commit="earlier"), file)
    keep(replace(RUN, number=10, verdict=Verdict(FAILED, "1 of 2 tests")), file)
    keep(replace(RUN, full=False, verdict=Verdict(FAILED)), file)  # Says less than a run in full.
    keep(replace(RUN, number=11, full=False), file)
    kept = last_runs(file)
    assert kept[8] == RUN
    left = [figure.number for figure in to_run((), kept, RUN.commit)]
    assert left == [number for number in range(1, 28) if number != 8]
    assert [figure.number for figure in to_run([8, 3], kept, RUN.commit)] == [3, 8]


def test_what_is_not_in_the_commit_settles_nothing() -> None:
    assert RUN.settles("0123abcd")
    assert not replace(RUN, commit="0123abcd+").settles("0123abcd+")


@pytest.mark.parametrize("word", [FAILED, MISSING, NOT_RUN, "passed, 1 left out"])
def test_what_was_not_run_settles_nothing(word: str) -> None:
    assert not replace(RUN, verdict=Verdict(word)).settles(RUN.commit)


def test_the_document_has_the_figures_that_there_are() -> None:
    rows = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][2:]
    for figure, row in itertools.zip_longest(FIGURES, rows):
        assert row.startswith(described(figure))
