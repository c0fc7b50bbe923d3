"""Shares of posts that were drawn with unequal chances, weighted by the draw."""

import math
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate

from server.archive.recomputing.finals import Final, is_coded_on
from server.archive.recomputing.reading import Question, Row
from server.archive.recomputing.shares import Carrying, Number, carrying, logit_limits, numbers_of, wilson

Limits = tuple[float | None, float | None]


@dataclass(frozen=True)
class Draw:
    """What a post counts, the group it was drawn from, and whether it is coded."""

    weight: float
    stratum: str
    is_coded: bool


@dataclass
class Cluster:
    """Posts that are drawn together: the sums of their weights, of those with the code and of all."""

    stratum: str
    yes: float = 0.0
    all: float = 0.0


def draws(posts: list[Row], coded: set[str]) -> dict[str, Draw]:
    """One over the chance at the import, times N_h/n_h where n_h of the N_h posts of a group are coded.

    Horvitz & Thompson (1952), JASA 47:663-685; Cochran (1977), Sampling Techniques, section 5A.9.
    """
    there = Counter(row["stratum"] for row in posts)
    drawn = Counter(row["stratum"] for row in posts if row["post_id"] in coded)
    return {
        row["post_id"]: Draw(_weight(row, there, drawn), row["stratum"], row["post_id"] in coded)
        for row in posts
    }


def _weight(row: Row, there: Counter[str], drawn: Counter[str]) -> float:
    stratum = row["stratum"]
    within = there[stratum] / max(drawn[stratum], 1) if stratum else 1.0
    return 1 / float(row["sampling_fraction"]) * within


def weighted_shares(
    question: Question, finals: dict[str, Final], authors: dict[str, str], posts: list[Row]
) -> dict[str, dict[str, Number]]:
    """The weighted share of every code, and of `none` in a multiple choice.

    Those that are coded on it stand for all posts of their groups, also where others are coded on the rest.
    """
    found = {}
    for key, of in carrying(question, finals).items():
        drawn = draws(posts, {post for post, one in of.items() if one.is_coded})
        found[key] = _share(of, authors, drawn)
    return found


def weighted_moments(
    question: Question, finals: dict[str, Final], posts: list[Row]
) -> dict[str, Number] | None:
    """Mean, median and standard deviation by the weights of the posts; None of other questions.

    The variance as in R's survey package (Lumley 2010, Complex Surveys, section 2.3).
    """
    values = numbers_of(question, finals)
    if values is None:
        return None
    drawn = draws(posts, {post for post, one in finals.items() if is_coded_on(one.basis[0])})
    pairs, n = sorted((value, drawn[post].weight) for post, value in values.items()), len(values)
    if not n:
        return {"n": 0, "mean": None, "median": None, "standard_deviation": None}
    total = math.fsum(weight for _value, weight in pairs)
    mean = math.fsum(value * weight for value, weight in pairs) / total
    squares = math.fsum(weight * (value - mean) ** 2 for value, weight in pairs)
    spread = math.sqrt(squares / total * n / (n - 1)) if n > 1 else None
    return {"n": n, "mean": mean, "median": _middle(pairs, total / 2), "standard_deviation": spread}


def _middle(pairs: list[tuple[float, float]], half: float) -> float:
    """The value up to which half of the weight lies, or the mean of two that are next to one another."""
    below = list(accumulate(weight for _value, weight in pairs))
    ends = [next(at for at, sum_ in enumerate(below) if sum_ >= half * (1 + by)) for by in (-1e-9, 1e-9)]
    return (pairs[ends[0]][0] + pairs[ends[1]][0]) / 2


def _share(of: dict[str, Carrying], authors: dict[str, str], drawn: dict[str, Draw]) -> dict[str, Number]:
    posts = [post for post, one in of.items() if one.counts]
    total = math.fsum(drawn[post].weight for post in posts)
    yes = math.fsum(drawn[post].weight for post in posts if of[post].carries)
    most = math.fsum(drawn[post].weight for post in posts if of[post].carries or of[post].is_open)
    n_authors = Counter(authors[post] or f"\0{post}" for post in posts)
    is_clustered = max(n_authors.values(), default=0) > 1
    low, high = _limits(_clusters(of, authors if is_clustered else {}, drawn)) if posts else (None, None)
    return {
        "count": sum(of[post].carries for post in posts),
        "denominator": len(posts),
        "share": yes / total if posts else None,
        "low": low,
        "high": high,
        "clusters": len(n_authors) if is_clustered else None,
        "unresolved": sum(of[post].is_open for post in posts),
        "at_most": most / total if posts else None,
    }


def _clusters(of: dict[str, Carrying], authors: dict[str, str], drawn: dict[str, Draw]) -> list[Cluster]:
    """Authors, or posts of a group each; also of posts that were drawn and are no part of the share."""
    found: dict[str, Cluster] = {}
    for post, draw in drawn.items():
        if not (draw.is_coded or of[post].counts):
            continue
        name = authors.get(post) or f"\0{post}"
        cluster = found.setdefault(name, Cluster("" if authors else draw.stratum))
        if of[post].counts:
            cluster.all += draw.weight
            cluster.yes += draw.weight * of[post].carries
    return list(found.values())


def _limits(clusters: list[Cluster]) -> Limits:
    """By Taylor linearisation, in groups where posts stand on their own.

    Binder (1983), Int. Stat. Review 51:279-292; Särndal, Swensson & Wretman (1992), Model Assisted Survey
    Sampling, chapter 5. Where nothing varies, Wilson's at the effective number of posts (Kish 1965).
    """
    drawn = Counter(one.stratum for one in clusters)
    filled = Counter(one.stratum for one in clusters if one.all > 0)
    degrees = filled.total() - len(filled)
    if degrees < 1 or any(drawn[stratum] == 1 for stratum in filled):
        return None, None
    total = math.fsum(one.all for one in clusters)
    share = math.fsum(one.yes for one in clusters) / total
    error = math.sqrt(_variance(clusters, drawn, share, total))
    if error < 1e-12:
        worth = total**2 / math.fsum(one.all**2 for one in clusters)
        return wilson(min(share * worth, worth), worth)
    return logit_limits(share, error, degrees)


def _variance(clusters: list[Cluster], drawn: Counter[str], share: float, total: float) -> float:
    moved: dict[str, list[float]] = {}
    for one in clusters:
        moved.setdefault(one.stratum, []).append((one.yes - share * one.all) / total)
    found = 0.0
    for stratum, z in moved.items():
        n, mean = drawn[stratum], math.fsum(z) / drawn[stratum]
        found += n / max(n - 1, 1) * math.fsum((each - mean) ** 2 for each in z)
    return found
