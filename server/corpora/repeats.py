"""Which rows of a file repeat an id, found among a million without keeping the ids and texts themselves."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Repetitions:
    """Rows by their place in the order in which they were added.

    `first` gives for every row the first one with its id. `kept` are the first rows of their ids,
    `repeated` say the same as their first, and `contradictory` are all rows of an id that has several texts.
    """

    first: Sequence[int]
    kept: Sequence[int]
    repeated: Sequence[int]
    contradictory: Sequence[int]


class Repeats:
    """Compares rows by 64-bit hashes of id and text, keyed anew in each process.

    Among a million rows two ids are taken for one with a chance of 1 in 40 million; and then they are refused
    as contradictory, unless their texts are the same.
    """

    def __init__(self) -> None:
        self._ids, self._texts = array("q"), array("q")

    def add(self, ids: Iterable[str], texts: Iterable[str]) -> None:
        """The next rows."""
        self._ids.extend(map(hash, ids))
        self._texts.extend(map(hash, texts))

    def found(self) -> Repetitions:
        """The rows sorted out."""
        first = _first_with_same(np.array(self._ids, dtype=np.int64))
        texts = np.array(self._texts, dtype=np.int64)
        is_first = first == np.arange(first.size)
        of_several_texts = np.zeros(first.size, dtype=np.bool_)
        of_several_texts[first[texts != texts[first]]] = True
        is_contradictory = of_several_texts[first]
        return Repetitions(
            plain(first),
            plain(np.flatnonzero(is_first & ~is_contradictory)),
            plain(np.flatnonzero(~is_first & ~is_contradictory)),
            plain(np.flatnonzero(is_contradictory)),
        )


def _first_with_same(values: _Ints) -> _Ints:
    """For each place the first place with the same value."""
    _different, first, which = np.unique(values, return_index=True, return_inverse=True)
    return first.astype(np.int64)[which]


def plain(numbers: NDArray[np.integer]) -> Sequence[int]:
    """The numbers as plain ones."""
    return array("q", numbers.astype(np.int64).tobytes())
