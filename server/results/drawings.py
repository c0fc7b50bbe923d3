"""The figures of the pages of results: what is drawn of a report, in the reader's words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from server.estimation import AssistedProportion, CorrectedProportion, Interval
from server.figures import Cell, Course, Estimate, Group, Intervals, Matrix, Moment, Scale, Subject
from server.language import gettext as _
from server.language import number
from server.results import captions
from server.results.choices import Ways
from server.results.corrected_report import CorrectedReport, Correction
from server.results.course import course, scale_end
from server.results.groups import GroupLine
from server.results.groups_report import GroupsReport
from server.results.labels import measures
from server.results.report import ResultsReport
from server.results.shares import Share
from server.results.tables import ResultTable, tables
from server.results.together import Measure, Pair, TogetherReport
from server.web.words import percent_in_print

_NO_BREAK = "\N{NO-BREAK SPACE}"


def share_figure(report: ResultsReport, variable: str = "") -> Subject | None:
    """The share of every code, of one variable or of all; None where there is nothing to draw."""
    shown = [table for table in tables(report) if table.rows and variable in {"", table.variable.key}]
    if not shown:
        return None
    groups = tuple(
        Group(
            _with_n(table) if len(shown) > 1 else "",
            tuple(_estimate(row.label, row.share) for row in table.rows),
        )
        for table in shown
    )
    title = _("The share of posts that carry each code") if len(shown) > 1 else _with_n(shown[0])
    shares = [row.share for table in shown for row in table.rows]
    scale = _shares_to(max([*(table.top for table in shown), _most(shares)]))
    caption = _joined((*captions.of_shares(report, shown), *captions.of_drawing(report.sampling)))
    return Intervals(title, caption, scale, groups, _marks(shares))


def _with_n(table: ResultTable) -> str:
    said = _("(n = {n})").format(n=number(table.variable.n_posts))
    return f"{table.variable.label} {said.replace(' ', _NO_BREAK)}"


def group_figure(report: GroupsReport, ways: Ways) -> Subject | None:
    """A code in groups: over time as a course, else one below the other; None where there is nothing."""
    if report.pick is None or report.table is None or not report.table.lines:
        return None
    table = report.table
    title = _("%(code)s: %(field)s") % {"code": report.pick.code.label, "field": table.name}
    said = captions.of_groups(table, ways, report.weighted, report.hidden)
    caption = _joined((*said, *captions.of_drawing(report.sampling)))
    if course(table.lines):
        timed = [line for line in table.lines if line.at is not None]
        moments = tuple(Moment(line.at or 0, _of_line(line)) for line in timed)
        shares = [line.share for line in timed]
        scale = _shares_to(max(scale_end(timed), _most(shares)))
        return Course(title, caption, scale, table.name, moments, _marks(shares))
    estimates, shares = tuple(_of_line(line) for line in table.lines), [line.share for line in table.lines]
    scale = _shares_to(max(report.top, _most(shares)))
    return Intervals(title, caption, scale, (Group("", estimates),), _marks(shares))


def _marks(shares: Iterable[Share]) -> tuple[str, ...]:
    """What the marks are, where unresolved posts may carry a share up from the first to the second."""
    if not any(share.unresolved for share in shares):
        return ()
    return (
        _("at least: no unresolved post carries the code"),
        _("at most: all unresolved posts carry it"),
    )


def _most(shares: Iterable[Share]) -> float:
    """The next full tenth above what shares with unresolved posts could be at most."""
    return _next_tenth([share.bounds[1] for share in shares if share.bounds and share.unresolved])


def _of_line(line: GroupLine) -> Estimate:
    return _estimate(line.label, line.share)


def together_figure(report: TogetherReport, measure: Measure, ways: Ways) -> Subject | None:
    """The matrix of codes, shaded; None where there is none."""
    if not report.codes or not report.n_posts:
        return None
    names = tuple(pick.code.label for pick in report.codes)
    rows = (tuple(_cell(pair, measure, report.most) for pair in row) for row in report.rows)
    said = [
        _("A cell: %(measure)s.") % {"measure": dict(measures())[measure.value]},
        _("In percent.") if measure is Measure.SHARE else "",
        _("On the diagonal stands how many posts carry the code."),
        *captions.never_chosen(report.never),
        *captions.of_weights(report.weighted),
        *captions.of_corpus(report.n_posts, ways.rule, report.hidden),
        *captions.of_sample(report.sampling),
    ]
    title, axes = _("Codes together"), (_("Rows: the first code"), _("Columns: the second code"))
    return Matrix(title, _joined(said), *axes, names, tuple(zip(names, rows, strict=True)))


def _cell(pair: Pair, measure: Measure, most: int) -> Cell:
    if pair.is_itself:
        return Cell(number(pair.both), is_strong=True)
    if pair.cannot_be:
        return Cell("–")
    if measure is Measure.COUNT:
        return Cell(number(pair.both), pair.both / most)
    part = pair.share if measure is Measure.SHARE else pair.jaccard
    if part is None:
        return Cell("–")
    return Cell(number(100 * part) if measure is Measure.SHARE else number(part, 2), part)


def corrected_figure(report: CorrectedReport, ways: Ways) -> Subject | None:
    """A share as coded and as corrected, by every way that can be estimated; None where there is none."""
    if report.pick is None or report.plain is None or not report.is_estimated:
        return None
    groups = tuple(_corrections(report))
    title = _("%(code)s, corrected") % {"code": report.pick.code.label}
    said = (
        *captions.of_corpus(report.plain.denominator, ways.rule, report.hidden),
        *captions.of_weights(report.weighted),
        *captions.of_corrections(report),
        *captions.of_drawing(report.sampling),
    )
    ends = [
        end for group in groups for one in group.estimates for end in (one.high, one.value) if end is not None
    ]
    return Intervals(title, _joined(said), _shares_to(_next_tenth(ends)), groups)


def _corrections(report: CorrectedReport) -> Iterator[Group]:
    if report.plain is not None:
        yield Group(_("All resolved posts"), (_estimate(_("As coded"), report.plain),))
    for name, found in captions.corrections(report):
        yield Group(name, tuple(_both(found)))
    if report.assisted:
        ways = ((_("PPI++"), report.assisted.tuned), (_("DSL"), report.assisted.supervised))
        alone = _estimate(_("People alone"), report.assisted.people)
        made = (_corrected(name, found) for name, found in ways)
        yield Group(_("With predictions of a model"), (alone, *made))


def _both(found: Correction) -> Iterator[Estimate]:
    yield _estimate(_("As coded"), found.plain)
    if found.corrected:
        yield _corrected(_("Corrected"), found.corrected)


def _corrected(label: str, found: CorrectedProportion | AssistedProportion) -> Estimate:
    return _told(label, found.share, found.interval)


def _estimate(label: str, share: Share) -> Estimate:
    told = _told(label, share.share, share.interval)
    return replace(told, others=(share.bounds[1],)) if share.unresolved and share.bounds else told


def _told(label: str, share: float | None, limits: Interval | None) -> Estimate:
    if share is None:
        return Estimate(label, None, None, None, _("undefined"))
    if limits is None:
        return Estimate(label, share, None, None, percent_in_print(share))
    low, high = (number(100 * end, 1) for end in limits)
    said = _("%(low)s to %(high)s") % {"low": low, "high": high}
    # What predictions correct may have an end beyond what a share can be: it is said, but not drawn.
    return Estimate(
        label, share, max(limits[0], 0.0), min(limits[1], 1.0), f"{percent_in_print(share)} ({said})"
    )


def _shares_to(top: float) -> Scale:
    """From 0 to a full tenth, with a tick at every tenth or every second, or where it is short in between."""
    step = 2 if top <= 0.1 else 10 if top <= 0.5 else 20
    ticks = tuple(
        (place / 100, percent_in_print(place / 100, 0)) for place in range(0, round(100 * top) + 1, step)
    )
    return Scale(0.0, top, _("Share of posts (95% CI)"), ticks)


def _next_tenth(ends: Sequence[float]) -> float:
    return min(1.0, (int(10 * max(ends)) + 1) / 10) if ends else 0.0


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
