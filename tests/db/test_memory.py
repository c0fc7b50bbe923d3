"""What is kept in memory has a size that it does not outgrow, however many studies there are."""

from dataclasses import dataclass

import numpy as np
import pytest

from server.corpora.unseen import hide
from server.db.engine import Database
from server.db.memory import Memory, size_of
from server.db.remembering import keep
from server.db.sessions import LEFT_OUT
from tests.stock import on_one_database


@dataclass(frozen=True)
class Row:
    post: int
    words: str


@pytest.mark.parametrize(
    ("value", "least"),
    [
        (np.zeros(100_000), 800_000),
        (np.array(["word" * 25 + str(number) for number in range(10_000)], object), 1_500_000),
        ({"codings": np.zeros((1_000, 3), np.int32)}, 12_000),
        (tuple(f"answer {number}" for number in range(10_000)), 600_000),
        ([Row(number, "word" * 25 + str(number)) for number in range(10_000)], 1_800_000),
        ({number: (number, str(number)) for number in range(1_000_000, 1_010_000)}, 1_200_000),
    ],
    ids=["array", "array of objects", "array in a dictionary", "texts", "objects", "dictionary"],
)
def test_sizes_are_about_right(value: object, least: int) -> None:
    assert least <= size_of(value) < 3 * least


def test_what_hangs_on_a_value_twice_counts_once() -> None:
    array = np.zeros(100_000)
    assert size_of([array, array, {"again": array}]) < 900_000


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    memory = Memory(most_bytes=1_000_000)
    for study in range(1_000):
        memory["codings", study] = np.zeros(25_000)
        assert memory.get(("codings", 0)) is not None  # Somebody works on this one.
        assert memory.n_bytes <= 1_000_000
    assert len(memory) == 4
    assert memory.get(("codings", 999)) is not None
    assert memory.get(("codings", 500)) is None


def test_what_is_too_large_is_kept_alone_until_another_comes() -> None:
    memory = Memory(most_bytes=1_000)
    memory["small"] = 1
    memory["large"] = np.zeros(1_000)
    assert (memory.get("small"), len(memory)) == (None, 1)
    memory["small"] = 1
    assert (memory.get("small"), memory.get("large")) == (1, None)


def test_what_stands_in_the_same_place_counts_once() -> None:
    memory = Memory()
    for _time in range(3):
        memory["codings"] = np.zeros(1_000)
    assert 8_000 < memory.n_bytes < 9_000
    memory.clear()
    assert (memory.n_bytes, len(memory)) == (0, 0)


@on_one_database
def test_what_an_older_transaction_has_read_does_not_come_back(database: Database) -> None:
    with database.reading() as older:
        database.memory.clear()
        keep(older, "codebook", "a quotation")
        assert database.memory.get("codebook") is None
    with database.reading() as newer:
        keep(newer, "codebook", "no quotation")
    assert database.memory.get("codebook") == "no quotation"


@on_one_database
def test_posts_that_nobody_is_to_see_yet_stay_unseen_when_all_is_forgotten(database: Database) -> None:
    """A takedown in one study forgets what is kept; an import in another is still under way."""
    hide(database)
    database.memory.clear()
    with database.reading() as db:
        assert db.info[LEFT_OUT]
