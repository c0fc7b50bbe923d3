"""Figure 2: what was acknowledged is there after a power cut, and the file is whole."""

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.db.engine import Database
from server.settings import Settings
from tests.stock import on_one_database
from tests.trust.annotating import Saved, all_errors, all_saved, at_work
from tests.trust.recording import DATABASE, LOG, Disk, recorded, recorder
from tests.trust.reporting import report
from tests.trust.servers import Launcher, Server, launching, serving
from tests.trust.sizes import IS_FULL, size
from tests.trust.study import fill

WITHOUT_WAITING = """
from server.db import engine
engine.WRITING_PRAGMAS = tuple(each.replace("=FULL", "=NORMAL") for each in engine.WRITING_PRAGMAS)
"""
SAVES, CUTS = size(70, 800), size(100, 1_000)


@pytest.fixture(scope="module")
def recording_launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    library = recorder(tmp_path_factory.mktemp("recorder"))
    if library is None:
        pytest.skip("there is no C compiler for the library that records what is written")
    with launching(LD_PRELOAD=str(library)) as found:
        yield found


def saved_and_recorded(
    database: Database, settings: Settings, launcher: Launcher, folder: Path, fault: str
) -> tuple[bytes, list[Saved]]:
    """The file before the server started, and what was acknowledged while it was recorded."""
    with database.writing() as db:
        study = fill(db, SAVES, 8)
    database.dispose()
    file = settings.data / "intercoder.sqlite3"
    before = file.read_bytes()
    environment = {"RECORDED_FILES": str(file.resolve()), "RECORD": str(folder / "record")}
    server = Server(launcher, settings, folder, fault=fault, environment=environment)
    with serving(server), at_work(study, server.port) as crowd:
        while len(all_saved(crowd)) < SAVES and not all_errors(crowd):
            time.sleep(0.05)
    assert all_errors(crowd) == []
    return before, all_saved(crowd)


def cuts(before: bytes, record: Path, folder: Path) -> Iterator[tuple[float, Path]]:
    """The moment of each cut, and the file it leaves."""
    calls, chance = list(recorded(record)), random.Random(3)
    moments = {chance.randrange(len(calls)) for _cut in range(2 * CUTS)}
    chosen, disk = set(chance.sample(sorted(moments), min(CUTS, len(moments)))), Disk(before)
    for number, call in enumerate(calls):
        if number in chosen:
            left, file = disk.cut(chance), folder / f"{number}.sqlite3"
            file.write_bytes(left[DATABASE])
            Path(f"{file}-wal").write_bytes(left.get(LOG, b""))
            yield call.at, file
            for each in folder.glob(f"{number}.*"):
                each.unlink()
        disk.take(call)


def lost_and_broken(
    before: bytes, saved: list[Saved], record: Path, folder: Path
) -> tuple[list[int], list[str]]:
    """How many saves each cut has lost, and what it has broken."""
    lost: list[int] = []
    broken: list[str] = []
    for moment, file in cuts(before, record, folder):
        acknowledged = {each.token for each in saved if each.moment < moment}
        try:
            with closing(sqlite3.connect(file)) as db:
                tokens = {row[0].partition("-")[2] for row in db.execute("SELECT form_token FROM coding")}
                [[n_events]] = db.execute("SELECT count(*) FROM history_event WHERE action = 'coding.submit'")
                [[whole]] = db.execute("PRAGMA integrity_check(1)")
        except sqlite3.DatabaseError as problem:
            broken.append(repr(problem))
            continue
        lost.append(len(acknowledged - tokens))
        if whole != "ok" or n_events != len(tokens):
            broken.append(f"{whole}; {n_events} events of {len(tokens)} codings")
    return lost, broken


@on_one_database
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("waits", [True, False], ids=["FULL", "NORMAL"])
def test_a_power_cut_loses_nothing_because_the_server_waits_for_the_disk(
    database: Database, settings: Settings, recording_launcher: Launcher, tmp_path: Path, waits: bool
) -> None:
    fault = tmp_path / "fault.py"
    fault.write_text("" if waits else WITHOUT_WAITING)
    before, saved = saved_and_recorded(database, settings, recording_launcher, tmp_path, str(fault))
    lost, broken = lost_and_broken(before, saved, tmp_path / "record", tmp_path)
    assert broken == []
    assert len(lost) >= (CUTS if IS_FULL else CUTS / 2)
    n_lossy = sum(map(bool, lost))
    kind = "FULL" if waits else "NORMAL"
    report(2, f"{kind}: {n_lossy} of {len(lost)} cuts lose saves, {max(lost)} at most")
    # Without waiting saves are lost: so the test would see it.
    assert (n_lossy == 0) is waits
