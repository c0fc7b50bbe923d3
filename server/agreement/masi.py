"""How far apart two sets of codes are: the MASI distance."""

from collections.abc import Sequence

import numpy as np

from server.agreement.arrays import BoolArray, FloatArray, IntArray


def masi_distance(first: int, second: int) -> float:
    """The MASI distance of two sets of codes given as bits: bit c is code c, 0 the empty set.

    Passonneau (2006), LREC: 1 - J · M, where J is the share of the common codes among all codes of the two
    (Jaccard) and M is 1 for equal sets, 2/3 where one holds the other, 1/3 where they overlap, 0 where they
    do not. Between 0 and 1. Two empty sets are equal: 0; an empty and another have nothing in common: 1.
    """
    members = members_of([first, second])
    return float(masi_distances(members[:1], members[1:])[0, 0])


def members_of(sets: Sequence[int]) -> BoolArray:
    """Which codes each set of bits holds (n_sets × n_codes)."""
    if any(chosen < 0 for chosen in sets):
        raise ValueError("A set of codes cannot be a negative number.")
    width = max(1, -(-max((int(chosen).bit_length() for chosen in sets), default=0) // 8))
    packed = b"".join(int(chosen).to_bytes(width, "little") for chosen in sets)
    rows = np.frombuffer(packed, dtype=np.uint8).reshape(len(sets), width)
    return np.unpackbits(rows, axis=1, bitorder="little").astype(np.bool_)


def masi_distances(first: BoolArray, second: BoolArray) -> FloatArray:
    """The distances of all sets of `first` (n × n_codes) from all of `second` (m × n_codes), as n × m."""
    common = first.astype(np.float64) @ second.T.astype(np.float64)
    return _distance(common, first.sum(axis=1)[:, None], second.sum(axis=1)[None, :])


def masi_of_rows(first: BoolArray, second: BoolArray) -> FloatArray:
    """The distance of each set of `first` (n × n_codes) from the one beside it in `second` (n)."""
    common = (first & second).sum(axis=1).astype(np.float64)
    return _distance(common, first.sum(axis=1), second.sum(axis=1))


def _distance(common: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    together = first + second - common
    jaccard = np.divide(common, together, out=np.ones_like(common), where=together > 0)
    equal, holds = jaccard == 1, common == np.minimum(first, second)
    # An empty set lies in every other, but with J = 0 it does not matter what M is.
    return np.where(equal, 0.0, 1 - jaccard * np.where(holds, 2 / 3, 1 / 3))
