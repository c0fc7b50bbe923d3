"""What importing a million posts costs, beside what the database alone takes for the same file.

`python -m benchmarks.import` makes a CSV of 250 MB, loads it by `.import` of sqlite3 with an index on the
ids, then uploads, previews and imports it as the page does; with `--postgres`, beside `copy` of psql. It
prints the seconds, the ratios, the seconds of work (which tell more where others use the machine), the
largest memory of the process that imports, and how long others wait who write while it does.
"""

import argparse
import csv
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from benchmarks.databases import address as database_at
from server.corpora import actions, jobs, parcels, queries
from server.corpora.actions import guessed_mapping
from server.corpora.drafting import post_drafts
from server.corpora.jobs import Wish
from server.corpora.kept import Reading, as_kept, reading_of
from server.corpora.planning import plan_import
from server.corpora.proposal import remarks
from server.corpora.reading import read_posts
from server.corpora.running import Imports
from server.corpora.stored import StoredPosts
from server.corpora.treatment import Treatment
from server.corpora.uploads import hash_of_file
from server.db.engine import Database
from server.db.migrate import migrate
from server.projects.access import Access
from server.projects.roles import Role
from server.settings import Settings
from server.web.garbage import set_apart_what_stays
from tests import make

HEADER = ("post_id", "text", "author", "created_at", "url", "lang")
_WORDS = (
    "I",
    "miss",
    "the",
    "old",
    "one",
    "it",
    "was",
    "warm",
    "and",
    "kind",
    "nobody",
    "listens",
    "any",
    "more",
)
_TABLE = "posts(post_id TEXT, text TEXT, author TEXT, created_at TEXT, url TEXT, lang TEXT)"
_INDEX = "CREATE UNIQUE INDEX by_id ON posts(post_id);\n"


def main() -> None:
    """Print what each step took."""
    given = _arguments()
    if given.child:
        _import(Path(given.child), given.address)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "posts.csv")
        _write(file, given.posts)
        print(f"{given.posts:,} posts, {file.stat().st_size / 1e6:,.0f} MB")
        with database_at(Path(folder), postgres=given.postgres) as address:
            bare = _copy(file, address) if given.postgres else _sqlite(file, Path(folder))
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            work = f"{used.ru_utime + used.ru_stime:6.1f} s of work"
            print(f"{'the database alone, with an index':<40} {bare:8.2f} s         {work}")
            sys.stdout.flush()
            command = [sys.executable, "-m", "benchmarks.import", "--child", str(file), "--address", address]
            subprocess.run(command, check=True, env=os.environ | {"BARE": str(bare)})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    parser.add_argument("--address", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def _write(file: Path, n_posts: int) -> None:
    chance = random.Random(42)
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        for place in range(n_posts):
            said = " ".join(chance.choices(_WORDS, k=28)) + f', "{place}"'
            author = f"user{chance.randrange(n_posts // 4)}"
            moment = f"2025-08-{1 + place % 28:02}T12:{place % 60:02}:00Z"
            own = 1955550000000000000 + place
            writer.writerow((own, said, author, moment, f"https://x.example/{place}", "en"))


def _sqlite(file: Path, folder: Path) -> float:
    program = shutil.which("sqlite3")
    if program is None:
        raise SystemExit("sqlite3 is not installed, so there is nothing to compare with.")
    script = f"CREATE TABLE {_TABLE};\n.import --csv --skip 1 {file} posts\n{_INDEX}"
    start = time.perf_counter()
    subprocess.run([program, str(folder / "bare.db")], input=script.encode(), check=True)
    return time.perf_counter() - start


def _copy(file: Path, address: str) -> float:
    program = shutil.which("psql")
    if program is None:
        raise SystemExit("psql is not installed, so there is nothing to compare with.")
    script = f"CREATE TEMPORARY TABLE {_TABLE};\n\\copy posts FROM '{file}' CSV HEADER\n{_INDEX}"
    plain = address.replace("postgresql+psycopg://", "postgresql://")
    start = time.perf_counter()
    subprocess.run([program, "-q", plain], input=script.encode(), check=True)
    return time.perf_counter() - start


def _import(file: Path, address: str) -> None:
    """What the requests of the page do, each timed, in this process."""
    migrate(address)
    database = Database(address)
    set_apart_what_stays()
    with database.writing() as db:
        lead = make.member(db, make.project(db), Role.LEAD, "lead")
    bare, whole = float(os.environ["BARE"]), 0.0
    worked = time.process_time()

    def told(name: str, start: float) -> float:
        nonlocal worked
        took, before, worked = time.perf_counter() - start, worked, time.process_time()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name:<40} {took:8.2f} s {took / bare:5.1f} x {worked - before:6.1f} s of work {peak:4,.0f} MB"
        )
        sys.stdout.flush()
        return took

    start = time.perf_counter()
    key = _upload(database, lead, file)
    whole += told("upload: read once and kept", start)
    start = time.perf_counter()
    wish, n_rows = _preview(database, lead, key)
    whole += told("preview", start)
    start = time.perf_counter()
    waits = _carry_out(database, lead, wish, n_rows)
    whole += told("import", start)
    print(f"{'all three':<40} {whole:8.2f} s   {whole / bare:5.1f} x")
    print(f"longest wait of another who writes meanwhile: {1_000 * max(waits):,.0f} ms of {len(waits)}")
    database.dispose()


def _upload(database: Database, lead: Access, file: Path) -> str:
    with file.open("rb") as upload:
        reading = Reading(read_posts(upload, file.name), hash_of_file(upload))
        read = {parcels.READING: as_kept(reading)}
    with parcels.stowed(database, read) as parcel_ids, database.writing() as db:
        return actions.receive_file(db, lead, file.name, parcel_ids=parcel_ids)


def _preview(database: Database, lead: Access, key: str) -> tuple[Wish, int]:
    with database.reading() as db:
        waiting = queries.uploaded_file(db, lead, key)
        assert waiting is not None
        table = reading_of(waiting, parcels.finding(db)).table
        mapping = guessed_mapping(table)
        plan = plan_import(post_drafts(table, mapping), StoredPosts(db, lead))
        remarks(plan)
    return Wish(key, mapping, Treatment(), plan.fingerprint, {}), len(table.rows)


def _carry_out(database: Database, lead: Access, wish: Wish, n_rows: int) -> list[float]:
    """The import as the server does it, while somebody else writes now and then; how long that waits."""
    imports = Imports(database, Settings().shown_at_once)
    with database.writing() as db:
        job_id = jobs.begin(db, lead, wish, n_rows, imports.runner)
    waits = []
    with imports.going_on():
        imports.work_on(job_id)
        while not _is_over(database, lead, wish.upload_key):
            start = time.perf_counter()
            with database.writing() as db:
                db.execute(text("UPDATE project SET title = title WHERE id = :id"), {"id": lead.project_id})
            waits.append(time.perf_counter() - start)
            time.sleep(0.2)
    return waits


def _is_over(database: Database, lead: Access, key: str) -> bool:
    with database.reading() as db:
        job = jobs.job_of(db, lead, key)
    assert job is not None
    assert not job.problem, job.problem
    return job.is_finished


if __name__ == "__main__":
    main()
