"""How wide text is, and where its lines end."""

import math
from collections.abc import Sequence
from functools import cache, lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

MM_OF_POINT = 25.4 / 72
TITLE, BODY, SMALL = 8.5, 7.0, 6.5


@cache
def _measure() -> TextToPath:
    return TextToPath()


@lru_cache(maxsize=4_096)
def width_of(text: str, points: float, *, is_bold: bool = False) -> float:
    """The width of a line in mm."""
    font = FontProperties(family="DejaVu Sans", size=points, weight="bold" if is_bold else "normal")
    width, _height, _below = _measure().get_text_width_height_descent(text, font, ismath=False)
    return float(width) * MM_OF_POINT


def _width(text: str, points: float, *, is_bold: bool) -> float:
    """As wide as it may come out: letters that are fitted to dots take a little more."""
    return 1.03 * width_of(text, points, is_bold=is_bold)


def with_room(ticks: Sequence[tuple[float, str]], wide: float) -> Sequence[tuple[float, str]]:
    """Every tick, every second, every third ... of an axis so many mm wide, so that words stand apart."""
    widest = max((width_of(words, SMALL) for _at, words in ticks), default=0.0)
    return ticks[:: max(1, math.ceil((widest + 2) * (len(ticks) - 1) / wide))]


def line_height(points: float) -> float:
    """How far lines stand apart, in mm."""
    return points * MM_OF_POINT * 1.25


def wrapped(text: str, width: float, points: float, *, is_bold: bool = False) -> list[str]:
    """The text in lines of at most `width` mm. A word that is longer is broken; no text is one empty line."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if _width(longer, points, is_bold=is_bold) <= width:
            lines[-1] = longer
        else:
            *broken, rest = _broken(word, width, points, is_bold=is_bold)
            lines += [*broken, rest]
    return lines[1:] if len(lines) > 1 and not lines[0] else lines


def _broken(word: str, width: float, points: float, *, is_bold: bool) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and _width(pieces[-1] + letter, points, is_bold=is_bold) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
