"""Which texts quote a post or name its author: these lines go with it. Pure."""

import re
from collections.abc import Iterable

# So many characters in a row are no chance, in any language that writes letters.
RUN = 25
# A post that is shorter than a run is quoted by whoever has all of it, unless it is a mere word.
SHORTEST = 10


def plain(text: str) -> str:
    """A text without regard to case and white space."""
    return " ".join(text.split()).casefold()


class Quotes:
    """What may not be left of some posts: runs of their texts, and their authors."""

    def __init__(self, posts: Iterable[tuple[str, str | None]]) -> None:
        """`posts`: their texts and authors."""
        kept = [(plain(text), plain(author or "")) for text, author in posts]
        self._whole = {text for text, _author in kept if text}
        self._short = {text for text in self._whole if SHORTEST <= len(text) < RUN}
        self._runs = {text[at : at + RUN] for text in self._whole for at in range(len(text) - RUN + 1)}
        names = sorted({author for _text, author in kept if author}, key=len, reverse=True)
        self._named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)") if names else None

    def __contains__(self, line: str) -> bool:
        """Whether a line quotes one of the posts, or names an author."""
        said = plain(line)
        if said in self._whole or any(short in said for short in self._short):
            return True
        if any(said[at : at + RUN] in self._runs for at in range(len(said) - RUN + 1)):
            return True
        return bool(self._named and self._named.search(said))

    def are_in(self, text: str) -> bool:
        """Whether any line of a text quotes one of the posts, or all of its lines together do."""
        return plain(text) in self or any(line in self for line in text.split("\n"))

    def without(self, text: str, instead: str) -> str:
        """A text with `instead` in the place of every line that quotes; the same text where none does."""
        lines = text.split("\n")
        if plain(text) in self and not any(line in self for line in lines):
            return instead  # The quotation runs over the ends of lines.
        return "\n".join(instead if line in self else line for line in lines)
