"""Proportions of posts that were coded independently of one another."""

import math
from dataclasses import dataclass

from server.estimation.limits import Interval, check_proportion, normal_quantile
from server.language import N_

WILSON = N_("Wilson score")


@dataclass(frozen=True)
class Proportion:
    """A share of posts and how sure it is.

    `share` is None when there is no post; `interval` is None when none can be given; `reason` then says why,
    and otherwise why `method` is not the usual one, or nothing.
    """

    count: int
    denominator: int
    share: float | None
    interval: Interval | None
    method: str
    reason: str | None = None


def wilson_interval(successes: float, n: float, confidence: float = 0.95) -> Interval:
    r"""The score interval of a binomial proportion (Wilson 1927, JASA 22:209-212).

    With p = x/n and z the normal quantile, the limits are
    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n); method 3 of Newcombe (1998, Stat. Med. 17:857-872).

    Args:
        successes: x, 0 ≤ x ≤ n; need not be whole, so that an effective sample size can be used.
        n: the sample size, above 0.
        confidence: the coverage aimed at, between 0 and 1.

    Returns:
        The lower and upper limit, within [0, 1]; exactly 0 or 1 at x = 0 or x = n.

    Raises:
        ValueError: outside of these ranges, where the interval is undefined.
    """
    check_proportion(successes, n, confidence)
    z = normal_quantile(confidence)
    share = successes / n
    centre = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if successes == 0 else max(0.0, (centre - spread) / scale)
    high = 1.0 if successes == n else min(1.0, (centre + spread) / scale)
    return low, high


def proportion(count: int, denominator: int, confidence: float = 0.95) -> Proportion:
    """The share of `count` in `denominator` posts with its Wilson interval; undefined without any post."""
    if denominator == 0:
        return Proportion(count, 0, None, None, WILSON, "There is no post to count.")
    interval = wilson_interval(count, denominator, confidence)
    return Proportion(count, denominator, count / denominator, interval, WILSON)
