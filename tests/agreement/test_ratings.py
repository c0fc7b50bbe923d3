"""A table of ratings gives the patterns that its ratings give one by one."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from numpy.typing import ArrayLike, DTypeLike

from server.agreement import CountPatterns, count_patterns, rated_patterns
from server.agreement.arrays import IntArray

WIDTHS: tuple[DTypeLike, ...] = (np.int8, np.int16, np.int32, np.int64, np.float64)


@some.composite
def tables(draw: some.DrawFn, most_categories: int = 90) -> tuple[IntArray, int]:
    """A table with missing ratings, and the number of its categories."""
    units, ratings = draw(some.integers(1, 12)), draw(some.integers(2, 6))
    categories = draw(some.integers(1, most_categories))
    rating = some.integers(-1, categories - 1)
    row = some.lists(rating, min_size=ratings, max_size=ratings)
    rows = draw(some.lists(row, min_size=units, max_size=units))
    return np.array(rows, dtype=np.int64).reshape(units, ratings), categories


def counted(table: IntArray, categories: int) -> dict[tuple[int, ...], int]:
    """How many units have which counts, one after the other; units without a rating are left out."""
    rows = [tuple(row.count(category) for category in range(categories)) for row in table.tolist()]
    return Counter(row for row in rows if any(row))


def as_counted(found: CountPatterns) -> dict[tuple[int, ...], int]:
    return dict(zip(map(tuple, found.counts.tolist()), found.frequencies.tolist(), strict=True))


def assert_equal(found: CountPatterns, expected: CountPatterns) -> None:
    """The same rows in the same order, so that one seed gives one interval."""
    assert found.counts.tolist() == expected.counts.tolist()
    assert found.frequencies.tolist() == expected.frequencies.tolist()


@given(tables())
def test_every_unit_is_counted_once(given_table: tuple[IntArray, int]) -> None:
    assert as_counted(rated_patterns(*given_table)) == counted(*given_table)


@given(tables())
def test_a_table_and_its_long_form_are_the_same(given_table: tuple[IntArray, int]) -> None:
    table, categories = given_table
    unit, place = np.nonzero(table >= 0)
    assume(len(unit) > 0)
    assert_equal(rated_patterns(table, categories), count_patterns(unit, table[unit, place], categories))


@given(tables(), some.randoms(use_true_random=False))
def test_the_order_of_ratings_and_units_changes_nothing(
    given_table: tuple[IntArray, int], order: random.Random
) -> None:
    table, categories = given_table
    mixed = [list(row) for row in table.tolist()]
    order.shuffle(mixed)
    for row in mixed:
        order.shuffle(row)
    expected = rated_patterns(table, categories)
    assert_equal(rated_patterns(np.array(mixed, dtype=np.int64).reshape(table.shape), categories), expected)


@given(tables(), some.sampled_from(WIDTHS))
def test_the_width_and_the_order_in_memory_change_nothing(
    given_table: tuple[IntArray, int], kind: DTypeLike
) -> None:
    table, categories = given_table
    expected = rated_patterns(table, categories)
    assert_equal(rated_patterns(table.astype(kind), categories), expected)
    assert_equal(rated_patterns(np.asfortranarray(table.astype(kind)), categories), expected)


@pytest.mark.parametrize(("ratings", "categories"), [(3, 5), (3, 60), (40, 3), (2, 2)])
def test_how_many_are_looked_at_together_changes_nothing(
    ratings: int, categories: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = np.random.default_rng(1).integers(-1, categories, (200, ratings))
    at_once = rated_patterns(table, categories)
    monkeypatch.setattr("server.agreement.histogram._AT_A_TIME", 7 * ratings)
    monkeypatch.setattr("server.agreement.grouping._AT_A_TIME", 5)
    assert_equal(rated_patterns(table, categories), at_once)
    assert as_counted(at_once) == counted(table, categories)


@given(tables(most_categories=100), some.sampled_from([np.uint8, np.int8, np.int32, np.uint64]))
def test_long_form_may_be_narrow(given_table: tuple[IntArray, int], kind: DTypeLike) -> None:
    table, categories = given_table
    unit, place = np.nonzero(table >= 0)
    assume(len(unit) > 0)
    category = table[unit, place]
    found = count_patterns(unit.astype(kind), category.astype(kind), categories)
    assert_equal(found, count_patterns(unit, category, categories))


@given(tables(), some.randoms(use_true_random=False))
def test_the_order_of_codings_changes_nothing(
    given_table: tuple[IntArray, int], order: random.Random
) -> None:
    # In order and with equally many a post they are counted as a table, and else one by one.
    table, categories = abs(given_table[0]), max(given_table[1], 2)
    unit, category = np.repeat(np.arange(len(table)) * 3, table.shape[1]), table.reshape(-1)
    mixed = np.array(order.sample(range(len(unit)), len(unit)), dtype=np.int64)
    assert_equal(
        count_patterns(unit, category, categories), count_patterns(unit[mixed], category[mixed], categories)
    )


@pytest.mark.parametrize(
    ("unit", "patterns"),
    [
        ([0, 0, 1, 1], {(2, 0): 1, (0, 2): 1}),
        ([0, 0, 0, 1], {(2, 1): 1, (0, 1): 1}),
        ([1, 1, 1, 1], {(2, 2): 1}),
        ([0, 1, 0, 1], {(1, 1): 2}),
        ([5, 5, 2, 2], {(2, 0): 1, (0, 2): 1}),
        ([0, 1, 2, 2], {(1, 0): 2, (0, 2): 1}),
    ],
)
def test_posts_may_stand_anyhow(unit: list[int], patterns: dict[tuple[int, ...], int]) -> None:
    assert as_counted(count_patterns(unit, [0, 0, 1, 1], 2)) == patterns


def test_yes_and_no_are_categories() -> None:
    table = np.array([[True, False], [True, True], [False, True]])
    assert_equal(rated_patterns(table, 2), rated_patterns(table.astype(np.int64), 2))
    unit = np.array([False, False, True])
    assert_equal(count_patterns(unit, table[:, 0], 2), count_patterns([0, 0, 1], [1, 1, 0], 2))


def test_what_is_given_stays_as_it_is() -> None:
    table = np.array([[0, 1, -1], [2, 2, 2]])
    unit, category = np.array([0, 0, 7]), np.array([1, 0, 2])
    rated_patterns(table, 3)
    count_patterns(unit, category, 3)
    assert table.tolist() == [[0, 1, -1], [2, 2, 2]]
    assert (unit.tolist(), category.tolist()) == ([0, 0, 7], [1, 0, 2])


@pytest.mark.parametrize(
    ("ratings", "categories", "words"),
    [
        ([[0, 3]], 3, "category 3 does not exist"),
        ([[0, -2]], 3, "-1 where one is missing"),
        ([[0.0, -2.0]], 3, "ratings must not be negative"),
        ([[0, 0.5]], 3, "ratings must be whole numbers"),
        ([[0, float("nan")]], 3, "NaN"),
        ([["a", "b"]], 3, "ratings must be whole numbers"),
        ([0, 1], 3, "ratings must have 2 dimension"),
        ([[0, 1]], 0, "at least one category"),
        ([[0], [1]], 3, "One annotator agrees with nobody"),
        (np.zeros((0, 2), dtype=np.int64), 3, "no units to compare"),
        (np.array([[2**63, 0]], dtype=np.uint64), 3, "category 9223372036854775808 does not exist"),
    ],
)
def test_refused(ratings: ArrayLike, categories: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rated_patterns(ratings, categories)
