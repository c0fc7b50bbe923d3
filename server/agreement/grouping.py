"""From codings in long form to count patterns.

The counts of a post are written as the digits of one whole number, so that grouping posts is one pass over
the codings and one over the posts, and no table of posts by categories is ever held.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from server.agreement.arrays import (
    IntArray,
    Whole,
    below,
    refuse_nothing,
    same_length,
    uncopied_whole_numbers,
    whole_numbers,
)
from server.agreement.clusters import ClusterWeights
from server.agreement.histogram import fits_histogram, histogram_patterns
from server.agreement.patterns import CountPatterns

# The digits of a post fit a signed number of 64 bits.
_LARGEST = 2.0**62
# Up to so many possible patterns a table of them all is quicker than sorting the posts.
_TABLE = 2**20
# No table of so many codings a post has few different rows.
_WIDEST = 16
# Codings looked at together, so that what is made of each stays in the cache.
_AT_A_TIME = 2**15


def count_patterns(unit: ArrayLike, category: ArrayLike, n_categories: int) -> CountPatterns:
    """Patterns from codings: `category[i]` (from 0) was given to post `unit[i]`.

    The ids of posts may be any whole numbers from 0. Nothing says who coded, because nothing here asks.

    Raises:
        ValueError: There is no coding at all, or these are not whole numbers from 0 of known categories.
    """
    refuse_nothing(unit)
    return counted(unit, category, n_categories)


def counted(unit: ArrayLike, category: ArrayLike, n_categories: int) -> CountPatterns:
    """As `count_patterns`; no codings are no patterns."""
    table = _as_table(np.asarray(unit), np.asarray(category))
    if table is not None and n_categories > 0 and fits_histogram(table.shape[1], n_categories):
        return histogram_patterns(table, n_categories)
    codings = _codings(unit, category, n_categories)
    if len(codings.digits) == 1 and codings.radix**n_categories <= _TABLE:
        return _tabulated(codings)
    return _sorted_out(codings)[0]


def _as_table(unit: NDArray[Any], category: NDArray[Any]) -> NDArray[Any] | None:
    """The codings with a row a post where they stand so already: posts ascend, with equally many each."""
    is_plain = unit.dtype.kind in "iu" and category.dtype.kind in "iu" and unit.ndim == category.ndim == 1
    if not is_plain or len(unit) != len(category) or len(unit) == 0:
        return None
    width = int(np.argmax(unit[:_WIDEST] != unit[0])) or len(unit)
    if width >= _WIDEST or len(unit) % width:
        return None
    posts = unit.reshape(-1, width)
    ascend = unit[0] >= 0 and (posts[1:, 0] > posts[:-1, 0]).all()
    is_table = ascend and (posts == posts[:, :1]).all() and category.min() >= 0
    return category.reshape(-1, width) if is_table else None


def clustered_count_patterns(
    unit: ArrayLike, category: ArrayLike, cluster: ArrayLike, n_categories: int
) -> tuple[CountPatterns, ClusterWeights]:
    """As `count_patterns`, with the clusters of the posts; `cluster[i]` is the author of `unit[i]`."""
    refuse_nothing(unit)
    codings = _codings(unit, category, n_categories)
    patterns, pattern_of_unit = _sorted_out(codings)
    owner = whole_numbers(cluster, "cluster")
    return patterns, ClusterWeights.of_units(codings.unit, owner, pattern_of_unit)


def clustered_grouped_patterns(
    cluster: ArrayLike, counts: ArrayLike, frequencies: ArrayLike
) -> tuple[CountPatterns, ClusterWeights]:
    """Patterns and clusters from rows (author, counts of each code, number of posts), as SQL groups them."""
    rows = CountPatterns(np.asarray(counts), np.asarray(frequencies))
    owner = whole_numbers(cluster, "cluster")
    same_length([owner, rows.counts], "cluster and counts")
    kept = rows.coded & (rows.frequencies > 0)
    distinct, pattern = np.unique(rows.counts[kept], axis=0, return_inverse=True)
    weights = ClusterWeights(owner[kept], pattern.reshape(-1), rows.frequencies[kept])
    totals = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(totals, weights.pattern, weights.frequency)
    return CountPatterns(distinct, totals), weights


@dataclass(frozen=True, eq=False)
class _Codings:
    """Codings of posts numbered without gaps, and the counts of each post as digits to the base `radix`.

    Each array of `digits` (n_units) holds up to `width` categories, the first as the highest digit.
    """

    unit: Whole
    n_units: int
    n_categories: int
    radix: int
    width: int
    digits: list[IntArray]

    def counts(self, units: IntArray) -> IntArray:
        """The counts of the named posts, read back from their digits (n × n_categories)."""
        return self.read([block[units] for block in self.digits])

    def read(self, digits: list[IntArray]) -> IntArray:
        """The counts that such digits stand for."""
        powers = self.radix ** np.arange(self.width - 1, -1, -1, dtype=np.int64)
        columns = [block[:, None] // powers % self.radix for block in digits]
        return np.concatenate(columns, axis=1)[:, : self.n_categories]


def _codings(unit: ArrayLike, category: ArrayLike, n_categories: int) -> _Codings:
    post = uncopied_whole_numbers(unit, "unit")
    code = uncopied_whole_numbers(category, "category")
    same_length([post, code], "unit and category")
    if n_categories < 1:
        raise ValueError("There must be at least one category.")
    below(code, n_categories, "category")
    post, codings = _numbered(post)
    radix = int(codings.max(initial=1)) + 1
    width = min(n_categories, max(1, int(np.log(_LARGEST) / np.log(radix))))
    blocks = [_powers(n_categories, first, width, radix) for first in range(0, n_categories, width)]
    digits = [_digits(post, code, powers, len(codings)) for powers in blocks]
    return _Codings(post, len(codings), n_categories, radix, width, digits)


def _powers(n_categories: int, first: int, width: int, radix: int) -> IntArray:
    """What a coding of each category adds to the block that begins with category `first`."""
    powers = np.zeros(n_categories + width, dtype=np.int64)
    powers[first : first + width] = radix ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return powers[:n_categories]


def _digits(post: Whole, code: Whole, powers: IntArray, n_units: int) -> IntArray:
    """The sum of the powers of each post's codings (n_units)."""
    digits = np.zeros(n_units, dtype=np.int64)
    for first in range(0, len(post), _AT_A_TIME):
        some = slice(first, first + _AT_A_TIME)
        np.add.at(digits, post[some].astype(np.int64, copy=False), powers[code[some]])
    return digits


def _numbered(unit: Whole) -> tuple[Whole, IntArray]:
    """Posts numbered from 0 without gaps, in the order of their ids, and the codings of each (n_units)."""
    if unit.size == 0 or int(unit.max()) < 2 * unit.size:
        codings = np.bincount(unit)
        if codings.all():
            return unit, codings
    _ids, number, codings = np.unique(unit, return_inverse=True, return_counts=True)
    return number.reshape(-1), codings


def _tabulated(codings: _Codings) -> CountPatterns:
    frequencies = np.bincount(codings.digits[0])
    seen = np.flatnonzero(frequencies)
    return CountPatterns(codings.read([seen]), frequencies[seen])


def _sorted_out(codings: _Codings) -> tuple[CountPatterns, IntArray]:
    """The patterns, and the pattern of each post."""
    pattern = np.zeros(codings.n_units, dtype=np.int64)
    for block in codings.digits:
        key = np.unique(block, return_inverse=True)[1].reshape(-1)
        pattern = np.unique(pattern * (key.max(initial=0) + 1) + key, return_inverse=True)[1].reshape(-1)
    example = np.unique(pattern, return_index=True)[1]
    return CountPatterns(codings.counts(example), np.bincount(pattern, minlength=len(example))), pattern
