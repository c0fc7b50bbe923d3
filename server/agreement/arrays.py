"""The arrays that the core computes on, and the checks that let them in."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]
# Floats that hold whole numbers; of single precision where these are small enough.
Numbers: TypeAlias = NDArray[np.float64] | NDArray[np.float32]
# Whole numbers of any width, as they were given.
Whole: TypeAlias = NDArray[np.integer[Any]]
BoolArray: TypeAlias = NDArray[np.bool_]


def whole_numbers(given: ArrayLike, name: str, dimensions: int = 1) -> IntArray:
    """`given` as an int64 array; a ValueError says what in it is not a count or an index."""
    return uncopied_whole_numbers(given, name, dimensions).astype(np.int64)


def uncopied_whole_numbers(given: ArrayLike, name: str, dimensions: int = 1) -> Whole:
    """As `whole_numbers`, but signed and unsigned integers stay as narrow as they are, and the caller's own.

    For large arrays that are read once: copies of them would cost more than all that is done with them.
    """
    array = any_array(given, name)
    if array.ndim != dimensions:
        raise ValueError(f"{name} must have {dimensions} dimension(s), not {array.ndim}.")
    if array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind == "f":
        _refuse_fractions(array, name)
    elif array.dtype.kind not in "iub":
        raise ValueError(f"{name} must be whole numbers.")
    is_narrow = array.dtype.kind in "iu" and array.dtype.itemsize < 8
    _refuse_negative(array, name)
    return array if is_narrow else array.astype(np.int64, copy=False)


def any_array(given: ArrayLike | Sequence[float | None], name: str) -> NDArray[Any]:
    """`given` as an array; a ValueError says that its rows are not equally long."""
    try:
        return np.asarray(given)
    except ValueError as problem:
        raise ValueError(f"{name} must have rows of the same length.") from problem


def real_numbers(given: ArrayLike | Sequence[float | None], name: str) -> FloatArray:
    """`given` as floats; a ValueError says that something in it is no number."""
    try:
        return any_array(given, name).astype(np.float64)
    except (TypeError, ValueError) as problem:
        raise ValueError(f"{name} must be numbers, in rows of the same length.") from problem


def _refuse_fractions(array: NDArray[np.generic], name: str) -> None:
    numbers = array.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} must not hold NaN or infinite numbers.")
    if (numbers != np.floor(numbers)).any():
        raise ValueError(f"{name} must be whole numbers.")
    if (numbers >= 2.0**63).any():
        raise ValueError(f"{name} must be below 2**63.")


def _refuse_negative(array: NDArray[np.generic], name: str) -> None:
    if array.dtype.kind in "if" and array.min() < 0:
        raise ValueError(f"{name} must not be negative.")
    if array.dtype.kind == "u" and array.max() >= 2**63:
        raise ValueError(f"{name} must be below 2**63.")


def same_length(arrays: Sequence[NDArray[np.generic]], names: str) -> None:
    """Refuse arrays that should run side by side and do not."""
    if len({len(array) for array in arrays}) > 1:
        lengths = ", ".join(str(len(array)) for array in arrays)
        raise ValueError(f"{names} must have the same length, not {lengths}.")


def below(array: Whole, limit: int, name: str) -> None:
    """Refuse an index that points past the last of `limit` things."""
    if array.size and int(array.max()) >= limit:
        raise ValueError(f"{name} {int(array.max())} does not exist: there are {limit}, counted from 0.")


def refuse_nothing(unit: ArrayLike) -> None:
    """Codings in long form say something.

    Raises:
        ValueError: There are none.
    """
    if np.size(unit) == 0:
        raise ValueError("There are no codings: no unit to compare.")
