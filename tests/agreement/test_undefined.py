"""Where there is nothing to say, the reason is said in words and no number stands in for it."""

import numpy as np
import pytest

from server.agreement import (
    Coefficient,
    Level,
    PairTable,
    agree_on_pair,
    agree_on_patterns,
    agree_on_sets,
    clustered_count_patterns,
    pair_table,
    reasons,
    set_patterns,
)
from tests.agreement.codings import coefficients, patterns_of


def unsaid(found: Coefficient) -> str | None:
    assert found.estimate is None
    assert found.interval is None
    assert found.undefined_resamples == found.resamples
    return found.undefined


def test_nothing_was_coded() -> None:
    for found in coefficients(patterns_of([], 2)).values():
        assert unsaid(found) == reasons.NO_CODINGS
    for found in agree_on_pair(pair_table([], [], 2)):
        assert unsaid(found) == reasons.NO_CODINGS


def test_no_post_was_coded_twice() -> None:
    for found in coefficients(patterns_of([[0], [1], [0]], 2)).values():
        assert unsaid(found) == reasons.NO_PAIRS
        assert (found.n_units, found.n_pairable, found.n_codings) == (3, 0, 3)
    assert unsaid(agree_on_sets(set_patterns([0, 1], [1, 2]))) == reasons.NO_PAIRS


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_only_one_category_was_used(level: Level) -> None:
    found = coefficients(patterns_of([[1, 1], [1, 1, 1]], 3), [0, 1, 2], level)
    assert found["percent_agreement"].estimate == 1
    assert unsaid(found["krippendorff_alpha"]) == reasons.ONE_CATEGORY_IN_PAIRS
    assert unsaid(found["fleiss_kappa"]) == reasons.ONE_CATEGORY
    assert unsaid(found["gwet_ac"]) == reasons.ONE_CATEGORY


def test_a_codebook_of_one_category() -> None:
    found = coefficients(patterns_of([[0, 0], [0, 0]], 1))
    assert unsaid(found["gwet_ac"]) == reasons.ONE_CATEGORY


def test_another_category_only_where_nothing_can_be_compared() -> None:
    # The margins of Fleiss' kappa and of AC1 see it, alpha does not.
    found = coefficients(patterns_of([[1, 1], [1, 1, 1], [0]], 2))
    assert unsaid(found["krippendorff_alpha"]) == reasons.ONE_CATEGORY_IN_PAIRS
    assert found["fleiss_kappa"].estimate == pytest.approx(1)
    assert found["gwet_ac"].estimate == pytest.approx(1)


def test_codes_of_one_value_are_one_value() -> None:
    found = coefficients(patterns_of([[0, 1], [1, 0]], 2), [3, 3], "interval")
    assert unsaid(found["krippendorff_alpha"]) == reasons.ONE_CATEGORY_IN_PAIRS


def test_the_same_set_on_every_post() -> None:
    assert unsaid(agree_on_sets(set_patterns([0, 0, 1, 1], [5, 5, 5, 5]))) == reasons.ONE_SET


def test_a_pair_that_uses_one_category() -> None:
    percent, cohen, *_ = agree_on_pair(PairTable(np.array([[7, 0], [0, 0]])))
    assert percent.estimate == 1
    assert unsaid(cohen) == reasons.ONE_CATEGORY_BY_BOTH


def test_a_pair_that_never_uses_the_same_category_agrees_as_by_chance() -> None:
    assert agree_on_pair(PairTable(np.array([[0, 7], [0, 0]])))[1].estimate == 0


def test_one_post_gives_no_interval() -> None:
    found = coefficients(patterns_of([[0, 1, 1], [0], [1]], 2))["fleiss_kappa"]
    assert found.estimate is not None
    assert found.interval is None
    assert found.no_interval == reasons.ONE_PAIRABLE_POST


def test_one_author_gives_no_interval() -> None:
    patterns, clusters = clustered_count_patterns([0, 0, 1, 1], [0, 1, 1, 1], [9, 9, 9, 9], 2)
    found = agree_on_patterns(patterns, clusters=clusters)[0]
    assert found.estimate == 0.5
    assert found.interval is None
    assert found.no_interval == reasons.ONE_PAIRABLE_CLUSTER


def test_full_agreement_gives_no_interval_of_no_width() -> None:
    found = coefficients(patterns_of([[0, 0], [1, 1]] * 20, 2))
    for coefficient in found.values():
        assert coefficient.estimate == pytest.approx(1)
        assert coefficient.interval is None
        assert coefficient.no_interval == reasons.SAME_IN_EVERY_RESAMPLE


def test_resamples_without_variation_are_counted_and_left_out() -> None:
    # One post in fifty has the rare code: (49/50)^50, about 36 in 100 resamples, do not have it.
    found = agree_on_patterns(patterns_of([[0, 0]] * 49 + [[0, 1]], 2), seed=2, resamples=2_000)
    percent, alpha, fleiss, ac1, _ = found
    assert percent.undefined_resamples == 0
    assert alpha.undefined_resamples / 2_000 == pytest.approx(0.364, abs=0.04)
    assert alpha.undefined_resamples == fleiss.undefined_resamples == ac1.undefined_resamples
    assert alpha.interval is not None
    assert alpha.interval[1] < 1


def test_mostly_undefined_resamples_give_no_interval() -> None:
    # Both posts that differ must be drawn for alpha to vary: about 40 in 100 resamples.
    found = coefficients(patterns_of([[0, 0], [1, 1], *[[0]] * 30], 2))["krippendorff_alpha"]
    assert found.estimate == 1
    assert found.interval is None
    assert found.no_interval == reasons.MOSTLY_UNDEFINED
    assert found.undefined_resamples > 50
