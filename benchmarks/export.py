"""What handing out a million posts costs, beside a bare `SELECT` of the same written by `csv.writer`.

`python -m benchmarks.export` makes a study of a million posts with three codings each, downloads the final
dataset and all codings as CSV in a process of their own, and prints the seconds, the ratios and the largest
memory of that process; with `--postgres` on PostgreSQL, and with `--only` of one of the two. The bare
`SELECT` of codings gives the same rows.

Rows of the final dataset are nowhere in the database. Beside it stands the `SELECT` that counts for each post
how many annotators gave each code, the least from which they can be worked out; and, stricter, one of the
finished rows from a table into which they were put.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.crowd import add_study, code_everything
from benchmarks.databases import address as database_at
from benchmarks.study import CODEBOOK
from server.db.engine import Database
from server.db.migrate import migrate
from server.rounds.actions import open_round
from server.rounds.design import Purpose, RoundDesign

_CODINGS = (
    "SELECT post.external_id, 'annotator-' || member.number, variable.key, code.key, code.key AS read_as, "
    "coalesce(coding_answer.number, code_entry.value, 1), member.coder_group, round.number, "
    "codebook_version.number AS version, coding.submitted_at, coding.is_unsure, coding.memo, coding.reason, "
    "(SELECT min(coding_span.start) FROM coding_span WHERE coding_span.coding_id = coding.id), "
    "assignment.is_extra "
    "FROM assignment JOIN coding ON coding.id = assignment.coding_id "
    "JOIN coding_answer ON coding_answer.coding_id = coding.id "
    "JOIN variable ON variable.id = coding_answer.variable_id JOIN post ON post.id = assignment.post_id "
    "JOIN member ON member.id = assignment.member_id JOIN round ON round.id = assignment.round_id "
    "JOIN codebook_version ON codebook_version.id = coding.version_id "
    "LEFT JOIN code ON code.id = coding_answer.code_id "
    "LEFT JOIN code_entry ON code_entry.code_id = code.id AND code_entry.version_id = coding.version_id "
    "WHERE round.project_id = 1 AND assignment.state = 'submitted' "
    "ORDER BY post.number, round.number, member.number, coding_answer.id"
)
_FILES = ("final", "codings")
_POST = (
    "post.external_id, post.number, post.author, post.posted_at, post.link, post.thread_key, post.parent_key"
)


def main() -> None:
    """Print what each file took."""
    given = _arguments()
    with (
        tempfile.TemporaryDirectory() as folder,
        database_at(Path(folder), postgres=given.postgres) as address,
    ):
        _fill(address, given.posts)
        print(f"{given.posts:,} posts, three codings each, on {'PostgreSQL' if given.postgres else 'SQLite'}")
        print(f"{'':40}{'seconds':>9}{'of CPU':>9}{'memory':>18}")
        for what in given.only:
            _compare(address, what, _bare_statement(what), Path(folder, f"{what}.csv"))


def _compare(address: str, what: str, statement: str, file: Path) -> None:
    bare = _bare(address, statement)
    _told(f"{what}: bare SELECT to CSV", *bare)
    command = [sys.executable, "-m", "benchmarks.exporting", address, what, str(file)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, of_cpu, before, largest = map(float, said.split())
    _told(f"{what}: the download", seconds, of_cpu, f"{before:,.0f} → {largest:,.0f} MB")
    print(f"{'':4}times the bare SELECT: {seconds / bare[0]:.2f}, of CPU {of_cpu / bare[1]:.2f}", flush=True)
    if what == "final":
        _told("final: SELECT of the finished rows", *_of_finished(address, file))


def _told(name: str, seconds: float, of_cpu: float, memory: str = "") -> None:
    print(f"{name:40}{seconds:9.2f}{of_cpu:9.2f}{memory:>18}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true", help="instead of SQLite")
    parser.add_argument("--only", nargs=1, choices=_FILES, default=_FILES)
    return parser.parse_args()


def _fill(address: str, n_posts: int) -> None:
    migrate(address)
    database = Database(address)
    with database.writing() as db:
        lead = add_study(db, n_posts, max(1, n_posts // 4), 3)
    with database.writing() as db:
        open_round(db, lead, RoundDesign("All", Purpose.MAIN, (2, 3, 4), seed=1, k=3))
    with database.writing() as db:
        code_everything(db, lead)
        if not database.is_sqlite:
            db.connection().execute(text("ANALYZE"))
    database.dispose()


def _bare_statement(what: str) -> str:
    return _CODINGS if what == "codings" else _counts()


def _counts() -> str:
    """The `SELECT` of how many annotators gave each code to each post."""
    n_codes = sum(len(codes) for _kind, codes in CODEBOOK.values())
    each = (
        f"sum(CASE WHEN coding_answer.code_id = {code} THEN 1 ELSE 0 END)" for code in range(1, n_codes + 1)
    )
    return (
        f"SELECT {_POST}, count(DISTINCT assignment.id), {', '.join(each)} FROM post "
        "JOIN assignment ON assignment.post_id = post.id AND assignment.state = 'submitted' "
        "JOIN coding_answer ON coding_answer.coding_id = assignment.coding_id "
        "WHERE post.project_id = 1 GROUP BY post.id ORDER BY post.number"
    )


def _bare(address: str, statement: str) -> tuple[float, float]:
    """Seconds, and those of this process on the processor."""
    database = Database(address)
    began, worked = time.perf_counter(), time.process_time()
    with database.reading() as db, tempfile.TemporaryFile("w+", newline="") as out:
        cursor = db.connection().execution_options(stream_results=True).exec_driver_sql(statement)
        writer = csv.writer(out)
        for rows in cursor.partitions(2_000):
            writer.writerows(rows)
    took = (time.perf_counter() - began, time.process_time() - worked)
    database.dispose()
    return took


def _of_finished(address: str, file: Path) -> tuple[float, float]:
    """Seconds that a `SELECT` of the rows of this file takes, once they are a table."""
    database = Database(address)
    with file.open(encoding="utf-8", newline="") as lines, database.writing() as db:
        reader = csv.reader(lines)
        names = ", ".join(f'"{name}" TEXT' for name in next(reader))
        db.connection().exec_driver_sql(f"CREATE TABLE finished ({names})")
        with closing(_raw_cursor(db)) as cursor:
            _insert(cursor, reader, "?" if database.is_sqlite else "%s")
    database.dispose()
    return _bare(address, "SELECT * FROM finished")


def _raw_cursor(db: Any) -> Any:
    return db.connection().connection.cursor()


def _insert(cursor: Any, rows: Iterator[Sequence[str]], mark: str) -> None:
    for row in rows:
        marks = ", ".join([mark] * len(row))
        cursor.execute(f"INSERT INTO finished VALUES ({marks})", row)


if __name__ == "__main__":
    main()
