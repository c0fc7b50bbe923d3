"""The table of figures says nothing that no test has shown."""

import itertools

from tests.trust.acceptance import FIGURES, ROOT
from tests.trust.figures import FAILED, MISSING, NOT_RUN, PASSED, Outcome, judged, verdict_of


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
    assert (half.word, half.why, half.measured) == (
        PASSED,
        "1 of 2 tests left out: no compiler",
        ("0 lost",),
    )
