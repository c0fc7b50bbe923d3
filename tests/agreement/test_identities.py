"""What theory says of two coefficients, whatever the data: one follows from the other."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.agreement import (
    Coefficient,
    RaterPatterns,
    WeightsName,
    agree_on_pair,
    agree_on_patterns,
    agree_on_raters,
    agree_on_sets,
    merged_patterns,
    pair_table,
    set_patterns,
    specific_agreements,
)
from tests.agreement.codings import estimates, patterns_of

CATEGORIES = 3
categories = some.integers(0, CATEGORIES - 1)
# What two annotators said of the same posts, and three of whom some may be missing (-1).
two_raters = some.lists(some.tuples(categories, categories), min_size=1, max_size=12)
three_raters = some.lists(
    some.lists(some.integers(-1, CATEGORIES - 1), min_size=3, max_size=3), min_size=1, max_size=12
)
weights_names: some.SearchStrategy[WeightsName] = some.sampled_from(("identity", "linear", "quadratic"))
Pairs = list[tuple[int, int]]


def of_two(said: Pairs, weights: WeightsName = "identity") -> dict[str, float | None]:
    first, second = zip(*said, strict=True)
    found = agree_on_pair(pair_table(first, second, CATEGORIES), weights=weights, resamples=100)
    return {one.name: one.estimate for one in found}


def of_many(posts: list[list[int]], weights: WeightsName = "identity") -> dict[str, float | None]:
    found = agree_on_patterns(patterns_of(posts, CATEGORIES), weights=weights, resamples=100)
    return {one.name: one.estimate for one in found}


def conger(said: list[list[int]], weights: WeightsName = "identity") -> Coefficient:
    patterns = RaterPatterns(np.array(said), np.ones(len(said), dtype=np.int64), CATEGORIES)
    return agree_on_raters(patterns, weights=weights, resamples=100)


def near(value: float | None) -> object:
    return None if value is None else pytest.approx(value, abs=1e-9)


@given(two_raters, weights_names)
def test_fleiss_kappa_of_two_is_scotts_pi(said: Pairs, weights: WeightsName) -> None:
    many, two = of_many([list(post) for post in said], weights), of_two(said, weights)
    assert many["fleiss_kappa"] == near(two["scott_pi"])
    assert many["percent_agreement"] == near(two["percent_agreement"])


@given(two_raters, weights_names)
def test_congers_kappa_of_two_is_cohens(said: Pairs, weights: WeightsName) -> None:
    assert conger([list(post) for post in said], weights).estimate == near(
        of_two(said, weights)["cohen_kappa"]
    )


@given(two_raters)
def test_alpha_of_two_is_scotts_pi_corrected_for_the_size_of_the_sample(said: Pairs) -> None:
    # 1 - alpha = (1 - pi)(n - 1)/n with n codings.
    alpha, pi, n = (
        of_many([list(post) for post in said])["krippendorff_alpha"],
        of_two(said)["scott_pi"],
        2 * len(said),
    )
    assert alpha == near(None if pi is None else 1 - (1 - pi) * (n - 1) / n)


@given(two_raters)
def test_interval_alpha_of_two_is_quadratic_pi_corrected(said: Pairs) -> None:
    values = list(range(CATEGORIES))
    alpha = estimates([list(post) for post in said], CATEGORIES, values, "interval")["krippendorff_alpha"]
    pi, n = of_two(said, "quadratic")["scott_pi"], 2 * len(said)
    assert alpha == near(None if pi is None else 1 - (1 - pi) * (n - 1) / n)


@given(some.lists(some.lists(some.integers(0, 1), max_size=4), max_size=12))
def test_brennan_prediger_of_two_categories_is_twice_the_agreement_less_one(posts: list[list[int]]) -> None:
    found = estimates(posts, 2)
    if found["brennan_prediger"] is not None and found["percent_agreement"] is not None:
        assert found["brennan_prediger"] == near(2 * found["percent_agreement"] - 1)


@given(two_raters)
def test_holsti_of_the_same_posts_is_their_percent_agreement(said: Pairs) -> None:
    found = of_two(said)
    assert found["holsti"] == near(found["percent_agreement"])


@given(two_raters)
def test_percent_agreement_is_the_mean_of_specific_agreements(said: Pairs) -> None:
    posts = [list(post) for post in said]
    chosen = [sum(post.count(category) for post in posts) for category in range(CATEGORIES)]
    each = [one.estimate for one in specific_agreements(patterns_of(posts, CATEGORIES), resamples=100)]
    mean = sum((value or 0) * n for value, n in zip(each, chosen, strict=True)) / sum(chosen)
    assert of_many(posts)["percent_agreement"] == near(mean)


@given(three_raters)
def test_identity_weights_are_no_weights(said: list[list[int]]) -> None:
    posts = [[value for value in post if value >= 0] for post in said]
    unweighted = agree_on_patterns(patterns_of(posts, CATEGORIES), resamples=100)
    as_matrix = agree_on_patterns(patterns_of(posts, CATEGORIES), weights=np.eye(CATEGORIES), resamples=100)
    for one, other in zip(unweighted, as_matrix, strict=True):
        assert (one.estimate, one.standard_error) == (near(other.estimate), near(other.standard_error))


@given(two_raters)
def test_weights_of_two_categories_are_all_the_same(said: Pairs) -> None:
    posts = [[min(value, 1) for value in post] for post in said]
    for weights in ("linear", "quadratic", "ordinal", "radical"):
        found = agree_on_patterns(patterns_of(posts, 2), weights=weights, resamples=100)
        assert {one.name: near(one.estimate) for one in found} == estimates(posts, 2)


@given(three_raters, some.permutations(range(3)), some.permutations(range(CATEGORIES)))
def test_names_of_annotators_and_categories_do_not_matter_to_conger(
    said: list[list[int]], seats: list[int], renamed: list[int]
) -> None:
    other = [[renamed[post[seat]] if post[seat] >= 0 else -1 for seat in seats] for post in said]
    one, same = conger(said), conger(other)
    assert (one.estimate, one.standard_error) == (near(same.estimate), near(same.standard_error))


@given(two_raters, some.permutations(range(CATEGORIES)))
def test_which_of_two_is_first_does_not_matter_nor_what_codes_are_called(
    said: Pairs, renamed: list[int]
) -> None:
    other = [(renamed[second], renamed[first]) for first, second in said]
    assert {name: near(value) for name, value in of_two(said).items()} == of_two(other)


@given(three_raters, some.randoms(use_true_random=False))
def test_the_order_of_posts_does_not_matter_to_sets(said: list[list[int]], order: random.Random) -> None:
    posts = [[value + 1 for value in post] for post in said]
    mixed = [order.sample(post, len(post)) for post in order.sample(posts, len(posts))]
    for distance in ("masi", "jaccard"):
        assert _of_sets(posts, distance) == near(_of_sets(mixed, distance))


def _of_sets(posts: list[list[int]], distance: str) -> float | None:
    unit = [number for number, post in enumerate(posts) for _ in post]
    patterns = set_patterns(unit, [mask for post in posts for mask in post])
    return agree_on_sets(patterns, distance, resamples=100).estimate


@given(three_raters, some.integers(0, 12))
def test_what_is_computed_on_two_halves_merged_is_that_of_the_whole(said: list[list[int]], cut: int) -> None:
    posts = [[value for value in post if value >= 0] for post in said]
    halves = merged_patterns(patterns_of(posts[:cut], CATEGORIES), patterns_of(posts[cut:], CATEGORIES))
    whole = agree_on_patterns(patterns_of(posts, CATEGORIES), resamples=100)
    for one, other in zip(agree_on_patterns(halves, resamples=100), whole, strict=True):
        assert (one.estimate, one.standard_error) == (near(other.estimate), near(other.standard_error))


@given(three_raters)
def test_all_posts_twice_leave_the_kappas_where_they_are(said: list[list[int]]) -> None:
    posts = [[value for value in post if value >= 0] for post in said]
    assert of_many(posts)["fleiss_kappa"] == near(of_many(posts + posts)["fleiss_kappa"])
    assert conger(said).estimate == near(conger(said + said).estimate)
    both = [(post[0], post[1]) for post in said if min(post[:2]) >= 0]
    if both:
        assert {name: near(value) for name, value in of_two(both).items()} == of_two(both + both)
