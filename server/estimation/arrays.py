"""The arrays that the estimates are computed on, and the checks that let them in."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]


def finite(given: ArrayLike, name: str) -> FloatArray:
    """`given` as floats, shape (n,); a ValueError if something in it is no finite number."""
    array = np.asarray(given, dtype=float)
    if array.ndim != 1:
        raise ValueError(f"{name} is one list of numbers")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds finite numbers only")
    return array


def shares(given: ArrayLike, name: str) -> FloatArray:
    """`given` as floats from 0 to 1, shape (n,)."""
    array = finite(given, name)
    if ((array < 0) | (array > 1)).any():
        raise ValueError(f"{name} lies between 0 and 1")
    return array


def not_negative(given: ArrayLike, name: str) -> FloatArray:
    """`given` as floats from 0 up, shape (n,)."""
    array = finite(given, name)
    if (array < 0).any():
        raise ValueError(f"{name} is never negative")
    return array


def numbered(given: ArrayLike, name: str) -> IntArray:
    """`given` as whole numbers from 0, shape (n,): which thing each row belongs to."""
    array = not_negative(given, name)
    if (array != np.floor(array)).any():
        raise ValueError(f"{name} is numbered in whole numbers from 0")
    return array.astype(np.int64)


def same_length(arrays: Sequence[NDArray[np.generic]], names: str) -> None:
    """Refuse arrays that should run side by side and do not."""
    if len({len(array) for array in arrays}) > 1:
        raise ValueError(f"{names} are lists of the same length")


def stand_for(posts_alike: ArrayLike | None, posts: int) -> FloatArray:
    """For how many posts each of `posts` rows stands (posts,): one where nothing is given."""
    if posts_alike is None:
        return np.ones(posts)
    weight = numbered(posts_alike, "the number of posts that a row stands for").astype(float)
    if len(weight) != posts or not weight.all():
        raise ValueError("posts_alike says of every post for how many it stands, at least one")
    return weight


def codings_of_annotators(
    post: ArrayLike, annotator: ArrayLike, code: ArrayLike, n_codes: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Which annotator gave which of `n_codes` codes to which post, numbered from 0, shape (codings,) each."""
    at, by, given = numbered(post, "a post"), numbered(annotator, "an annotator"), numbered(code, "a code")
    same_length([at, by, given], "post, annotator and code")
    if n_codes < 2:
        raise ValueError("there are two codes or more")
    if at.size == 0:
        raise ValueError("nothing has been coded")
    if given.max() >= n_codes:
        raise ValueError("every code is below n_codes, as they are numbered from 0")
    return at, by, given
