"""Intervals of one proportion that are read off the beta distribution."""

from server.deferred import special
from server.estimation.limits import Interval, check_proportion


def clopper_pearson_interval(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """The exact interval of a binomial proportion (Clopper & Pearson 1934, Biometrika 26:404-413).

    It holds all shares that neither one-sided binomial test at (1 - confidence)/2 rejects, so that its
    coverage never falls below `confidence`, and is often above. As quantiles of the beta distribution: the
    lower limit is that of Beta(x, n - x + 1), the upper that of Beta(x + 1, n - x) (Brown, Cai & DasGupta
    2001, Statistical Science 16:101-133).

    Args:
        successes: x, 0 ≤ x ≤ n; need not be whole, so that an effective sample size can be used.
        n: the sample size, above 0.
        confidence: the coverage aimed at, between 0 and 1.

    Returns:
        The lower and upper limit, within [0, 1]; exactly 0 or 1 at x = 0 or x = n.

    Raises:
        ValueError: outside of these ranges, where the interval is undefined.
    """
    tail = _tail(successes, n, confidence)
    low = 0.0 if successes == 0 else float(special.betaincinv(successes, n - successes + 1, tail))
    high = 1.0 if successes == n else float(special.betainccinv(successes + 1, n - successes, tail))
    return low, high


def jeffreys_interval(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """The equal-tailed posterior interval of a binomial proportion under Jeffreys' prior Beta(1/2, 1/2).

    Quantiles of Beta(x + 1/2, n - x + 1/2), with the lower limit 0 at x = 0 and the upper 1 at x = n, as
    Brown, Cai & DasGupta (2001, Statistical Science 16:101-133, section 3.1) define it, so that the interval
    always holds the share observed. Arguments and errors as in `clopper_pearson_interval`.
    """
    tail = _tail(successes, n, confidence)
    posterior = (successes + 0.5, n - successes + 0.5)
    low = 0.0 if successes == 0 else float(special.betaincinv(*posterior, tail))
    high = 1.0 if successes == n else float(special.betainccinv(*posterior, tail))
    return low, high


def _tail(successes: float, n: float, confidence: float) -> float:
    check_proportion(successes, n, confidence)
    return (1 - confidence) / 2
