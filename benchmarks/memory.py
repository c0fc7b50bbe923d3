"""What a server keeps in memory as ever more studies are looked at: megabytes, and those of the process.

One study is looked at again and again, each time under another name. Run it with
`python -m benchmarks.memory`, or with `--unbounded` to see what would be kept without a limit.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.crowd import add_study, code_everything
from server.adjudication.filters import Filters
from server.adjudication.queries import selected
from server.adjudication.scope import scope_of
from server.db import engine
from server.db.memory import MOST_BYTES, Memory
from server.db.migrate import migrate
from server.methods.queries import facts_of
from server.projects.access import Access
from server.results.report import results_report
from server.rounds.actions import open_round
from server.rounds.design import Purpose, RoundDesign

_MB = 1024 * 1024


class _OfManyStudies(Memory):
    """As if every study that is looked at were another one."""

    study = 0

    def get(self, place: Any, default: Any = None) -> Any:
        return super().get((self.study, place), default)

    def __setitem__(self, place: Any, value: Any) -> None:
        super().__setitem__((self.study, place), value)


def main() -> None:
    given = _arguments()
    memory = _OfManyStudies(sys.maxsize if given.unbounded else MOST_BYTES)
    setattr(engine, "Memory", lambda: memory)  # noqa: B010
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'memory.sqlite3'}"
        migrate(url)
        database = engine.Database(url)
        lead = _filled(database, given.posts)
        print(f"{'studies':>8}{'kept, MB':>10}{'process, MB':>13}")
        for memory.study in range(given.studies):
            _look(database, lead)
            print(f"{memory.study + 1:8}{memory.n_bytes / _MB:10.0f}{_resident() / _MB:13.0f}", flush=True)
        database.dispose()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--studies", type=int, default=20)
    parser.add_argument("--unbounded", action="store_true")
    return parser.parse_args()


def _filled(database: engine.Database, n_posts: int) -> Access:
    with database.writing() as db:
        lead = add_study(db, n_posts, max(1, n_posts // 4), 3)
        open_round(db, lead, RoundDesign("All", Purpose.MAIN, (2, 3, 4), seed=1, k=3))
        code_everything(db, lead)
    return lead


def _look(database: engine.Database, lead: Access) -> None:
    with database.reading() as db:
        results_report(db, lead)
        facts_of(db, lead)
        selected(db, lead, scope_of(db, lead), Filters())


def _resident() -> int:
    """The bytes of this process that are in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    main()
