"""Which rows are equal, and which owners hold the same list of numbers."""

import numpy as np

from server.agreement.arrays import IntArray

# Beyond this two numbers cannot be written as one.
_MOST = 2**62


def distinct_rows(rows: IntArray) -> tuple[IntArray, IntArray]:
    """The different rows (n_distinct × width) in ascending order, and the number of each row (n).

    As `np.unique` of rows, but several times faster: it compares bytes, this whole numbers.
    """
    number = np.zeros(len(rows), dtype=np.int64)
    n_numbers = 1
    for column in rows.T:
        digit, n_digits = _from_zero(column)
        if n_numbers * n_digits > _MOST:
            number, n_numbers = _ranked(number)
            digit, n_digits = _ranked(digit)
        number = number * n_digits + digit
        n_numbers *= n_digits
    _found, example, number = np.unique(number, return_index=True, return_inverse=True)
    return rows[example], number.reshape(-1)


def n_distinct(numbers: IntArray) -> int:
    """How many different numbers from 0 there are."""
    if numbers.size and int(numbers.max()) < 8 * numbers.size:
        return int(np.count_nonzero(np.bincount(numbers)))
    return len(np.unique(numbers))


def _from_zero(column: IntArray) -> tuple[IntArray, int]:
    """The column moved to begin at 0, and how many numbers it could hold."""
    lowest, highest = (int(column.min()), int(column.max())) if column.size else (0, 0)
    return (column, highest + 1) if lowest == 0 else (column - lowest, highest - lowest + 1)


def _ranked(column: IntArray) -> tuple[IntArray, int]:
    """The same order in the smallest numbers, and how many these are."""
    found, rank = np.unique(column, return_inverse=True)
    return rank.reshape(-1), max(len(found), 1)


def distinct_lists(owner: IntArray, items: IntArray) -> tuple[IntArray, IntArray]:
    """Number the distinct lists that the owners hold.

    `items` (n × width) are the rows of all lists one after the other, sorted by `owner` (n). Gives the
    number of the list of each owner (n_owners, in the order of the owners) and, for each distinct list, the
    position of one owner that holds it. Numbers follow the content of the lists, so that they do not
    depend on the order of the owners.
    """
    starts = np.flatnonzero(np.diff(owner, prepend=owner[:1] - 1))
    ends = np.append(starts[1:], len(owner))
    keys = [items[start:end].tobytes() for start, end in zip(starts, ends, strict=False)]
    holder = {key: position for position, key in enumerate(keys)}
    number = {key: at for at, key in enumerate(sorted(holder))}
    return (
        np.array([number[key] for key in keys], dtype=np.int64),
        np.array([holder[key] for key in number], dtype=np.int64),
    )
