"""Posts thread by thread: the threads in a random order, the posts of each in the order of their dates."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from server.rounds.blocks import Integers


@dataclass(frozen=True, eq=False)
class Threads:
    """For each post the number of its thread, and its place in it by date; both count from 0."""

    thread: Integers
    place: Integers

    @property
    def count(self) -> int:
        """How many threads there are."""
        return int(self.thread.max(initial=-1)) + 1


def threads_of(posts: Iterable[tuple[Hashable, datetime | None]]) -> Threads:
    """The threads of posts, each given with the key of its thread and its moment.

    Posts without a moment come last in their thread; those of one moment stay in the order given.
    """
    numbers: dict[Hashable, int] = {}
    found = [
        (numbers.setdefault(key, len(numbers)), moment.timestamp() if moment else np.inf)
        for key, moment in posts
    ]
    thread = np.array([number for number, _moment in found], dtype=np.int64)
    by_date = np.lexsort((np.array([moment for _number, moment in found]), thread))
    place = np.empty(thread.size, dtype=np.int64)
    place[by_date] = np.arange(thread.size) - starts(thread[by_date])
    return Threads(thread, place)


def starts(groups: Integers) -> Integers:
    """For each element where its run of equal ones begins."""
    is_first = np.ones(groups.size, dtype=np.bool_)
    is_first[1:] = groups[1:] != groups[:-1]
    return np.maximum.accumulate(np.where(is_first, np.arange(groups.size), 0))


def thread_by_thread(
    posts: Integers, coders: Integers, threads: Threads, words: NDArray[np.uint64]
) -> NDArray[np.intp]:
    """The order of assignments by annotator, and for each annotator by thread in an order of their own.

    `words` are random ones, as many as there are assignments: that of an annotator's first post of a thread
    is the thread's.
    """
    together = np.lexsort((threads.place[posts], threads.thread[posts], coders))
    pairs = coders[together] * threads.count + threads.thread[posts][together]
    drawn = words[starts(pairs)]
    return together[np.lexsort((np.arange(pairs.size), pairs, drawn, coders[together]))]
