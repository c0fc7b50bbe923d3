"""A sheet of paper in millimetres, from its upper left corner, and how it becomes a file."""

from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from server.figures.letters import BODY, SMALL, TITLE, line_height, wrapped

MARGIN = 2.0
INK, QUIET, LINE, BLUE = "#1a1a1a", "#555555", "#cccccc", "#00508c"
_MM_OF_INCH = 25.4
_DOTS_OF_INCH = 300
# None: what a file says of its making would make it another file each time.
_ABOUT: dict[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}

mpl.rcParams.update({
    "font.family": "DejaVu Sans",  # It comes with the library, so figures look alike everywhere.
    "svg.fonttype": "none",  # Text stays text, to be found, read aloud and edited.
    "svg.hashsalt": "intercoder",
    "pdf.fonttype": 42,
    "text.parse_math": False,  # A label may hold dollar signs.
})  # fmt: skip


class Sheet:
    """One figure on its way."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._figure = Figure(figsize=(width / _MM_OF_INCH, height / _MM_OF_INCH), facecolor="white")

    def text(self, x: float, y: float, lines: list[str], points: float = BODY, **style: Any) -> None:
        """Lines of text whose top is at `y`, or whose middle, with `va="center"`."""
        look = {"va": "top", "ha": "left", "color": INK, "fontsize": points, "linespacing": 1.25, **style}
        self._figure.text(x / self.width, 1 - y / self.height, "\n".join(lines), **look)

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A filled rectangle with a thin white edge."""
        corner = (x / self.width, 1 - (y + height) / self.height)
        size = (width / self.width, height / self.height)
        look: dict[str, Any] = {"facecolor": colour, "edgecolor": "white", "linewidth": 0.6}
        self._figure.add_artist(Rectangle(corner, *size, transform=self._figure.transFigure, **look))

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """A field to plot in, without a frame."""
        place = (x / self.width, 1 - (y + height) / self.height)
        axes = self._figure.add_axes((*place, width / self.width, height / self.height))
        axes.spines[["left", "right", "top"]].set_visible(False)
        axes.spines["bottom"].set(color=QUIET, linewidth=0.6)
        axes.tick_params(labelsize=SMALL, color=QUIET, width=0.6, length=2, pad=2)
        axes.set_axisbelow(True)
        return axes

    def file(self, kind: str, title: str) -> bytes:
        """The sheet as a file."""
        file = BytesIO()
        self._figure.savefig(file, format=kind, dpi=_DOTS_OF_INCH, metadata={"Title": title, **_ABOUT[kind]})
        return file.getvalue()


class Surround:
    """Title above and caption below, in the lines that a width leaves them."""

    def __init__(self, title: str, caption: str, width: float) -> None:
        inner = width - 2 * MARGIN
        self._title = wrapped(title, inner, TITLE, is_bold=True)
        self._caption = wrapped(caption, inner, SMALL)
        self.above = MARGIN + len(self._title) * line_height(TITLE) + 2
        self.below = len(self._caption) * line_height(SMALL) + 2 * MARGIN

    def on(self, sheet: Sheet) -> None:
        """Write both."""
        sheet.text(MARGIN, MARGIN, self._title, TITLE, fontweight="bold")
        top = sheet.height - self.below + MARGIN
        sheet.text(MARGIN, top, self._caption, SMALL, color=QUIET)
