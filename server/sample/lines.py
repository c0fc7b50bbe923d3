"""The hand-written lines from which posts, memos and reasons are made.

A line of a bank reads `[topic ]emotion[?] text`: the emotion from 0 to 3 that it shows, and a question mark
if it shows its code only faintly. `[a|b]` in a text stands for either, `{word}` for something of
the author's. The topic is the bank's own name unless another is written.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from server.sample.dice import Dice

_LINE = re.compile(r"(?:([a-z_]+) )?([0-3])(\??) (.+)")
_EITHER = re.compile(r"\[([^\[\]]+)\]")


@dataclass(frozen=True)
class Line:
    """One sentence or two that an author may say."""

    text: str
    emotion: int
    faint: bool
    topic: str


@cache
def bank(name: str) -> tuple[Line, ...]:
    """All lines of a bank of things to say in posts."""
    return tuple(_read(text, name) for text in _texts(name))


@cache
def notes(name: str) -> dict[str, tuple[str, ...]]:
    """The texts of a bank of annotators' notes, by the key with which each begins."""
    found: dict[str, list[str]] = {}
    for text in _texts(name):
        key, _, note = text.partition(" ")
        found.setdefault(key, []).append(note)
    return {key: tuple(texts) for key, texts in found.items()}


@cache
def sentences(name: str) -> tuple[str, ...]:
    """The texts of a bank without keys."""
    return tuple(_texts(name))


def filled(text: str, words: dict[str, str], dice: Dice) -> str:
    """The text with one choice made for every `[a|b]` and the author's words in place."""
    chosen = _EITHER.sub(lambda either: dice.pick(either[1].split("|")), text)
    return chosen.format_map(words)


class Decks:
    """Draws lines so that the least used come first and no author repeats one while others are left."""

    def __init__(self) -> None:
        self._uses: Counter[Line] = Counter()
        self._said: set[tuple[str, Line]] = set()

    def draw(self, name: str, author: str, dice: Dice, fits: Callable[[Line], bool]) -> Line | None:
        """A line of the bank that fits, or None if none does."""
        fitting = [line for line in bank(name) if fits(line)]
        if not fitting:
            return None
        unsaid = [line for line in fitting if (author, line) not in self._said] or fitting
        least = min(self._uses[line] for line in unsaid)
        line = dice.pick([line for line in unsaid if self._uses[line] <= least])
        self._uses[line] += 1
        self._said.add((author, line))
        return line


def _read(text: str, name: str) -> Line:
    """A line from how it is written down."""
    match = _LINE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return Line(text=match[4], emotion=int(match[2]), faint=bool(match[3]), topic=match[1] or name)


def _texts(name: str) -> list[str]:
    """The lines of one file."""
    return files("server.sample").joinpath("lines", f"{name}.txt").read_text(encoding="utf-8").splitlines()
