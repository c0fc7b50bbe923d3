"""What is said of a coefficient, with everything it rests on."""

from dataclasses import dataclass

from server.agreement.intervals import IntervalMethod
from server.agreement.scales import Level


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of agreement, or the reason why there is none.

    Attributes:
        name: Such as `krippendorff_alpha`.
        level: The level of measurement it was computed at.
        estimate: None where the coefficient is undefined.
        interval: The interval at `confidence` by `method`, None where none can be given.
        undefined: Why there is no estimate, in words; None where there is one.
        n_units: Posts with a coding.
        n_pairable: Posts with two codings or more, the only evidence on agreement.
        n_codings: Codings of all these posts.
        resamples: How many resamples were drawn.
        undefined_resamples: In how many of them the coefficient was undefined; they are left out.
        seed: What the resamples were drawn with.
        no_interval: Why there is an estimate but no interval, in words.
        standard_error: Over the posts that can be compared, or over their authors; None where there is none.
        weights: How much different categories agree, for kappa-like coefficients.
        method: How the interval was made.
        confidence: What share of such intervals are to hold the true value.
        n_clusters: Authors that were drawn, or with t those of posts that can be compared; None for posts.
    """

    name: str
    level: Level
    estimate: float | None
    interval: tuple[float, float] | None
    undefined: str | None
    n_units: int
    n_pairable: int
    n_codings: int
    resamples: int
    undefined_resamples: int
    seed: int
    no_interval: str | None = None
    standard_error: float | None = None
    weights: str = "identity"
    method: IntervalMethod = "bca"
    confidence: float = 0.95
    n_clusters: int | None = None

    @property
    def reason(self) -> str | None:
        """Why there is no estimate, or no interval to it, in words; None where there are both."""
        return self.undefined or self.no_interval
