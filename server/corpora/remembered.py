"""What was made of values that come up again and again in a file."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

_MOST = 50_000
Made = TypeVar("Made")


class Remembered(dict[Any, Made], Generic[Made]):
    """Makes of each value what `make` makes of it, once; what it made is not to be altered."""

    def __init__(self, make: Callable[[Any], Made]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> Made:
        if len(self) >= _MOST:
            self.clear()
        self[value] = made = self._make(value)
        return made
