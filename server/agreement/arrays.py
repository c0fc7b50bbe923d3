"""The arrays that the core computes on, and the checks that let them in."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
# Floats that hold whole numbers; of single precision where these are small enough.
Numbers: TypeAlias = NDArray[np.float64] | NDArray[np.float32]
BoolArray: TypeAlias = NDArray[np.bool_]


def whole_numbers(given: ArrayLike, name: str, dimensions: int = 1) -> IntArray:
    """`given` as an int64 array; a ValueError says what in it is not a count or an index."""
    array = np.asarray(given)
    if array.ndim != dimensions:
        raise ValueError(f"{name} must have {dimensions} dimension(s), not {array.ndim}.")
    if array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind == "f":
        _refuse_fractions(array, name)
    elif array.dtype.kind not in "iub":
        raise ValueError(f"{name} must be whole numbers.")
    return _not_negative(array, name).astype(np.int64)


def _refuse_fractions(array: NDArray[np.generic], name: str) -> None:
    numbers = array.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} must not hold NaN or infinite numbers.")
    if (numbers != np.floor(numbers)).any():
        raise ValueError(f"{name} must be whole numbers.")
    if (numbers >= 2.0**63).any():
        raise ValueError(f"{name} must be below 2**63.")


def _not_negative(array: NDArray[np.generic], name: str) -> NDArray[np.generic]:
    if array.dtype.kind in "if" and array.min() < 0:
        raise ValueError(f"{name} must not be negative.")
    if array.dtype.kind == "u" and array.max() >= 2**63:
        raise ValueError(f"{name} must be below 2**63.")
    return array


def same_length(arrays: Sequence[NDArray[np.generic]], names: str) -> None:
    """Refuse arrays that should run side by side and do not."""
    if len({len(array) for array in arrays}) > 1:
        lengths = ", ".join(str(len(array)) for array in arrays)
        raise ValueError(f"{names} must have the same length, not {lengths}.")


def below(array: IntArray, limit: int, name: str) -> None:
    """Refuse an index that points past the last of `limit` things."""
    if array.size and int(array.max()) >= limit:
        raise ValueError(f"{name} {int(array.max())} does not exist: there are {limit}, counted from 0.")
