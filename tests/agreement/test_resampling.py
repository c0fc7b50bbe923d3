"""Intervals: reproducible, around the estimate, over authors where authors repeat."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from server.agreement import (
    ClusterWeights,
    Coefficient,
    CountPatterns,
    agree_on_pair,
    agree_on_patterns,
    agree_on_sets,
    agree_on_sets_by,
    clustered_count_patterns,
    clustered_set_patterns,
    count_patterns,
    pair_table,
    set_patterns,
)
from server.agreement.arrays import FloatArray, IntArray
from server.agreement.resampling import Resampling, resampled
from server.agreement.sparse import SparseCounts
from tests.agreement.codings import assert_same


def ordinary_codings(posts: int, seed: int) -> tuple[IntArray, IntArray]:
    """Three annotators who are right four times in five."""
    generator = np.random.default_rng(seed)
    truth = np.repeat(generator.integers(0, 3, posts), 3)
    said = np.where(generator.random(3 * posts) < 0.8, truth, generator.integers(0, 3, 3 * posts))
    return np.repeat(np.arange(posts), 3), said


def width(interval: tuple[float, float] | None) -> float:
    assert interval is not None
    return interval[1] - interval[0]


def weights_of(patterns: CountPatterns, clusters: ClusterWeights | None, resamples: int) -> FloatArray:
    """The resampled frequencies themselves (resamples × n_patterns)."""
    shown = [lambda weights, column=column: weights[:, column] for column in range(len(patterns.frequencies))]
    drawn = resampled(shown, patterns.frequencies, Resampling(4, resamples, clusters))
    return np.stack(drawn, axis=1)


def test_the_interval_holds_the_estimate() -> None:
    for found in agree_on_patterns(count_patterns(*ordinary_codings(200, 1), 3), seed=1):
        assert found.estimate is not None
        assert found.interval is not None
        assert found.interval[0] < found.estimate < found.interval[1]
        assert (found.n_units, found.n_pairable, found.n_codings) == (200, 200, 600)


def test_a_seed_gives_the_same_interval_and_another_gives_another() -> None:
    patterns = count_patterns(*ordinary_codings(100, 2), 3)
    first, again, other = (agree_on_patterns(patterns, seed=seed) for seed in (7, 7, 8))
    assert first == again
    assert [each.estimate for each in first] == [each.estimate for each in other]
    assert [each.interval for each in first] != [each.interval for each in other]
    assert {each.seed for each in other} == {8}


def test_more_posts_give_a_narrower_interval() -> None:
    few = agree_on_patterns(count_patterns(*ordinary_codings(100, 3), 3))
    many = agree_on_patterns(count_patterns(*ordinary_codings(1_600, 3), 3))
    for narrow, wide in zip(many, few, strict=True):
        assert width(narrow.interval) == pytest.approx(width(wide.interval) / 4, rel=0.3)


@pytest.mark.parametrize("posts", [40, 2_000])
def test_how_many_are_held_at_a_time_changes_nothing(posts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    unit, said = ordinary_codings(posts, 4)
    patterns, clusters = clustered_count_patterns(unit, said, unit // 2, 3)
    at_once = [agree_on_patterns(patterns), agree_on_patterns(patterns, clusters=clusters)]
    monkeypatch.setattr("server.agreement.resampling._AT_A_TIME", 30 * len(patterns.frequencies))
    in_parts = [agree_on_patterns(patterns), agree_on_patterns(patterns, clusters=clusters)]
    for one, other in zip(at_once, in_parts, strict=True):
        assert [each.interval for each in one] == [
            each.interval and pytest.approx(each.interval) for each in other
        ]


def test_a_million_posts_are_drawn_as_patterns() -> None:
    patterns = CountPatterns(np.array([[3, 0], [2, 1], [0, 3]]), np.array([600_000, 100_000, 300_000]))
    percent = agree_on_patterns(patterns)[0]
    assert percent.estimate == pytest.approx(1 - 0.1 * 2 / 3)
    # The standard deviation of a share of 0.1, times 2/3 of a post.
    assert width(percent.interval) == pytest.approx(2 * 1.96 * 0.3 * 2 / 3 / 1_000, rel=0.1)


@pytest.mark.parametrize("frequencies", [[1, 1, 1, 1], [1_000, 10, 0, 90]])
def test_as_many_posts_are_drawn_as_there_are(frequencies: list[int]) -> None:
    patterns = CountPatterns(np.array([[2, 0], [1, 1], [3, 0], [0, 2]]), np.array(frequencies))
    weights = weights_of(patterns, None, 4_000)
    assert (weights.sum(axis=1) == sum(frequencies)).all()
    share = np.array(frequencies) / sum(frequencies)
    spread = np.sqrt(sum(frequencies) * share * (1 - share))
    assert weights.mean(axis=0) == pytest.approx(np.array(frequencies), abs=0.1 * spread.max())
    assert weights.std(axis=0) == pytest.approx(spread, rel=0.1)


def test_authors_are_drawn_whole() -> None:
    # One author wrote two posts of the first pattern, two authors three of the second each.
    patterns = CountPatterns(np.array([[2, 0], [1, 1]]), np.array([2, 6]))
    clusters = ClusterWeights(np.array([5, 8, 11]), np.array([0, 1, 1]), np.array([2, 3, 3]))
    weights = weights_of(patterns, clusters, 2_000)
    drawn = {tuple(row) for row in weights.tolist()}
    assert drawn == {(6, 0), (4, 3), (2, 6), (0, 9)}
    assert (weights[:, 0] == 2).mean() == pytest.approx(4 / 9, abs=0.04)


def test_an_author_of_several_patterns_may_stand_in_any_order() -> None:
    patterns = CountPatterns(np.array([[2, 0], [1, 1], [0, 2]]), np.array([3, 3, 1]))
    rows = [(0, 0, 2), (0, 1, 1), (1, 1, 2), (1, 0, 1), (2, 2, 1)]
    answers = []
    for order in ([0, 1, 2, 3, 4], [4, 2, 0, 1, 3]):
        columns = np.array([rows[at] for at in order]).T
        answers.append(agree_on_patterns(patterns, clusters=ClusterWeights(*columns), seed=3))
    assert_same(answers[0], answers[1])


def test_authors_who_wrote_one_post_each_are_posts() -> None:
    unit, said = ordinary_codings(300, 5)
    patterns, clusters = clustered_count_patterns(unit, said, unit, 3)
    by_author = agree_on_patterns(patterns, clusters=clusters, seed=9)
    assert_same(_of_posts(by_author), agree_on_patterns(patterns, seed=9))


def _of_posts(found: Sequence[Coefficient]) -> list[Coefficient]:
    """The same, as if nobody had said that authors were drawn."""
    assert all(one.n_clusters for one in found)
    return [replace(one, n_clusters=None) for one in found]


def test_posts_that_resemble_each_other_by_author_widen_the_interval() -> None:
    # Each author's ten posts are alike easy or alike hard.
    generator = np.random.default_rng(6)
    author = np.repeat(np.arange(40), 30)
    unit = np.repeat(np.arange(400), 3)
    truth = np.repeat(generator.integers(0, 2, 400), 3)
    hard = np.repeat(generator.random(40) < 0.4, 30)
    said = np.where(hard & (generator.random(1_200) < 0.5), 1 - truth, truth)
    patterns, clusters = clustered_count_patterns(unit, said, author, 2)
    by_post, by_author = agree_on_patterns(patterns), agree_on_patterns(patterns, clusters=clusters)
    for narrow, wide in zip(by_post, by_author, strict=True):
        assert narrow.estimate == wide.estimate
        assert width(wide.interval) > 1.3 * width(narrow.interval)


def test_pairs_and_sets_are_drawn_by_author_too() -> None:
    unit, said = ordinary_codings(120, 8)
    first, second = said[0::3], said[1::3]
    table = pair_table(first, second, 3)
    posts = np.arange(120)
    alone = ClusterWeights(posts, first * 3 + second, np.ones(120, dtype=np.int64))
    fours = ClusterWeights(posts // 4, first * 3 + second, np.ones(120, dtype=np.int64))
    assert_same(_of_posts(agree_on_pair(table, clusters=alone)), agree_on_pair(table))
    assert agree_on_pair(table, clusters=fours)[1].interval != agree_on_pair(table)[1].interval
    masks = (1 << said).tolist()
    patterns, clusters = clustered_set_patterns(unit, masks, unit)
    by_author = agree_on_sets(patterns, clusters=clusters)
    assert_same(_of_posts([by_author]), [agree_on_sets(set_patterns(unit, masks))])
    _, by_four = clustered_set_patterns(unit, masks, unit // 4)
    assert agree_on_sets(patterns, clusters=by_four).interval is not None


@pytest.mark.parametrize("shape", [(4, 5), (90, 80)])
def test_a_sparse_product_is_the_product(shape: tuple[int, int]) -> None:
    generator = np.random.default_rng(1)
    row, column = generator.integers(0, shape[0] - 1, 20), generator.integers(0, shape[1], 20)
    value = generator.integers(1, 5, 20)
    full = np.zeros(shape)
    np.add.at(full, (row, column), value)
    dense = generator.random((shape[1], 7))
    assert SparseCounts(row, column, value, shape).times(dense) == pytest.approx(full @ dense)


def test_many_distinct_sets_are_quick_enough_to_look_at() -> None:
    generator = np.random.default_rng(2)
    masks = [int(mask) for mask in generator.integers(0, 2**40, 1_000)]
    found = agree_on_sets(set_patterns(np.repeat(np.arange(500), 2), masks))
    assert found.resamples == 1_000
    assert found.interval is not None


def test_few_kinds_of_authors_are_drawn_as_all_of_them_are(monkeypatch: pytest.MonkeyPatch) -> None:
    # 400 authors with two posts each: by whether all said yes, no author differs from many others.
    generator = np.random.default_rng(12)
    rows = generator.integers(0, 40, 800)
    source = ClusterWeights(np.arange(800) // 2, rows, np.ones(800, dtype=np.int64))
    clusters = source.merged(np.arange(40) % 2)
    frequencies = np.bincount(rows % 2)
    patterns = CountPatterns(np.array([[3, 0], [1, 2]]), frequencies)
    assert not clusters.profiles(2).is_shared
    few = weights_of(patterns, clusters, 4_000)
    monkeypatch.setattr("server.agreement.clusters._CLUSTERS_A_KIND", 800)
    again = source.merged(np.arange(40) % 2)
    assert again.profiles(2).is_shared
    all_of_them = weights_of(patterns, again, 4_000)
    assert few.mean(axis=0) == pytest.approx(all_of_them.mean(axis=0), rel=0.01)
    assert few.std(axis=0) == pytest.approx(all_of_them.std(axis=0), rel=0.05)
    assert clusters.count(np.array([True, False])) == again.count(np.array([True, False]))


def test_both_distances_at_once_say_what_each_says_alone() -> None:
    unit, said = ordinary_codings(60, 13)
    patterns, clusters = clustered_set_patterns(unit, (1 << said).tolist(), unit // 2)
    together = agree_on_sets_by(("masi", "jaccard"), patterns, clusters=clusters)
    alone = [agree_on_sets(patterns, name, clusters=clusters) for name in ("masi", "jaccard")]
    assert_same(together, alone)
