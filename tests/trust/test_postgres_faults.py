"""Figure 3: PostgreSQL crashes, a server sleeps past its lease, clocks differ, connections are cut."""

import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from server.db.engine import Database
from server.db.migrate import migrate
from server.settings import Settings
from tests.trust.annotating import Annotator, Browser, all_errors, all_saved, at_work, opened, wait_for_saves
from tests.trust.crashing import CRASHES, Crashing, crashing_postgres
from tests.trust.finding import faults
from tests.trust.proxying import cutting, proxying
from tests.trust.reporting import report
from tests.trust.servers import Launcher, Server, serving
from tests.trust.sizes import IS_FULL, size
from tests.trust.study import DEPTH, Study, fill

on_postgresql = pytest.mark.parametrize("stock", ["postgres"], indirect=True)
PAUSE = size(4, 1) / 10
ASKED = 40
IMPATIENT = """
from server.db import silence
from server.web import threads

threads.WAIT_SECONDS, silence.DOUBT_SECONDS, silence.ANSWER_SECONDS = 1, 0.5, 2
"""
SKEWED = """
from datetime import timedelta
from server import clock
clock.skew = timedelta(minutes={minutes})
clock.now.__code__ = (lambda: datetime.now(UTC) + skew).__code__
"""


def studied(database: Database, n_people: int, lease_minutes: int = 60) -> Study:
    with database.writing() as db:
        return fill(db, size(200, 20_000), n_people, lease_minutes=lease_minutes)


def checked(database: Database, study: Study, crowd: list[Annotator]) -> str:
    saved = all_saved(crowd)
    assert all_errors(crowd) == []
    with database.reading() as db:
        assert faults(db, study, saved) == []
    return f"{len(saved)} acknowledged, 0 lost"


@pytest.fixture
def postgres() -> Iterator[Crashing]:
    with crashing_postgres() as found:
        yield found


@pytest.mark.timeout(7200)
def test_a_postgresql_that_crashes(postgres: Crashing, launcher: Launcher, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=postgres.url)
    migrate(settings.resolved_database_url)
    database, chance, n_crashes = Database(settings.resolved_database_url), random.Random(4), size(2, 200)
    study = studied(database, 16)
    database.dispose()
    server = Server(launcher, settings, tmp_path)
    with serving(server), at_work(study, server.port, pause=PAUSE) as crowd:
        for crash in range(n_crashes):
            wait_for_saves(crowd, chance.randrange(5, 20))
            postgres.crash(CRASHES[crash % 2])
            postgres.start()
        wait_for_saves(crowd, 5)
    report(3, f"{n_crashes} crashes of PostgreSQL: {checked(database, study, crowd)}")
    database.dispose()


@on_postgresql
def test_a_server_that_slept_past_its_lease(
    database: Database, settings: Settings, launcher: Launcher, tmp_path: Path
) -> None:
    with database.writing() as db:
        study = fill(db, 1, DEPTH + 1)
    asleep, awake = (Server(launcher, settings, tmp_path) for _server in range(2))
    with serving(asleep, awake), ThreadPoolExecutor(1) as pool:
        late = Browser(asleep.port, study.people[0].session, waits=120.0)
        form = opened(late, study.coding)
        asleep.send(signal.SIGSTOP)
        coming = pool.submit(late.ask, "POST", form.path, form.filled())
        with database.writing() as db:
            db.execute(text("UPDATE queue_slot SET lease_until = now() - interval '1 minute'"))
        saved = []
        for person in study.people[1:]:
            browser = Browser(awake.port, person.session)
            theirs = opened(browser, study.coding)
            assert browser.ask("POST", theirs.path, theirs.filled()).status == 303
            saved.append(theirs.saved())
        asleep.send(signal.SIGCONT)
        assert coming.result().status == 303
        saved.append(form.saved())
    with database.reading() as db:
        assert faults(db, study, saved) == []
        extras = db.execute(text("SELECT count(*) FROM assignment WHERE is_extra")).scalar_one()
    assert extras == 1, "the late coding is kept beside those that were asked for"
    report(3, "a server stopped past its lease: its late save is kept as an extra, 0 over-assigned")


