"""Which owners hold the same list of numbers."""

import numpy as np

from server.agreement.arrays import IntArray


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
