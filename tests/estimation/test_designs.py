"""Groups of posts that weigh unequally: strata, and rows that stand for many posts."""

import math

import numpy as np
import pytest

from server.estimation import Design, compared_by_clusters, independence_by_clusters, survey_proportion

# Ten posts in two strata of weights 3 and 1; the last of each stratum is in neither group.
STRATA = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
WEIGHT = np.where(STRATA == 0, 3.0, 1.0)
GROUP = np.array([0, 0, 1, 1, -1, 0, 0, 1, 1, -1])
YES = np.array([1, 0, 1, 1, 0, 1, 0, 0, 0, 1], dtype=bool)
POSTS = (np.arange(2)[:, None] == GROUP) * WEIGHT
SINGLY = Design(STRATA, np.ones(10, dtype=np.int64))


def test_groups_are_compared_as_domains_of_one_sample() -> None:
    """The difference of two disjoint domains has the variance of u1 - u2, strata apart."""
    found = compared_by_clusters(tuple(POSTS * YES), tuple(POSTS), design=SINGLY)
    first, second = 4 / 8, 6 / 8
    assert found.risk_ratio.estimate == pytest.approx(first / second)
    assert found.risk_difference.estimate == pytest.approx(first - second)
    one = survey_proportion(YES, WEIGHT, strata=STRATA, domain=GROUP == 0)
    other = survey_proportion(YES, WEIGHT, strata=STRATA, domain=GROUP == 1)
    assert (one.share, other.share) == pytest.approx((first, second))
    z = POSTS[0] * (YES - first) / 8 - POSTS[1] * (YES - second) / 8
    off = z - np.array([z[:5].mean(), z[5:].mean()])[STRATA]
    spread = math.sqrt(5 / 4 * float(np.square(off).sum()))
    low, high = found.risk_difference.interval or (0, 0)
    # t of the 4 posts of either group; the lower end is cut.
    assert low == -1
    assert high == pytest.approx(first - second + 3.182446305 * spread)
    assert "weighted shares" in found.method


def test_rows_may_stand_for_many_posts() -> None:
    twice = Design(STRATA, np.full(10, 2))
    spelt = Design(np.tile(STRATA, 2), np.ones(20, dtype=np.int64))
    carrying, posts = POSTS * YES / 1.6, POSTS / 1.6
    long_carrying, long_posts = np.hstack([carrying] * 2), np.hstack([posts] * 2)
    one = compared_by_clusters((carrying[0], carrying[1]), (posts[0], posts[1]), design=twice)
    other = compared_by_clusters(
        (long_carrying[0], long_carrying[1]), (long_posts[0], long_posts[1]), design=spelt
    )
    assert one.odds_ratio.interval == pytest.approx(other.odds_ratio.interval)
    tested = independence_by_clusters(carrying, posts, twice)
    again = independence_by_clusters(long_carrying, long_posts, spelt)
    assert (tested.statistic, tested.p_value) == pytest.approx((again.statistic, again.p_value))
    assert tested.degrees == pytest.approx((1, 7))
    assert "weigh unequally" in tested.because


def test_a_stratum_of_one_post_shows_no_spread() -> None:
    design = Design(np.array([0, 0, 0, 1]), np.ones(4, dtype=np.int64))
    posts = np.array([[1.0, 0, 1, 0], [0, 1, 0, 1]])
    carrying = posts * np.array([1, 1, 0, 0])
    found = compared_by_clusters((carrying[0], carrying[1]), (posts[0], posts[1]), design=design)
    assert found.risk_difference.estimate == 0
    assert found.risk_difference.interval is None
    assert "1 of 2 strata have a single cluster" in str(found.reason)
    assert independence_by_clusters(carrying, posts, design).p_value is None
