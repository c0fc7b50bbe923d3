"""Which words of a text are statistical symbols: the APA sets them in italics, but for Greek ones (6.44)."""

import re
from collections.abc import Iterator

from server.lines import in_one_line
from server.typeset.tables import Column

# A piece of a text, and whether it is a symbol.
Piece = tuple[str, bool]
# Symbols of the tables there are, where something is said of them: `n: posts`, `F(2, 80) = 1.64`, `p < .001`.
_SYMBOL = re.compile(r"(?<!\w)(n|N|p|F|RR|SE)(?=\s?[:=<(])")
_FIRST_WORD = re.compile(r"\w+")


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of a note, in one line."""
    for place, piece in enumerate(_SYMBOL.split(in_one_line(text))):
        if piece:
            yield piece, bool(place % 2)


def head(column: Column) -> Iterator[Piece]:
    """The pieces of the head of a column: of a symbol the first word is in italics."""
    label = in_one_line(column.label)
    word = _FIRST_WORD.match(label) if column.is_symbol else None
    symbol = word[0] if word else ""
    yield from (
        (piece, is_symbol) for piece, is_symbol in ((symbol, True), (label[len(symbol) :], False)) if piece
    )
