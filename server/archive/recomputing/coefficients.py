"""Coefficients of agreement as functions of some sums over posts.

A coefficient needs of the posts, each weighted by how often it occurs or was drawn, no more than some sums.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.archive.recomputing.patterns import NOBODY, Floats, Ints, Patterns

STEP = 1e-5
Statistic = Callable[[Floats], Floats]


@dataclass(frozen=True)
class OfSums:
    """`of(weights @ columns)`; `limit` is what it tends to when posts become many."""

    name: str
    columns: Floats
    of: Statistic
    limit: Statistic | None = None

    def __call__(self, weights: Floats) -> Floats:
        """The coefficient for each row of weights of the patterns; NaN where it is undefined."""
        return self.of(weights @ self.columns)

    def influence(self, frequency: Ints) -> Floats:
        """How a post of each pattern moves the coefficient (Hampel 1974, JASA 69:383-393)."""
        sums = frequency.astype(np.float64) @ self.columns
        steps = STEP * np.abs(sums)
        moved = np.flatnonzero(steps)
        step = np.zeros((len(moved), len(sums)))
        step[np.arange(len(moved)), moved] = steps[moved]
        values = (self.limit or self.of)(np.concatenate([sums + step, sums - step]))
        gradient = np.zeros(len(sums))
        gradient[moved] = (values[: len(moved)] - values[len(moved) :]) / (2 * steps[moved])
        return np.asarray(frequency.sum() * (self.columns @ gradient))


def ratio(above: Floats, below: Floats, defined: NDArray[np.bool_]) -> Floats:
    """`above / below`, NaN where it is undefined."""
    answer = np.full(len(above), np.nan)
    np.divide(above, below, out=answer, where=defined)
    return answer


def of_counts(counts: Ints, level: str, values: list[float | None]) -> list[OfSums]:
    """Percent agreement, Krippendorff's alpha, Fleiss' kappa, Gwet's AC1, Brennan and Prediger's kappa."""
    codings = counts.sum(axis=1)
    pairable = codings > 1
    pairs = (counts * (counts - 1.0)).sum(axis=1)
    agreeing = np.where(pairable, pairs / np.maximum(codings * (codings - 1.0), 1), 0)
    observed = np.column_stack([agreeing, pairable]).astype(np.float64)
    shares = counts / np.maximum(codings, 1)[:, None]
    columns = np.column_stack([observed, codings > 0, shares])
    q = counts.shape[1]
    chances: dict[str, Statistic] = {
        "fleiss_kappa": lambda margins: (margins * margins).sum(axis=1),
        "gwet_ac": lambda margins: q / (q * max(q - 1, 1)) * (margins * (1 - margins)).sum(axis=1),
        "brennan_prediger": lambda margins: np.full(len(margins), q / q**2),
    }
    percent = OfSums("percent_agreement", observed, lambda s: ratio(s[:, 0], s[:, 1], s[:, 1] > 0))
    kappas = [OfSums(name, columns, _beyond(by_chance)) for name, by_chance in chances.items()]
    return [percent, alpha(np.where(pairable[:, None], counts, 0), level, values), *kappas]


def _beyond(by_chance: Statistic) -> Statistic:
    """(p_a - p_e) / (1 - p_e), of the sums of agreeing, pairable and coded posts and of the shares."""

    def of(sums: Floats) -> Floats:
        margins = sums[:, 3:]
        observed = ratio(sums[:, 0], sums[:, 1], sums[:, 1] > 0)
        expected = by_chance(margins / np.maximum(sums[:, [2]], np.finfo(np.float64).tiny))
        varied = (margins > 0).sum(axis=1) > 1
        return ratio(observed - expected, 1 - expected, varied & (expected < 1))

    return of


def _alpha(name: str, columns: Floats, parts: Callable[[Floats], tuple[Floats, Floats, Floats]]) -> OfSums:
    """1 - (n - 1) Σ o δ² / Σ n_c n_k δ² (Krippendorff 2011); with many posts n - 1 is n."""

    def of(sums: Floats, more: int = 0) -> Floats:
        observed, expected, codings = parts(sums)
        return 1 - ratio((codings + more - 1) * observed, expected, expected > 0)

    return OfSums(name, columns, of, lambda sums: of(sums, 1))


def alpha(counts: Ints, level: str, values: list[float | None]) -> OfSums:
    """Krippendorff's alpha at a level of measurement; `counts` of the posts that can be compared alone."""
    if level != "nominal":
        numbers, place = np.unique(np.array(values, dtype=np.float64), return_inverse=True)
        merged = np.zeros((len(counts), len(numbers)), dtype=np.int64)
        np.add.at(merged.T, place.reshape(-1), counts.T)
        counts = merged
    codings = counts.sum(axis=1)
    partner = np.where(codings > 1, 1 / np.maximum(codings - 1, 1), 0)
    if level == "ordinal":
        return _ordinal_alpha(counts, partner)
    distances = 1.0 - np.eye(counts.shape[1]) if level == "nominal" else _distances(numbers, level)
    within = (counts @ distances * counts).sum(axis=1) * partner

    def parts(sums: Floats) -> tuple[Floats, Floats, Floats]:
        margins = sums[:, 1:]
        return sums[:, 0], (margins @ distances * margins).sum(axis=1), margins.sum(axis=1)

    return _alpha("krippendorff_alpha", np.column_stack([within, counts]).astype(np.float64), parts)


