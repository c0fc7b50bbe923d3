"""Shares of codes with their intervals, and the moments of numbers."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist, median

from server.archive.recomputing.finals import UNRESOLVED, Final, has_value, is_coded_on
from server.archive.recomputing.reading import NOTHING, Question

Number = float | int | None
Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Carrying:
    """How one post stands to one code: whether it carries it, is open on it, and counts at all.

    It is coded on it also where that says that the question is not asked, if it was put.
    """

    carries: bool
    is_open: bool
    counts: bool
    is_coded: bool


def shares(
    question: Question, finals: dict[str, Final], authors: dict[str, str]
) -> dict[str, dict[str, Number]]:
    """The share of every code, and of `none` in a multiple choice; `authors` are those of the posts."""
    found = {}
    for key, each in carrying(question, finals).items():
        counted = [post for post, one in each.items() if one.counts]
        found[key] = share(each, authors, is_clustered=repeat(counted, authors))
    return found


def repeat(posts: Iterable[str], authors: dict[str, str]) -> bool:
    """Whether an author wrote several of the posts."""
    return max(_posts_of_authors(posts, authors).values(), default=0) > 1


def _posts_of_authors(posts: Iterable[str], authors: dict[str, str]) -> Counter[str]:
    """How many of the posts each author wrote. A post without an author stands for itself."""
    return Counter(authors[post] or f"\0{post}" for post in posts)


def carrying(question: Question, finals: dict[str, Final]) -> dict[str, dict[str, Carrying]]:
    """How every post stands to every code, and to `none` in a multiple choice."""
    found = {}
    for place, code in enumerate(question.codes):
        at = place if question.kind == "multiple" else 0
        found[code.key] = {
            post: Carrying(
                code.key in one.codes,
                one.basis[at] == UNRESOLVED,
                has_value(one.basis[at]),
                is_coded_on(one.basis[at]),
            )
            for post, one in finals.items()
        }
    if question.kind == "multiple":
        found[NOTHING] = {post: _nothing(one) for post, one in finals.items()}
    return found


def _nothing(of: Final) -> Carrying:
    """Whether a post carries no code at all; open where it carries none but is open on one."""
    is_open = UNRESOLVED in of.basis and not of.codes
    is_coded = any(is_coded_on(basis) for basis in of.basis)
    return Carrying(of.is_coded and not of.codes and not is_open, is_open, of.is_coded, is_coded)


def share(of: dict[str, Carrying], authors: dict[str, str], *, is_clustered: bool) -> dict[str, Number]:
    """The posts of one author resemble one another: where authors repeat they are drawn as clusters."""
    posts = [post for post, one in of.items() if one.counts]
    sizes = _posts_of_authors(posts, authors)
    yes = _posts_of_authors([post for post in posts if of[post].carries], authors)
    count, n = yes.total(), len(posts)
    unresolved = sum(of[post].is_open for post in posts)
    low, high = _limits(count, n, [(yes[author], size) for author, size in sizes.items()], is_clustered)
    return {
        "count": count,
        "denominator": n,
        "share": count / n if n else None,
        "low": low,
        "high": high,
        "clusters": len(sizes) if is_clustered else None,
        "unresolved": unresolved,
        "at_most": (count + unresolved) / n if n else None,
    }


def _limits(
    count: int, n: int, clusters: list[tuple[int, int]], is_clustered: bool
) -> tuple[float | None, float | None]:
    if n == 0 or (is_clustered and len(clusters) == 1):
        return None, None
    return clustered(clusters) if is_clustered else wilson(count, n)


def wilson(successes: float, n: float) -> tuple[float, float]:
    """The score interval (Wilson 1927, JASA 22:209-212)."""
    share = successes / n
    centre = share + Z * Z / (2 * n)
    spread = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    low = 0.0 if successes == 0 else max(0.0, (centre - spread) / scale)
    high = 1.0 if successes == n else min(1.0, (centre + spread) / scale)
    return low, high


def clustered(clusters: list[tuple[int, int]]) -> tuple[float, float]:
    """A ratio of cluster totals by Taylor linearisation, with limits on the logit scale.

    Cochran (1977), Sampling Techniques, chapter 9A; Korn & Graubard (1998), Survey Methodology 24:193-201.
    Where all clusters have the same share, Wilson's at the effective number of posts (Kish 1965).
    """
    total, posts, n = sum(y for y, _m in clusters), sum(m for _y, m in clusters), len(clusters)
    share = total / posts
    if all(y * posts == m * total for y, m in clusters):
        effective = posts**2 / sum(m * m for _y, m in clusters)
        return wilson(min(share * effective, effective), effective)
    squares = sum((y - share * m) ** 2 for y, m in clusters)
    error = math.sqrt(n / (n - 1) * squares / posts**2)
    return logit_limits(share, error, n - 1)


def logit_limits(share: float, error: float, degrees: int) -> tuple[float, float]:
    """Logit p ± t √v / (p(1-p)), carried back."""
    centre, spread = math.log(share / (1 - share)), t_quantile(degrees) * error / (share * (1 - share))
    return 1 / (1 + math.exp(spread - centre)), 1 / (1 + math.exp(-centre - spread))


@cache
def t_quantile(degrees: int, probability: float = 0.975) -> float:
    """The quantile of Student's t above one half, by halving an interval around it."""
    low, high = 0.0, 1.0
    while _t_below(high, degrees) < probability:
        high *= 2
    for _step in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _t_below(middle, degrees) < probability else (low, middle)
    return (low + high) / 2


def _t_below(t: float, degrees: int) -> float:
    """Student's distribution for whole degrees of freedom (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(degrees))
    cosine, terms = math.cos(angle), []
    term = 1.0 if degrees % 2 == 0 else cosine
    step = 1 if degrees % 2 == 0 else 2
    while step <= degrees - 1:
        terms.append(term)
        term *= cosine * cosine * step / (step + 1)
        step += 2
    within = math.sin(angle) * math.fsum(terms)
    if degrees % 2:
        within = 2 / math.pi * (angle + within)
    return 0.5 + within / 2


def moments(question: Question, finals: dict[str, Final]) -> dict[str, Number] | None:
    """Mean, median and standard deviation of an ordinal scale or of numbers; None of other questions."""
    values = numbers_of(question, finals)
    if values is None:
        return None
    numbers, n = list(values.values()), len(values)
    mean = math.fsum(numbers) / n if n else None
    spread = None
    if mean is not None and n > 1:
        spread = math.sqrt(math.fsum((value - mean) ** 2 for value in numbers) / (n - 1))
    return {"n": n, "mean": mean, "median": median(numbers) if n else None, "standard_deviation": spread}


def numbers_of(question: Question, finals: dict[str, Final]) -> dict[str, float] | None:
    """The number of every post that has one; None of questions whose answers are no numbers."""
    values: dict[str, float | None]
    if question.kind == "ordinal":
        number_of = {code.key: code.value for code in question.codes}
        values = {post: number_of[code] for post, one in finals.items() for code in one.codes}
    elif question.kind == "number":
        values = {post: one.number for post, one in finals.items()}
    else:
        return None
    return {post: value for post, value in values.items() if value is not None}
