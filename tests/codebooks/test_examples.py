"""Posts as examples of a code."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from server.codebooks.examples import add_example
from server.db.engine import Database
from server.errors import Refusal
from tests import make
from tests.cast import Cast
from tests.waiting import wait_until


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_two_who_begin_a_draft_at_once_add_the_same_once(database: Database, cast: Cast) -> None:
    said = ("stance", "favour", "example", 1, "I miss it.")

    def add() -> None:
        with database.writing() as db:
            add_example(db, cast.lead, *said)

    with database.writing() as db:
        make.published(db, cast.project)
    with ThreadPoolExecutor(1) as threads:
        with database.writing() as db:
            add_example(db, cast.lead, *said)
            other = threads.submit(add)
            wait_until(database, 1, other)
        with pytest.raises(Refusal, match="stands there already"):
            other.result(timeout=10)
