"""From a table of ratings to count patterns.

The ratings of a unit are written as the digits of one small number, which is counted in a histogram: no
sorting, and only the few different rows are ever looked at as counts of categories. All is done in slices
that stay in the processor's cache, so that memory grows with the number of patterns alone.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from server.agreement.arrays import IntArray, Whole, below, whole_numbers
from server.agreement.grouping import count_patterns
from server.agreement.patterns import CountPatterns, grouped_patterns

# Beyond so many possible rows the histogram of a slice would be mostly empty.
_MOST_ROWS = 2**14
# Ratings looked at together: in 64 bits these fill the cache that a core has to itself.
_AT_A_TIME = 3 * 2**15


def rated_patterns(ratings: ArrayLike, n_categories: int) -> CountPatterns:
    """Patterns from a table: `ratings[u, j]` (n_units × n_ratings) is a category from 0, -1 where missing.

    Columns may be annotators, or the first, second, … rating of each unit by whoever gave it: nothing here
    asks who. Equals `count_patterns` of the ratings that are not missing. Integers of any width are read as
    they are, without a copy of the table.

    Raises:
        ValueError: The table is no table of whole numbers from -1, or a category does not exist.
    """
    table = _table(ratings)
    if n_categories < 1:
        raise ValueError("There must be at least one category.")
    if table.shape[1] and (n_categories + 1) ** table.shape[1] <= _MOST_ROWS:
        return _by_histogram(table, n_categories)
    return _by_slices(table, n_categories)


def _table(ratings: ArrayLike) -> Whole:
    given = np.asarray(ratings)
    if given.ndim == 2 and given.dtype.kind in "iub":
        return given
    # Moved up by one, -1 is a whole number too; text is left for `whole_numbers` to refuse.
    moved = given + 1 if given.dtype.kind in "iufb" else given
    return whole_numbers(moved, "ratings", dimensions=2) - 1


def _slices(table: Whole, n_categories: int) -> Iterator[IntArray]:
    """Some rows at a time, checked."""
    step = max(1, _AT_A_TIME // max(table.shape[1], 1))
    for first in range(0, len(table), step):
        rows = table[first : first + step]
        if rows.size and rows.min() < -1:
            raise ValueError("ratings must not be negative, but for -1 where one is missing.")
        below(rows, n_categories, "category")
        yield rows.astype(np.int64, copy=False)


def _by_histogram(table: Whole, n_categories: int) -> CountPatterns:
    base, width = n_categories + 1, table.shape[1]
    units = np.zeros(base**width, dtype=np.int64)
    for rows in _slices(table, n_categories):
        units += np.bincount(_as_number(rows, base), minlength=len(units))
    seen = np.flatnonzero(units)
    digits = seen[:, None] // base ** np.arange(width, dtype=np.int64) % base
    places = np.arange(len(seen))[:, None] * base + digits
    counts = np.bincount(places.reshape(-1), minlength=len(seen) * base).reshape(-1, base)
    return grouped_patterns(counts[:, 1:], units[seen])


def _as_number(rows: IntArray, base: int) -> IntArray:
    """Each row as the number whose digits are its ratings plus one."""
    number = rows[:, 0].copy()
    for column in rows.T[1:]:
        number *= base
        number += column
    number += (base ** rows.shape[1] - 1) // (base - 1)
    return number


def _by_slices(table: Whole, n_categories: int) -> CountPatterns:
    parts = [CountPatterns(np.zeros((0, n_categories), dtype=np.int64), np.zeros(0, dtype=np.int64))]
    for rows in _slices(table, n_categories):
        unit, place = np.nonzero(rows >= 0)
        parts.append(count_patterns(unit, rows[unit, place], n_categories))
    return grouped_patterns(
        np.concatenate([part.counts for part in parts]), np.concatenate([part.frequencies for part in parts])
    )
