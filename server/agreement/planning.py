"""How many posts must be coded by several annotators, before any of them is.

All of it is about one code that a post has or has not, every post coded by equally many annotators, and the
limit of many independent posts. Prevalence p is the share of codings that give the code.

The spread of alpha comes from its influence function (see `errors`) at the patterns that are to be expected.
For two annotators these follow from p and alpha alone (the common-correlation model of Bloch & Kraemer 1989,
Biometrics 45:269-287); for more of them we take the beta-binomial distribution whose intraclass correlation
is alpha, which makes any two annotators agree as that model says.
"""

import math
from dataclasses import dataclass

import numpy as np

from server.agreement.arrays import FloatArray
from server.agreement.coefficients import krippendorff_alpha
from server.agreement.patterns import CountPatterns
from server.agreement.scales import scale_of
from server.deferred import special

MOST_ANNOTATORS = 100
# More posts than this are beyond counting, and beyond a double.
_MOST_POSTS = 2**53
# Nearer than this to 0 or 1 no share of posts, and no width, means anything; squares of it stay countable.
_LEAST = 1e-9


@dataclass(frozen=True)
class Plan:
    """What has to be coded: `posts`, each by `annotators`.

    On `disputed` of the posts (an expectation) the annotators do not all say the same: what alpha rests on.
    """

    posts: int
    annotators: int
    disputed: float

    @property
    def codings(self) -> int:
        """What the annotators have to do altogether."""
        return self.posts * self.annotators


@dataclass(frozen=True)
class Expected:
    """What a code is expected to be like: true alpha, prevalence, and how many annotators code each post."""

    alpha: float
    prevalence: float
    annotators: int = 2

    def __post_init__(self) -> None:
        _refuse(not 0 <= self.alpha < 1, "The alpha to plan with is at least 0 and below 1.")
        _refuse(not _LEAST <= self.prevalence <= 1 - _LEAST, "The prevalence lies between 0 and 1.")
        _refuse(
            not 2 <= self.annotators <= MOST_ANNOTATORS,
            f"A post is coded by 2 to {MOST_ANNOTATORS} annotators.",
        )

    def pattern_shares(self) -> FloatArray:
        """The share of posts to which 0, 1, … of the annotators give the code (annotators + 1).

        The beta-binomial distribution with its parameters multiplied by the correlation, so that 0 is a
        correlation like any other: there it is the binomial.
        """
        independent, m = 1 - self.alpha, self.annotators
        steps = self.alpha * np.arange(m, dtype=np.float64)
        yes = _products(self.prevalence * independent + steps)
        no = _products((1 - self.prevalence) * independent + steps)
        ways = np.array([math.comb(m, k) for k in range(m + 1)], dtype=np.float64)
        return np.asarray(ways * yes * no[::-1] / _products(independent + steps)[-1])

    def spread(self) -> float:
        """The standard deviation of alpha over one post: its standard error times √n, for large n.

        With two annotators its square is (1 - α)[(1 - α)(1 - 2α) + α(2 - α) / (2p(1 - p))] (Bloch & Kraemer
        1989, the variance of the intraclass kappa, which is what alpha tends to).
        """
        chosen = np.arange(self.annotators + 1)
        counts = np.column_stack([self.annotators - chosen, chosen])
        patterns = CountPatterns(counts, np.ones(len(chosen), dtype=np.int64))
        shares = self.pattern_shares()
        moved = krippendorff_alpha(patterns, scale_of(None, "nominal", 2)).influence(shares)
        return math.sqrt(float(shares @ np.square(moved)))

    def plan(self, posts: float) -> Plan:
        """This many posts, rounded up."""
        _refuse(not posts <= _MOST_POSTS, "This takes more posts than can be counted.")
        # Influences are numeric derivatives: what is a whole number but for their noise is one.
        whole = max(math.ceil(round(posts, 6)), 2)
        shares = self.pattern_shares()
        return Plan(whole, self.annotators, whole * float(1 - shares[0] - shares[-1]))


def posts_for_half_width(half_width: float, expected: Expected, confidence: float = 0.95) -> Plan:
    """Posts for an interval of alpha that reaches `half_width` to either side.

    n = (z · spread / half width)², with z two-sided at `confidence`.

    Raises:
        ValueError: A number is outside its range.
    """
    _refuse(not _LEAST <= half_width < 1, "The half width lies between 0 and 1.")
    _refuse(not 0 < confidence < 1, "The confidence lies between 0 and 1.")
    z = -float(special.ndtri((1 - confidence) / 2))
    return expected.plan((z * expected.spread() / half_width) ** 2)


def posts_to_exceed(
    threshold: float, expected: Expected, significance: float = 0.05, power: float = 0.8
) -> Plan:
    """Posts that show alpha to lie above `threshold`, if it is the higher one that is expected.

    Shown is: the lower limit of the interval, one-sided at `significance`, lies above the threshold; with
    `power` as the chance that it does. n = ((z_significance + z_power) · spread / (alpha - threshold))², the
    spread at the alpha that is expected. Where few posts are disputed the limit of many is far: with six of
    them, simulated studies that estimate their spread reach a power of .75 in place of .80.

    Raises:
        ValueError: A number is outside its range, or the threshold is not below the expected alpha.
    """
    _refuse(not -1 <= threshold < expected.alpha, "The threshold lies below the alpha that is expected.")
    _refuse(not 0 < significance < 0.5, "The significance lies between 0 and 0.5.")
    _refuse(not 0.5 <= power < 1, "The power is at least 0.5 and below 1.")
    z = float(special.ndtri(power) - special.ndtri(significance))
    return expected.plan((z * expected.spread() / (expected.alpha - threshold)) ** 2)


def krippendorff_sample_size(threshold: float, prevalence: float, significance: float = 0.05) -> int:
    """Krippendorff's sample size N for two annotators, to tell alpha from a `threshold` below it.

    N = 2z² ((1 + α)(3 - α) / (4(1 - α)p(1 - p)) - α), z one-sided (Krippendorff 2019, Content Analysis, 4th
    edition, chapter 12, after Bloch & Kraemer 1989, equation 3.7); for p = .25 at .05, 139 at .800 and 81 at
    .667.

    What N counts. With β = (1 + α)/2, halfway from the threshold to 1, the bracket is spread(β)² / (β - α)²,
    exactly: so N/2 is `posts_to_exceed` for a true alpha of β and a power of one half. Then 2 is the number
    of annotators and N counts codings; so do the manuals that multiply z² by the number of annotators for
    more than two (ATLAS.ti 22). The table is often read as a number of units all the same. N posts are on
    the safe side: they make the power Φ((√2 - 1)z), .75 at a significance of .05.

    Raises:
        ValueError: A number is outside its range.
    """
    _refuse(not 0 <= threshold < 1, "The threshold is at least 0 and below 1.")
    _refuse(not 0 < significance < 0.5, "The significance lies between 0 and 0.5.")
    halfway = Expected((1 + threshold) / 2, prevalence)
    varied = 4 * (1 - threshold) * prevalence * (1 - prevalence)
    bracket = (1 + threshold) * (3 - threshold) / varied - threshold
    return halfway.plan(2 * float(special.ndtri(significance)) ** 2 * bracket).posts


def _products(factors: FloatArray) -> FloatArray:
    """1, and the product of the first, the first two, … all of the factors."""
    return np.concatenate([[1.0], np.cumprod(factors)])


def _refuse(is_outside: bool, words: str) -> None:
    if is_outside:
        raise ValueError(words)
