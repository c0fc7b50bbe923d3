"""Whether a code goes with groups of posts: tests of a table of groups and yes or no."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from server.deferred import special, stats
from server.estimation.arrays import FloatArray, IntArray, numbered, same_length
from server.estimation.designs import Design
from server.language import N_

PEARSON = N_("Pearson's chi-square test")
FISHER = N_("Fisher's exact test")
PERMUTED = N_("Chi-square test by random tables of the same margins")
RAO_SCOTT = N_("Chi-square test with the second-order correction of Rao and Scott")

_BY_CLUSTERS = N_("because posts come in clusters")
_BY_WEIGHTS = N_("because posts weigh unequally, while exact tests and Pearson's count each the same")
_BY_CLUSTERS_AT_MOST = N_("because posts come in clusters, but no surer than of as many independent posts")
_BY_WEIGHTS_AT_MOST = N_("because posts weigh unequally, but no surer than of as many independent posts")
_EXPECTED = N_("because all expected counts are 5 or more")
_SPARSE = N_("because an expected count is below 5")
_MARGIN = N_("There is nothing to test: one group alone has posts, or all posts are alike.")
_FEW_CLUSTERS = N_("There are too few clusters for a test.")
_GROUPS_OF_ONE = N_("There is no test unless two groups have posts of more than one cluster.")

# Cochran (1954, Biometrics 10:417-451) has expected counts of 5 for tables of two rows.
_LEAST_EXPECTED = 5
_TABLES = 9_999
SEED = 1


@dataclass(frozen=True)
class AssociationTest:
    """A test of independence. `because` says why this one; `reason`, why there is none.

    `degrees` are those of the statistic, the second of them for F alone. `seed` is that of random tables.
    """

    method: str
    because: str
    statistic: float | None
    degrees: tuple[float, ...]
    p_value: float | None
    seed: int | None = None
    reason: str | None = None


def independence(carrying: Sequence[int], posts: Sequence[int]) -> AssociationTest:
    """Whether groups of independent posts differ in how often they carry a code.

    Pearson's X² (1900, Philosophical Magazine 50:157-175) without a correction of continuity where every
    expected count is 5 or more. Else, of two groups, Fisher's exact test (1935, JRSS 98:39-82), two-sided by
    the probabilities of tables; of more, X² against 9,999 tables drawn at random with the same margins,
    p = (1 + those with X² as large) / 10,000 (Hope 1968, JRSS B 30:582-598), from a seed that is said.

    Args:
        carrying: posts that carry the code, shape (groups,).
        posts: all posts, shape (groups,); groups without any are left out.

    Returns:
        No p-value where one group alone has posts, or all or no posts carry the code.

    Raises:
        ValueError: when shapes or ranges are not kept.
    """
    table = _table(carrying, posts)
    if _is_empty(table):
        return AssociationTest(PEARSON, "", None, (), None, reason=_MARGIN)
    statistic, degrees = _pearson(table), (float(table.shape[0] - 1),)
    if _expected(table).min() >= _LEAST_EXPECTED:
        return AssociationTest(
            PEARSON, _EXPECTED, statistic, degrees, float(special.chdtrc(degrees[0], statistic))
        )
    if table.shape[0] == 2:
        return AssociationTest(FISHER, _SPARSE, None, (), float(stats.fisher_exact(table).pvalue))
    return AssociationTest(PERMUTED, _SPARSE, statistic, degrees, _permuted(table, statistic), seed=SEED)


def independence_by_clusters(
    carrying: ArrayLike, posts: ArrayLike, design: Design | None = None
) -> AssociationTest:
    """The same of posts in clusters: X² with the second-order correction of Rao and Scott.

    With V the covariance of the shares of all cells under clusters and V₀ under independent posts, both on
    the contrasts C of independence, Δ = (C'D⁻¹V₀D⁻¹C)⁻¹ (C'D⁻¹VD⁻¹C), D the diagonal matrix of the shares:
    F = X²/tr Δ with d = (tr Δ)²/tr Δ² and d(clusters - strata) degrees of freedom (Rao & Scott 1984, Annals
    of Statistics 12:46-60; Thomas & Rao 1987, JASA 82:630-636; R's survey::svychisq, statistic "F").

    Two limits go beyond R, since clusters of a small group look alike by chance, at worst one by itself:
    tr Δ counts as groups - 1 at least, a mean design effect of 1, as n* is at most n in `clustered_interval`
    (Parker et al. 2017, Vital and Health Statistics 2:175); and of two groups, d is multiplied by no more
    than the clusters of the smaller less one, below which Welch's degrees never fall (1938, Biometrika
    29:350-362).

    Args:
        carrying: posts that carry the code, shape (groups, clusters); where posts weigh unequally sums of
            weights that add up to the number of posts, as X² and V₀ are of so many.
        posts: all posts, shape (groups, clusters), likewise; groups and clusters without any are left out,
            clusters not where there is a `design`, since they were drawn as well.
        design: how the clusters were drawn; all alike without.

    Returns:
        No p-value where one group alone has posts, all or no posts carry the code, unless two groups have
        more than one cluster, or with a stratum of one.

    Raises:
        ValueError: when shapes or ranges are not kept.
    """
    yes, all_ = np.asarray(carrying, dtype=float), np.asarray(posts, dtype=float)
    if yes.ndim != 2 or yes.shape != all_.shape or (yes > all_).any() or (yes < 0).any():
        raise ValueError("carrying and posts are two tables of one shape, the first never above the second")
    has_posts, is_weighed = np.asarray(all_.sum(axis=0) > 0), design is not None
    kept = np.ix_(all_.any(axis=1), np.ones_like(has_posts) if is_weighed else has_posts)
    yes, all_ = yes[kept], all_[kept]
    design, has_posts = design or Design.plain(all_.shape[1]), has_posts[kept[1][0]]
    table = np.stack([(all_ - yes) @ design.alike, yes @ design.alike], axis=1)
    if _is_empty(table):
        return AssociationTest(RAO_SCOTT, "", None, (), None, reason=_MARGIN)
    if why_not := design.why_not(has_posts):
        return AssociationTest(RAO_SCOTT, "", None, (), None, reason=why_not)
    free, in_groups = design.degrees(has_posts), np.sort(design.in_groups(all_))
    if in_groups.size == 2:
        free = min(free, int(in_groups[0]) - 1)
    if in_groups[-2] < 2:
        return AssociationTest(RAO_SCOTT, "", None, (), None, reason=_GROUPS_OF_ONE)
    # Cells in the order of `table`: of each group first those that do not carry the code.
    cells = np.stack([all_ - yes, yes], axis=1).reshape(-1, all_.shape[1])
    delta = _design_effects(cells.T, design)
    if free < 1 or np.trace(delta) <= 1e-12:
        return AssociationTest(RAO_SCOTT, "", None, (), None, reason=_FEW_CLUSTERS)
    return _corrected(_pearson(table), delta, free, is_weighed=is_weighed)


def _corrected(pearson: float, delta: FloatArray, free: int, *, is_weighed: bool) -> AssociationTest:
    """X² as F, for the design effects Δ and so many degrees of freedom of the clusters."""
    trace, least = float(np.trace(delta)), float(delta.shape[0])
    d = trace**2 / float(np.trace(delta @ delta))
    statistic, degrees = pearson / max(trace, least), (d, d * free)
    because = _BY_WEIGHTS if is_weighed else _BY_CLUSTERS
    if trace < least:
        because = _BY_WEIGHTS_AT_MOST if is_weighed else _BY_CLUSTERS_AT_MOST
    return AssociationTest(RAO_SCOTT, because, statistic, degrees, float(special.fdtrc(*degrees, statistic)))


def adjusted(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """P-values adjusted for all tests of a family; None stays None and does not count.

    Benjamini & Hochberg (1995, JRSS B 57:289-300), step up: of m sorted values p_(i), the least of
    m p_(j)/j over j ≥ i, at most 1. Rejecting at q keeps the expected share of false rejections at q or
    below, for independent tests and for such as depend on one another positively.

    Raises ValueError when a value does not lie between 0 and 1.
    """
    known = np.array([place for place, value in enumerate(p_values) if value is not None], dtype=np.int64)
    p = np.array([value for value in p_values if value is not None], dtype=float)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a p-value lies between 0 and 1")
    falling = np.argsort(-p, kind="stable")
    scaled = p[falling] * p.size / np.arange(p.size, 0, -1)
    found: list[float | None] = [None] * len(p_values)
    for place, value in zip(known[falling], np.minimum.accumulate(np.minimum(scaled, 1)), strict=True):
        found[place] = float(value)
    return tuple(found)


def _table(carrying: Sequence[int], posts: Sequence[int]) -> IntArray:
    yes, all_ = numbered(carrying, "a count"), numbered(posts, "a number of posts")
    same_length([yes, all_], "carrying and posts")
    if (yes > all_).any():
        raise ValueError("the posts that carry the code lie between 0 and all posts of the group")
    return np.stack([all_ - yes, yes], axis=1)[all_ > 0]


def _is_empty(table: ArrayLike) -> bool:
    counts = np.asarray(table)
    return counts.shape[0] < 2 or not counts.sum(axis=0).all()


def _expected(table: ArrayLike) -> FloatArray:
    counts = np.asarray(table, dtype=float)
    return np.asarray(counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum())


def _pearson(table: ArrayLike) -> float:
    expected = _expected(table)
    return float((np.square(np.asarray(table) - expected) / expected).sum())


def _permuted(table: IntArray, statistic: float) -> float:
    rows, n_yes = table.sum(axis=1), int(table[:, 1].sum())
    draws = np.random.default_rng(SEED).multivariate_hypergeometric(rows, n_yes, size=_TABLES)
    expected = rows * n_yes / rows.sum()
    # Both columns are off by the same, so that one tells X² of the whole table.
    off = np.square(draws - expected)
    found = (off / expected + off / (rows - expected)).sum(axis=1)
    return float((1 + (found >= statistic * (1 - 1e-12)).sum()) / (1 + _TABLES))


def _design_effects(totals: FloatArray, design: Design) -> FloatArray:
    """Δ of the table whose cells each cluster adds to, (groups - 1, groups - 1)."""
    cells = design.alike @ totals
    n = cells.sum()
    share = cells / n
    # Linearised, since the number of posts of a cluster is random, too.
    u = (totals - totals.sum(axis=1, keepdims=True) * share) / n
    contrasts = _contrasts(share.size // 2)
    inverse = np.where(share > 0, 1 / np.where(share > 0, share, 1), 0)
    weighted = u @ (contrasts * inverse[:, None])
    clustered = design.covariance(weighted)
    independent = (contrasts * inverse[:, None]).T @ contrasts / n
    return np.asarray(np.linalg.solve(independent, clustered))


def _contrasts(n_groups: int) -> FloatArray:
    """Interactions of groups and yes or no without what the margins say, (groups x 2, groups - 1)."""
    groups, answer = np.repeat(np.arange(n_groups), 2), np.tile([0, 1], n_groups)
    dummies = (groups[:, None] == np.arange(1, n_groups)).astype(float)
    margins = np.column_stack([np.ones(groups.size), dummies, answer])
    both = dummies * answer[:, None]
    fitted = margins @ np.linalg.lstsq(margins, both, rcond=None)[0]
    return np.asarray(both - fitted)
