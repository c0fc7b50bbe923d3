"""How estimates look: told apart by their shape, so that they are without colours."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from server.figures.letters import SMALL, width_of
from server.figures.sheet import BLUE, INK, MARGIN, Sheet

_SHAPES = ("o", "D", "s")
LEGEND = 4.5


def mark(axes: Axes, number: int, x: float, y: float) -> None:
    """The mark of an estimate, which is the first, or of another value."""
    look: dict[str, Any] = (
        {"color": BLUE} if number == 0 else {"markerfacecolor": "white", "markeredgecolor": INK}
    )
    size = 4.2 if number == 0 else 3.6
    line = Line2D([x], [y], linestyle="", marker=_SHAPES[number], markersize=size, clip_on=False, zorder=4)
    line.set(**look, markeredgewidth=0.8)
    axes.add_line(line)


def bar(axes: Axes, x: Sequence[float], y: Sequence[float]) -> None:
    """An interval from one end to the other, with a short stroke at each."""
    is_upright = x[0] == x[1]
    ends: dict[str, Any] = {"marker": "_" if is_upright else "|", "markersize": 4.5, "markeredgewidth": 1.1}
    axes.add_line(Line2D(x, y, color=BLUE, linewidth=1.3, clip_on=False, zorder=3, **ends))


def legend(sheet: Sheet, y: float, marks: Sequence[str]) -> None:
    """Marks with their names, in rows of `LEGEND` mm."""
    for number, (x, row) in enumerate(_places(sheet.width, marks)):
        axes = sheet.axes(x, y + row * LEGEND, 4, LEGEND)
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.axis("off")
        mark(axes, number, 0.5, 0.5)
        middle = y + (row + 0.5) * LEGEND
        sheet.text(x + 4.5, middle, [marks[number]], SMALL, va="center")


def legend_height(width: float, marks: Sequence[str]) -> float:
    """How much of the sheet the names take, in mm."""
    return (_places(width, marks)[-1][1] + 1) * LEGEND + 1 if marks else 0.0


def _places(width: float, marks: Sequence[str]) -> list[tuple[float, int]]:
    places, x, row = [], MARGIN, 0
    for name in marks:
        wide = width_of(name, SMALL) + 9
        if x > MARGIN and x + wide > width:
            x, row = MARGIN, row + 1
        places.append((x, row))
        x += wide
    return places
