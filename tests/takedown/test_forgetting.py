"""A takedown in one server process empties the memory of the others."""

import threading
import time

import pytest

from server.clock import now
from server.corpora.models import Takedown
from server.db.engine import Database
from server.db.memory import Memory
from server.takedown.forgetting import keep_forgetting
from tests import make
from tests.cast import Cast


def emptied(memory: Memory) -> bool:
    for _time in range(200):
        if not memory:
            return True
        time.sleep(0.02)
    return False


def test_what_is_kept_goes_with_a_takedown_elsewhere(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, stopped = Database(database.url), threading.Event()
    # Wiping may take long; nobody waits for it.
    monkeypatch.setattr("server.takedown.wiping.wipe", lambda *_: stopped.wait(10))
    other.memory["codebook"] = "a quotation"
    thread = threading.Thread(target=keep_forgetting, args=(other, stopped, 0.01))
    thread.start()
    try:
        time.sleep(0.1)
        assert other.memory, "nothing was taken down yet"
        with database.writing() as db:
            db.add(
                Takedown(
                    project_id=make.id_of(cast.project),
                    number=1,
                    reason="asked for",
                    keeps_codings=True,
                    n_posts=0,
                    taken_down_by=None,
                    taken_down_at=now(),
                )
            )
        assert emptied(other.memory)
    finally:
        stopped.set()
        thread.join()
        other.dispose()
