"""Which annotators code a post together, shared out evenly.

A block is the set of annotators of one post. Every possible block is used equally often as long as the posts
last; only what remains is chosen one block at a time and then mended by exchanges. All arithmetic is on
integers, so that a plan comes out the same on every machine.
"""

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Members = NDArray[np.bool_]

# A load outweighs any overlap, an overlap outweighs any tie-breaking key.
_LOAD, _OVERLAP, _KEY_BITS = 1 << 50, 1 << 22, 20
_TAKEN = np.iinfo(np.int64).max // 2
# How many blocks on either side of an exchange are compared, and how often all pairs are gone through:
# enough for the bounds that the tests hold, and little beside the rest of the work.
_WINDOW, _SWEEPS = 64, 4


def even_blocks(n_blocks: int, n_annotators: int, size: int, keys: NDArray[np.uint64]) -> Integers:
    """`n_blocks` rows of `size` annotator indexes in which loads differ by at most one.

    Args:
        n_blocks: how many posts are shared out.
        n_annotators: how many annotators there are; at least `size`.
        size: how many annotators code each post.
        keys: at least `n_annotators` random words for each block that is chosen singly; they break ties.
    """
    copies = n_blocks // comb(n_annotators, size)
    remainder = n_blocks - copies * comb(n_annotators, size)
    chosen = _chosen_blocks(remainder, n_annotators, size, keys)
    if copies == 0:
        return chosen
    every = np.array(list(combinations(range(n_annotators), size)), dtype=np.int64)
    return np.concatenate([np.tile(every, (copies, 1)), chosen])


def keys_needed(n_blocks: int, n_annotators: int, size: int) -> int:
    """How many random words `even_blocks` uses."""
    return (n_blocks % comb(n_annotators, size)) * n_annotators


def pair_overlaps(members: Members) -> Integers:
    """How many blocks each two annotators share; the diagonal is zero."""
    # Floats hold these counts exactly and multiply many times faster than integers.
    as_floats = members.astype(np.float64)
    overlaps = (as_floats.T @ as_floats).astype(np.int64)
    np.fill_diagonal(overlaps, 0)
    return overlaps


def _chosen_blocks(n_blocks: int, n_annotators: int, size: int, keys: NDArray[np.uint64]) -> Integers:
    """Blocks chosen one after another, then mended; loads differ by at most one."""
    ties = (keys[: n_blocks * n_annotators] >> np.uint64(64 - _KEY_BITS)).astype(np.int64)
    members = _one_by_one(ties.reshape(n_blocks, n_annotators), size)
    _exchange_until_even(members)
    return np.nonzero(members)[1].reshape(n_blocks, size)


def _one_by_one(ties: Integers, size: int) -> Members:
    """Blocks of those who have coded least so far and have met each other least."""
    n_blocks, n_annotators = ties.shape
    members = np.zeros((n_blocks, n_annotators), dtype=np.bool_)
    loads = np.zeros(n_annotators, dtype=np.int64)
    overlaps = np.zeros((n_annotators, n_annotators), dtype=np.int64)
    for row in range(n_blocks):
        # Only how far they are ahead counts: the loads themselves would outgrow the integers.
        block = _next_block((loads - loads.min()) * _LOAD + ties[row], overlaps, size)
        members[row, block] = True
        loads[block] += 1
        overlaps[np.ix_(block, block)] += 1
    return members


def _next_block(costs: Integers, overlaps: Integers, size: int) -> list[int]:
    """The cheapest annotators; each choice makes those who met the chosen more expensive."""
    block: list[int] = []
    for _ in range(size):
        annotator = int(costs.argmin())
        block.append(annotator)
        costs += overlaps[annotator] * _OVERLAP
        costs[annotator] = _TAKEN
    return block


def _exchange_until_even(members: Members) -> None:
    """Exchange annotators between blocks, in place, until no exchange makes the overlaps more even."""
    n_annotators = members.shape[1]
    overlaps = pair_overlaps(members)
    for _ in range(_SWEEPS):
        mended = 0
        for pair in combinations(range(n_annotators), 2):
            if _spread(overlaps) <= 1:
                return
            mended += _exchange_pair(members, overlaps, *pair)
        if not mended:
            return


def _exchange_pair(members: Members, overlaps: Integers, one: int, other: int) -> int:
    """Let two annotators trade places while that helps; how often they did."""
    exchanges = 0
    while (found := _best_exchange(members, overlaps, one, other)) is not None:
        ours, theirs = found
        _trade(members, overlaps, ours, theirs, one, other)
        exchanges += 1
    return exchanges


def _best_exchange(members: Members, overlaps: Integers, one: int, other: int) -> tuple[int, int] | None:
    """The block to take from `one` and the block to take from `other`, or None if no trade helps.

    The gain is the change in half the sum of squared overlaps, for every two blocks at once.
    """
    ours = np.flatnonzero(members[:, one] & ~members[:, other])[:_WINDOW]
    theirs = np.flatnonzero(members[:, other] & ~members[:, one])[:_WINDOW]
    if not ours.size or not theirs.size:
        return None
    left, right = (_partners(members, rows, one, other) for rows in (ours, theirs))
    unevenness = overlaps[one] - overlaps[other]
    sizes = left.sum(axis=1)[:, None] + right.sum(axis=1)[None, :]
    change = (right @ unevenness)[None, :] - (left @ unevenness)[:, None] + sizes - 2 * left @ right.T
    best = int(change.argmin())
    if change.flat[best] >= 0:
        return None
    row, column = divmod(best, theirs.size)
    return int(ours[row]), int(theirs[column])


def _partners(members: Members, rows: NDArray[np.intp], one: int, other: int) -> Integers:
    """Who else is in these blocks, beside the two who trade."""
    partners = members[rows].astype(np.int64)
    partners[:, [one, other]] = 0
    return partners


def _trade(members: Members, overlaps: Integers, ours: int, theirs: int, one: int, other: int) -> None:
    """Put `other` in place of `one` in one block and the reverse in the other; keep the overlaps true."""
    rows = np.array([ours, theirs], dtype=np.intp)
    left, right = _partners(members, rows, one, other)
    members[ours, [one, other]] = [False, True]
    members[theirs, [one, other]] = [True, False]
    shift = right - left
    for annotator, sign in ((one, 1), (other, -1)):
        overlaps[annotator] += sign * shift
        overlaps[:, annotator] += sign * shift


def _spread(overlaps: Integers) -> int:
    """The largest overlap of a pair less the smallest."""
    pairs = overlaps[np.triu_indices(overlaps.shape[0], 1)]
    return int(pairs.max() - pairs.min()) if pairs.size else 0
