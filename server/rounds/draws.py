"""Random words and orders drawn from a seed, the same on every platform and with every version of numpy."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from server.rounds.blocks import Integers


class Stream(IntEnum):
    """Independent streams of one seed, so that no draw shifts another."""

    SAMPLE = 1
    POSTS = 2
    BLOCKS = 3
    ANNOTATORS = 4
    ORDER = 5
    REMAINDER = 6
    RANKS = 7
    THREADS = 8
    GOLD = 9


def shuffled(size: int, seed: int, stream: Stream) -> Integers:
    """The numbers below `size` in random order: the order of as many random words."""
    return np.argsort(raw_words(size, seed, stream), kind="stable").astype(np.int64)


def raw_words(size: int, seed: int, stream: Stream) -> NDArray[np.uint64]:
    """Raw 64-bit words; unlike the methods of numpy's Generator, their stream never changes."""
    words = np.random.PCG64([seed, int(stream)]).random_raw(size)
    return np.asarray(words, dtype=np.uint64)
