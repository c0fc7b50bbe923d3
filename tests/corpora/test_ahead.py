"""Working ahead: all items in their order, what goes wrong in its turn, and no thread that goes on."""

from collections.abc import Iterator
from threading import Event, active_count

import pytest

from server.corpora.ahead import ahead


def test_all_items_come_in_their_order() -> None:
    assert list(ahead(range(50), 2)) == list(range(50))
    assert list(ahead([], 1)) == []


def test_what_goes_wrong_comes_after_what_was_made_before() -> None:
    def items() -> Iterator[int]:
        yield from (1, 2)
        raise ValueError("the third")

    made = ahead(items(), 5)
    assert [next(made), next(made)] == [1, 2]
    with pytest.raises(ValueError, match="the third"):
        next(made)


def test_whoever_stops_early_leaves_no_thread() -> None:
    n_threads, is_closed = active_count(), Event()

    def items() -> Iterator[int]:
        try:
            yield from range(1_000)
        finally:
            is_closed.set()

    made = ahead(items(), 1)
    assert next(made) == 0
    made.close()
    assert active_count() == n_threads
    del made
    assert is_closed.wait(5)
