"""How many posts it takes: against published numbers, other formulas and simulated studies."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import betabinom, norm

from server.agreement import (
    CountPatterns,
    Expected,
    agree_on_patterns,
    krippendorff_sample_size,
    posts_for_half_width,
    posts_to_exceed,
)
from server.agreement.coefficients import krippendorff_alpha
from server.agreement.scales import scale_of

STUDIES = 2_000


def bloch_kraemer(alpha: float, p: float) -> float:
    varied = alpha * (2 - alpha) / (2 * p * (1 - p))
    return (1 - alpha) * ((1 - alpha) * (1 - 2 * alpha) + varied)


def simulated(expected: Expected, posts: int) -> tuple[CountPatterns, np.ndarray]:
    """The patterns, and how often each came about in each of many studies."""
    chosen = np.arange(expected.annotators + 1)
    counts = np.column_stack([expected.annotators - chosen, chosen])
    drawn = np.random.default_rng(5).multinomial(posts, expected.pattern_shares(), size=STUDIES)
    return CountPatterns(counts, drawn[0]), drawn


@pytest.mark.parametrize(
    ("threshold", "significance", "published"), [(0.8, 0.05, 139), (0.667, 0.05, 81), (0.667, 0.005, 198)]
)
def test_krippendorffs_sample_size(threshold: float, significance: float, published: int) -> None:
    assert krippendorff_sample_size(threshold, 0.25, significance) == published


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.667, 0.8, 0.95])
@pytest.mark.parametrize("p", [0.01, 0.25, 0.5, 0.9])
def test_the_variance_for_two_annotators_is_that_of_bloch_and_kraemer(alpha: float, p: float) -> None:
    assert Expected(alpha, p).spread() ** 2 == pytest.approx(bloch_kraemer(alpha, p))


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.667, 0.8])
@pytest.mark.parametrize("significance", [0.1, 0.05, 0.005])
def test_krippendorffs_n_counts_codings_at_even_chances_or_posts_at_better_ones(
    threshold: float, significance: float
) -> None:
    halfway = Expected((1 + threshold) / 2, 0.25)
    even = posts_to_exceed(threshold, halfway, significance, power=0.5)
    better = float(norm.cdf((np.sqrt(2) - 1) * norm.isf(significance)))
    n = krippendorff_sample_size(threshold, 0.25, significance)
    assert even.codings - n in {0, 1}
    assert posts_to_exceed(threshold, halfway, significance, power=better).posts == n


@pytest.mark.parametrize(("posts", "held"), [(70, 0.5), (139, 0.75)])
def test_simulated_studies_find_what_n_counts(posts: int, held: float) -> None:
    expected = Expected(0.9, 0.25)
    patterns, drawn = simulated(expected, posts)
    alpha = krippendorff_alpha(patterns, scale_of(None, "nominal", 2))(drawn.astype(np.float64))
    lower = alpha - norm.isf(0.05) * expected.spread() / np.sqrt(posts)
    # Three or five disputed posts make alpha skewed and coarse: the limit of many is not quite reached.
    assert (lower > 0.8).mean() == pytest.approx(held, abs=0.07)


@pytest.mark.parametrize("threshold", [0.667, 0.8])
@pytest.mark.parametrize("p", [0.1, 0.5])
def test_krippendorffs_n_is_small_for_a_significance_of_five_percent(threshold: float, p: float) -> None:
    n = krippendorff_sample_size(threshold, p)
    patterns, drawn = simulated(Expected(threshold, p), n)
    alpha = krippendorff_alpha(patterns, scale_of(None, "nominal", 2))(drawn.astype(np.float64))
    shares = drawn @ [0, 0.5, 1] / n
    errors = np.sqrt([bloch_kraemer(a, share) / n for a, share in zip(alpha, shares, strict=True)])
    assert (alpha - norm.isf(0.05) * errors > threshold).mean() == pytest.approx(0.09, abs=0.02)
    halfway = Expected((1 + threshold) / 2, p)
    assert halfway.plan(n).disputed == pytest.approx(5, abs=0.5)


@pytest.mark.parametrize("annotators", [2, 3, 5])
@pytest.mark.parametrize(("alpha", "p"), [(0.8, 0.25), (0.667, 0.1)])
def test_simulated_studies_are_as_precise_as_planned(alpha: float, p: float, annotators: int) -> None:
    expected = Expected(alpha, p, annotators)
    plan = posts_for_half_width(0.05, expected)
    patterns, drawn = simulated(expected, plan.posts)
    found = krippendorff_alpha(patterns, scale_of(None, "nominal", 2))(drawn.astype(np.float64))
    assert 1.96 * found.std() == pytest.approx(0.05, rel=0.05)
    assert (np.abs(found - alpha) <= 0.05).mean() == pytest.approx(0.95, abs=0.015)
    assert drawn[:, 1:-1].sum(axis=1).mean() == pytest.approx(plan.disputed, rel=0.05)


def test_the_interval_of_a_study_is_as_wide_as_planned() -> None:
    plan = posts_for_half_width(0.05, Expected(0.8, 0.25, 3))
    patterns, drawn = simulated(Expected(0.8, 0.25, 3), plan.posts)
    widths = []
    for frequencies in drawn[:40]:
        study = CountPatterns(patterns.counts, frequencies)
        alpha = next(
            one for one in agree_on_patterns(study, method="normal") if one.name == "krippendorff_alpha"
        )
        assert alpha.interval is not None
        widths.append((alpha.interval[1] - alpha.interval[0]) / 2)
    assert np.mean(widths) == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize("annotators", [2, 3, 10, 100])
def test_the_patterns_are_beta_binomial(annotators: int) -> None:
    alpha, p = 0.6, 0.2
    scale = (1 - alpha) / alpha
    published = betabinom(annotators, p * scale, (1 - p) * scale).pmf(np.arange(annotators + 1))
    assert Expected(alpha, p, annotators).pattern_shares() == pytest.approx(published)


def test_chance_is_a_correlation_like_any_other() -> None:
    assert Expected(0, 0.2, 3).pattern_shares() == pytest.approx([0.512, 0.384, 0.096, 0.008])


def test_more_annotators_need_fewer_posts_and_more_codings() -> None:
    plans = [posts_for_half_width(0.05, Expected(0.8, 0.25, number)) for number in (2, 3, 4, 5)]
    assert [plan.posts for plan in plans] == [750, 477, 388, 344]
    assert [plan.codings for plan in plans] == [1500, 1431, 1552, 1720]


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: Expected(1, 0.2), "at least 0 and below 1"),
        (lambda: Expected(-0.1, 0.2), "at least 0 and below 1"),
        (lambda: Expected(float("nan"), 0.2), "at least 0 and below 1"),
        (lambda: Expected(0.8, 0), "prevalence"),
        (lambda: Expected(0.8, 1), "prevalence"),
        (lambda: Expected(0.8, 1e-300), "prevalence"),
        (lambda: Expected(0.8, 0.2, 1), "2 to 100"),
        (lambda: Expected(0.8, 0.2, 101), "2 to 100"),
        (lambda: posts_for_half_width(0, Expected(0.8, 0.2)), "half width"),
        (lambda: posts_for_half_width(1, Expected(0.8, 0.2)), "half width"),
        (lambda: posts_for_half_width(1e-9, Expected(0.8, 0.2)), "more posts than can be counted"),
        (lambda: posts_for_half_width(0.1, Expected(0.8, 0.2), confidence=1), "confidence"),
        (lambda: posts_to_exceed(0.8, Expected(0.8, 0.2)), "threshold"),
        (lambda: posts_to_exceed(0.6, Expected(0.8, 0.2), significance=0), "significance"),
        (lambda: posts_to_exceed(0.6, Expected(0.8, 0.2), power=0.4), "power"),
        (lambda: posts_to_exceed(0.6, Expected(0.8, 0.2), power=1), "power"),
        (lambda: krippendorff_sample_size(1, 0.2), "threshold"),
        (lambda: krippendorff_sample_size(0.8, 0), "prevalence"),
        (lambda: krippendorff_sample_size(0.8, 0.2, 0.5), "significance"),
    ],
)
def test_what_lies_outside_is_refused(attempt: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        attempt()
