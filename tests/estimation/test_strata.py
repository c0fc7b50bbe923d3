"""Shares over strata against Lohr's example, all possible samples, and what merging must not change."""

import math
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from server.estimation import DesignEstimate, stratified_proportion, survey_proportion

# Lohr, Sampling: Design and Analysis, survey of members of learned societies.
MEMBERS = [9100, 1950, 5500, 10850, 2100, 5500, 9000]
ANSWERS = [636, 451, 481, 611, 493, 575, 588]
WOMEN = [0.38, 0.27, 0.18, 0.19, 0.36, 0.13, 0.26]


def test_published() -> None:
    counts = [n * share for n, share in zip(ANSWERS, WOMEN, strict=True)]
    found = stratified_proportion(counts, ANSWERS, MEMBERS)
    assert found.share == pytest.approx(0.2465, abs=6e-5)
    # As E. Slud's lecture notes on the example print it.
    assert found.standard_error == pytest.approx(0.007118622, abs=1e-9)
    assert found.degrees == sum(ANSWERS) - 7


def test_over_all_possible_samples_share_and_variance_are_right_on_average() -> None:
    corpus = [(1, 0, 0, 1, 0), (1, 1, 0, 1)]
    sizes = [3, 2]
    shares, variances = [], []
    for sample in product(*(combinations(posts, n) for posts, n in zip(corpus, sizes, strict=True))):
        found = stratified_proportion([sum(posts) for posts in sample], sizes, [5, 4])
        assert found.share is not None
        shares.append(found.share)
        variances.append((found.standard_error or 0) ** 2)
    mean = sum(shares) / len(shares)
    assert mean == pytest.approx(5 / 9)
    true = sum((share - mean) ** 2 for share in shares) / len(shares)
    assert sum(variances) / len(variances) == pytest.approx(true)


def test_the_limits_lie_t_errors_away_on_the_logit_scale() -> None:
    found = stratified_proportion([3, 10], [12, 30], [100, 500], 0.9)
    assert found.share is not None
    assert found.standard_error is not None
    assert found.interval is not None
    logit_error = found.standard_error / (found.share * (1 - found.share))
    for limit, sign in zip(found.interval, (-1, 1), strict=True):
        away = math.log(limit / (1 - limit)) - math.log(found.share / (1 - found.share))
        assert away == pytest.approx(sign * stats.t.ppf(0.95, 40) * logit_error)


strata = some.lists(
    some.tuples(some.integers(0, 9), some.integers(2, 9), some.integers(1, 5)), min_size=1, max_size=5
)


@given(strata)
def test_it_is_the_general_design_with_posts_weighing_as_much_as_they_stand_for(
    drawn: list[tuple[int, int, int]],
) -> None:
    counts = [min(count, n) for count, n, _ in drawn]
    sizes, populations = [n for _, n, _ in drawn], [n * times for _, n, times in drawn]
    found = stratified_proportion(counts, sizes, populations)
    carries = [i < count for count, n in zip(counts, sizes, strict=True) for i in range(n)]
    stratum = [h for h, n in enumerate(sizes) for _ in range(n)]
    weights = [drawn[h][2] for h in stratum]
    general = survey_proportion(carries, weights, strata=stratum, population_clusters=populations)
    assert found.share == pytest.approx(general.share)
    assert (found.standard_error is None) == (general.standard_error is None)
    assert found.standard_error == pytest.approx(general.standard_error, abs=1e-9)
    assert found.interval == pytest.approx(general.interval)
    assert found.degrees == general.degrees


@given(strata)
def test_the_interval_holds_the_share_and_the_order_of_strata_does_not_matter(
    drawn: list[tuple[int, int, int]],
) -> None:
    def estimate(strata_: list[tuple[int, int, int]]) -> DesignEstimate:
        counts, sizes = [min(count, n) for count, n, _ in strata_], [n for _, n, _ in strata_]
        return stratified_proportion(counts, sizes, [n * times for _, n, times in strata_])

    found, turned = estimate(drawn), estimate(drawn[::-1])
    assert found.share is not None
    assert found.interval is not None
    assert 0 <= found.interval[0] <= found.share + 1e-12
    assert found.share - 1e-12 <= found.interval[1] <= 1
    assert turned.share == pytest.approx(found.share)
    assert turned.interval == pytest.approx(found.interval)


def test_merging_strata_that_were_sampled_alike_leaves_the_share() -> None:
    apart = stratified_proportion([3, 6], [10, 20], [50, 100])
    together = stratified_proportion([9], [30], [150])
    assert apart.share == pytest.approx(together.share)
    assert apart.standard_error == pytest.approx(together.standard_error, rel=0.05)


def test_strata_that_differ_pay() -> None:
    apart = stratified_proportion([1, 19], [20, 20], [1000, 1000])
    together = stratified_proportion([20], [40], [2000])
    assert (apart.standard_error or 1) < 0.5 * (together.standard_error or 0)


def test_without_the_correction_it_is_the_limit_of_a_large_corpus() -> None:
    endless = stratified_proportion([3, 6], [10, 20], [50, 100], finite_population=False)
    large = stratified_proportion([3, 6], [10, 20], [50 * 10**7, 100 * 10**7])
    assert endless.standard_error == pytest.approx(large.standard_error)
    census = stratified_proportion([3, 6], [10, 20], [10, 20], finite_population=False)
    assert census.standard_error


def test_a_census_is_certain() -> None:
    found = stratified_proportion([3, 1], [10, 1], [10, 1])
    assert (found.share, found.standard_error, found.interval) == (4 / 11, 0.0, (4 / 11, 4 / 11))
    assert found.reason == "All there are were coded."


def test_a_single_post_of_a_stratum_is_refused_in_words_unless_it_is_all_there_is() -> None:
    found = stratified_proportion([3, 1], [10, 1], [100, 20])
    assert found.share == pytest.approx(0.3 * 100 / 120 + 20 / 120)
    assert (found.standard_error, found.interval) == (None, None)
    assert "1 of 2 strata have a single post" in (found.reason or "")
    assert stratified_proportion([3, 1], [10, 1], [100, 1]).interval
    assert stratified_proportion([3, 1], [10, 1], [100, 1], finite_population=False).interval is None


def test_strata_without_a_coded_post_leave_the_share_undefined() -> None:
    assert stratified_proportion([0, 1], [0, 5], [7, 9]).reason == "No post is coded in 1 of 2 strata."
    for empty in (stratified_proportion([], [], []), stratified_proportion([0], [0], [5])):
        assert (empty.share, empty.interval, empty.reason) == (None, None, "There is no post to count.")
    assert stratified_proportion([0, 1], [0, 5], [0, 9]).share == pytest.approx(0.2)


def test_without_spread_within_strata_the_effective_size_speaks() -> None:
    found = stratified_proportion([0, 20], [10, 20], [300, 100])
    assert (found.share, found.standard_error) == (0.25, None)
    assert found.interval is not None
    assert found.interval[0] < 0.25 < found.interval[1]
    assert "Nothing varies" in (found.reason or "")


@pytest.mark.parametrize(
    ("counts", "sizes", "populations"),
    [
        ([1], [1, 2], [5, 5]),
        ([3], [2], [5]),
        ([-1], [2], [5]),
        ([1], [6], [5]),
        ([1], [2.5], [5]),
        ([math.nan], [2], [5]),
    ],
)
def test_what_cannot_be_is_refused(counts: list[float], sizes: list[int], populations: list[int]) -> None:
    with pytest.raises(ValueError, match=r"same length|between 0|negative|more coded|whole|finite"):
        stratified_proportion(counts, sizes, populations)
