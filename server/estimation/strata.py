"""Shares of posts that were drawn apart in strata, such as weeks or platforms."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from server.estimation.arrays import FloatArray, not_negative, same_length
from server.estimation.limits import Interval, check_confidence, logit_interval
from server.estimation.proportions import wilson_interval
from server.language import N_
from server.language import gettext as _

STRATIFIED = N_("stratified, logit scale")
WILSON_STRATIFIED = N_("Wilson score with the effective number of posts")

CENSUS = N_("All there are were coded.")
_NO_POST = N_("There is no post to count.")
_NO_SPREAD = N_(
    "Nothing varies within the strata that were sampled, so the data do not show how much posts differ. "
    "The interval takes them as one sample of the effective size."
)


@dataclass(frozen=True)
class DesignEstimate:
    """A share under a sampling design; what is undefined is None and told in `reason`.

    `degrees` of freedom are those of the t quantile: units drawn (posts or clusters) less strata.
    """

    share: float | None
    standard_error: float | None
    interval: Interval | None
    degrees: int
    method: str
    reason: str | None = None


@dataclass(frozen=True, eq=False)
class _Strata:
    """Counts (strata,) x_h of n_h coded posts of N_h; strata without a post of the corpus are left out."""

    counts: FloatArray
    sizes: FloatArray
    populations: FloatArray

    @property
    def weights(self) -> FloatArray:
        return np.asarray(self.populations / self.populations.sum())

    @property
    def degrees(self) -> int:
        return int(self.sizes.sum()) - self.sizes.size


def stratified_proportion(
    counts: Sequence[float],
    sizes: Sequence[int],
    populations: Sequence[int],
    confidence: float = 0.95,
    *,
    finite_population: bool = True,
) -> DesignEstimate:
    """The share in a corpus of strata, of each of which a simple random sample was coded.

    With x_h of the n_h coded posts of stratum h, N_h posts in it and N in all: p = Σ N_h/N · x_h/n_h and
    v = Σ (N_h/N)² (1 - n_h/N_h) p_h(1-p_h)/(n_h - 1) (Cochran 1977, Sampling Techniques,
    section 5.10; Lohr 2010, Sampling: Design and Analysis, chapter 3). The limits are
    logit p ± t √v / (p(1-p)), carried back, with Σn_h less the number of strata as degrees of freedom.

    Args:
        counts: x_h, shape (strata,), 0 ≤ x_h ≤ n_h; need not be whole, so that printed shares can be used.
        sizes: n_h, shape (strata,), whole numbers up to N_h.
        populations: N_h, shape (strata,); strata with N_h = 0 are left out.
        confidence: the coverage aimed at, between 0 and 1.
        finite_population: whether the corpus itself is what is spoken of; False leaves out (1 - n_h/N_h), for
            a corpus that is itself a sample of endlessly many posts.

    Returns:
        Without a coded post in some stratum everything is undefined; with a single one, unless it is all of
        its stratum, the standard error and interval are. Where each stratum has the share 0 or 1 the standard
        error is undefined, and the interval is Wilson's with the effective size 1 / Σ (N_h/N)²/n_h (Kish
        1992, J. Off. Stat. 8:183-200). A census has an interval without width.

    Raises:
        ValueError: when shapes or ranges are not kept.
    """
    check_confidence(confidence)
    strata = _checked(counts, sizes, populations)
    missing = _without_share(strata)
    if missing:
        return DesignEstimate(None, None, None, 0, STRATIFIED, missing)
    share = float(strata.weights @ (strata.counts / strata.sizes))
    if finite_population and (strata.sizes == strata.populations).all():
        return DesignEstimate(share, 0.0, (share, share), strata.degrees, STRATIFIED, CENSUS)
    single = _single(strata, finite_population=finite_population)
    if single:
        return DesignEstimate(share, None, None, strata.degrees, STRATIFIED, single)
    error = math.sqrt(_variance(strata, finite_population=finite_population))
    if error == 0:
        return _without_spread(share, strata, confidence)
    interval = logit_interval(share, error, strata.degrees, confidence)
    return DesignEstimate(share, error, interval, strata.degrees, STRATIFIED)


def _checked(counts: Sequence[float], sizes: Sequence[int], populations: Sequence[int]) -> _Strata:
    x, n, total = (
        not_negative(given, name)
        for given, name in ((counts, "a count"), (sizes, "a size"), (populations, "a population"))
    )
    same_length([x, n, total], "counts, sizes and populations")
    if (x > n).any():
        raise ValueError("every count lies between 0 and the size of its sample")
    if (n > total).any():
        raise ValueError("no stratum has more coded posts than posts")
    if ((n != np.floor(n)) | (total != np.floor(total))).any():
        raise ValueError("sizes and populations are whole numbers")
    filled = total > 0
    return _Strata(x[filled], n[filled], total[filled])


def _without_share(strata: _Strata) -> str | None:
    if strata.sizes.sum() == 0:
        return _NO_POST
    empty = int((strata.sizes == 0).sum())
    said = _("No post is coded in {empty} of {strata} strata.")
    return said.format(empty=empty, strata=strata.sizes.size) if empty else None


def _single(strata: _Strata, *, finite_population: bool) -> str | None:
    alone = strata.sizes == 1
    if finite_population:
        alone &= strata.populations > 1
    return lonely(int(alone.sum()), strata.sizes.size, "post") if alone.any() else None


def lonely(single: int, strata: int, unit: Literal["post", "cluster"]) -> str:
    """Why there is no standard error with strata of a single `unit`."""
    said = {
        "post": _("{single} of {strata} strata have a single post, so nothing shows how posts differ there."),
        "cluster": _("{single} of {strata} strata have a single cluster, so nothing shows how these differ."),
    }[unit]
    return f"{said.format(single=single, strata=strata)} {_('Merge such strata with others like them.')}"


def _variance(strata: _Strata, *, finite_population: bool) -> float:
    share = strata.counts / strata.sizes
    left = 1 - strata.sizes / strata.populations if finite_population else np.ones_like(share)
    # A stratum of one post that was coded is certain: left = 0, whatever stands below.
    within = share * (1 - share) / np.maximum(strata.sizes - 1, 1)
    return float((np.square(strata.weights) * left * within).sum())


def _without_spread(share: float, strata: _Strata, confidence: float) -> DesignEstimate:
    n = 1 / float((np.square(strata.weights) / strata.sizes).sum())
    interval = wilson_interval(min(share * n, n), n, confidence)
    return DesignEstimate(share, None, interval, strata.degrees, WILSON_STRATIFIED, _NO_SPREAD)
