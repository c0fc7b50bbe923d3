"""What is told of the results: the same as `intercoder results --format json` prints."""

from pydantic import Field

from server.api.agreement_shapes import Interval, Level
from server.api.shapes import Count, HiddenRound, Kind, Number, Part, Shape

Basis = dict[str, Count]


class Alpha(Shape):
    """Krippendorff's alpha of the codings before adjudication."""

    level: Level
    estimate: float | None
    interval: Interval | None
    undefined: str | None
    no_interval: str | None


class Share(Shape):
    """How many posts carry a code, of those that are its denominator."""

    count: Count
    denominator: Count
    share: Part | None
    interval: Interval | None
    method: str
    clusters: int | None = Field(
        description="How many clusters the interval was made over: authors, and posts without one"
    )
    reason: str | None = Field(description="Why it is undefined, or the method not the usual one")
    share_of_resolved: Part | None
    unresolved: Count
    bounds: Interval | None = Field(description="If none, and if all of the unresolved carried it")
    basis: Basis


class CodeShare(Share):
    """The share of one code."""

    code: str
    alpha: Alpha | None


class Values(Shape):
    """Mean, median and standard deviation of final values that are numbers."""

    n: Count
    mean: float | None
    median: float | None
    standard_deviation: float | None
    reason: str | None


class VariableResults(Shape):
    """The final values of one variable."""

    variable: str
    kind: Kind
    asked: str | None = Field(description="Of which posts it is asked, where not of all")
    posts: Count
    unresolved: Count
    rule: str
    basis: Basis | None
    values: Values | None
    alpha: Alpha | None
    codes: tuple[CodeShare, ...]
    nothing_applies: Share | None


class Drawn(Shape):
    """With which seed the posts of a round were drawn."""

    round: Number
    seed: int


class VersionUsed(Shape):
    """How many codings were made under a version of the codebook."""

    version: Number
    codings: Count


class Results(Shape):
    """The final shares of a project, counted in one way."""

    rule: str
    ways: dict[str, str]
    drawn_with_seeds: tuple[Drawn, ...]
    is_random_sample: bool
    posts: Count
    posts_coded: Count
    posts_double_coded: Count
    posts_unresolved: Count
    posts_skipped: Count
    authors: Count
    annotators: Count
    codebook_versions: tuple[VersionUsed, ...]
    hidden_rounds: tuple[HiddenRound, ...]
    variables: tuple[VariableResults, ...]
