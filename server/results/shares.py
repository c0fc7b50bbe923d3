"""From final values to what is published of them: shares, means, bounds, and how they came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.estimation import Interval, Proportion, cluster_proportion, proportion
from server.language import gettext as _
from server.results.outcomes import REPORTED, Bases, Basis, Choices, Flags, has_value


@dataclass(frozen=True)
class Share:
    """How many posts carry a code, of those coded on its variable.

    Unresolved posts count as not carrying it: `bounds` is the share if none or all of them did, and
    `share_of_resolved` leaves them out. `basis` counts how the values came about. What is undefined is
    None; `reason` says why, or why `method` is not the usual one.
    """

    count: int
    denominator: int
    share: float | None
    interval: Interval | None
    method: str
    reason: str | None
    share_of_resolved: float | None
    unresolved: int
    bounds: Interval | None
    basis: dict[Basis, int]

    @property
    def is_unsettled(self) -> bool:
        """Whether the unresolved posts could move the share by more than its interval is wide."""
        if self.bounds is None or self.interval is None:
            return False
        return self.bounds[1] - self.bounds[0] > self.interval[1] - self.interval[0]


@dataclass(frozen=True)
class Moments:
    """Mean, median and standard deviation (n - 1) of the final values that are numbers.

    None where undefined: all three without a value, the standard deviation with fewer than two.
    """

    n: int
    mean: float | None
    median: float | None
    standard_deviation: float | None
    reason: str | None


class Authors:
    """Which posts have the same author, as the clusters of their shares."""

    def __init__(self, names: Sequence[str | None]) -> None:
        """`names`: the author of each post; a post without one stands for itself."""
        numbers: dict[object, int] = {}
        self._clusters = np.array(
            [numbers.setdefault(name or ("", at), len(numbers)) for at, name in enumerate(names)],
            dtype=np.int64,
        )
        self.n = len({name for name in names if name})
        self.n_posts = len(names)

    def repeat(self, coded: Flags) -> bool:
        """Whether an author has more than one of the posts `coded` (posts,)."""
        return bool((np.bincount(self._clusters[coded]) > 1).any())

    def proportion(self, carries: Flags, coded: Flags) -> Proportion:
        """The share of `carries` among `coded`: by clusters where authors repeat, else Wilson."""
        if not self.repeat(coded):
            return proportion(int((carries & coded).sum()), int(coded.sum()))
        sizes = np.bincount(self._clusters[coded])
        counts = np.bincount(self._clusters[carries & coded], minlength=sizes.size)
        return cluster_proportion(counts[sizes > 0], sizes[sizes > 0])


def share_of(carries: Flags, basis: Bases, authors: Authors, *, of_carriers: bool) -> Share:
    """The share of one code. With `of_carriers`, only the bases of posts that carry it or are unresolved.

    That is meant for variables of which a post has one value: their basis is the post's, and would be the
    same at every code.
    """
    coded, unresolved = has_value(basis), int((basis == Basis.UNRESOLVED).sum())
    estimate = authors.proportion(carries, coded)
    told = carries | (basis == Basis.UNRESOLVED) if of_carriers else coded
    resolved = estimate.denominator - unresolved
    return Share(
        count=estimate.count,
        denominator=estimate.denominator,
        share=estimate.share,
        interval=estimate.interval,
        method=estimate.method,
        reason=estimate.reason,
        share_of_resolved=estimate.count / resolved if resolved else None,
        unresolved=unresolved,
        bounds=_bounds(estimate, unresolved),
        basis=bases_of(basis[told]),
    )


def _bounds(estimate: Proportion, unresolved: int) -> Interval | None:
    if estimate.share is None:
        return None
    return estimate.share, (estimate.count + unresolved) / estimate.denominator


def bases_of(basis: NDArray[Any]) -> dict[Basis, int]:
    """How many values rest on what, every basis named; posts that are not coded are left out."""
    counts = np.bincount(basis.astype(np.int64), minlength=len(Basis))
    return {each: int(counts[each]) for each in REPORTED}


def moments(values: NDArray[np.float64]) -> Moments:
    """Mean, median and standard deviation of `values`, shape (posts,), or why there are none."""
    n = values.size
    if n == 0:
        return Moments(0, None, None, None, _("No post has a value yet."))
    mean, median = float(values.mean()), float(np.median(values))
    if n == 1:
        return Moments(1, mean, median, None, _("One value alone does not spread."))
    return Moments(n, mean, median, float(values.std(ddof=1)), None)


def code_values(codes: Choices, numbers: Sequence[float | None]) -> NDArray[np.float64]:
    """The numbers of an ordinal variable's final codes; what has none is left out."""
    scale = np.array([np.nan if number is None else number for number in numbers], dtype=float)
    chosen = codes.chosen.argmax(axis=1)[codes.chosen.any(axis=1)]
    found = scale[chosen]
    return np.asarray(found[~np.isnan(found)])
