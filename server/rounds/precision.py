"""How wide the interval of alpha will be, before anything is coded, under stated assumptions."""

from dataclasses import dataclass

from server.agreement.planning import MOST_ANNOTATORS, Expected

ALPHA, PREVALENCE = 0.8, 0.25
_Z = 1.959964


@dataclass(frozen=True)
class Precision:
    """The expected half width of the 95 % interval of alpha, and what it assumes.

    `n_posts` are coded by `annotators` or more; more codings of some make the interval a little narrower.
    """

    half_width: float
    n_posts: int
    annotators: int
    alpha: float = ALPHA
    prevalence: float = PREVALENCE


def precision(n_posts: int, annotators: int) -> Precision | None:
    """What so many posts, each coded by so many, let one expect; None where none is coded twice."""
    if n_posts < 1 or annotators < 2:
        return None
    expected = Expected(ALPHA, PREVALENCE, min(annotators, MOST_ANNOTATORS))
    return Precision(_Z * expected.spread() / n_posts**0.5, n_posts, annotators)
