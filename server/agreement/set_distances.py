"""How far two sets of codes are apart: MASI and Jaccard. Two empty sets are equal: 0."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from server.agreement.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class SetDistance:
    """A distance between 0 and 1 that depends on the numbers of codes in two sets and in common."""

    name: str
    of: Callable[[FloatArray, IntArray, IntArray], FloatArray]

    def between(self, first: BoolArray, second: BoolArray) -> FloatArray:
        """The distances of all sets of `first` (n × n_codes) from all of `second` (m × n_codes), n × m."""
        common = first.astype(np.float64) @ second.T.astype(np.float64)
        return self.of(common, first.sum(axis=1)[:, None], second.sum(axis=1)[None, :])

    def of_rows(self, first: BoolArray, second: BoolArray) -> FloatArray:
        """The distance of each set of `first` (n × n_codes) from the one beside it in `second` (n)."""
        common = (first & second).sum(axis=1).astype(np.float64)
        return self.of(common, first.sum(axis=1), second.sum(axis=1))

    def of_bits(self, first: int, second: int) -> float:
        """The distance of two sets given as bits: bit c is code c, 0 the empty set."""
        members = members_of([first, second])
        return float(self.between(members[:1], members[1:])[0, 0])


def members_of(sets: Sequence[int]) -> BoolArray:
    """Which codes each set of bits holds (n_sets × n_codes)."""
    if any(chosen < 0 for chosen in sets):
        raise ValueError("A set of codes cannot be a negative number.")
    width = max(1, -(-max((int(chosen).bit_length() for chosen in sets), default=0) // 8))
    packed = b"".join(int(chosen).to_bytes(width, "little") for chosen in sets)
    rows = np.frombuffer(packed, dtype=np.uint8).reshape(len(sets), width)
    return np.unpackbits(rows, axis=1, bitorder="little").astype(np.bool_)


def _likeness(common: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    """Jaccard's J: the share of the common codes among all codes of the two; 1 for two empty sets."""
    together = first + second - common
    return np.divide(common, together, out=np.ones_like(common), where=together > 0)


def _jaccard(common: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    return 1 - _likeness(common, first, second)


def _masi(common: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    likeness = _likeness(common, first, second)
    holds = common == np.minimum(first, second)
    # An empty set lies in every other, but with J = 0 it does not matter what M is.
    return np.where(likeness == 1, 0.0, 1 - likeness * np.where(holds, 2 / 3, 1 / 3))


# Passonneau (2006), LREC: 1 - J · M, where M is 1 for equal sets, 2/3 where one holds the other, 1/3 where
# they overlap, 0 where they do not.
MASI = SetDistance("masi", _masi)
# Jaccard (1901), Bull. Soc. Vaud. Sci. Nat. 37:547-579: 1 - J.
JACCARD = SetDistance("jaccard", _jaccard)
SET_DISTANCES = {distance.name: distance for distance in (MASI, JACCARD)}


def masi_distance(first: int, second: int) -> float:
    """The MASI distance of two sets of codes given as bits; see `MASI`. Between 0 and 1."""
    return MASI.of_bits(first, second)


def jaccard_distance(first: int, second: int) -> float:
    """The Jaccard distance of two sets of codes given as bits; see `JACCARD`. Between 0 and 1."""
    return JACCARD.of_bits(first, second)
