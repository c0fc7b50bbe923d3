"""What a look at every row of a file has found: kept with the file, so that nobody has to look again."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from server.corpora.repeats import plain

_SIZE = 8


@dataclass(frozen=True)
class Surveyed:
    """What becomes of the rows of a table under one mapping.

    `places` and `numbers` are those of the rows that are not refused by themselves, which are counted here
    from 0 on. Of these, `kept` give a post, and each of `repeated` says the same as the one beside it in
    `originals`; each of `contradictory` has the id, but not every one the text, of the one beside it in
    `contradicted`. `notices` are rows times kinds of notices plus kind. `refused` are numbers and reasons.
    The `digest` differs where the ids do.
    """

    mapping: dict[str, str | None]
    refused: list[tuple[int, str]]
    digest: str
    places: Sequence[int]
    numbers: Sequence[int]
    kept: Sequence[int]
    repeated: Sequence[int]
    originals: Sequence[int]
    contradictory: Sequence[int]
    contradicted: Sequence[int]
    notices: Sequence[int]

    @property
    def _lists(self) -> tuple[Sequence[int], ...]:
        rows = (self.places, self.numbers, self.kept, self.repeated, self.originals)
        return (*rows, self.contradictory, self.contradicted, self.notices)

    def packed(self) -> bytes:
        """This as bytes."""
        lists = [_packed(each) for each in self._lists]
        about = json.dumps([self.mapping, self.refused, self.digest]).encode()
        pieces = [zlib.compress(about, level=1), *lists]
        return b"".join(chain.from_iterable((len(each).to_bytes(_SIZE, "big"), each) for each in pieces))

    @classmethod
    def unpacked(cls, content: memoryview) -> "Surveyed":
        """The same again from these bytes."""
        pieces = []
        while content:
            end = _SIZE + int.from_bytes(content[:_SIZE], "big")
            pieces.append(content[_SIZE:end])
            content = content[end:]
        mapping, refused, digest = json.loads(zlib.decompress(pieces[0]))
        lists = map(_unpacked, pieces[1:])
        return cls(mapping, [(row, reason) for row, reason in refused], digest, *lists)


def _packed(numbers: Sequence[int]) -> bytes:
    """Numbers by their distances, which are all the same where no row is left out."""
    return zlib.compress(np.diff(np.array(numbers, dtype=np.int64), prepend=0).tobytes(), level=1)


def _unpacked(content: memoryview) -> Sequence[int]:
    return plain(np.cumsum(np.frombuffer(zlib.decompress(content), dtype=np.int64)))
