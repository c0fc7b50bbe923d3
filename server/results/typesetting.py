"""The tables of the pages of results as papers print them, in the reader's words and the APA's numbers."""

from collections.abc import Iterable, Iterator, Sequence

from server.estimation import Interval
from server.language import gettext as _
from server.reliability.basis import ways_of_alpha
from server.results import captions
from server.results.choices import Ways
from server.results.corrected_report import CorrectedReport
from server.results.groups import GroupLine, GroupTable
from server.results.groups_report import GroupsReport
from server.results.labels import measures
from server.results.report import ResultsReport
from server.results.shares import Share
from server.results.tables import ResultTable, Row, method_of, tables
from server.results.together import Measure, Pair, TogetherReport
from server.typeset import ApaTable, Column, Section
from server.typeset.numbers import UNDEFINED, bounded, count, decimal, interval, p_value

Ends = Iterable[float | None]


def share_table(report: ResultsReport, variable: str = "") -> ApaTable | None:
    """The share of every code, of one variable or of all; None where there is none."""
    shown = [table for table in tables(report) if table.rows and variable in {"", table.variable.key}]
    if not shown:
        return None
    digits = _digits(end for table in shown for row in table.rows for end in _ends(row.share))
    sections = tuple(
        Section(
            table.variable.label if len(shown) > 1 else "",
            tuple(_share_row(row, digits) for row in table.rows),
        )
        for table in shown
    )
    columns = (*_share_columns(_("Code")), Column("α"), Column(_("95% CI")))
    title = _("The share of posts that carry each code")
    if len(shown) == 1:
        title += f"{_(':')} {shown[0].variable.label}"
    return ApaTable(title, columns, sections, tuple(_share_notes(report, shown)))


def _share_notes(report: ResultsReport, shown: Sequence[ResultTable]) -> Iterator[str]:
    yield _key_of_shares()
    yield _("α: Krippendorff's alpha of the code against the rest, over the codings before any decision.")
    yield ways_of_alpha([row.alpha for table in shown for row in table.rows if row.alpha])
    yield from captions.of_shares(report, shown)
    yield from captions.of_drawing(report.sampling)
    yield _dashes(cell for table in shown for row in table.rows for cell in _share_row(row, 2))


def _share_row(row: Row, digits: int) -> tuple[str, ...]:
    alpha = row.alpha
    told = (bounded(alpha.estimate), interval(alpha.interval)) if alpha else ("", "")
    return (row.label, *_share_cells(row.share, digits), *told)


def group_apa_table(report: GroupsReport, ways: Ways) -> ApaTable | None:
    """A code in groups, with how each differs from all others; None where there is none."""
    if report.pick is None or report.table is None or not report.table.lines:
        return None
    table = report.table
    digits = _digits(end for line in table.lines for end in _ends(line.share))
    columns = (
        *_share_columns(table.name),
        Column(_("RR"), is_symbol=True),
        Column(_("95% CI")),
        Column("p", is_symbol=True),
        Column(_("p, adjusted"), is_symbol=True),
    )
    title = _("%(code)s: %(field)s") % {"code": report.pick.code.label, "field": table.name}
    rows = tuple(_group_row(line, digits) for line in table.lines)
    notes = _group_notes(table, ways, report)
    return ApaTable(
        title, columns, (Section("", rows),), (*notes, _dashes(cell for row in rows for cell in row))
    )


def _group_row(line: GroupLine, digits: int) -> tuple[str, ...]:
    ratio = line.against.risk_ratio
    told = (decimal(ratio.estimate), interval(ratio.interval, is_bounded=False))
    tests = (p_value(line.test.p_value), p_value(line.adjusted))
    return (line.label, *_share_cells(line.share, digits), *told, *tests)


def _group_notes(table: GroupTable, ways: Ways, report: GroupsReport) -> Iterator[str]:
    yield _key_of_shares()
    yield _("RR: risk ratio, the group against the posts of all other groups.")
    if len(table.lines) == 2:
        yield _("Two groups are one test, so there is nothing to adjust in this table.")
    else:
        yield _("Adjusted: by Benjamini and Hochberg, over all groups of this table.")
    yield captions.test_in_words(table.overall)
    yield from captions.of_groups(table, ways, report.weighted, report.hidden)
    yield from captions.of_drawing(report.sampling)
    yield from captions.comparisons_of(table.lines)


