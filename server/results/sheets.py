"""The tables of the pages of results as plain rows, to download."""

from collections.abc import Iterator

from server.estimation import AssociationTest, CorrectedProportion, Measure
from server.reliability.sheets import Cell, Sheet
from server.results.choices import Ways
from server.results.corrected_report import CorrectedReport, Correction
from server.results.groups import GroupLine
from server.results.groups_report import GroupsReport
from server.results.misclassified import Misclassification
from server.results.report import ResultsReport, VariableResult
from server.results.shares import Share
from server.results.together import TogetherReport

_SHARE = (
    "count",
    "denominator",
    "share",
    "low",
    "high",
    "method",
    "clusters",
    "reason",
    "unresolved",
    "at_most",
)
SHARE_COLUMNS = (
    "variable",
    "code",
    "label",
    *_SHARE,
    "share_of_resolved",
    "alpha",
    "rule",
    "of",
    "speaks_of",
    "weights",
)
GROUP_COLUMNS = (
    "variable", "code", "by", "group", *_SHARE, "part_of_all",
    "risk_ratio", "risk_ratio_low", "risk_ratio_high",
    "risk_difference", "risk_difference_low", "risk_difference_high",
    "odds_ratio", "odds_ratio_low", "odds_ratio_high",
    "comparison", "test", "statistic", "degrees", "p", "p_adjusted", "seed", "rule", "weights",
)  # fmt: skip
TOGETHER_COLUMNS = (
    "variable", "code", "other_variable", "other_code", "both", "of_code", "of_either", "share", "jaccard",
    "rule", "weights",
)  # fmt: skip
CORRECTED_COLUMNS = (
    "variable", "code", "estimate", "share", "low", "high", "method", "posts", "clusters", "predicted",
    "sensitivity", "checked_with", "specificity", "checked_without", "reason", "predictions",
    "rule", "weights", "sampling", "unresolved",
)  # fmt: skip
_ALL = "(all groups)"


def share_sheet(report: ResultsReport) -> Sheet:
    """The share of every code, a row each; `none` is that nothing applies."""
    return Sheet(
        SHARE_COLUMNS, tuple(row for each in report.variables for row in _share_rows(each, report.ways))
    )


def _share_rows(variable: VariableResult, ways: Ways) -> Iterator[tuple[Cell, ...]]:
    about = (ways.rule.value, ways.denominator.value, ways.reach.value, ways.weights.value)
    for code in variable.codes:
        alpha = code.alpha.estimate if code.alpha else None
        of_resolved = code.share.share_of_resolved
        yield (variable.key, code.key, code.label, *_share(code.share), of_resolved, alpha, *about)
    if variable.nothing is not None:
        nothing = variable.nothing
        yield (variable.key, "none", "", *_share(nothing), nothing.share_of_resolved, None, *about)


def group_sheet(report: GroupsReport, ways: Ways) -> Sheet:
    """A code in groups, a row each, and last the test of all groups at once."""
    if report.pick is None or report.table is None:
        return Sheet(GROUP_COLUMNS, ())
    about = (report.pick.variable.key, report.pick.code.key, report.by)
    counted = (ways.rule.value, ways.weights.value)
    rows = [(*about, *_group(line), *counted) for line in report.table.lines]
    empty = (None,) * (len(GROUP_COLUMNS) - len(about) - 9)
    overall = (*about, _ALL, *empty, *_test(report.table.overall), None, report.table.overall.seed)
    return Sheet(GROUP_COLUMNS, (*rows, (*overall, *counted)))


def _group(line: GroupLine) -> tuple[Cell, ...]:
    against = line.against
    measures = (against.risk_ratio, against.risk_difference, against.odds_ratio)
    return (
        line.key,
        *_share(line.share),
        line.part,
        *(cell for measure in measures for cell in _measure(measure)),
        against.method,
        *_test(line.test),
        line.adjusted,
        line.test.seed,
    )