def _distances(numbers: Floats, level: str) -> Floats:
    """Squared differences, up to a factor that cancels."""
    above, below = numbers[:, None], numbers[None, :]
    if level == "ratio":
        return np.asarray(np.square((above - below) / np.maximum(above + below, np.finfo(np.float64).tiny)))
    apart = (above / 2 - below / 2) / ((numbers[-1] / 2 - numbers[0] / 2) or 1.0)
    return np.asarray(np.square(apart))


def _ordinal_alpha(counts: Ints, partner: Floats) -> OfSums:
    """Values are as far apart as their midranks among all codings (Krippendorff 2011, section D)."""
    low, high = np.triu_indices(counts.shape[1], 1)
    met = counts[:, low] * counts[:, high] * partner[:, None]

    def parts(sums: Floats) -> tuple[Floats, Floats, Floats]:
        together, margins = sums[:, : len(low)], sums[:, len(low) :]
        ranks = np.cumsum(margins, axis=1) - margins / 2
        distance = np.square(ranks[:, high] - ranks[:, low])
        expected = margins[:, low] * margins[:, high] * distance
        return 2 * (together * distance).sum(axis=1), 2 * expected.sum(axis=1), margins.sum(axis=1)

    return _alpha("krippendorff_alpha", np.column_stack([met, counts]).astype(np.float64), parts)


def of_sets(of: Patterns) -> list[OfSums]:
    """Alpha of whole answers to a multiple choice under MASI and under Jaccard distance (Passonneau 2006)."""
    return [_set_alpha(of, name) for name in ("masi", "jaccard")]


def _set_alpha(of: Patterns, name: str) -> OfSums:
    distances = _set_distances(of.contents.astype(np.float64), name)
    codings = (of.rows != NOBODY).sum(axis=1)
    counts = np.where((codings > 1)[:, None], of.counts(len(distances)), 0).astype(np.float64)
    within = (counts @ distances * counts).sum(axis=1) / np.maximum(codings - 1, 1)

    def parts(sums: Floats) -> tuple[Floats, Floats, Floats]:
        margins = sums[:, 1:]
        return sums[:, 0], (margins * (margins @ distances)).sum(axis=1), margins.sum(axis=1)

    return _alpha(f"{name}_alpha", np.column_stack([within, counts]), parts)


def _set_distances(members: Floats, name: str) -> Floats:
    """How far any two sets are apart: 0 for equal ones, also for two empty ones."""
    sizes = members.sum(axis=1)
    common = members @ members.T
    together = sizes[:, None] + sizes[None, :] - common
    likeness = np.divide(common, together, out=np.ones_like(common), where=together > 0)
    if name == "jaccard":
        return np.asarray(1 - likeness)
    holds = common == np.minimum(sizes[:, None], sizes[None, :])
    return np.where(likeness == 1, 0.0, 1 - likeness * np.where(holds, 2 / 3, 1 / 3))