def together_table(report: TogetherReport, measure: Measure, ways: Ways) -> ApaTable | None:
    """The matrix of codes, its columns numbered as its rows are; None where there is none."""
    if not report.codes or not report.n_posts:
        return None
    numbers = tuple(Column(str(place)) for place in range(1, len(report.codes) + 1))
    rows = tuple(
        (f"{place}. {row[0].row.code.label}", *(_pair(pair, measure) for pair in row))
        for place, row in enumerate(report.rows, start=1)
    )
    notes = (
        _("A cell: %(measure)s.") % {"measure": dict(measures())[measure.value]},
        _("On the diagonal stands how many posts carry the code."),
        *captions.never_chosen(report.never),
        *captions.of_weights(report.weighted),
        *captions.of_corpus(report.n_posts, ways.rule, report.hidden),
        *captions.of_sample(report.sampling),
        _("A dash: a post has only one of the two, or none was coded on both."),
    )
    return ApaTable(
        _("Codes together"), (Column(_("Code"), is_number=False), *numbers), (Section("", rows),), notes
    )


def _pair(pair: Pair, measure: Measure) -> str:
    if pair.cannot_be and not pair.is_itself:
        return UNDEFINED
    if pair.is_itself or measure is Measure.COUNT:
        return count(pair.both)
    return bounded(pair.share if measure is Measure.SHARE else pair.jaccard)


def corrected_table(report: CorrectedReport, ways: Ways) -> ApaTable | None:
    """A share as coded and as corrected; None where nothing can be estimated."""
    if report.pick is None or report.plain is None or not report.is_estimated:
        return None
    sections = tuple(_corrections(report))
    columns = (
        Column(_("Estimate"), is_number=False),
        Column(_("Posts")),
        Column(_("Proportion")),
        Column(_("95% CI")),
        Column(_("Method"), is_number=False),
    )
    notes = (
        *captions.of_corpus(report.plain.denominator, ways.rule, report.hidden),
        *captions.of_weights(report.weighted),
        *captions.of_corrections(report),
        *captions.of_drawing(report.sampling),
        _dashes(cell for section in sections for row in section.rows for cell in row),
    )
    return ApaTable(_("%(code)s, corrected") % {"code": report.pick.code.label}, columns, sections, notes)


def _corrections(report: CorrectedReport) -> Iterator[Section]:
    if report.plain is not None:
        yield Section("", (_plain(_("As coded"), report.plain),))
    for name, found in captions.corrections(report):
        rows = [_plain(_("As coded"), found.plain)]
        if found.corrected:
            said = (found.corrected.share, found.corrected.interval, captions.way(found.corrected.method))
            rows.append(_estimate(_("Corrected"), found.plain.denominator, *said))
        yield Section(name, tuple(rows))
    if report.assisted:
        tuned, other = report.assisted.tuned, report.assisted.supervised
        yield Section(
            _("With predictions of a model"),
            (
                _plain(_("People alone"), report.assisted.people),
                _estimate(_("PPI++"), tuned.coded, tuned.share, tuned.interval, captions.way(tuned.method)),
                _estimate(_("DSL"), other.coded, other.share, other.interval, captions.way(other.method)),
            ),
        )


def _plain(label: str, share: Share) -> tuple[str, ...]:
    return _estimate(label, share.denominator, share.share, share.interval, method_of(share))


def _estimate(
    label: str, n: int, share: float | None, limits: Interval | None, method: str
) -> tuple[str, ...]:
    digits = _digits((share, *(limits or ())))
    return label, count(n), bounded(share, digits), interval(limits, digits), method


def _share_columns(first: str) -> tuple[Column, ...]:
    symbols = (Column("n", is_symbol=True), Column("N", is_symbol=True))
    return (Column(first, is_number=False), *symbols, Column(_("Proportion")), Column(_("95% CI")))


def _share_cells(share: Share, digits: int) -> tuple[str, ...]:
    told = bounded(share.share, digits), interval(share.interval, digits)
    return count(share.count), count(share.denominator), *told


def _key_of_shares() -> str:
    return _("n: posts with the code; N: posts of which the proportion is; CI: confidence interval.")


def _ends(share: Share) -> tuple[float | None, ...]:
    return share.share, *(share.interval or ())


def _digits(ends: Ends) -> int:
    """Two decimals, or three where two would tell a share that is not 0 as .00."""
    return 3 if any(end is not None and 0 < end < 0.005 for end in ends) else 2


def _dashes(cells: Iterable[str]) -> str:
    return _("A dash: undefined.") if UNDEFINED in set(cells) else ""
