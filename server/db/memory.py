"""What a server process keeps in memory of a database: the newest and what is used, up to a size.

A study that nobody looks at any more is forgotten for one that somebody looks at, and read again when its
turn comes.
"""

import sys
from collections import OrderedDict
from collections.abc import Iterable
from enum import Enum
from itertools import islice
from threading import Lock
from types import FunctionType, MethodType, ModuleType
from typing import Any

MOST_BYTES = 256 * 1024 * 1024
# So many members of a large collection are measured; the others are taken to be like them.
_SAMPLE = 40
# What everybody shares, or costs next to nothing.
_FREE = (type, ModuleType, FunctionType, MethodType, Enum, bool, type(None))


class Memory:
    """What was found out, by its place. Of what was not asked for the longest, it forgets first.

    What was put in last stays in any case, however large it is. `left_out`: options of statements, which
    leave out what is not to be read for now; nothing that is forgotten changes them.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.left_out: tuple[Any, ...] = ()
        self._most_bytes = most_bytes
        self._guard = Lock()
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._n_bytes = 0
        self._n_cleared = 0

    def get(self, place: Any, default: Any = None) -> Any:
        """What stands there."""
        with self._guard:
            found = self._kept.get(place)
            if found is None:
                return default
            self._kept.move_to_end(place)
            return found[0]

    def __setitem__(self, place: Any, value: Any) -> None:
        """Let a value stand there from now on."""
        self.keep(place, value, self._n_cleared)

    def keep(self, place: Any, value: Any, n_cleared: int) -> None:
        """The same, unless all was forgotten since it was so often: what is older is not to come back."""
        n_bytes = size_of((place, value))
        with self._guard:
            if n_cleared != self._n_cleared:
                return
            self._drop(place)
            self._kept[place] = value, n_bytes
            self._n_bytes += n_bytes
            while self._n_bytes > self._most_bytes and len(self._kept) > 1:
                self._drop(next(iter(self._kept)))

    def _drop(self, place: Any) -> None:
        _value, n_bytes = self._kept.pop(place, (None, 0))
        self._n_bytes -= n_bytes

    def clear(self) -> None:
        """Forget all of it."""
        with self._guard:
            self._kept.clear()
            self._n_bytes = 0
            self._n_cleared += 1

    @property
    def n_cleared(self) -> int:
        """How often all was forgotten so far."""
        return self._n_cleared

    def __len__(self) -> int:
        """How many values are kept."""
        return len(self._kept)

    @property
    def n_bytes(self) -> int:
        """About how much room they take."""
        return self._n_bytes


def size_of(value: Any) -> int:
    """About how many bytes a value takes with all that hangs on it, what hangs on it twice once."""
    return round(_size(value, set()))


def _size(value: Any, seen: set[int]) -> float:
    if isinstance(value, _FREE) or id(value) in seen:
        return 0
    seen.add(id(value))
    own = sys.getsizeof(value, 0)
    if isinstance(n_bytes := getattr(value, "nbytes", None), int):
        # An array, which may be a part of another.
        return max(own, n_bytes) + _in_array(value, seen)
    if isinstance(value, str | bytes | int | float):
        return own
    if isinstance(value, dict):
        return own + _of_all(value, len(value), seen) + _of_all(value.values(), len(value), seen)
    if isinstance(value, list | tuple | set | frozenset):
        return own + _of_all(value, len(value), seen)
    return own + sum(_size(each, seen) for each in _parts(value))


def _in_array(array: Any, seen: set[int]) -> float:
    """The size of what the members of an array refer to; they themselves are within it."""
    if not getattr(getattr(array, "dtype", None), "hasobject", False):
        return 0
    some = array.flat[:: max(1, array.size // _SAMPLE)].tolist()
    return _of_all(iter(some), array.size, seen)


def _of_all(members: Iterable[Any], n: int, seen: set[int]) -> float:
    """The size of `n` members, of which some are measured: spread over the whole where that is known."""
    if isinstance(members, list | tuple):
        members = members[:: max(1, n // _SAMPLE)]
    some = list(islice(members, 2 * _SAMPLE))
    return sum(_size(each, seen) for each in some) * n / len(some) if some else 0


def _parts(value: Any) -> Iterable[Any]:
    names = (name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ()))
    slots = [getattr(value, name, None) for name in names if name != "__weakref__"]
    return [*slots, *getattr(value, "__dict__", {}).values()]
