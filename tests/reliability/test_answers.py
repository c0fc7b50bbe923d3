"""Grouped answers, against the same posts counted one by one."""

import numpy as np
import pytest

from server.reliability.answers import NOBODY, AnswerPatterns


def patterns(
    members: list[list[int]], answers: list[list[int]], frequency: list[int], cluster: list[int]
) -> AnswerPatterns:
    return AnswerPatterns(
        *(np.array(given, dtype=np.int64) for given in (members, answers, frequency, cluster))
    )


TWO_SEATS = patterns([[1, 2], [1, 3], [2, NOBODY]], [[0, 1], [1, 0], [1, NOBODY]], [2, 3, 4], [7, 7, NOBODY])


def test_who_answered_is_forgotten_and_equal_posts_merge() -> None:
    unnamed = TWO_SEATS.unnamed
    assert unnamed.rows.tolist() == [[NOBODY, 1], [0, 1]]
    assert unnamed.frequency.tolist() == [4, 5]
    assert (unnamed.extent.n_units, unnamed.extent.n_pairable, unnamed.extent.n_codings) == (9, 5, 14)


def test_counts_and_one_code_against_the_rest() -> None:
    unnamed = TWO_SEATS.unnamed
    assert unnamed.counts(2).counts.tolist() == [[0, 1], [1, 1]]
    yes_no, clusters = unnamed.yes_no(np.array([True, False]))
    assert dict(zip(map(tuple, yes_no.counts.tolist()), yes_no.frequencies.tolist(), strict=True)) == {
        (1, 0): 4,
        (1, 1): 5,
    }
    assert clusters is not None
    assert clusters.belong_to(yes_no.frequencies)


def test_an_author_is_one_cluster_and_single_posts_are_clusters_of_their_own() -> None:
    clusters = TWO_SEATS.clusters
    assert clusters is not None
    assert len(np.unique(clusters.cluster)) == 1 + 4
    assert clusters.belong_to(TWO_SEATS.frequency)


def test_there_are_no_clusters_where_no_author_repeats() -> None:
    alone = patterns([[1, 2]], [[0, 1]], [5], [NOBODY])
    assert alone.clusters is None
    of_one = patterns([[1, 2]], [[0, 1]], [1], [3])
    assert of_one.clusters is None


def test_pairs_come_with_most_posts_in_common_first() -> None:
    pairs = TWO_SEATS.pairs
    assert [(pair.first, pair.second, pair.n_posts) for pair in pairs] == [(1, 3, 3), (1, 2, 2)]
    table, clusters = pairs[0].table(np.arange(2), 2, TWO_SEATS.clusters)
    assert table.counts.tolist() == [[0, 0], [3, 0]]
    assert clusters is not None
    assert clusters.belong_to(table.frequencies)


def test_sets_keep_what_each_category_holds() -> None:
    contents = np.array([[True, False], [True, True]])
    sets = TWO_SEATS.unnamed.sets(contents)
    assert sets.extent.n_codings == 14
    assert sets.members.tolist() == contents.tolist()


def test_nothing_at_all() -> None:
    nothing = patterns([], [], [], [])
    empty = AnswerPatterns(
        nothing.members.reshape(0, 1), nothing.answers.reshape(0, 1), nothing.frequency, nothing.cluster
    )
    assert empty.clusters is None
    assert empty.pairs == []
    assert empty.annotators == ()
    assert empty.unnamed.extent.n_units == 0
    assert empty.unnamed.counts(3).counts.shape == (0, 3)


@pytest.mark.parametrize("seed", range(5))
def test_pair_tables_equal_a_count_by_hand(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = [sorted(random.choice(5, size=3, replace=False).tolist()) for _ in range(30)]
    said = random.integers(0, 3, size=(30, 3)).tolist()
    found = patterns(rows, said, [1] * 30, random.integers(0, 9, 30).tolist())
    for pair in found.pairs:
        by_hand = np.zeros((3, 3), dtype=int)
        for who, what in zip(rows, said, strict=True):
            if pair.first in who and pair.second in who:
                by_hand[what[who.index(pair.first)], what[who.index(pair.second)]] += 1
        assert pair.table(np.arange(3), 3, found.clusters)[0].counts.tolist() == by_hand.tolist()
