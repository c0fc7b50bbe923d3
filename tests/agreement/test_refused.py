"""What cannot be read as codings is refused in words, before any arithmetic."""

from collections.abc import Callable

import numpy as np
import pytest

from server.agreement import (
    ClusterWeights,
    CountPatterns,
    PairTable,
    RaterPatterns,
    SetPatterns,
    agree_on_pair,
    agree_on_patterns,
    agree_on_sets,
    alpha_with_distances,
    clustered_count_patterns,
    clustered_grouped_patterns,
    clustered_set_patterns,
    count_patterns,
    grouped_patterns,
    masi_distance,
    merged_patterns,
    pair_table,
    rated_patterns,
    set_patterns,
    yes_no_patterns,
)

PATTERNS = grouped_patterns([[2, 0, 0], [1, 1, 0], [0, 0, 3]], [4, 3, 2])


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: grouped_patterns([[1, -1]], [1]), "counts must not be negative"),
        (lambda: grouped_patterns([[1, 1]], [-1]), "frequencies must not be negative"),
        (lambda: grouped_patterns([[1, 0.5]], [1]), "counts must be whole numbers"),
        (lambda: grouped_patterns([[1, np.nan]], [1]), "NaN"),
        (lambda: grouped_patterns([["a", "b"]], [1]), "counts must be whole numbers"),
        (lambda: grouped_patterns([1, 2], [1]), "counts must have 2 dimension"),
        (lambda: grouped_patterns([[1e300, 1]], [1]), "below 2"),
        (lambda: grouped_patterns(np.array([[2**63]], dtype=np.uint64), [1]), "below 2"),
        (lambda: grouped_patterns([[1, 1]], [1, 2]), "counts and frequencies must have the same length"),
        (lambda: grouped_patterns(np.zeros((2, 0)), [1, 1]), "at least one"),
        (lambda: count_patterns([], [], 2), "no codings"),
        (lambda: set_patterns([], []), "no codings"),
        (lambda: clustered_count_patterns([], [], [], 2), "no codings"),
        (lambda: yes_no_patterns([2], [3], [1]), "chosen more often"),
        (lambda: yes_no_patterns([2], [1, 1], [1]), "codings and yes must have the same length"),
        (lambda: merged_patterns(PATTERNS, grouped_patterns([[1, 1]], [1])), "3 against 2"),
        (lambda: count_patterns([0, 0], [0], 2), "unit and category must have the same length"),
        (lambda: count_patterns([0, 0], [0, 2], 2), "category 2 does not exist"),
        (lambda: count_patterns([0, -1], [0, 1], 2), "unit must not be negative"),
        (lambda: count_patterns([0], [0], 0), "at least one category"),
        (lambda: clustered_count_patterns([0, 0], [0, 1], [1, 2], 2), "two clusters"),
        (lambda: clustered_count_patterns([0, 0], [0, 1], [1], 2), "same length"),
        (lambda: clustered_grouped_patterns([1, 2], [[1, 1]], [1]), "same length"),
        (lambda: clustered_set_patterns([0, 0], [0, 1], [1, 2]), "two clusters"),
        (lambda: PairTable(np.zeros((2, 3), dtype=np.int64)), "2 by 3"),
        (lambda: PairTable(np.array([[1, -1], [0, 0]])), "negative"),
        (lambda: pair_table([0, 1], [0], 2), "same length"),
        (lambda: pair_table([0, 3], [0, 1], 2), "category 3 does not exist"),
        (lambda: set_patterns([0, 0], [1]), "same length"),
        (lambda: rated_patterns([[0, np.nan]], 2), "NaN"),
        (lambda: rated_patterns([[0, 5]], 2), "category 5 does not exist"),
        (lambda: rated_patterns([[0, 1], [1]], 2), "rows of the same length"),
        (lambda: rated_patterns([["a", "b"]], 2), "whole numbers"),
        (lambda: RaterPatterns(np.array([[0, 2]]), np.ones(1, dtype=np.int64), 2), "2 categories"),
        (lambda: alpha_with_distances(PATTERNS, [[0, 1, 2], [2, 0, 1], [1, 1, 0]]), "symmetric"),
        (
            lambda: alpha_with_distances(grouped_patterns([[1, 1]], [1]), [[0.0, np.nan], [np.nan, 0.0]]),
            "finite",
        ),
        (lambda: alpha_with_distances(PATTERNS, [[0, -1, 1], [-1, 0, 1], [1, 1, 0]]), "not negative"),
        (lambda: alpha_with_distances(PATTERNS, np.ones((3, 3))), "diagonal of the distances"),
        (lambda: alpha_with_distances(PATTERNS, [list("abc")] * 3), "distances must be numbers"),
        (lambda: alpha_with_distances(PATTERNS, [[0, 1], [1]]), "rows of the same length"),
        (lambda: agree_on_pair(pair_table([0, 1], [0, 1], 2), resamples=5), "at least 100"),
        (lambda: agree_on_sets(set_patterns([0, 0], [1, 1]), resamples=5), "at least 100"),
        (lambda: set_patterns([0, 0], [1, -1]), "negative"),
        (lambda: masi_distance(-1, 0), "negative"),
    ],
)
def test_data(attempt: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        attempt()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"level": "interval"}, "Category 0 has no numeric value, which the interval level needs"),
        ({"level": "ordinal", "values": [1, None, 2]}, "Category 1 has no numeric value"),
        ({"level": "interval", "values": [1, 2]}, "3 categories and 2 values"),
        ({"level": "interval", "values": [1, 2, float("nan")]}, "finite"),
        ({"level": "ratio", "values": [1, 2, float("inf")]}, "finite"),
        ({"level": "ratio", "values": [-1, 2, 3]}, "negative"),
        ({"level": "interval", "values": ["low", "mid", "high"]}, "must be numbers"),
        ({"weights": "linear", "values": ["low", "mid", "high"]}, "must be numbers"),
        ({"weights": "ratio", "values": [-1, 2, 3]}, "negative"),
        ({"weights": "cubic"}, "cubic is no name of weights"),
        ({"weights": [[1, 0.5, 0], [0, 1, 0.5], [0, 0.5, 1]]}, "symmetric"),
        ({"confidence": 95}, "between 0 and 1, as 0.95 does, and not 95"),
        ({"confidence": float("nan")}, "between 0 and 1"),
        ({"confidence": 1 - 1e-16}, "between 0 and 1"),
        ({"resamples": float("nan")}, "at least 100 resamples, not nan"),
        ({"resamples": 100.5}, "not 100.5"),
        ({"seed": 1.5}, "seed"),
        ({"level": "cardinal"}, "cardinal is not a level of measurement"),
        ({"resamples": 99}, "at least 100"),
        ({"seed": -1}, "seed"),
    ],
)
def test_arguments(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        agree_on_patterns(PATTERNS, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "frequency"),
    [([0, 1, 2], [4, 3, 1]), ([0, 1, 3], [4, 3, 2]), ([0, 1], [4, 3])],
)
def test_clusters_of_other_posts(pattern: list[int], frequency: list[int]) -> None:
    clusters = ClusterWeights(np.arange(len(pattern)), np.array(pattern), np.array(frequency))
    with pytest.raises(ValueError, match="do not hold the same posts"):
        agree_on_patterns(PATTERNS, clusters=clusters)


def test_set_patterns_out_of_order() -> None:
    one = np.ones(2, dtype=np.int64)
    with pytest.raises(ValueError, match="sorted"):
        SetPatterns(np.ones((2, 1), dtype=np.bool_), np.array([1, 0]), one, one, one)


def test_patterns_cannot_be_changed_afterwards() -> None:
    with pytest.raises(AttributeError):
        PATTERNS.counts = PATTERNS.counts  # type: ignore[misc]
    assert isinstance(PATTERNS, CountPatterns)
