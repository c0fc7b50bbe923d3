"""How probable it is that all counts of a multinomial fall near what was observed.

The counts are Poisson variables Y_i with means n_i, given that they sum to N (Levin 1981, Annals of
Statistics 9:1123-1126): ν(c) = P(all |Y_i - n_i| ≤ c) · P(W = N) / P(Poisson(N) = N), with W the sum of the
Y_i truncated to n_i ± c. P(W = N) is approximated by an Edgeworth expansion in the first four moments (Sison
& Glaz 1995, JASA 90:366-369).
"""

import math

import numpy as np

from server.deferred import special
from server.estimation.arrays import FloatArray, IntArray


def half_width(counts: IntArray, confidence: float) -> tuple[float, float]:
    """The posts c that the intervals reach down and c + 2γ that they reach up, for `counts` (codes,).

    At least two counts lie above 0. Found by doubling and halving, as ν grows with c.
    """
    above = 1
    while coverage(counts, above) < confidence and above < counts.sum():
        above *= 2
    below = above // 2
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (middle, above) if coverage(counts, middle) < confidence else (below, middle)
    return float(below), below + 2 * _fraction(counts, below, confidence)


def coverage(counts: IntArray, c: int) -> float:
    """ν(c): the probability that a multinomial with shares n_i/N gives all counts within c of n_i.

    By convention 0 at c = 0, as R's MultinomialCI has it; that errs on the wide side.
    """
    if c == 0:
        return 0.0
    if c >= counts.sum():
        return 1.0
    log_all_near, moments = 0.0, np.zeros(4)
    for count in counts.tolist():
        log_near, four = _truncated(count, c)
        log_all_near += log_near
        moments += _cumulants(four)
    total = int(counts.sum())
    log_total = float(_log_poisson(np.array([float(total)]), total)[0])
    return math.exp(log_all_near - log_total) * _density_at(total, moments)


def _fraction(counts: IntArray, below: int, confidence: float) -> float:
    """γ: how far between `below` and one more the confidence is reached."""
    at, beyond = coverage(counts, below), coverage(counts, below + 1)
    return (confidence - at) / (beyond - at) if beyond > at else 1.0


def _truncated(count: int, c: int) -> tuple[float, FloatArray]:
    """Log P(|Y - n| ≤ c) and the mean, 2nd, 3rd and 4th central moment of Y truncated so."""
    values = np.arange(max(0, count - c), count + c + 1, dtype=float)
    probabilities = np.exp(_log_poisson(values, count))
    near = float(probabilities.sum())
    probabilities = probabilities / near
    mean = float(probabilities @ values)
    central = [float(probabilities @ (values - mean) ** power) for power in (2, 3, 4)]
    return math.log(near), np.array([mean, *central])


def _log_poisson(values: FloatArray, mean: float) -> FloatArray:
    # Written out, as scipy.stats takes many times as long to check what it is given.
    return np.asarray(special.xlogy(values, mean) - mean - special.gammaln(values + 1))


def _cumulants(four: FloatArray) -> FloatArray:
    """Mean, variance, third and fourth cumulant from mean and central moments; they add up over codes."""
    mean, second, third, fourth = four.tolist()
    return np.array([mean, second, third, fourth - 3 * second**2])


def _density_at(total: int, moments: FloatArray) -> float:
    """The Edgeworth expansion of the density of a sum with these four cumulants, at `total`."""
    mean, variance, third, fourth = moments.tolist()
    x = (total - mean) / math.sqrt(variance)
    skew, excess = third / variance**1.5, fourth / variance**2
    series = (
        1
        + skew * (x**3 - 3 * x) / 6
        + excess * (x**4 - 6 * x**2 + 3) / 24
        + skew**2 * (x**6 - 15 * x**4 + 45 * x**2 - 15) / 72
    )
    return float(math.exp(-x * x / 2) * series / math.sqrt(2 * math.pi * variance))
