"""What must hold whatever the data: names, order and the way of grouping do not matter."""

import random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from server.agreement import (
    CountPatterns,
    Level,
    agree_on_patterns,
    agree_on_sets,
    clustered_count_patterns,
    clustered_grouped_patterns,
    count_patterns,
    grouped_patterns,
    merged_patterns,
    prevalence,
    set_patterns,
    yes_no_patterns,
)
from tests.agreement.codings import coefficients, estimates, patterns_of

CATEGORIES = 3
posts = some.lists(some.lists(some.integers(0, CATEGORIES - 1), max_size=5), max_size=12)
levels: some.SearchStrategy[Level] = some.sampled_from(("ordinal", "interval"))
orders = some.randoms(use_true_random=False)


def same_estimates(one: dict[str, float | None], other: dict[str, float | None]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert other[name] == (value if value is None else pytest.approx(value, abs=1e-9))


@given(posts, orders)
def test_the_order_of_posts_and_annotators_changes_nothing_not_even_the_interval(
    coded: list[list[int]], order: random.Random
) -> None:
    mixed = [order.sample(post, len(post)) for post in order.sample(coded, len(coded))]
    assert coefficients(patterns_of(coded, CATEGORIES)) == coefficients(patterns_of(mixed, CATEGORIES))


@given(posts, some.permutations(range(CATEGORIES)))
def test_the_names_of_categories_change_nothing(coded: list[list[int]], names: list[int]) -> None:
    renamed = [[names[category] for category in post] for post in coded]
    same_estimates(estimates(coded, CATEGORIES), estimates(renamed, CATEGORIES))


@given(posts, levels)
def test_a_scale_turned_round_changes_nothing(coded: list[list[int]], level: Level) -> None:
    turned = [[CATEGORIES - 1 - category for category in post] for post in coded]
    values = [1.0, 2.0, 5.0]
    one = estimates(coded, CATEGORIES, values, level)
    other = estimates(turned, CATEGORIES, [-value for value in reversed(values)], level)
    same_estimates(one, other)


@given(posts)
def test_an_interval_scale_may_be_stretched_and_moved(coded: list[list[int]]) -> None:
    one = estimates(coded, CATEGORIES, [0, 1, 3], "interval")
    same_estimates(one, estimates(coded, CATEGORIES, [-1e300, 0, 2e300], "interval"))
    same_estimates(one, estimates(coded, CATEGORIES, [70.5, 71.5, 73.5], "interval"))


@given(posts, some.integers(0, 12))
def test_two_halves_merged_are_the_whole(coded: list[list[int]], cut: int) -> None:
    halves = merged_patterns(patterns_of(coded[:cut], CATEGORIES), patterns_of(coded[cut:], CATEGORIES))
    whole = patterns_of(coded, CATEGORIES)
    assert sorted(zip(halves.counts.tolist(), halves.frequencies.tolist(), strict=True)) == sorted(
        zip(whole.counts.tolist(), whole.frequencies.tolist(), strict=True)
    )


@given(posts)
def test_a_pattern_in_several_rows_is_the_same_pattern(coded: list[list[int]]) -> None:
    counts = [[post.count(category) for category in range(CATEGORIES)] for post in coded]
    rows = CountPatterns(
        np.array(counts, dtype=np.int64).reshape(-1, CATEGORIES), np.ones(len(counts), dtype=np.int64)
    )
    found = {each.name: each.estimate for each in agree_on_patterns(rows, resamples=100)}
    same_estimates(found, estimates(coded, CATEGORIES))


@given(posts)
def test_all_posts_twice_leave_all_but_alpha_where_they_are(coded: list[list[int]]) -> None:
    # Alpha alone corrects for the size of the sample.
    once, twice = estimates(coded, CATEGORIES), estimates(coded + coded, CATEGORIES)
    same_estimates({**once, "krippendorff_alpha": None}, {**twice, "krippendorff_alpha": None})


@given(some.lists(some.lists(some.integers(0, 2), min_size=3, max_size=3), min_size=1, max_size=12))
def test_alpha_is_fleiss_kappa_corrected_for_the_size_of_the_sample(coded: list[list[int]]) -> None:
    # 1 - alpha = (1 - kappa)(n - 1)/n with n codings, where all posts have equally many.
    found = estimates(coded, CATEGORIES)
    alpha, kappa, n = found["krippendorff_alpha"], found["fleiss_kappa"], 3 * len(coded)
    if alpha is None or kappa is None:
        assert alpha is kappa
    else:
        assert 1 - alpha == pytest.approx((1 - kappa) * (n - 1) / n)


@given(posts)
def test_full_agreement_is_one(coded: list[list[int]]) -> None:
    agreed = [[post[0]] * len(post) for post in coded if post]
    for value in estimates(agreed, CATEGORIES).values():
        assert value is None or value == pytest.approx(1)


@given(some.lists(some.lists(some.booleans(), max_size=4), max_size=10))
def test_one_code_as_yes_or_no_is_two_categories(seen: list[list[bool]]) -> None:
    grouped = yes_no_patterns([len(post) for post in seen], [sum(post) for post in seen], [1] * len(seen))
    as_categories = patterns_of([[int(chosen) for chosen in post] for post in seen], 2)
    assert coefficients(grouped) == coefficients(as_categories)


@given(some.lists(some.lists(some.integers(0, 2), max_size=4), max_size=8))
def test_sets_of_one_code_each_are_categories(coded: list[list[int]]) -> None:
    unit = [number for number, post in enumerate(coded) for _ in post]
    assume(unit)
    found = agree_on_sets(set_patterns(unit, [1 << value for post in coded for value in post]), resamples=100)
    alpha = estimates(coded, 3)["krippendorff_alpha"]
    assert found.estimate == (None if alpha is None else pytest.approx(alpha, abs=1e-9))


@given(
    some.lists(some.tuples(some.integers(0, 10**12), some.integers(0, 69)), min_size=1, max_size=60),
    some.integers(70, 90),
)
def test_any_ids_and_many_categories_are_grouped_rightly(codings: list[tuple[int, int]], size: int) -> None:
    found = count_patterns([unit for unit, _ in codings], [code for _, code in codings], size)
    counted: dict[tuple[int, ...], int] = {}
    for unit in {unit for unit, _ in codings}:
        given_codes = [code for other, code in codings if other == unit]
        pattern = tuple(given_codes.count(code) for code in range(size))
        counted[pattern] = counted.get(pattern, 0) + 1
    as_found = {
        tuple(row): posts
        for row, posts in zip(found.counts.tolist(), found.frequencies.tolist(), strict=True)
    }
    assert as_found == counted


@given(some.lists(some.lists(some.integers(0, 2), min_size=1, max_size=4), min_size=1, max_size=10))
def test_clusters_do_not_change_the_patterns(coded: list[list[int]]) -> None:
    unit = [number for number, post in enumerate(coded) for _ in post]
    category = [value for post in coded for value in post]
    owners = [number // 3 for number in unit]
    long, _ = clustered_count_patterns(unit, category, owners, 3)
    counts = np.array([[post.count(value) for value in range(3)] for post in coded]).reshape(-1, 3)
    rows, weights = clustered_grouped_patterns(
        [number // 3 for number in range(len(coded))], counts, [1] * len(coded)
    )
    plain = patterns_of(coded, 3)
    assert coefficients(long) == coefficients(plain)
    assert coefficients(rows) == coefficients(plain)
    assert weights.belong_to(rows.frequencies)


def test_prevalence_is_the_share_of_codings() -> None:
    shares = prevalence(patterns_of([[0, 0, 1], [1]], 3))
    assert shares is not None
    assert shares.tolist() == [0.5, 0.5, 0]
    assert prevalence(patterns_of([], 3)) is None


def test_posts_that_nobody_coded_are_not_counted() -> None:
    found = grouped_patterns([[0, 0], [1, 1], [2, 0], [0, 1]], [5, 2, 3, 1]).extent
    assert (found.n_units, found.n_pairable, found.n_codings) == (6, 5, 11)
