"""Figure 9: with everybody on slow pages the server says that it is busy, and is seen to live."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from server.db.engine import Database
from tests.trust.annotating import Answer, Browser
from tests.trust.beating import beating
from tests.trust.reporting import report
from tests.trust.servers import Server, serving
from tests.trust.sizes import IS_FULL, name_of, on_both_in_full, size
from tests.trust.study import Study, fill

CLIENTS = 200
SLOW = """
import time
from server.db import engine
from server.web import threads

threads.WAIT_SECONDS = {patience}
engine.WAIT_SECONDS = {patience}
reading = engine.Database.reading

def slowly(self):
    time.sleep({seconds})
    return reading(self)

engine.Database.reading = slowly
"""


def looked(server: Server, study: Study, number: int) -> Answer:
    """The list of own codings, as one of many clients asks for it."""
    person = study.people[number % len(study.people)]
    return Browser(server.port, person.session, waits=120.0).ask(
        "GET", f"/projects/{study.key}/rounds/1/mine"
    )


@on_both_in_full
def test_whoever_waits_too_long_is_told_so(database: Database, server: Server, tmp_path: Path) -> None:
    with database.writing() as db:
        study = fill(db, 10, 8)
    seconds = size(1, 5)
    fault = tmp_path / "fault.py"
    fault.write_text(SLOW.format(seconds=seconds, patience=seconds))
    server.fault = str(fault)
    with serving(server), ThreadPoolExecutor(CLIENTS) as pool, beating(server.port) as alive:
        answers = list(pool.map(partial(looked, server, study), range(CLIENTS)))
    counts = Counter(answer.status for answer in answers)
    assert set(counts) == {200, 503}
    assert all(answer.headers["retry-after"] for answer in answers if answer.status == 503)
    report(
        9,
        f"{name_of(database)}: {CLIENTS} clients, pages of {seconds} s: {dict(counts)}, never 500; "
        f"/healthz asked {len(alive)} times, within {1_000 * max(alive):.0f} ms",
    )
    assert not IS_FULL or max(alive) <= 0.1
