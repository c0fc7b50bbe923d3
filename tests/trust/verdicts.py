"""What became of each figure when it was last run, kept in a file: `.trust/verdicts.jsonl`, a line a run."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.trust.acceptance import ROOT

FILE = ROOT / ".trust" / "verdicts.jsonl"
PASSED, FAILED, MISSING, NOT_RUN = "passed", "FAILED", "missing", "not run here"
PARTLY = "passed, {n} left out"


@dataclass(frozen=True)
class Verdict:
    """What became of a figure: one of the words above, why, and what was measured."""

    word: str
    why: str = ""
    measured: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """A verdict on a figure, the state of the program it is about, on which day, and how long that took."""

    number: int
    verdict: Verdict
    commit: str
    full: bool
    day: str
    seconds: int

    def settles(self, commit: str) -> bool:
        """Whether all of it was run in full and has passed, for the program as it is in this commit."""
        return (
            self.full and self.verdict.word == PASSED and self.commit == commit and not commit.endswith("+")
        )


def keep(run: Run, file: Path = FILE) -> None:
    """Add a run to the file."""
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(run), ensure_ascii=False) + "\n")


def last_runs(file: Path = FILE) -> dict[int, Run]:
    """The last run in full of each figure, or the last short one where none was in full."""
    found: dict[int, Run] = {}
    for run in _read(file):
        if run.full or run.number not in found or not found[run.number].full:
            found[run.number] = run
    return found


def _read(file: Path) -> Iterator[Run]:
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        kept: dict[str, Any] = json.loads(line)
        told = kept.pop("verdict")
        yield Run(verdict=Verdict(told["word"], told["why"], tuple(told["measured"])), **kept)


def commit_here() -> str:
    """The commit that stands here, with a plus where files differ from it; "?" outside a repository."""
    name = _git("rev-parse", "--short=9", "HEAD")
    return name + ("+" if _git("status", "--porcelain") else "") if name else "?+"


def _git(*arguments: str) -> str:
    try:
        ran = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return ran.stdout.strip()
