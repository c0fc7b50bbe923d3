"""Shares, bounds and moments, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.estimation import cluster_proportion, wilson_interval
from server.results.estimating import Authors, Estimator
from server.results.outcomes import Basis, Choices
from server.results.shares import code_values, moments, share_of

U, M, X, N = Basis.UNANIMOUS, Basis.MAJORITY, Basis.UNRESOLVED, Basis.NOT_CODED


def test_a_share_with_unresolved_posts() -> None:
    carries = np.array([True, False, False, True, False])
    basis = np.array([U, M, X, M, N], dtype=np.int8)
    found = share_of(carries, basis, Estimator(Authors(["a", "b", "c", None, "a"])), of_carriers=False)
    assert (found.count, found.denominator, found.unresolved) == (2, 4, 1)
    assert found.share == 0.5
    assert found.share_of_resolved == pytest.approx(2 / 3)
    assert found.bounds == (0.5, 0.75)
    assert found.interval == wilson_interval(2, 4)
    assert found.method == "Wilson score"
    assert {basis.word: posts for basis, posts in found.basis.items() if posts} == {
        "unanimous": 1,
        "majority": 2,
        "unresolved": 1,
    }


def test_an_interval_is_unsettled_when_unresolved_posts_could_move_the_share_further() -> None:
    nobody = Estimator(Authors([None] * 7))
    for n_unresolved, is_unsettled in ((0, False), (1, False), (6, True)):
        basis = np.array([X] * n_unresolved + [U] * (7 - n_unresolved), dtype=np.int8)
        found = share_of(np.zeros(7, dtype=np.bool_), basis, nobody, of_carriers=False)
        assert found.is_unsettled is is_unsettled
    assert not share_of(
        np.array([False]), np.array([N]), Estimator(Authors([None])), of_carriers=False
    ).is_unsettled


def test_the_bases_of_those_that_carry_it() -> None:
    carries, basis = np.array([True, False, False]), np.array([M, U, X], dtype=np.int8)
    found = share_of(carries, basis, Estimator(Authors(["a", "b", "c"])), of_carriers=True)
    assert {basis.word: posts for basis, posts in found.basis.items() if posts} == {
        "majority": 1,
        "unresolved": 1,
    }


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.booleans(), st.booleans()), min_size=1),
)
def test_authors_are_clusters_and_a_post_without_one_stands_alone(
    posts: list[tuple[str | None, bool, bool]],
) -> None:
    names = [name for name, _carries, _coded in posts]
    carries, coded = (np.array([post[at] for post in posts]) for at in (1, 2))
    found = Estimator(Authors(names)).share(carries, coded).proportion
    clusters: dict[object, list[bool]] = {}
    for at, (name, yes, is_coded) in enumerate(posts):
        if is_coded:
            clusters.setdefault(name or at, []).append(yes)
    if any(len(cluster) > 1 for cluster in clusters.values()):
        sizes = [len(cluster) for cluster in clusters.values()]
        wanted = cluster_proportion([sum(cluster) for cluster in clusters.values()], sizes)
        assert (found.count, found.denominator) == (wanted.count, wanted.denominator)
        assert found.interval == (wanted.interval and pytest.approx(wanted.interval))
        assert found.reason == wanted.reason
    else:
        assert found.method == "Wilson score"
        assert found.denominator == len(clusters)


def test_nothing_coded_is_undefined_in_words() -> None:
    found = share_of(
        np.array([False]), np.array([N], dtype=np.int8), Estimator(Authors([None])), of_carriers=False
    )
    assert (found.share, found.interval, found.share_of_resolved, found.bounds) == (None, None, None, None)
    assert found.reason


def test_nothing_resolved_has_a_share_and_no_share_of_the_resolved() -> None:
    found = share_of(
        np.array([False]), np.array([X], dtype=np.int8), Estimator(Authors([None])), of_carriers=False
    )
    assert (found.share, found.share_of_resolved, found.bounds) == (0.0, None, (0.0, 1.0))


def test_moments_and_what_they_need() -> None:
    found = moments(np.array([1.0, 2.0, 6.0]), np.ones(3))
    assert (found.n, found.mean, found.median, found.reason) == (3, 3.0, 2.0, None)
    assert found.standard_deviation == pytest.approx(7**0.5)
    assert moments(np.array([4.0]), np.ones(1)).standard_deviation is None
    assert moments(np.array([4.0]), np.ones(1)).reason
    empty = moments(np.array([]), np.ones(0))
    assert (empty.n, empty.mean, empty.median) == (0, None, None)
    assert empty.reason


def test_the_numbers_of_ordered_codes() -> None:
    chosen = np.array(
        [[True, False, False], [False, False, True], [False, False, False], [False, True, False]]
    )
    final = Choices(chosen, np.full((4, 3), U, dtype=np.int8))
    found = code_values(final, [-1.0, None, 1.0])
    assert found.tolist()[:2] == [-1.0, 1.0]
    assert np.isnan(found[2:]).all(), "no code, and one without a number"
