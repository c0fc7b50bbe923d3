"""What was made of values that come up again and again in a file."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

# So few that what hardly ever comes up again takes little room.
_MOST = 2_000
Made = TypeVar("Made")


class Remembered(dict[Any, Made], Generic[Made]):
    """Makes of each value what `make` makes of it, once; what it made is not to be altered."""

    def __init__(self, make: Callable[[Any], Made], most: int = _MOST) -> None:
        super().__init__()
        self._make, self._most = make, most

    def __missing__(self, value: Any) -> Made:
        if len(self) >= self._most:
            self.clear()
        self[value] = made = self._make(value)
        return made

    def of_each(self, fields: Sequence[dict[str, str]]) -> list[Made]:
        """What is made of the items of each of these, where many are one and the same."""
        places = list(map(id, fields))
        different = dict(zip(places, fields, strict=True))
        made = {place: self[tuple(each.items())] for place, each in different.items()}
        return list(map(made.__getitem__, places))
