"""Shares of a code when a model predicts it for all posts and people coded a random part of them.

The predictions may be as bad as they like: what people coded corrects them, and the interval says how well.
All rests on the posts for people having been drawn at random with known probabilities; a sample of
convenience corrects nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from server.estimation.arrays import FloatArray, not_negative, numbered, same_length, shares
from server.estimation.limits import (
    Interval,
    check_confidence,
    normal_quantile,
    student_quantile,
    truncated,
    within_unit,
)
from server.language import N_

# The square of what the last digits of a mean are by it.
_CRUMB = 1e-24

PPI = N_("prediction-powered")
PPI_TUNED = N_("prediction-powered, tuned")
DSL = N_("design-based supervised learning")
DSL_TUNED = N_("design-based supervised learning, tuned")

_TOO_FEW = N_("Fewer than two posts were coded by people, so nothing shows how far the predictions are off.")
_NO_CODED = N_("No post was coded by people, so the predictions cannot be corrected.")
_NO_PREDICTED = N_("There is no post that was predicted only.")
_NO_POST = N_("There is no post to count.")
_ONE_CLUSTER = N_("All posts are of one cluster, so nothing shows how clusters differ.")
_NO_SPREAD = N_("Nothing varies among these posts, so they do not show how far the share may be off.")
_OUTSIDE = N_(
    "The whole interval would lie outside of 0 to 1, so none is given. More posts should be coded by people."
)
_NO_ERROR_SEEN = N_(
    "The predictions were off equally on all posts that people coded, often not at all, so the interval "
    "leaves out how much they may err elsewhere. More posts should be coded by people."
)


@dataclass(frozen=True)
class AssistedProportion:
    """A share from predictions and codes together; what is undefined is None and told in `reason`.

    `raw` may leave [0, 1], and `share` is the value of [0, 1] nearest to it; the standard error is that of
    `raw`, and the interval is cut to [0, 1]. `power` is how much the predictions count: 1 wholly, 0 not at
    all.

    `clusters` is how many the standard error was made over, None where posts count singly. By G clusters the
    variance is G/(G - 1) Σ_g (Σ_i∈g z_i)², z being what each post moves the share by (Liang & Zeger 1986,
    Biometrika 73:13-22; Cameron & Miller 2015, J. Human Resources 50:317-372), and the interval takes the t
    quantile of G - 1 degrees of freedom.
    """

    raw: float | None
    share: float | None
    standard_error: float | None
    interval: Interval | None
    power: float | None
    coded: int
    predicted: int
    method: str
    reason: str | None = None
    clusters: int | None = None

    @property
    def is_truncated(self) -> bool:
        """Whether the estimate lay outside of [0, 1]."""
        return self.raw != self.share


def ppi_mean(
    codes: Sequence[float],
    predictions_of_coded: Sequence[float],
    predictions: Sequence[float],
    confidence: float = 0.95,
    power: float | None = 1.0,
    clusters: Sequence[int] | None = None,
) -> AssistedProportion:
    """The prediction-powered share: predictions of many posts, corrected on a simple random sample.

    With y_i the codes of n posts, f_i their predictions and f'_j those of N others: p = λ f̄' + mean(y - λf),
    with variance λ² Var(f')/N + Var(y - λf)/n and a normal interval. λ = 1 is prediction-powered inference
    (Angelopoulos, Bates, Fannjiang, Jordan & Zrnic 2023, Science 382:669-674). Tuned, λ is
    Cov(y, f) / ((1 + n/N) Var(f)), the latter over all posts, within [0, 1]: PPI++, in large samples never
    worse than the people's codes alone (Angelopoulos, Duchi & Zrnic 2023, arXiv 2311.01453). Divisors are n
    or N, and n + N - 1 in Var(f), as in the authors' ppi-python.

    With clusters z, what each post moves the share by, is summed within each: (y_i - λf_i - their mean)/n,
    and λ(f'_j - f̄')/N; see `AssistedProportion`.

    Args:
        codes: y, shape (n,), what people coded, 0 or 1 (or between, for several coders).
        predictions_of_coded: f, shape (n,), from 0 to 1, of the same posts.
        predictions: f', shape (N,), from 0 to 1, of posts that people did not code.
        confidence: the coverage aimed at, between 0 and 1.
        power: λ from 0 to 1; None tunes it.
        clusters: of each post, numbered from 0: of the n, then of the N; each post its own without.

    Returns:
        Undefined without coded or without other posts; with one coded post or cluster, or where nothing
        varies, the standard error and interval are. `reason` warns where no error varies.

    Raises:
        ValueError: when shapes or ranges are not kept.
    """
    _check(confidence, power)
    method = PPI_TUNED if power is None else PPI
    y, f = shares(codes, "a code"), shares(predictions_of_coded, "a prediction")
    others = shares(predictions, "a prediction")
    same_length([y, f], "codes and predictions of coded posts")
    if y.size == 0 or others.size == 0:
        reason = _NO_PREDICTED if y.size else _NO_CODED
        return AssistedProportion(None, None, None, None, power, y.size, others.size, method, reason)
    if power is None:
        power = _tuned(y, f, others)
    off = y - power * f
    moved = np.concatenate([(off - off.mean()) / y.size, power * (others - others.mean()) / others.size])
    raw, spread = power * float(others.mean()) + float(off.mean()), _spread(moved, clusters)
    warning = _NO_ERROR_SEEN if np.ptp(off) == 0 else None
    return _assisted(raw, spread, power, (y.size, others.size), confidence, method, warning)


def dsl_mean(
    predictions: Sequence[float],
    codes: Sequence[float | None],
    probabilities: float | Sequence[float],
    confidence: float = 0.95,
    power: float | None = 1.0,
    clusters: Sequence[int] | None = None,
    weights: Sequence[float] | None = None,
) -> AssistedProportion:
    """The share by design-based supervised learning: all posts predicted, some coded with known probability.

    With f_i the predictions of all N posts, y_i the codes of those that were drawn (R_i = 1) with probability
    π_i: ỹ_i = λf_i + R_i (y_i - λf_i) / π_i, p = mean ỹ, and by the sandwich formula the variance is
    Σ(ỹ - p)² / N², with a normal interval (Egami, Hinck, Stewart & Wei 2023, NeurIPS 36; λ = 1). It is the
    difference estimator of survey sampling (Särndal, Swensson & Wretman 1992, Model Assisted Survey Sampling,
    chapter 6), and the posts are taken as drawn independently from endlessly many like them. Tuned, λ is
    the value within [0, 1] with the least variance, as in `ppi_mean`. With clusters z, what each
    post moves the share by, is (ỹ_i - p)/N; see `AssistedProportion`. Of N posts that were themselves drawn
    with unequal chances, p = Σwỹ/Σw and z_i = w_i (ỹ_i - p)/Σw (Särndal et al. 1992, section 5.7).

    Args:
        predictions: f, shape (N,), from 0 to 1; by a model that did not learn from these codes.
        codes: y, shape (N,), 0 or 1 (or between); None where people did not code.
        probabilities: π, one for all or shape (N,), above 0 and up to 1: how probable it was, before drawing,
            that people would code the post.
        confidence: the coverage aimed at, between 0 and 1.
        power: λ from 0 to 1; None tunes it.
        clusters: the cluster of each post, numbered from 0, shape (N,); each post its own without.
        weights: w, shape (N,), above 0: one over the chance that each had to be among the N; equal without.

    Returns:
        Undefined without any post or any coded post; with one coded post or cluster, or where nothing
        varies, the standard error and interval are. `reason` warns where no error varies.

    Raises:
        ValueError: when shapes or ranges are not kept.
    """
    _check(confidence, power)
    method = DSL_TUNED if power is None else DSL
    f, drawn, y = shares(predictions, "a prediction"), *_coded(codes)
    chance, w = _chances(probabilities, f.size), _weights(weights, f.size)
    same_length([f, y, chance, w], "predictions, codes, probabilities and weights")
    n, weight = int(drawn.sum()), drawn / chance
    if n == 0:
        reason = _NO_CODED if f.size else _NO_POST
        return AssistedProportion(None, None, None, None, power, 0, f.size, method, reason)
    power = _least_variance(w * y * weight, w * f * (1 - weight)) if power is None else power
    each = power * f + (y - power * f) * weight
    warning = _NO_ERROR_SEEN if n < f.size and np.ptp((y - power * f)[drawn]) == 0 else None
    return _weighed_mean(each, w, clusters, power, (n, f.size), confidence, method, warning)


def _check(confidence: float, power: float | None) -> None:
    check_confidence(confidence)
    if power is not None and not 0 <= power <= 1:
        raise ValueError("the power of the predictions lies between 0 and 1")


def _coded(codes: Sequence[float | None]) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], FloatArray]:
    """Which posts are coded, and the codes with 0 where they are not; both (posts,)."""
    drawn = np.array([code is not None and not math.isnan(code) for code in codes], dtype=np.bool_)
    known = [0.0 if code is None or math.isnan(code) else code for code in codes]
    return drawn, shares(known, "a code")


def _chances(probabilities: float | Sequence[float], n: int) -> FloatArray:
    given: ArrayLike = np.full(n, probabilities) if np.ndim(probabilities) == 0 else probabilities
    array = shares(given, "a probability of being coded")
    if (array == 0).any():
        raise ValueError("every post had a chance of being coded, a probability above 0")
    return array


def _weights(given: Sequence[float] | None, n: int) -> FloatArray:
    array = np.ones(n) if given is None else not_negative(given, "a weight")
    if not array.all():
        raise ValueError("every post had a chance to be among these, a weight above 0")
    return array


def _tuned(y: FloatArray, f: FloatArray, others: FloatArray) -> float:
    every = np.concatenate([f, others])
    if not _vary(every):
        return 0.0
    together = float(np.mean((y - y.mean()) * (f - f.mean())))
    return truncated(together / ((1 + y.size / others.size) * float(np.var(every, ddof=1))))


def _least_variance(fixed: FloatArray, varying: FloatArray) -> float:
    """The λ of [0, 1] at which fixed + λ · varying has the least variance."""
    if not _vary(varying):
        return 0.0
    together = float(np.mean((fixed - fixed.mean()) * (varying - varying.mean())))
    return truncated(-together / float(varying.var()))


def _vary(values: FloatArray) -> bool:
    """Whether values differ by more than their mean's last digits do."""
    return bool(values.var() > _CRUMB * np.square(values).mean())


@dataclass(frozen=True)
class _Spread:
    """The variance of a share, and the clusters it was made over; None where posts count singly."""

    variance: float
    clusters: int | None = None

    def reach(self, confidence: float) -> float:
        """How many standard errors the interval reaches to either side."""
        if self.clusters is None:
            return normal_quantile(confidence)
        return student_quantile(self.clusters - 1, confidence)


def _spread(moved: FloatArray, clusters: Sequence[int] | None) -> _Spread:
    """From what each post moves the share by (posts,), which sums to 0."""
    if clusters is None:
        return _Spread(float(np.square(moved).sum()))
    _names, of = np.unique(numbered(clusters, "a cluster"), return_inverse=True)
    same_length([moved, of], "posts and clusters")
    totals = np.bincount(of, moved)
    correction = totals.size / max(totals.size - 1, 1)
    return _Spread(float(np.square(totals).sum()) * correction, totals.size)


def _weighed_mean(
    each: FloatArray,
    w: FloatArray,
    clusters: Sequence[int] | None,
    power: float,
    posts: tuple[int, int],
    confidence: float,
    method: str,
    warning: str | None,
) -> AssistedProportion:
    share = float(w @ each / w.sum())
    spread = _spread(w * (each - share) / w.sum(), clusters)
    return _assisted(share, spread, power, posts, confidence, method, warning)


def _assisted(
    raw: float,
    spread: _Spread,
    power: float,
    posts: tuple[int, int],
    confidence: float,
    method: str,
    warning: str | None,
) -> AssistedProportion:
    # Rounding may leave a mean of ones at 1 + 1e-16, and a variance of nothing at 1e-34.
    if abs(raw - truncated(raw)) < 1e-12:
        raw = truncated(raw)
    why_not = _why_no_error(spread, posts[0])
    found = AssistedProportion(
        raw, truncated(raw), None, None, power, *posts, method, why_not or warning, spread.clusters
    )
    if why_not:
        return found
    error = math.sqrt(spread.variance)
    reach = spread.reach(confidence) * error
    interval = within_unit((raw - reach, raw + reach))
    return replace(found, standard_error=error, interval=interval, reason=warning if interval else _OUTSIDE)


def _why_no_error(spread: _Spread, coded: int) -> str | None:
    if coded < 2:
        return _TOO_FEW
    if spread.clusters == 1:
        return _ONE_CLUSTER
    return _NO_SPREAD if spread.variance < 1e-24 else None