@on_postgresql
def test_a_postgresql_that_says_nothing(
    database: Database, settings: Settings, launcher: Launcher, tmp_path: Path
) -> None:
    study, place = studied(database, 8), urlsplit(settings.database_url)
    fault = tmp_path / "impatient.py"
    fault.write_text("" if IS_FULL else IMPATIENT)
    with cutting([f"{parse_qs(place.query)['host'][0]}/.s.PGSQL.5432"]) as behind:
        bound = "" if IS_FULL else "?connect_timeout=2"
        url = f"postgresql://postgres@127.0.0.1:{behind.port}{place.path}{bound}"
        settings = settings.model_copy(update={"database_url": url})
        server = Server(launcher, settings, tmp_path, fault=str(fault))
        with serving(server), at_work(study, server.port, pause=PAUSE) as crowd:
            wait_for_saves(crowd, 5)
            with behind.stalled():
                longest = told_to_wait(server, study)
            wait_for_saves(crowd, 5)
    assert "fsync = off" in server.log.read_text(), "the tests' own server warns of it"
    said = checked(database, study, crowd)
    report(3, f"PostgreSQL silent: {ASKED} requests told so within {longest:.1f} s; then {said}")


def told_to_wait(server: Server, study: Study) -> float:
    """The longest that any of many requests waits until it is told that nothing can be read."""

    def looked(number: int) -> float:
        began = time.monotonic()
        person = study.people[number % len(study.people)]
        page = Browser(server.port, person.session, waits=60.0).ask("GET", study.coding)
        assert (page.status, page.headers["retry-after"]) == (503, "2")
        return time.monotonic() - began

    with ThreadPoolExecutor(ASKED) as pool:
        longest = max(pool.map(looked, range(ASKED)))
    assert longest < (20 if IS_FULL else 10), longest
    return longest


@on_postgresql
@pytest.mark.timeout(3600)
def test_servers_whose_clocks_differ(
    database: Database, settings: Settings, launcher: Launcher, tmp_path: Path
) -> None:
    study = studied(database, 16, lease_minutes=5)
    servers = []
    for minutes in (-10, 10):
        fault = tmp_path / f"skewed{minutes}.py"
        fault.write_text(SKEWED.format(minutes=minutes))
        servers.append(Server(launcher, settings, tmp_path, fault=str(fault)))
    ports = [each.port for each in servers]
    with serving(*servers), proxying(ports) as front, at_work(study, front, pause=PAUSE) as crowd:
        wait_for_saves(crowd, size(30, 3_000))
    said = checked(database, study, crowd)
    with database.reading() as db:
        moments = db.execute(text("SELECT max(submitted_at) - min(submitted_at) FROM coding")).scalar_one()
        returned = text("SELECT count(*) FROM assignment WHERE state = 'returned' OR is_extra")
        assert db.execute(returned).scalar_one() == 0, "nobody lost a lease to another's clock"
    assert moments.total_seconds() > 1_000, "the clocks did differ"
    report(3, f"clocks of two servers 20 minutes apart: {said}, no lease lost")


@on_postgresql
@pytest.mark.timeout(3600)
def test_connections_that_are_cut(
    database: Database, settings: Settings, launcher: Launcher, tmp_path: Path
) -> None:
    study, chance, n_cuts = studied(database, 16), random.Random(5), size(8, 400)
    place = urlsplit(settings.database_url)
    folder = parse_qs(place.query)["host"][0]
    with cutting([f"{folder}/.s.PGSQL.5432"]) as behind:
        url = f"postgresql://postgres@127.0.0.1:{behind.port}{place.path}"
        server = Server(launcher, settings.model_copy(update={"database_url": url}), tmp_path)
        with (
            serving(server),
            cutting([server.port]) as before,
            at_work(study, before.port, pause=PAUSE) as crowd,
        ):
            cut: list[int] = []
            for _cut in range(n_cuts):
                wait_for_saves(crowd, chance.randrange(1, 8))
                cut.append(chance.choice((behind, before)).cut())
            wait_for_saves(crowd, 5)
    n_again = sum(each.n_sent > 1 for each in all_saved(crowd))
    said = checked(database, study, crowd)
    n_real = sum(map(bool, cut))
    assert n_real >= n_cuts / 2
    assert n_again > 0 or not IS_FULL, "forms were under way"
    told = f"{n_real} cuts of {sum(cut)} connections before and behind the server"
    report(3, f"{told}: {said}, {n_again} forms sent again")
