"""A takedown in one server process empties the memory of the others."""

import threading
import time

from server.db.engine import Database
from server.db.memory import Memory
from server.takedown.forgetting import keep_forgetting
from tests.cast import Cast
from tests.takedown.recorded import record_takedown


def emptied(memory: Memory) -> bool:
    for _time in range(200):
        if not memory:
            return True
        time.sleep(0.02)
    return False


def test_what_is_kept_goes_with_a_takedown_elsewhere(database: Database, cast: Cast) -> None:
    other, stopped = Database(database.url), threading.Event()
    other.memory["codebook"] = "a quotation"
    thread = threading.Thread(target=keep_forgetting, args=(other, stopped, 0.01))
    thread.start()
    try:
        time.sleep(0.1)
        assert other.memory, "nothing was taken down yet"
        with database.writing() as db:
            record_takedown(db, cast.project)
        assert emptied(other.memory)
    finally:
        stopped.set()
        thread.join()
        other.dispose()
