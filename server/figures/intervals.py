"""Estimates with their intervals, one below the other.

On a page, names stand to the left of the picture and numbers to the right; in a column both stand above
their line, which then has the whole width.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.axes import Axes

from server.figures.letters import BODY, SMALL, line_height, width_of, with_room, wrapped
from server.figures.marks import bar, legend, legend_height, mark
from server.figures.sheet import LINE, MARGIN, QUIET, Sheet, Surround
from server.figures.subjects import Estimate, Intervals, Scale

_LABELS, _GAP, _LEAST_PICTURE = 0.36, 3.0, 60.0
_AXIS, _LINES = 9.0, 4.0
_STROKE = 4.2


@dataclass(frozen=True)
class _Columns:
    """Where the picture begins and how wide it is, and how wide names may be, in mm."""

    left: float
    picture: float
    names: float
    is_stacked: bool


@dataclass(frozen=True)
class _Row:
    """A row or a heading, which has no estimate, in mm from the top: its words, its line, its end."""

    words: list[str]
    estimate: Estimate | None
    middle: float
    stroke: float
    end: float


def intervals_sheet(subject: Intervals, width: float) -> Sheet:
    """The figure."""
    around = Surround(subject.title, subject.caption, width)
    columns = _columns(subject, width)
    rows = list(_rows(subject, columns, width - 2 * MARGIN))
    height = rows[-1].end + 1 if rows else 1.0
    top = around.above + (_LINES if subject.scale.lines else 0)
    named = legend_height(width, subject.marks)
    sheet = Sheet(width, top + height + _AXIS + named + around.below)
    around.on(sheet)
    axes = sheet.axes(columns.left, top, columns.picture, height)
    _scale(axes, subject.scale, columns.picture, height)
    for row in rows:
        _words(sheet, row, top)
        if row.estimate is not None:
            _picture(axes, row.estimate, row.stroke)
    legend(sheet, top + height + _AXIS, subject.marks)
    return sheet


def _columns(subject: Intervals, width: float) -> _Columns:
    estimates = [each for group in subject.groups for each in group.estimates]
    names = max((width_of(each.label, BODY) for each in estimates), default=0.0)
    said = max((width_of(each.said, SMALL) for each in estimates), default=0.0)
    names = min(names * 1.03 + 0.5, _LABELS * width)
    picture = width - 2 * (MARGIN + _GAP) - names - said
    if picture >= _LEAST_PICTURE:
        return _Columns(MARGIN + names + _GAP, picture, names, is_stacked=False)
    # Half of the words of a tick stand beyond the ends.
    return _Columns(2 * MARGIN, width - 4 * MARGIN, width - 2 * MARGIN - _GAP - said, is_stacked=True)


def _rows(subject: Intervals, columns: _Columns, whole: float) -> Iterator[_Row]:
    top = 0.0
    for group in subject.groups:
        headings = [(group.label, None)] if group.label else []
        for words, estimate in (*headings, *((each.label, each) for each in group.estimates)):
            lines = wrapped(words, columns.names if estimate else whole, BODY, is_bold=estimate is None)
            row = _row(lines, estimate, top, is_stacked=columns.is_stacked)
            yield row
            top = row.end


def _row(lines: list[str], estimate: Estimate | None, top: float, *, is_stacked: bool) -> _Row:
    high = len(lines) * line_height(BODY) + 1.6
    if estimate is None:
        end = top + high + 2.4
        return _Row(lines, None, (top + end) / 2 + 0.5, end, end)
    if is_stacked:
        return _Row(lines, estimate, top + high / 2, top + high + _STROKE / 2 - 0.6, top + high + _STROKE)
    end = top + max(5.0, high)
    return _Row(lines, estimate, (top + end) / 2, (top + end) / 2, end)


def _scale(axes: Axes, scale: Scale, wide: float, height: float) -> None:
    # From the top, in mm, so that rows are where their labels stand.
    axes.set(xlim=(scale.begins, scale.ends), ylim=(height, 0), yticks=[])
    ticks = with_room(scale.ticks, wide)
    axes.set_xticks([at for at, _words in ticks], [words for _at, words in ticks])
    axes.set_xlabel(scale.name, fontsize=SMALL, labelpad=2)
    axes.grid(axis="x", color=LINE, linewidth=0.4)
    for place, (at, words) in enumerate(scale.lines):
        axes.axvline(at, color=QUIET, linewidth=0.7, linestyle=(0, (2, 2)))
        # Away from the next one, which may be near.
        side = "right" if place < len(scale.lines) - 1 else "left"
        axes.text(at, -0.6, words, fontsize=SMALL, color=QUIET, ha=side, va="bottom")


def _words(sheet: Sheet, row: _Row, top: float) -> None:
    # On paper of their own: the lines of the scale go on behind them.
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    weight = "bold" if row.estimate is None else "normal"
    sheet.text(MARGIN, top + row.middle, row.words, va="center", fontweight=weight, bbox=paper)
    if row.estimate is not None:
        right, said = sheet.width - MARGIN, [row.estimate.said]
        sheet.text(right, top + row.middle, said, SMALL, va="center", ha="right", bbox=paper)


def _picture(axes: Axes, estimate: Estimate, at: float) -> None:
    if estimate.low is not None and estimate.high is not None:
        bar(axes, (estimate.low, estimate.high), (at, at))
    for number, value in enumerate((estimate.value, *estimate.others)):
        if value is not None:
            mark(axes, number, value, at)
