"""Garbage: what the program consists of is never any."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage while the program is loaded: again and again it took a quarter of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def set_apart_what_stays() -> None:
    """Keep the collector from looking through the whole program again and again while it serves.

    Modules, routes and statements live as long as the process. Without this they are walked every few
    requests, which costs a fifth of the time of each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
