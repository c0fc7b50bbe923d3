"""Finding words in texts as people mean them: in any case, with or without accents. Pure."""

import unicodedata
from collections.abc import Iterator, Sequence
from string import punctuation

from markupsafe import Markup, escape

MAX_SEARCH = 200
_AROUND_WORDS = punctuation + "“”„«»‘’…¿¡"


def words_in(typed: str) -> tuple[str, ...]:
    """What is looked for: each word once, without the punctuation around it where something is left."""
    words = (folded(word.strip(_AROUND_WORDS) or word) for word in typed[:MAX_SEARCH].split())
    return tuple(dict.fromkeys(word for word in words if word))


def folded(text: str) -> str:
    """The text in small letters and without accents."""
    return "".join(_folded(character) for character in text)


def _folded(character: str) -> str:
    bare = (each for each in unicodedata.normalize("NFKD", character) if not unicodedata.combining(each))
    return "".join(bare).casefold()


def marked(text: str, words: Sequence[str]) -> Markup:
    """The text, escaped, with every place in it where one of the words stands marked."""
    pieces: list[str] = []
    passed = 0
    for start, end in _joined(sorted(_places(text, words))):
        pieces += [escape(text[passed:start]), f"<mark>{escape(text[start:end])}</mark>"]
        passed = end
    return Markup("".join([*pieces, escape(text[passed:])]))  # noqa: S704 - every piece is escaped


def _places(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    if not words:
        return
    # A character may fold to several or, as an accent of its own, to none: it stays with the one before.
    origins = [at for at, character in enumerate(text) for _each in _folded(character)]
    plain = folded(text)
    ends = [*origins[1:], len(text)]
    for word in words:
        at = plain.find(word)
        while at >= 0:
            last = at + len(word) - 1
            yield origins[at], max(ends[last], origins[last] + 1)
            at = plain.find(word, last + 1)


def _joined(places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The places in their order, those that touch each other as one."""
    begun: tuple[int, int] | None = None
    for start, end in places:
        if begun is not None and start <= begun[1]:
            begun = begun[0], max(begun[1], end)
            continue
        if begun is not None:
            yield begun
        begun = start, end
    if begun is not None:
        yield begun
