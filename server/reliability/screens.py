"""Agreement as its page shows it: lines, a matrix of pairs, a table of confusions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from server.agreement import Coefficient
from server.figures import Width
from server.language import gettext as _
from server.reliability.figures import AgreementReport, CodeAgreement, PairAgreement, VariableAgreement, named
from server.reliability.queries import Annotator, RoundInfo
from server.rounds.design import purpose_label

# A code in fewer than this share of codings is marked: its alpha rests on few posts.
RARE = 0.05
MOST_PAIRS = 45
_MATRIX = range(3, 13)
_SHADES = 9

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CoefficientLine:
    """One coefficient; `why` says why it or its interval is missing."""

    name: str
    label: str
    estimate: float | None
    low: float | None
    high: float | None
    why: str


@dataclass(frozen=True)
class CodeLine:
    """One code against the rest."""

    key: str
    label: str
    n_chosen: int
    prevalence: float | None
    is_rare: bool
    alpha: CoefficientLine
    agreed: float | None
    fleiss: float | None
    ac1: float | None

    @property
    def expected(self) -> dict[str, str]:
        """What the planner is to expect of the code; empty where there is nothing to plan with."""
        if self.prevalence is None or self.alpha.estimate is None:
            return {}
        percentage, alpha = round(100 * self.prevalence, 1), round(self.alpha.estimate, 2)
        if not (0.1 <= percentage <= 99.9 and 0 <= alpha < 1):
            return {}
        return {"prevalence": f"{percentage:g}", "alpha": f"{alpha:.2f}"}


@dataclass(frozen=True)
class PairLine:
    """Two annotators, the posts they share, and how they agree there."""

    key: str
    first: str
    second: str
    n_posts: int
    agreed: float | None
    beyond_chance: CoefficientLine


@dataclass(frozen=True)
class Matrix:
    """Kappa, of numbers alpha, of everybody with everybody.

    None on the diagonal and where no post is shared.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[PairLine | None, ...]], ...]


@dataclass(frozen=True)
class ConfusionCell:
    """How often it came about, its share of the row, and the class of its shade."""

    count: int
    share: float | None
    shade: str
    is_same: bool


@dataclass(frozen=True)
class Confusion:
    """What met what: rows what `first` said, columns what `second` said of the same posts.

    Both are empty where all pairs are counted together, each both ways round.
    """

    first: str
    second: str
    labels: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ConfusionCell, ...]], ...]

    @property
    def fits_column(self) -> bool:
        """Whether its figure fits into a column of a journal."""
        return Width.COLUMN.holds(len(self.labels))


def round_label(one: RoundInfo) -> str:
    """The round by its number, its title if it has one, and its purpose."""
    number = _("Round {number}").format(number=one.number)
    # A round that nobody gave another title is called by its number already.
    name = number if one.title == number else f"{number}: {one.title}"
    return f"{name} ({purpose_label(one.purpose)})"


def coefficient_label(name: str, level: str) -> str:
    """The coefficient as a reader knows it."""
    levels = {
        "nominal": _("nominal"),
        "ordinal": _("ordinal"),
        "interval": _("interval"),
        "ratio": _("ratio"),
        "own": _("own distances"),
    }
    labels = {
        "percent_agreement": _("Percent agreement"),
        "krippendorff_alpha": _("Krippendorff's alpha, {level}").format(level=levels[level]),
        "fleiss_kappa": _("Fleiss' kappa"),
        "gwet_ac": _("Gwet's AC1"),
        "brennan_prediger": _("Brennan and Prediger's kappa"),
        "conger_kappa": _("Conger's kappa"),
        "masi_alpha": _("Alpha of the sets (MASI)"),
        "jaccard_alpha": _("Alpha of the sets (Jaccard)"),
        "cohen_kappa": _("Cohen's kappa"),
        "scott_pi": _("Scott's pi"),
        "holsti": _("Holsti's coefficient"),
    }
    return labels[name]


