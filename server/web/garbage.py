"""Garbage: what the program consists of is never any."""

import gc


def set_apart_what_stays() -> None:
    """Keep the collector from looking through the whole program again and again while it serves.

    Modules, routes and statements live as long as the process. Without this they are walked every few
    requests, which costs a fifth of the time of each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
