"""Codes side by side: alpha with its interval beside raw agreement, AC1 and how often the code is chosen.

A rare code on which annotators agree nearly always can have an alpha near 0. The picture puts the three
numbers on one line, and a sentence says where this happens and why.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from server.language import gettext as _
from server.reliability.screens import CodeLine, scale_from
from server.web.words import coefficient, number, percent

# Krippendorff (2004), Content Analysis, 2nd edition, pages 241 to 243; kept in the 4th edition (2019).
TENTATIVE, RELIABLE = 0.667, 0.8
# From here on agreement looks high although alpha is low.
_LOOKS_HIGH = 0.9


@dataclass(frozen=True)
class Mark:
    """Where something lies on the picture: in percent of its width."""

    name: str
    at: str


@dataclass(frozen=True)
class ForestRow:
    """One code and where its marks lie; `low` and `high` are empty where alpha has no interval."""

    code: CodeLine
    marks: tuple[Mark, ...]
    low: str
    high: str
    said: str


@dataclass(frozen=True)
class Forest:
    """All codes on one scale from `begins` to 1, with the `lines` that thresholds draw through them."""

    begins: float
    lines: tuple[Mark, ...]
    zero: str
    rows: tuple[ForestRow, ...]
    paradoxes: tuple[str, ...]


def forest(codes: Sequence[CodeLine]) -> Forest:
    """The codes as one picture."""
    begins = scale_from([code.alpha for code in codes])
    begins = min([begins, *(_whole_tenth(code.ac1) for code in codes if code.ac1 is not None)])
    return Forest(
        begins,
        (Mark(_(".667"), place(TENTATIVE, begins)), Mark(_(".800"), place(RELIABLE, begins))),
        place(0.0, begins),
        tuple(_row(code, begins) for code in codes),
        tuple(_paradox(code) for code in codes if is_paradox(code)),
    )


def is_paradox(code: CodeLine) -> bool:
    """Whether annotators nearly always agree and alpha is nevertheless below what is asked for."""
    high = code.agreed is not None and code.agreed >= _LOOKS_HIGH
    return high and code.is_rare and code.alpha.estimate is not None and code.alpha.estimate < TENTATIVE


def chance_agreement(prevalence: float) -> float:
    """How often two agree who each choose a code for this share of posts, whatever the posts say."""
    return prevalence**2 + (1 - prevalence) ** 2


def _row(code: CodeLine, begins: float) -> ForestRow:
    found = (("agreed", code.agreed), ("ac1", code.ac1), ("alpha", code.alpha.estimate))
    marks = tuple(Mark(name, place(value, begins)) for name, value in found if value is not None)
    low, high = code.alpha.low, code.alpha.high
    return ForestRow(
        code,
        marks,
        "" if low is None else place(low, begins),
        "" if high is None else place(high, begins),
        _said(code),
    )


def _said(code: CodeLine) -> str:
    """The row of the picture in words."""
    alpha = _("alpha {value}").format(value=coefficient(code.alpha.estimate))
    if code.alpha.low is not None and code.alpha.high is not None:
        ends = {"low": coefficient(code.alpha.low), "high": coefficient(code.alpha.high)}
        alpha += _(", interval {low} to {high}").format(**ends)
    agreed = _("agreement {value}").format(value=_or_dash(percent(code.agreed)))
    return f"{alpha}; {agreed}; AC1 {coefficient(code.ac1)}"


def _paradox(code: CodeLine) -> str:
    share = code.prevalence or 0.0
    said = _(
        "{code}: annotators agree on {agreed}, and yet alpha is {alpha}. The code was chosen in only {share} "
        "of the codings: two who choose it that often without reading would agree on {chance}, nearly "
        "always on its absence. Alpha counts only what goes beyond that, and so rests on the codings that "
        "chose it ({n})."
    )
    return said.format(
        code=code.label,
        agreed=percent(code.agreed),
        alpha=coefficient(code.alpha.estimate),
        share=percent(share),
        chance=percent(chance_agreement(share)),
        n=number(code.n_chosen),
    )


def place(value: float, begins: float, ends: float = 1.0) -> str:
    """Where a value lies between the ends of a scale, in percent; what is outside lies at the end."""
    share = 100 * (value - begins) / (ends - begins)
    return f"{min(100.0, max(0.0, share)):.2f}%"


def _whole_tenth(value: float) -> float:
    return max(-1.0, min(0.0, (value * 10 // 1) / 10))


def _or_dash(text: str) -> str:
    return text or "–"