def coefficient_line(one: Coefficient) -> CoefficientLine:
    """A coefficient with its reasons in the reader's language."""
    low, high = one.interval or (None, None)
    return CoefficientLine(
        one.name,
        coefficient_label(one.name, one.level),
        one.estimate,
        low,
        high,
        reason_of(one),
    )


def reason_of(one: Coefficient) -> str:
    """Why there is no estimate or no interval, in the reader's language; empty where there are both."""
    return _(one.reason) if one.reason else ""


def code_line(code: CodeAgreement) -> CodeLine:
    """A code with its coefficients; a rare one is marked."""
    is_rare = code.prevalence is not None and 0 < code.prevalence < RARE
    return CodeLine(
        code.key,
        code.label,
        code.n_chosen,
        code.prevalence,
        is_rare,
        coefficient_line(code.alpha),
        _estimate(code.coefficients, "percent_agreement"),
        _estimate(code.coefficients, "fleiss_kappa"),
        _estimate(code.coefficients, "gwet_ac"),
    )


def pair_line(pair: PairAgreement) -> PairLine:
    """A pair of annotators with what is said of it."""
    return PairLine(
        pair_key(pair),
        pair.first.name,
        pair.second.name,
        pair.n_posts,
        _estimate(pair.coefficients, "percent_agreement"),
        coefficient_line(pair.beyond_chance),
    )


def pair_key(pair: PairAgreement) -> str:
    """How a pair stands in an address."""
    return f"{pair.first.number}-{pair.second.number}"


def scale_from(lines: Sequence[CoefficientLine]) -> float:
    """Where the pictures begin: at 0, or as far below as an estimate or interval reaches."""
    reached = [value for line in lines for value in (line.estimate, line.low) if value is not None]
    return max(-1.0, math.floor(min([0.0, *reached]) * 10) / 10)


def matrix(report: AgreementReport, variable: VariableAgreement) -> Matrix | None:
    """Everybody with everybody, where they are few enough to be seen at once."""
    people: dict[int, Annotator] = {}
    for pair in variable.pairs:
        people |= {pair.first.number: pair.first, pair.second.number: pair.second}
    if report.why_no_pairs or len(people) not in _MATRIX or variable.n_pairs > len(variable.pairs):
        return None
    found = {
        key: pair_line(pair)
        for pair in variable.pairs
        for key in (
            (pair.first.number, pair.second.number),
            (pair.second.number, pair.first.number),
        )
    }
    numbers = sorted(people)
    return Matrix(
        tuple(people[number].name for number in numbers),
        tuple((people[row].name, tuple(found.get((row, column)) for column in numbers)) for row in numbers),
    )


def confusion_of(variable: VariableAgreement, code: str, pair: str) -> Confusion | None:
    """What met what for the named pair, or over all pairs; None where nothing can be shown."""
    asked = (one for one in variable.pairs if pair_key(one) == pair or variable.n_pairs == 1)
    chosen = next(asked, None)
    table = chosen.table if chosen else variable.confusion
    if not table or not any(map(any, table)):
        return None
    labels = (_("Not chosen"), _("Chosen")) if code else tuple(one.label for one in variable.codes)
    return Confusion(
        chosen.first.name if chosen else "",
        chosen.second.name if chosen else "",
        labels,
        tuple(
            (label, _cells(row, place)) for place, (label, row) in enumerate(zip(labels, table, strict=True))
        ),
    )


def _cells(row: Sequence[int], place: int) -> tuple[ConfusionCell, ...]:
    total = sum(row)
    return tuple(
        ConfusionCell(
            count,
            count / total if total else None,
            f"heat-{math.ceil(_SHADES * count / total)}" if count else "",
            column == place,
        )
        for column, count in enumerate(row)
    )


def _estimate(coefficients: Sequence[Coefficient], name: str) -> float | None:
    one = named(coefficients, name)
    return None if one is None else one.estimate
