"""Every coefficient against the same coefficient written down from its definition, on posts of any kind."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from server.agreement import Level, agree_on_pair, agree_on_sets, masi_distance, pair_table, set_patterns
from tests.agreement import slow
from tests.agreement.codings import estimates

CATEGORIES = 4
posts_of_few_categories = some.lists(some.lists(some.integers(0, CATEGORIES - 1), max_size=5), max_size=12)
posts_of_sets = some.lists(some.lists(some.integers(0, 2**4 - 1), max_size=4), max_size=8)
pairs = some.lists(some.tuples(some.integers(0, 2), some.integers(0, 2)), max_size=12)


def same(found: float | None, expected: Fraction | None) -> None:
    if expected is None:
        assert found is None
    else:
        assert found == pytest.approx(float(expected), abs=1e-9)


@given(posts_of_few_categories)
def test_the_coefficients_of_named_categories(posts: list[list[int]]) -> None:
    found = estimates(posts, CATEGORIES)
    same(found["percent_agreement"], slow.percent_agreement(posts))
    same(found["krippendorff_alpha"], slow.alpha(posts, slow.nominal))
    same(found["fleiss_kappa"], slow.fleiss_kappa(posts, CATEGORIES))
    same(found["gwet_ac"], slow.gwet_ac1(posts, CATEGORIES))


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
@given(posts=posts_of_few_categories, values=some.lists(some.integers(0, 9), min_size=4, max_size=4))
def test_alpha_of_numbers(level: Level, posts: list[list[int]], values: list[int]) -> None:
    numbers = [[values[category] for category in post] for post in posts]
    distance = {"ordinal": slow.ordinal(numbers), "interval": slow.interval, "ratio": slow.ratio}[level]
    found = estimates(posts, CATEGORIES, [float(value) for value in values], level)
    same(found["krippendorff_alpha"], slow.alpha(numbers, distance))


@given(pairs)
def test_cohen_kappa(shared: list[tuple[int, int]]) -> None:
    first, second = [one for one, _ in shared], [other for _, other in shared]
    found = agree_on_pair(pair_table(first, second, 3), resamples=100)[1]
    same(found.estimate, slow.cohen_kappa(first, second))


@given(posts_of_sets)
def test_masi_alpha(posts: list[list[int]]) -> None:
    unit = [number for number, post in enumerate(posts) for _ in post]
    assume(unit)
    found = agree_on_sets(set_patterns(unit, [chosen for post in posts for chosen in post]), resamples=100)
    same(found.estimate, slow.alpha(posts, slow.masi))


@given(some.integers(0, 2**70), some.integers(0, 2**70))
def test_masi_distance_of_any_number_of_codes(one: int, other: int) -> None:
    assert masi_distance(one, other) == pytest.approx(float(slow.masi(one, other)))
    assert masi_distance(one, other) == masi_distance(other, one)


def test_distances_taken_a_few_rows_at_a_time_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = [1, 2, 3, 7, 0, 5, 8, 12, 3, 3, 6, 2]
    patterns = set_patterns(np.repeat(np.arange(6), 2), chosen)
    at_once = agree_on_sets(patterns, seed=1)
    monkeypatch.setattr("server.agreement.sets._ROWS", 2)
    in_parts = agree_on_sets(patterns, seed=1)
    assert in_parts.estimate == pytest.approx(at_once.estimate)
    assert in_parts.interval == pytest.approx(at_once.interval)
