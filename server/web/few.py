"""What only few requests may wait for or work on at once, so that the others go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore


def places_for(threads: int) -> BoundedSemaphore:
    """How many requests may wait for one thing outside of the server, of those that are worked on at once.

    A scanner, readers of files, an identity provider: what hangs keeps a quarter of the threads at most.
    """
    return BoundedSemaphore(max(1, threads // 4))


@contextmanager
def place_among(places: BoundedSemaphore, patience: float = 0) -> Iterator[bool]:
    """Whether there is a place while the block runs; one waits so many seconds for it."""
    has_place = places.acquire(timeout=patience)
    try:
        yield has_place
    finally:
        if has_place:
            places.release()
