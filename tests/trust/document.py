"""docs/trust.md: the 27 figures and what was last measured of each, for people who will not run them."""

from collections.abc import Iterator, Mapping

from tests.trust.acceptance import FIGURES, ROOT, Figure
from tests.trust.verdicts import Run

DOCUMENT = ROOT / "docs" / "trust.md"
_FIRST = "| | What is done |"


def write_document(runs: Mapping[int, Run]) -> None:
    """Put what the runs found into the table of the document; its other words stay."""
    before, _heading, _table = DOCUMENT.read_text(encoding="utf-8").partition(_FIRST)
    DOCUMENT.write_text(before + "\n".join(_rows(runs)) + "\n", encoding="utf-8")


def _rows(runs: Mapping[int, Run]) -> Iterator[str]:
    yield f"{_FIRST} Passes when | Simulated here | Last run | Measured |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for figure in FIGURES:
        run = runs.get(figure.number)
        yield described(figure) + (f" {_last(run)} | {_found(run)} |" if run else " not yet | |")


def described(figure: Figure) -> str:
    """How the row of a figure begins: all that does not depend on a run."""
    return f"| {figure.number} | {figure.what} | {figure.passes} | {figure.simulated} |"


def _last(run: Run) -> str:
    return f"{'full' if run.full else 'short'}, {run.day}, {run.commit}, {run.seconds} s"


def _found(run: Run) -> str:
    said = [run.verdict.word, *run.verdict.measured, *([run.verdict.why] if run.verdict.why else [])]
    return "; ".join(each.replace("|", "\\|") for each in said)
