"""The share of a code that a coder of known error rates found, corrected for those errors."""

import math
from dataclasses import dataclass

from server.estimation.binomial import clopper_pearson_interval
from server.estimation.limits import Interval, check_confidence, normal_quantile, truncated, within_unit
from server.language import N_

EXACT = N_("Rogan-Gladen, Clopper-Pearson carried over")
ADJUSTED = N_("Rogan-Gladen, interval of Lang and Reiczigel")

_NO_POST = N_("There is no post to count.")
_NO_BETTER_THAN_GUESSING = N_(
    "Sensitivity and specificity do not sum to more than 1, so the code was given no better than by guessing "
    "and says nothing about the share."
)
_TOO_FEW_CHECKED = N_("Too few posts were checked to tell the coding from guessing, so no interval is given.")
_CONTRADICTED = N_(
    "No share from 0 to 1 goes with so few or so many codes at this sensitivity and specificity, "
    "so no interval is given. They may not hold for these posts."
)


@dataclass(frozen=True)
class Accuracy:
    """A sensitivity or specificity: how often a coder is right on posts that do, or do not, carry the code.

    `rate` is known if `checked` is None; else it is that of so many posts of a validation sample.
    """

    rate: float
    checked: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise ValueError("sensitivity and specificity lie between 0 and 1")
        if self.checked is not None and self.checked < 1:
            raise ValueError("an estimated sensitivity or specificity rests on at least one post")

    @classmethod
    def of(cls, right: int, checked: int) -> "Accuracy":
        """The share of `right` among `checked` posts of a validation sample."""
        if not 0 <= right <= checked or checked < 1:
            raise ValueError(
                "the posts coded right lie between 0 and the posts checked, of which there is one"
            )
        return cls(right / checked, checked)

    @property
    def variance(self) -> float:
        """That of a binomial share; 0 if the rate is known."""
        return self.rate * (1 - self.rate) / self.checked if self.checked else 0.0

    @property
    def shrunk(self) -> "Accuracy":
        """The rate with one right and one wrong post added to those checked; itself if known."""
        if self.checked is None:
            return self
        return Accuracy((self.checked * self.rate + 1) / (self.checked + 2), self.checked + 2)


@dataclass(frozen=True)
class CorrectedProportion:
    """A share corrected for errors of coding; what is undefined is None and told in `reason`.

    `apparent` is the share as coded, `raw` the corrected one, which may leave [0, 1], and `share` the value
    of [0, 1] nearest to it. The standard error is that of `raw`.
    """

    apparent: float | None
    raw: float | None
    share: float | None
    standard_error: float | None
    interval: Interval | None
    method: str
    reason: str | None = None

    @property
    def is_truncated(self) -> bool:
        """Whether the corrected share lay outside of [0, 1]."""
        return self.raw != self.share


def rogan_gladen(
    count: float,
    n: float,
    sensitivity: Accuracy | float,
    specificity: Accuracy | float,
    confidence: float = 0.95,
) -> CorrectedProportion:
    """The share of posts that truly carry a code, from an imperfect coding of independent posts.

    With a = count/n and J = Se + Sp - 1: p = (a + Sp - 1) / J, and by the delta method its variance is
    (a(1-a)/n + p² Se(1-Se)/n_Se + (1-p)² Sp(1-Sp)/n_Sp) / J² (Rogan & Gladen 1978, Am. J. Epidemiology
    107:71-76). If any rate is estimated, the interval is that of Lang & Reiczigel (2014, Preventive
    Veterinary Medicine 113:13-22): one right and one wrong post are added to each validation sample, and
    z²/2 posts with and z²/2 without the code to the sample, and with p', Se', Sp' from these the limits are
    p' + 2z² (p' Se'(1-Se')/n'_Se - (1-p') Sp'(1-Sp')/n'_Sp) ± z times their standard error. If both are
    known, the Clopper-Pearson limits of a are carried over (Reiczigel, Földi & Ózsvári 2010, Epidemiology and
    Infection 138:1674-1678). Limits are cut to [0, 1].

    Args:
        count: posts coded as carrying the code, 0 ≤ count ≤ n.
        n: the coded posts; both need not be whole, so that an effective number of posts can be used.
        sensitivity: Se, how often a post that carries the code was coded so; a number if known.
        specificity: Sp, how often a post that does not carry it was not; a number if known.
        confidence: the coverage aimed at, between 0 and 1.

    Returns:
        Undefined without posts and where Se + Sp ≤ 1. There is no interval where all of it would lie outside
        of [0, 1], or where the validation samples are too small. The rates must hold for these posts: they
        change where the posts of a validation sample were easier.

    Raises:
        ValueError: when ranges are not kept.
    """
    check_confidence(confidence)
    se, sp = _accuracy(sensitivity), _accuracy(specificity)
    method = EXACT if se.checked is None and sp.checked is None else ADJUSTED
    if not 0 <= count <= n:
        raise ValueError("a count lies between 0 and the number of posts")
    if n == 0:
        return CorrectedProportion(None, None, None, None, None, method, _NO_POST)
    if se.rate + sp.rate <= 1:
        return CorrectedProportion(count / n, None, None, None, None, method, _NO_BETTER_THAN_GUESSING)
    return _corrected(count, n, se, sp, confidence, method)


def _corrected(
    count: float, n: float, se: Accuracy, sp: Accuracy, confidence: float, method: str
) -> CorrectedProportion:
    raw = _carried_over(count / n, se, sp)
    error = _standard_error(count / n, n, raw, se, sp)
    interval, reason = _exact(count, n, se, sp, confidence), None
    if method == ADJUSTED:
        interval, reason = _lang_reiczigel(count, n, se, sp, confidence)
    cut = None if interval is None else within_unit(interval)
    if cut is None and reason is None:
        reason = _CONTRADICTED
    return CorrectedProportion(count / n, raw, truncated(raw), error or None, cut, method, reason)


def _accuracy(given: Accuracy | float) -> Accuracy:
    return given if isinstance(given, Accuracy) else Accuracy(float(given))


def _carried_over(apparent: float, se: Accuracy, sp: Accuracy) -> float:
    return (apparent + sp.rate - 1) / (se.rate + sp.rate - 1)


def _standard_error(apparent: float, n: float, true: float, se: Accuracy, sp: Accuracy) -> float:
    of_rates = true**2 * se.variance + (1 - true) ** 2 * sp.variance
    return math.sqrt(apparent * (1 - apparent) / n + of_rates) / (se.rate + sp.rate - 1)


def _exact(count: float, n: float, se: Accuracy, sp: Accuracy, confidence: float) -> Interval | None:
    low, high = clopper_pearson_interval(count, n, confidence)
    return _carried_over(low, se, sp), _carried_over(high, se, sp)


def _lang_reiczigel(
    count: float, n: float, se: Accuracy, sp: Accuracy, confidence: float
) -> tuple[Interval | None, str | None]:
    z, se, sp = normal_quantile(confidence), se.shrunk, sp.shrunk
    if se.rate + sp.rate <= 1:
        return None, _TOO_FEW_CHECKED
    size = n + z * z
    apparent = (count + z * z / 2) / size
    true = _carried_over(apparent, se, sp)
    centre = true + 2 * z * z * (true * se.variance - (1 - true) * sp.variance)
    spread = z * _standard_error(apparent, size, true, se, sp)
    return (centre - spread, centre + spread), None
