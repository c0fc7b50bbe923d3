"""Count patterns of a table with few different rows.

The ratings of a unit are written as the digits of one small number, which is counted in a histogram: no
sorting, and only the few different rows are ever looked at as counts of categories. All is done in slices
that stay in the processor's cache, so that memory grows with the number of patterns alone.
"""

from collections.abc import Iterator

import numpy as np

from server.agreement.arrays import IntArray, Whole, below
from server.agreement.patterns import CountPatterns, grouped_patterns

# Beyond so many possible rows the histogram of a slice would be mostly empty.
_MOST_ROWS = 2**14
# Ratings looked at together: in 64 bits these fill the cache that a core has to itself.
_AT_A_TIME = 3 * 2**15


def fits_histogram(n_ratings: int, n_categories: int) -> bool:
    """Whether there are few enough different rows of so many ratings, missing ones included."""
    return n_ratings > 0 and (n_categories + 1) ** n_ratings <= _MOST_ROWS


def histogram_patterns(table: Whole, n_categories: int) -> CountPatterns:
    """The patterns of `table` (n_units × n_ratings), -1 where a rating is missing; for rows that fit."""
    base, width = n_categories + 1, table.shape[1]
    units = np.zeros(base**width, dtype=np.int64)
    for rows in checked_slices(table, n_categories):
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


def checked_slices(table: Whole, n_categories: int) -> Iterator[IntArray]:
    """Some rows of a table at a time; a ValueError where one holds what is no category."""
    step = max(1, _AT_A_TIME // max(table.shape[1], 1))
    for first in range(0, len(table), step):
        rows = table[first : first + step]
        if rows.size and rows.min() < -1:
            raise ValueError("ratings must not be negative, but for -1 where one is missing.")
        below(rows, n_categories, "category")
        yield rows.astype(np.int64, copy=False)
