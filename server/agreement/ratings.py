"""From a table of ratings, a row a unit, to count patterns."""

import numpy as np
from numpy.typing import ArrayLike

from server.agreement.arrays import Whole, any_array, whole_numbers
from server.agreement.grouping import counted
from server.agreement.histogram import checked_slices, fits_histogram, histogram_patterns
from server.agreement.patterns import CountPatterns, grouped_patterns


def rated_patterns(ratings: ArrayLike, n_categories: int) -> CountPatterns:
    """Patterns from a table: `ratings[u, j]` (n_units × n_ratings) is a category from 0, -1 where missing.

    Columns may be annotators, or the first, second, … rating of each unit by whoever gave it: nothing here
    asks who. Equals `count_patterns` of the ratings that are not missing. Integers of any width are read as
    they are, without a copy of the table.

    Raises:
        ValueError: The table is no table of whole numbers from -1, has no unit or one annotator only, or a
            category does not exist.
    """
    table = _table(ratings)
    if table.shape[0] == 0:
        raise ValueError("There are no units to compare: the table has no row.")
    if table.shape[1] < 2:
        raise ValueError("One annotator agrees with nobody: the table needs two columns or more.")
    if n_categories < 1:
        raise ValueError("There must be at least one category.")
    if fits_histogram(table.shape[1], n_categories):
        return histogram_patterns(table, n_categories)
    return _by_slices(table, n_categories)


def _table(ratings: ArrayLike) -> Whole:
    given = any_array(ratings, "ratings")
    if given.ndim == 2 and given.dtype.kind in "iub":
        return given
    # Moved up by one, -1 is a whole number too; text is left for `whole_numbers` to refuse.
    moved = given + 1 if given.dtype.kind in "iufb" else given
    return whole_numbers(moved, "ratings", dimensions=2) - 1


def _by_slices(table: Whole, n_categories: int) -> CountPatterns:
    parts = [CountPatterns(np.zeros((0, n_categories), dtype=np.int64), np.zeros(0, dtype=np.int64))]
    for rows in checked_slices(table, n_categories):
        unit, place = np.nonzero(rows >= 0)
        parts.append(counted(unit, rows[unit, place], n_categories))
    return grouped_patterns(
        np.concatenate([part.counts for part in parts]), np.concatenate([part.frequencies for part in parts])
    )
