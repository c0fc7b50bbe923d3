"""One annotator at a time: how far they agree with the others, and what alpha is without them.

An interval that draws posts takes the annotators as given. How much alpha hangs on one of them is seen when
each is left out in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.agreement.arrays import FloatArray, IntArray
from server.agreement.lists import distinct_rows
from server.agreement.scales import Level, Scale, midranks, scale_of

# Nobody in this place of a row.
NOBODY = -1
# A table of what met what has this number squared of cells.
MOST_CATEGORIES = 200


@dataclass(frozen=True)
class OneAnnotator:
    """One annotator against the rest; None where undefined.

    `agreed` is the mean share of the others who said the same, over the `n_posts` posts they share. `alpha`
    is 1 - D_a / D_e with D_a the mean disagreement (δ²) of this annotator with the others of each post, and
    D_e what is expected of all codings; Krippendorff's alpha is its mean over the codings of all annotators,
    but for the correction for small samples. `without` is Krippendorff's alpha of the others.
    """

    member: int
    n_posts: int
    agreed: float | None
    alpha: float | None
    without: float | None


@dataclass(frozen=True, eq=False)
class _Seats:
    """How often each category was given to posts that look alike.

    `counts` (n × n_categories) of each of the `posts` (n); `said` (n_members × n × n_categories) is on how
    many of them a member gave the category.
    """

    members: IntArray
    counts: FloatArray
    said: FloatArray
    posts: FloatArray

    @property
    def codings(self) -> FloatArray:
        return np.asarray(self.counts.sum(axis=1))


def each_annotator(
    members: IntArray,
    categories: IntArray,
    frequencies: IntArray,
    n_categories: int,
    values: Sequence[float | None] | None = None,
    level: Level = "nominal",
) -> tuple[OneAnnotator, ...]:
    """Every annotator against the rest, by their numbers.

    Args:
        members: Who coded (n_rows × most codings of a post), -1 where nobody.
        categories: What they said, -1 where nobody.
        frequencies: How many posts are coded so (n_rows).
        n_categories: How many categories there are.
        values: The number of each category, above the nominal level.
        level: The level of measurement of alpha.

    Raises:
        ValueError: The values do not fit the level, or the categories are too many.
    """
    if n_categories > MOST_CATEGORIES:
        raise ValueError(f"There are {n_categories} categories, more than {MOST_CATEGORIES}.")
    scale = scale_of(values, level, n_categories)
    seats = _seated(members, categories, frequencies, n_categories)
    whole = _coincidences(seats.counts, seats.posts)
    return tuple(_one(seats, at, whole, scale) for at in range(len(seats.members)))


def _seated(members: IntArray, categories: IntArray, frequencies: IntArray, n_categories: int) -> _Seats:
    ranked = np.sort(categories, axis=1)
    patterns, number = distinct_rows(ranked)
    counts = np.stack([(patterns == category).sum(axis=1) for category in range(n_categories)], axis=1)
    who = np.unique(members[members != NOBODY])
    row, place = np.nonzero(members != NOBODY)
    member = np.searchsorted(who, members[row, place])
    key = (member * len(patterns) + number[row]) * n_categories + categories[row, place]
    said = np.bincount(key, frequencies[row], minlength=len(who) * len(patterns) * n_categories)
    shape = (len(who), len(patterns), n_categories)
    posts = np.bincount(number, frequencies, minlength=len(patterns))
    return _Seats(who, counts.astype(float), said.reshape(shape).astype(float), posts.astype(float))


def _one(seats: _Seats, at: int, whole: FloatArray, scale: Scale) -> OneAnnotator:
    shared = seats.codings > 1
    said = seats.said[at][shared]
    n_posts = float(said.sum())
    without = _alpha(_without(seats, at), scale)
    if not n_posts:
        return OneAnnotator(int(seats.members[at]), 0, None, None, without)
    counts, others = seats.counts[shared], seats.codings[shared, None] - 1
    margins = whole.sum(axis=1)
    distances = _distances(scale, margins)
    same = (said * (counts - 1) / others).sum() / n_posts
    apart = (said * (counts @ distances) / others).sum() / n_posts
    expected = margins @ distances @ margins / margins.sum() ** 2
    alpha = 1 - float(apart / expected) if expected > 0 else None
    return OneAnnotator(int(seats.members[at]), round(n_posts), float(same), alpha, without)


def _without(seats: _Seats, at: int) -> FloatArray:
    """What met what on the same posts once an annotator is left out."""
    pattern, category = np.nonzero(seats.said[at])
    weight = seats.said[at][pattern, category]
    left = seats.counts[pattern]
    before = _coincidences(left, weight)
    left[np.arange(len(left)), category] -= 1
    return np.asarray(_coincidences(seats.counts, seats.posts) - before + _coincidences(left, weight))


def _coincidences(counts: FloatArray, posts: FloatArray) -> FloatArray:
    """Krippendorff's (2011, section B) coincidences of posts coded twice or more."""
    codings = counts.sum(axis=1)
    weighted = counts * (posts * (codings > 1) / np.maximum(codings - 1, 1))[:, None]
    return np.asarray(weighted.T @ counts - np.diag(weighted.sum(axis=0)))


def _alpha(coincidences: FloatArray, scale: Scale) -> float | None:
    margins = coincidences.sum(axis=1)
    distances = _distances(scale, margins)
    expected = float(margins @ distances @ margins)
    # Taking away what was added leaves traces of rounding.
    if expected <= 1e-9 * max(float(margins.sum()), 1.0) ** 2 * float(distances.max(initial=0)):
        return None
    return 1 - float((margins.sum() - 1) * (coincidences * distances).sum()) / expected


def _distances(scale: Scale, margins: FloatArray) -> FloatArray:
    """δ² of the categories (n_categories × n_categories); the ordinal one depends on the margins."""
    among = scale.distances()
    if scale.level == "ordinal":
        ranks = midranks(scale.on_values(np.rint(margins).astype(np.int64)[None, :]).astype(np.float64))[0]
        among = np.square(ranks[:, None] - ranks[None, :])
    return np.asarray(among[np.ix_(scale.place, scale.place)])
