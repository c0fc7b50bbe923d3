"""A shaded table of what stands or falls together."""

from typing import Any

from server.figures.letters import BODY, MM_OF_POINT, SMALL, line_height, width_of, wrapped
from server.figures.sheet import INK, MARGIN, QUIET, Sheet, Surround
from server.figures.subjects import Cell, Matrix

_LABELS, _WIDEST_CELL, _FLATTEST_CELL = 0.3, 16.0, 6.0
_DARK = (0, 64, 122)
_LIGHT_WORDS_FROM = 0.7
_NAMES_HIGH = 32.0
_SMALLEST = 4.0


def matrix_sheet(subject: Matrix, width: float) -> Sheet:
    """The figure."""
    around = Surround(subject.title, subject.caption, width)
    labels = _labels_wide(subject, width)
    wide = min(_WIDEST_CELL, (width - 2 * MARGIN - labels) / max(len(subject.columns), 1))
    names = [_upright(name, wide) for name in subject.columns]
    above = max((width_of(line, BODY) for name in names for line in name), default=0.0) + 2
    rows = [wrapped(name, labels - 2, BODY) for name, _cells in subject.rows]
    highs = [max(_FLATTEST_CELL, len(lines) * line_height(BODY) + 1.2) for lines in rows]
    named = 2 * line_height(SMALL) + 1.5
    sheet = Sheet(width, around.above + named + above + sum(highs) + 2 + around.below)
    around.on(sheet)
    _axis_names(sheet, subject, around.above)
    top, left = around.above + named + above, MARGIN + labels
    for column, name in enumerate(names):
        look: dict[str, Any] = {"rotation": 90, "va": "bottom", "ha": "center"}
        sheet.text(left + (column + 0.5) * wide, top - 1, name, **look)
    for (_name, cells), lines, high in zip(subject.rows, rows, highs, strict=True):
        sheet.text(MARGIN, top + high / 2, lines, va="center")
        for column, cell in enumerate(cells):
            _cell(sheet, cell, (left + column * wide, top), (wide, high))
        top += high
    return sheet


def _labels_wide(subject: Matrix, width: float) -> float:
    return min(
        max((width_of(name, BODY) for name, _cells in subject.rows), default=0.0) + 2.5, _LABELS * width
    )


def _upright(name: str, wide: float) -> list[str]:
    """A name that stands on its side: as many lines as there is room for, the rest left out."""
    lines = wrapped(name, _NAMES_HIGH, BODY)
    room = max(1, int(wide / line_height(BODY)))
    return lines if len(lines) <= room else [*lines[: room - 1], f"{lines[room - 1]}…"]


def _axis_names(sheet: Sheet, subject: Matrix, top: float) -> None:
    said = [f"→ {subject.column_name}", f"↓ {subject.row_name}"]
    sheet.text(MARGIN, top, said, SMALL, color=QUIET)


def _cell(sheet: Sheet, cell: Cell, corner: tuple[float, float], size: tuple[float, float]) -> None:
    (x, y), (wide, high) = corner, size
    if cell.depth > 0:
        sheet.box(x, y, wide, high, _colour(cell.depth))
    room = 0.9 * wide / max(width_of(cell.said, 1), MM_OF_POINT)
    ink = "white" if cell.depth >= _LIGHT_WORDS_FROM else INK
    weight = "bold" if cell.is_strong else "normal"
    look: dict[str, Any] = {"va": "center", "ha": "center", "color": ink, "fontweight": weight}
    sheet.text(x + wide / 2, y + high / 2, [cell.said], max(_SMALLEST, min(BODY, room)), **look)


def _colour(depth: float) -> str:
    """From white to the darkest, which is readable in grey, too."""
    return "#" + "".join(f"{round(255 - min(1.0, depth) * (255 - part)):02x}" for part in _DARK)
