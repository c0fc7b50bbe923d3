"""Which texts quote a post or name its author: these lines go with it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy

# So many characters in a row are no chance, in any language that writes letters.
RUN = 25
# A post that is shorter than a run is quoted by whoever has all of it, unless it is a mere word.
SHORTEST = 10
# Of a post every third of its pieces is kept, and of what is looked through every fourth is looked up: of
# twelve places one after the other, as a run has them, these meet in one.
_PIECE = 14
_KEPT, _LOOKED_AT = 3, 4
# So many characters, of which some are no letters, make a name that nobody takes for a word.
_SHORTEST_NAME = 5
_WORD = re.compile(r"\w+")


def plain(text: str) -> str:
    """A text without regard to case and white space."""
    return " ".join(text.split()).casefold()


class Quotes:
    """What may not be left of posts in what is written about them: runs of their texts, and their authors."""

    def __init__(self, posts: Iterable[tuple[str, str | None]]) -> None:
        """`posts`: their texts and authors."""
        kept = [(plain(text), plain(author or "")) for text, author in posts]
        self._whole = frozenset(text for text, _author in kept if text)
        self._passages = _Passages(self._whole)
        self._authors = frozenset(author for _text, author in kept if author)
        self._names = _Names({author: author for author in self._authors})

    def elsewhere(self) -> "Quotes":
        """What may not be left of them in what people wrote about other posts.

        There a mere word says nothing of a post that is one, nor of an author who is called so: an author is
        named by an @, or by a name that is no word.
        """
        found = copy(self)
        found._whole = frozenset()
        found._names = _Names({author: _handle(author) for author in self._authors})
        return found

    def __contains__(self, line: str) -> bool:
        """Whether a line quotes one of the posts, or names an author."""
        said = plain(line)
        return said in self._whole or self._passages.are_in(said) or self._names.are_in(said)

    def are_in(self, text: str) -> bool:
        """Whether any line of a text quotes one of the posts, or all of its lines together do."""
        return text in self or bool(self._whole and any(line in self for line in text.split("\n")))

    def without(self, text: str, instead: str) -> str:
        """A text with `instead` in the place of every line that quotes; the same text where none does."""
        if not self.are_in(text):
            return text
        lines = text.split("\n")
        if not any(line in self for line in lines):
            return instead  # The quotation runs over the ends of lines.
        return "\n".join(instead if line in self else line for line in lines)


def _handle(author: str) -> str:
    """How an author is named where nothing else speaks of them."""
    name = author.lstrip("@")
    is_no_word = len(name) >= _SHORTEST_NAME and not name.isalpha()
    return author if is_no_word or len(name) >= SHORTEST else f"@{name}"


class _Passages:
    """Runs of long texts, and short texts as a whole, found in about the same time however many they are."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_piece: dict[str, list[str]] = {}
        self._by_start: dict[str, list[str]] = {}
        for text in texts:
            if len(text) >= RUN:
                for piece in {text[at : at + _PIECE] for at in range(0, len(text) - _PIECE + 1, _KEPT)}:
                    self._by_piece.setdefault(piece, []).append(text)
            elif len(text) >= SHORTEST:
                self._by_start.setdefault(text[:SHORTEST], []).append(text)

    def are_in(self, said: str) -> bool:
        pieces = [said[at : at + _PIECE] for at in range(0, len(said) - _PIECE + 1, _LOOKED_AT)]
        if not self._by_piece.keys().isdisjoint(pieces) and any(
            self._is_run_around(said, at * _LOOKED_AT, self._by_piece[piece])
            for at, piece in enumerate(pieces)
            if piece in self._by_piece
        ):
            return True
        return bool(self._by_start) and self._is_short_in(said)

    def _is_run_around(self, said: str, piece_at: int, texts: Sequence[str]) -> bool:
        """Whether the piece that stands there belongs to a whole run of one of the texts."""
        first, last = max(0, piece_at + _PIECE - RUN), min(piece_at, len(said) - RUN)
        runs = [said[at : at + RUN] for at in range(first, last + 1)]
        return any(run in text for text in texts for run in runs)

    def _is_short_in(self, said: str) -> bool:
        starts = [said[at : at + SHORTEST] for at in range(len(said) - SHORTEST + 1)]
        return any(
            said.startswith(short, at)
            for at, start in enumerate(starts)
            for short in self._by_start.get(start, ())
        )


class _Names:
    """Names as whole words, looked for by the first word of each: few texts have any of these."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names`: how each is written."""
        self._by_word: dict[str, list[re.Pattern[str]]] = {}
        self._wordless: list[re.Pattern[str]] = []
        for name, written in names.items():
            pattern = re.compile(rf"(?<!\w){re.escape(written)}(?!\w)")
            word = _WORD.search(name)
            (self._by_word.setdefault(word[0], []) if word else self._wordless).append(pattern)

    def are_in(self, said: str) -> bool:
        words = _WORD.findall(said) if self._by_word else []
        if self._by_word.keys().isdisjoint(words) and not self._wordless:
            return False
        patterns = (pattern for word in set(words) for pattern in self._by_word.get(word, ()))
        return any(pattern.search(said) for pattern in (*self._wordless, *patterns))