def _measure(measure: Measure) -> tuple[Cell, ...]:
    return measure.estimate, *(measure.interval or (None, None))


def _test(test: AssociationTest) -> tuple[Cell, ...]:
    degrees = " ".join(f"{each:.10g}" for each in test.degrees)
    return test.method, test.statistic, degrees or None, test.p_value


def together_sheet(report: TogetherReport, ways: Ways) -> Sheet:
    """Every pair of codes, a row each; not those that a post cannot have together."""
    pairs = (pair for pair in report.every if not (pair.is_itself or pair.cannot_be))
    rows = (
        (
            pair.row.variable.key,
            pair.row.code.key,
            pair.column.variable.key,
            pair.column.code.key,
            pair.both,
            pair.of_row,
            pair.of_either,
            pair.share,
            pair.jaccard,
            ways.rule.value,
            ways.weights.value,
        )
        for pair in pairs
    )
    return Sheet(TOGETHER_COLUMNS, tuple(rows))


def _share(share: Share) -> tuple[Cell, ...]:
    return (
        share.count,
        share.denominator,
        share.share,
        *(share.interval or (None, None)),
        share.method,
        share.clusters,
        share.reason,
        share.unresolved,
        share.bounds[1] if share.bounds else None,
    )


def corrected_sheet(report: CorrectedReport, ways: Ways) -> Sheet:
    """A share as coded and as corrected, a row for each way that can be estimated."""
    if report.pick is None or report.plain is None:
        return Sheet(CORRECTED_COLUMNS, ())
    about = (report.pick.variable.key, report.pick.code.key)
    variable = report.pick.variable.key
    others: list[tuple[Cell, ...]] = []
    rows: list[tuple[Cell, ...]] = [("plain", *_plain(report.plain))]
    for name, found in (("gold", report.by_gold), ("several", report.by_second)):
        if found and found.corrected:
            rows.append((f"{name}, as coded", *_plain(found.plain)))
            rows.append((f"{name}, corrected", *_corrected(found, found.corrected)))
        if found and found.every and not found.every.why_not:
            others += [(variable, *row) for row in _every(f"{name}, all codes at once", found.every)]
    if report.assisted:
        rows.append(("people", *_plain(report.assisted.people)))
        for name, one in (("ppi++", report.assisted.tuned), ("dsl", report.assisted.supervised)):
            limits = one.interval or (None, None)
            # DSL counts all posts that were predicted, PPI those that were not coded.
            predicted = one.predicted + (one.coded if name == "ppi++" else 0)
            extent = (one.coded, one.clusters, predicted)
            rows.append((name, one.share, *limits, one.method, *extent, None, None, None, None, one.reason))
    all_rows = [*((*about, *row) for row in rows), *others]
    counted = (report.predictions or None, ways.rule.value, ways.weights.value)
    drawn = (report.why_not_random or "random", report.n_unresolved)
    return Sheet(CORRECTED_COLUMNS, tuple((*row, *counted, *drawn) for row in all_rows))


def _plain(share: Share) -> tuple[Cell, ...]:
    limits = share.interval or (None, None)
    extent = (share.denominator, share.clusters, None)
    return share.share, *limits, share.method, *extent, None, None, None, None, share.reason


def _every(name: str, found: Misclassification) -> Iterator[tuple[Cell, ...]]:
    for line in found.lines:
        limits = line.interval or (None, None)
        extent = (found.n, None, None, None, line.posts, None, None)
        yield (line.key, name, line.corrected, *limits, "matrix method", *extent, found.reason)


def _corrected(found: Correction, corrected: CorrectedProportion) -> tuple[Cell, ...]:
    limits = corrected.interval or (None, None)
    extent = (found.plain.denominator, found.plain.clusters, None)
    checked = found.checked
    rates = (checked.sensitivity.rate, checked.posts[0], checked.specificity.rate, checked.posts[1])
    return corrected.share, *limits, corrected.method, *extent, *rates, corrected.reason
