"""Text for files that hold neither line ends in a cell nor what is no letter."""

import unicodedata

# Control characters and halves of pairs; the two at the end no XML can hold either.
_NO_LETTERS = frozenset({"Cc", "Cs"})
_NEVER = frozenset("\ufffe\uffff")


def in_one_line(text: str) -> str:
    """The text with single spaces, without line ends. Spaces that hold a number together stay."""
    kept = (" " if _is_none(letter) else letter for letter in text)
    return " ".join(word for word in "".join(kept).split(" ") if word)


def _is_none(letter: str) -> bool:
    return unicodedata.category(letter) in _NO_LETTERS or letter in _NEVER
