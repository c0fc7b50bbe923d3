"""The results as tables to read: a row a code, a common scale for the pictures, remarks below."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.agreement import Coefficient
from server.language import gettext as _
from server.language import ngettext, number
from server.results.outcomes import REPORTED, Basis, Rule
from server.results.report import ResultsReport, VariableResult
from server.results.shares import Share
from server.web.words import percent

Parts = tuple[tuple[str, float], ...]
# Smaller parts are not named beside their picture, or there would be more words than numbers.
NAMED_FROM = 0.05


@dataclass(frozen=True)
class Row:
    """A code, or "nothing applies", which has no key.

    `parts` came about as `said`; `named` says the larger ones.
    """

    key: str
    label: str
    share: Share
    alpha: Coefficient | None
    parts: Parts
    said: str
    named: str


@dataclass(frozen=True)
class ResultTable:
    """One variable. The pictures reach from 0 to `top`; `parts` speak of its posts, not of one code.

    `remarks` say what is undefined or unusual, and why; `method` is that of the intervals.
    """

    variable: VariableResult
    rows: tuple[Row, ...]
    top: float
    parts: Parts
    said: str
    method: str
    remarks: tuple[str, ...]

    @property
    def is_unsettled(self) -> bool:
        """Whether what is unresolved could move one of the shares out of its interval."""
        return any(row.share.is_unsettled for row in self.rows)


def rule_label(rule: Rule) -> str:
    """The rule as a person reads it."""
    return {
        Rule.PLURALITY: _("the most frequent answer, ties left open"),
        Rule.MAJORITY: _("the answer of more than half of the annotators"),
        Rule.DECISIONS: _("nothing: decisions only"),
    }[rule]


def basis_label(basis: Basis) -> str:
    """The basis as a person reads it."""
    return {
        Basis.UNANIMOUS: _("unanimous"),
        Basis.MAJORITY: _("majority"),
        Basis.PLURALITY: _("plurality"),
        Basis.SINGLE: _("single coding"),
        Basis.ADJUDICATED: _("adjudicated"),
        Basis.CONSENSUS: _("consensus"),
        Basis.MODEL: _("annotator model"),
        Basis.UNRESOLVED: _("unresolved"),
    }[basis]


def legend(report: ResultsReport) -> tuple[tuple[str, str], ...]:
    """The bases that occur, each with the class of its colour and its word."""
    found = [basis for variable in report.variables for basis in _bases(variable)]
    occurring = {each for basis in found for each, posts in basis.items() if posts}
    return tuple((each.word, basis_label(each)) for each in REPORTED if each in occurring)


def _bases(variable: VariableResult) -> Iterator[dict[Basis, int]]:
    if variable.basis is not None:
        yield variable.basis
    for code in variable.codes:
        yield code.share.basis


def tables(report: ResultsReport) -> tuple[ResultTable, ...]:
    """The tables of all variables, in the order of the codebook."""
    is_at_once = report.ways.interval.is_simultaneous
    return tuple(_table(variable, is_at_once=is_at_once) for variable in report.variables)


def _table(variable: VariableResult, *, is_at_once: bool) -> ResultTable:
    rows = tuple(_rows(variable))
    posts = variable.basis or {}
    return ResultTable(
        variable=variable,
        rows=rows,
        top=_top([row.share for row in rows]),
        parts=_parts(posts),
        said=_said(posts),
        method=_method(rows),
        remarks=(
            *_remarks(variable, rows),
            *filter(None, [variable.left_out]),
            *_why_not_at_once(variable, is_at_once=is_at_once),
        ),
    )


def _method(rows: Iterable[Row]) -> str:
    """How the intervals were made, and of how many clusters: each way once."""
    return f"{_(';')} ".join(dict.fromkeys(method_of(row.share) for row in rows if row.share.interval))


def method_of(share: Share) -> str:
    """How the interval of a share was made."""
    if share.clusters is None:
        return _(share.method)
    said = ngettext(
        "{method}, {n} cluster (author, or post without one)",
        "{method}, {n} clusters (authors, or posts without one)",
        share.clusters,
    )
    return said.format(method=_(share.method), n=number(share.clusters))


def _rows(variable: VariableResult) -> Iterator[Row]:
    for code in variable.codes:
        yield _row(variable, (code.key, code.label), code.share, code.alpha)
    if variable.nothing is not None:
        yield _row(variable, ("", _("Nothing applies")), variable.nothing, None)


def _row(variable: VariableResult, name: tuple[str, str], share: Share, alpha: Coefficient | None) -> Row:
    basis = share.basis
    if variable.kind != "multiple":
        # A post has one value, so an unresolved one belongs to no row.
        basis = {each: posts for each, posts in basis.items() if each is not Basis.UNRESOLVED}
    return Row(*name, share, alpha, _parts(basis), _said(basis), _said(basis, NAMED_FROM))


def _parts(basis: dict[Basis, int]) -> Parts:
    total = sum(basis.values())
    return tuple((each.word, posts / total) for each, posts in basis.items() if posts)


def _said(basis: dict[Basis, int], at_least: float = 0.0) -> str:
    total = sum(basis.values())
    shares = [(basis_label(each), posts / total) for each, posts in basis.items() if posts]
    return ", ".join(f"{label} {percent(share, 0)}" for label, share in shares if share >= at_least)


def _top(shares: Iterable[Share]) -> float:
    """The end of the scale: the next full tenth above all intervals."""
    ends = [share.interval[1] if share.interval else share.share or 0.0 for share in shares]
    return min(1.0, math.ceil(10 * max(ends, default=0.0) + 1e-9) / 10)


def _remarks(variable: VariableResult, rows: Iterable[Row]) -> Iterator[str]:
    """Each reason once, with the codes it is about."""
    about: dict[str, list[str]] = {}
    for row in rows:
        for reason in _reasons(row):
            about.setdefault(reason, []).append(row.label)
    for reason, labels in about.items():
        yield reason if variable.n_posts == 0 else f"{', '.join(labels)}{_(':')} {reason}"


def _why_not_at_once(variable: VariableResult, *, is_at_once: bool) -> Iterator[str]:
    """Why intervals that were to hold for all codes at once do not."""
    if is_at_once and variable.kind == "multiple" and variable.n_posts:
        yield _("A post can carry several of these codes, so that each has an interval of its own.")


def _reasons(row: Row) -> Iterator[str]:
    if row.share.reason:
        yield _(row.share.reason)
    why_no_alpha = row.alpha and row.alpha.reason
    if why_no_alpha:
        yield _("Alpha: {reason}").format(reason=_(why_no_alpha))
