"""Estimates with their intervals from left to right."""

from matplotlib.axes import Axes

from server.figures.letters import SMALL, width_of, with_room
from server.figures.marks import bar, legend, legend_height, mark
from server.figures.sheet import LINE, MARGIN, QUIET, Sheet, Surround
from server.figures.subjects import Course, Moment, Scale

_TALL, _BELOW = 0.36, 10.0
_LEAST_TALL = 42.0


def course_sheet(subject: Course, width: float) -> Sheet:
    """The figure."""
    around = Surround(subject.title, subject.caption, width)
    tall, named = max(_LEAST_TALL, _TALL * width), legend_height(width, subject.marks)
    sheet = Sheet(width, around.above + 2 + tall + _BELOW + named + around.below)
    around.on(sheet)
    scale = subject.scale
    left = MARGIN + 6 + max(width_of(words, SMALL) for _at, words in scale.ticks)
    widest = max((width_of(moment.estimate.label, SMALL) for moment in subject.moments), default=0.0)
    right = MARGIN + max([widest / 3, *(width_of(words, SMALL) + 2 for _at, words in scale.lines)])
    axes = sheet.axes(left, around.above + 2, width - left - right, tall)
    _upright(axes, scale)
    _across(axes, subject, width - left - right)
    for moment in subject.moments:
        _moment(axes, moment)
    legend(sheet, around.above + 2 + tall + _BELOW, subject.marks)
    return sheet


def _upright(axes: Axes, scale: Scale) -> None:
    axes.set_ylim(scale.begins, scale.ends)
    axes.set_yticks([at for at, _words in scale.ticks], [words for _at, words in scale.ticks])
    axes.set_ylabel(scale.name, fontsize=SMALL, labelpad=2)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=LINE, linewidth=0.4)
    for at, words in scale.lines:
        axes.axhline(at, color=QUIET, linewidth=0.7, linestyle=(0, (2, 2)))
        beside = axes.get_yaxis_transform()
        axes.text(1.01, at, words, transform=beside, fontsize=SMALL, color=QUIET, va="center")


def _across(axes: Axes, subject: Course, width: float) -> None:
    places = [moment.at for moment in subject.moments]
    first, last = min(places, default=0.0), max(places, default=1.0)
    beside = 0.05 * (last - first) or 0.5
    axes.set_xlim(first - beside, last + beside)
    # As many names as have room; the line below tells where the others are.
    named = with_room([(moment.at, moment.estimate.label) for moment in subject.moments], width)
    axes.set_xticks([at for at, _name in named], [name for _at, name in named])
    axes.set_xticks(places, minor=True)
    axes.tick_params(axis="x", which="minor", length=1.2, width=0.5, color=QUIET)
    axes.set_xlabel(subject.axis, fontsize=SMALL, labelpad=2)
    known = [(m.at, m.estimate.value) for m in subject.moments if m.estimate.value is not None]
    axes.plot([at for at, _v in known], [value for _at, value in known], color=QUIET, linewidth=0.7)


def _moment(axes: Axes, moment: Moment) -> None:
    estimate = moment.estimate
    if estimate.low is not None and estimate.high is not None:
        bar(axes, (moment.at, moment.at), (estimate.low, estimate.high))
    for number, value in enumerate((estimate.value, *estimate.others)):
        if value is not None:
            mark(axes, number, moment.at, value)
