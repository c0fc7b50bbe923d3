"""What is told of agreement: the same as `docs/agreement.schema.json` describes."""

from typing import Annotated, Literal

from pydantic import Field

from server.api.shapes import Count, HiddenRound, Kind, Number, Shape

Level = Literal["nominal", "ordinal", "interval", "ratio"]
Interval = Annotated[tuple[float, float], Field(description="Its two ends")]


class Coefficient(Shape):
    """One coefficient of agreement, with its interval."""

    name: str = Field(examples=["krippendorff_alpha"])
    level: Level
    weights: str
    estimate: float | None
    standard_error: float | None
    interval: Interval | None
    method: str = Field(examples=["bca"])
    undefined: str | None = Field(description="Why there is no estimate")
    no_interval: str | None = Field(description="Why there is an estimate and no interval")
    undefined_resamples: Count


class CodeAgreement(Shape):
    """A code against the rest, as a question with the answers yes and no."""

    code: str
    prevalence: float | None = Field(description="The share of codings that chose it")
    chosen: Count
    units: Count
    units_pairable: Count
    codings: Count
    coefficients: tuple[Coefficient, ...]


class PairAgreement(Shape):
    """Two annotators on the posts that both coded."""

    annotators: tuple[str, str]
    a: str
    b: str
    code: str | None = Field(description="Of a multiple choice: the code compared as yes or no")
    units: Number
    posts: Number
    coefficients: tuple[Coefficient, ...]
    confusion: dict[str, dict[str, Count]] = Field(
        description="What the first said, then what the second said, then on how many posts"
    )


class VariableAgreement(Shape):
    """Agreement on one variable."""

    variable: str
    kind: Kind
    level: Level
    units: Count = Field(description="Posts with a coding")
    units_pairable: Count = Field(description="Posts with two codings or more")
    annotators: Count
    codings: Count
    authors: int | None = Field(description="Drawn instead of posts; null where none repeats")
    repeats: Count = Field(description="Left out: coded by the same annotator before")
    note: str = Field(description="Why there are no coefficients, if so")
    coefficients: tuple[Coefficient, ...]
    codes: tuple[CodeAgreement, ...]
    pairs: tuple[PairAgreement, ...]


class Agreement(Shape):
    """Agreement on every variable."""

    rounds: tuple[Number, ...]
    hidden_rounds: tuple[HiddenRound, ...]
    group: str | None
    seed: int
    resamples: int
    variables: tuple[VariableAgreement, ...]
