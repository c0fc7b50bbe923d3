"""How many posts to code twice, as the planner shows it: one answer, and what other wishes would take."""

from dataclasses import dataclass, replace

from server.agreement import Expected, Plan, krippendorff_sample_size, posts_for_half_width, posts_to_exceed
from server.reliability.sheets import Sheet

HALF_WIDTHS = (0.03, 0.05, 0.075, 0.1)
ANNOTATORS = (2, 3, 4, 5)
THRESHOLDS = (0.667, 0.8)
SIGNIFICANCES = (0.1, 0.05, 0.01, 0.005)
SIGNIFICANCE, POWER = 0.05, 0.8
_PLAN = ("annotators", "posts", "codings", "disputed")
# Where annotators differ on fewer posts than these, the formulas for many posts are not to be relied on.
FEW_DISPUTED = 10


@dataclass(frozen=True)
class Wish:
    """The interval that is wanted of alpha, and what the code is expected to be like."""

    expected: Expected
    half_width: float
    confidence: float


@dataclass(frozen=True)
class Answer:
    """What the wish takes, and the tables around it.

    `by_width` has a row for each half width, `to_exceed` one for each threshold (empty where the expected
    alpha is not above it), with a plan for each of `annotators`; `sample_sizes` has Krippendorff's N of each
    threshold for each of `SIGNIFICANCES`.
    """

    wish: Wish
    plan: Plan
    annotators: tuple[int, ...]
    by_width: tuple[tuple[float, tuple[Plan, ...]], ...]
    to_exceed: tuple[tuple[float, tuple[Plan, ...]], ...]
    sample_sizes: tuple[tuple[float, tuple[int, ...]], ...]


def answer_to(wish: Wish) -> Answer:
    """What is wanted stands among the usual half widths and numbers of annotators."""
    expected = wish.expected
    annotators = tuple(sorted({*ANNOTATORS, expected.annotators}))
    teams = tuple(replace(expected, annotators=number) for number in annotators)
    widths = sorted({*HALF_WIDTHS, wish.half_width})
    return Answer(
        wish,
        posts_for_half_width(wish.half_width, expected, wish.confidence),
        annotators,
        tuple(
            (width, tuple(posts_for_half_width(width, team, wish.confidence) for team in teams))
            for width in widths
        ),
        tuple((threshold, _to_exceed(threshold, teams)) for threshold in THRESHOLDS),
        tuple((threshold, _sample_sizes(threshold, expected.prevalence)) for threshold in THRESHOLDS),
    )


def plan_sheets(answer: Answer) -> dict[str, Sheet]:
    """The tables as plain rows, by their names in the address."""
    found = {"width": _widths(answer), "exceed": _exceeding(answer), "krippendorff": _krippendorff(answer)}
    return {name: sheet for name, sheet in found.items() if sheet.rows}


def _to_exceed(threshold: float, teams: tuple[Expected, ...]) -> tuple[Plan, ...]:
    return tuple(
        posts_to_exceed(threshold, team, SIGNIFICANCE, POWER) for team in teams if threshold < team.alpha
    )


def _sample_sizes(threshold: float, prevalence: float) -> tuple[int, ...]:
    return tuple(krippendorff_sample_size(threshold, prevalence, one) for one in SIGNIFICANCES)


def _widths(answer: Answer) -> Sheet:
    wish = answer.wish
    rows = tuple(
        (wish.expected.prevalence, wish.expected.alpha, wish.confidence, width, *_cells(plan))
        for width, plans in answer.by_width
        for plan in plans
    )
    return Sheet(("prevalence", "alpha", "confidence", "half_width", *_PLAN), rows)


def _exceeding(answer: Answer) -> Sheet:
    expected = answer.wish.expected
    rows = tuple(
        (expected.prevalence, expected.alpha, threshold, SIGNIFICANCE, POWER, *_cells(plan))
        for threshold, plans in answer.to_exceed
        for plan in plans
    )
    return Sheet(("prevalence", "alpha", "threshold", "significance", "power", *_PLAN), rows)


def _krippendorff(answer: Answer) -> Sheet:
    rows = tuple(
        (answer.wish.expected.prevalence, threshold, significance, n)
        for threshold, sizes in answer.sample_sizes
        for significance, n in zip(SIGNIFICANCES, sizes, strict=True)
    )
    return Sheet(("prevalence", "threshold", "significance", "n"), rows)


def _cells(plan: Plan) -> tuple[int, int, int, float]:
    return plan.annotators, plan.posts, plan.codings, round(plan.disputed, 1)
