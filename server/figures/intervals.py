"""Estimates with their intervals, one below the other."""

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.axes import Axes

from server.figures.letters import BODY, SMALL, line_height, width_of, with_room, wrapped
from server.figures.marks import bar, legend, legend_height, mark
from server.figures.sheet import LINE, MARGIN, QUIET, Sheet, Surround
from server.figures.subjects import Estimate, Intervals, Scale

_LABELS, _GAP = 0.36, 3.0
_AXIS, _LINES = 9.0, 4.0


@dataclass(frozen=True)
class _Row:
    """A row or a heading, which has no estimate: how far down its top is, and how high it is, in mm."""

    words: list[str]
    estimate: Estimate | None
    top: float
    height: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def intervals_sheet(subject: Intervals, width: float) -> Sheet:
    """The figure."""
    around = Surround(subject.title, subject.caption, width)
    labels, said = _columns(subject, width)
    rows = list(_rows(subject, labels, width - 2 * MARGIN))
    height = rows[-1].top + rows[-1].height + 1 if rows else 1.0
    top = around.above + (_LINES if subject.scale.lines else 0)
    named = legend_height(width, subject.marks)
    sheet = Sheet(width, top + height + _AXIS + named + around.below)
    around.on(sheet)
    left = MARGIN + labels + _GAP
    wide = width - left - said - _GAP - MARGIN
    axes = sheet.axes(left, top, wide, height)
    _scale(axes, subject.scale, wide, height)
    for row in rows:
        _row(sheet, axes, row, top)
    legend(sheet, top + height + _AXIS, subject.marks)
    return sheet


def _columns(subject: Intervals, width: float) -> tuple[float, float]:
    """How wide the labels and the words of the estimates are."""
    estimates = [each for group in subject.groups for each in group.estimates]
    labels = max((width_of(each.label, BODY) for each in estimates), default=0.0)
    said = max((width_of(each.said, SMALL) for each in estimates), default=0.0)
    return min(labels + 0.5, _LABELS * width), said


def _rows(subject: Intervals, labels: float, whole: float) -> Iterator[_Row]:
    top = 0.0
    for group in subject.groups:
        headings = [(group.label, None)] if group.label else []
        for words, estimate in (*headings, *((each.label, each) for each in group.estimates)):
            is_heading = estimate is None
            lines = wrapped(words, whole if is_heading else labels, BODY, is_bold=is_heading)
            height = max(5.0, len(lines) * line_height(BODY) + 1.6) + (1.5 if is_heading else 0)
            yield _Row(lines, estimate, top, height)
            top += height


def _scale(axes: Axes, scale: Scale, wide: float, height: float) -> None:
    # From the top, in mm, so that rows are where their labels stand.
    axes.set(xlim=(scale.begins, scale.ends), ylim=(height, 0), yticks=[])
    ticks = with_room(scale.ticks, wide)
    axes.set_xticks([at for at, _words in ticks], [words for _at, words in ticks])
    axes.set_xlabel(scale.name, fontsize=SMALL, labelpad=2)
    axes.grid(axis="x", color=LINE, linewidth=0.4)
    for at, words in scale.lines:
        axes.axvline(at, color=QUIET, linewidth=0.7, linestyle=(0, (2, 2)))
        axes.text(at, -0.6, words, fontsize=SMALL, color=QUIET, ha="center", va="bottom")


def _row(sheet: Sheet, axes: Axes, row: _Row, top: float) -> None:
    at, estimate = top + row.middle, row.estimate
    if estimate is None:
        # On paper of its own: the lines of the scale go on behind it.
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        sheet.text(MARGIN, at + 0.5, row.words, va="center", fontweight="bold", bbox=paper)
        return
    sheet.text(MARGIN, at, row.words, va="center")
    sheet.text(sheet.width - MARGIN, at, [estimate.said], SMALL, va="center", ha="right")
    if estimate.low is not None and estimate.high is not None:
        bar(axes, (estimate.low, estimate.high), (row.middle, row.middle))
    for number, value in enumerate((estimate.value, *estimate.others)):
        if value is not None:
            mark(axes, number, value, row.middle)
