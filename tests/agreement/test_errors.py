"""Standard errors and analytic intervals: printed values, and the bootstrap as an independent witness."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.published_values import verdict
from server.agreement import (
    Coefficient,
    CountPatterns,
    PairTable,
    agree_on_pair,
    agree_on_patterns,
    agree_on_sets,
    clustered_count_patterns,
    count_patterns,
    set_patterns,
)
from server.agreement.coefficients import gwet_ac, percent_agreement
from server.agreement.errors import irrcac_error
from server.agreement.inference import FEW_CLUSTERS
from server.agreement.intervals import bca_interval
from server.agreement.resampling import Resampling, resampled
from tests.agreement.codings import patterns_of, posts_of
from tests.agreement.test_published import (
    ABSTRACTORS,
    GWET_4_RATERS,
    HAYES_KRIPPENDORFF_2007,
    fleiss_table,
    patterns_of_table,
)

GOLDEN = Path(__file__).parents[3] / "shared" / "golden_open.json"
SAS = PairTable(np.array([[0, 4, 1], [0, 8, 0], [0, 1, 5]]))


def named(found: tuple[Coefficient, ...], name: str) -> Coefficient:
    return next(one for one in found if one.name == name)


def ordinary(n_posts: int = 400, seed: int = 4) -> CountPatterns:
    """Three annotators of four, who are right four times in five."""
    generator = np.random.default_rng(seed)
    truth = np.repeat(generator.integers(0, 3, n_posts), 3)
    said = np.where(generator.random(3 * n_posts) < 0.8, truth, generator.integers(0, 3, 3 * n_posts))
    return count_patterns(np.repeat(np.arange(n_posts), 3), said, 3)


@pytest.mark.skipif(not GOLDEN.is_file(), reason="the published values are not here")
def test_every_published_value() -> None:
    entries = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert {entry["id"]: verdict(entry) for entry in entries} == {
        entry["id"]: ("ok", "") for entry in entries
    }


# SAS/STAT PROC FREQ, option AGREE, as printed in the tests of statsmodels.
@pytest.mark.parametrize(
    ("weights", "estimate", "error", "low", "high"),
    [("identity", 0.4842, 0.1380, 0.2137, 0.7547), ("linear", 0.4701, 0.1457, 0.1845, 0.7558)],
)
def test_kappa_as_sas_prints_it(weights: str, estimate: float, error: float, low: float, high: float) -> None:
    found = agree_on_pair(SAS, weights=weights, method="normal", divisor="n")
    kappa = named(found, "cohen_kappa")
    assert kappa.interval is not None
    assert (kappa.estimate, kappa.standard_error, *kappa.interval) == pytest.approx(
        (estimate, error, low, high), abs=6e-5
    )


def test_errors_of_two_abstractors() -> None:
    # R irrCAC, overview vignette, cont3x3abstractors.
    counts = agree_on_patterns(patterns_of_table(ABSTRACTORS), divisor="n", method="t")
    assert named(counts, "gwet_ac").standard_error == pytest.approx(0.04321747, abs=1e-6)
    assert named(counts, "percent_agreement").standard_error == pytest.approx(0.03128898, abs=1e-6)
    pair = agree_on_pair(PairTable(np.array(ABSTRACTORS)), divisor="n", method="t")
    assert named(pair, "cohen_kappa").standard_error == pytest.approx(0.05891072, abs=1e-6)


def test_errors_of_fleiss_first_fifteen_patients() -> None:
    # R irrCAC read-me, distrib.6raters: the first fifteen rows of Fleiss (1971).
    found = agree_on_patterns(fleiss_table(15), method="t")
    fleiss, free = named(found, "fleiss_kappa"), named(found, "brennan_prediger")
    assert fleiss.standard_error == pytest.approx(0.08119291, abs=1e-6)
    assert fleiss.interval == pytest.approx((0.24, 0.588), abs=6e-4)
    assert free.standard_error == pytest.approx(0.08312142, abs=1e-6)


def test_errors_with_a_post_that_one_annotator_coded() -> None:
    patterns = patterns_of(posts_of(GWET_4_RATERS, "12345"), 5)
    found = agree_on_patterns(patterns, method="t")
    assert named(found, "krippendorff_alpha").standard_error == pytest.approx(0.14548, abs=1e-5)
    # Without the post that says nothing of agreement, Gwet's formula gives the same as ours.
    pairable = patterns_of(posts_of(GWET_4_RATERS, "12345")[:-1], 5)
    without = named(agree_on_patterns(pairable, method="t"), "gwet_ac")
    assert (without.estimate, without.standard_error) == pytest.approx((0.77515, 0.12527), abs=1e-5)


@pytest.mark.parametrize(
    ("make", "estimate", "error"), [(percent_agreement, 0.81818, 0.12561), (gwet_ac, 0.77544, 0.14295)]
)
def test_what_irrcac_prints_can_be_had_under_its_name(make: object, estimate: float, error: float) -> None:
    patterns = patterns_of(posts_of(GWET_4_RATERS, "12345"), 5)
    statistic = make(patterns)  # type: ignore[operator]
    assert irrcac_error(statistic, estimate, patterns.frequencies, patterns.pairable) == pytest.approx(
        error, abs=2e-5
    )


def test_errors_agree_with_the_spread_of_resamples() -> None:
    patterns = ordinary()
    for level in ("nominal", "ordinal", "interval"):
        for found in agree_on_patterns(patterns, [1, 2, 3], level, method="t"):
            again = agree_on_patterns(patterns, [1, 2, 3], level, seed=5)
            low, high = named(again, found.name).interval or (math.nan, math.nan)
            assert found.standard_error == pytest.approx((high - low) / 3.92, rel=0.1), (level, found.name)


def test_errors_of_sets_agree_with_the_spread_of_resamples() -> None:
    generator = np.random.default_rng(3)
    truth = np.repeat(generator.integers(0, 8, 300), 2)
    masks = np.where(generator.random(600) < 0.7, truth, generator.integers(0, 8, 600)).tolist()
    patterns = set_patterns(np.repeat(np.arange(300), 2), masks)
    for distance in ("masi", "jaccard"):
        found, again = agree_on_sets(patterns, distance, method="t"), agree_on_sets(patterns, distance)
        low, high = again.interval or (math.nan, math.nan)
        assert found.standard_error == pytest.approx((high - low) / 3.92, rel=0.1)
        assert found.estimate == again.estimate


def test_many_values_at_the_ordinal_level_have_the_same_alpha_and_error() -> None:
    # Values that nobody used change nothing but the way of computing.
    patterns = ordinary(200)
    wide = CountPatterns(np.pad(patterns.counts, ((0, 0), (0, 40))), patterns.frequencies)
    few = named(agree_on_patterns(patterns, [1, 2, 3], "ordinal", method="t"), "krippendorff_alpha")
    many = named(agree_on_patterns(wide, list(range(1, 44)), "ordinal", method="t"), "krippendorff_alpha")
    assert many.estimate == pytest.approx(few.estimate, abs=1e-12)
    assert many.standard_error == pytest.approx(few.standard_error, rel=1e-6)


def test_posts_that_resemble_each_other_have_a_larger_error() -> None:
    generator = np.random.default_rng(6)
    author = np.repeat(np.arange(40), 30)
    truth = np.repeat(generator.integers(0, 2, 400), 3)
    hard = np.repeat(generator.random(40) < 0.4, 30)
    said = np.where(hard & (generator.random(1_200) < 0.5), 1 - truth, truth)
    patterns, clusters = clustered_count_patterns(np.repeat(np.arange(400), 3), said, author, 2)
    by_post = agree_on_patterns(patterns, method="t")
    by_author = agree_on_patterns(patterns, method="t", clusters=clusters)
    drawn = agree_on_patterns(patterns, clusters=clusters)
    for narrow, wide, again in zip(by_post, by_author, drawn, strict=True):
        assert (wide.standard_error or 0) > 1.3 * (narrow.standard_error or 0)
        low, high = again.interval or (math.nan, math.nan)
        assert wide.standard_error == pytest.approx((high - low) / 3.92, rel=0.15)


def test_few_authors_are_not_drawn_but_answered_by_t() -> None:
    generator = np.random.default_rng(1)
    said = generator.integers(0, 2, 400)
    for n_authors, method in ((FEW_CLUSTERS - 1, "t"), (FEW_CLUSTERS, "bca")):
        author = np.repeat(np.arange(200) % n_authors, 2)
        patterns, clusters = clustered_count_patterns(np.repeat(np.arange(200), 2), said, author, 2)
        found = agree_on_patterns(patterns, clusters=clusters)[1]
        assert found.method == method
        assert found.interval is not None
        assert (found.resamples > 0) == (method == "bca")
        assert found.n_clusters == n_authors


def test_only_authors_with_a_post_that_can_be_compared_count_for_t() -> None:
    said = np.array([0, 1, 1, 1, 0, 0, *(0, 1, 0, 1)])
    post = np.array([0, 0, 1, 1, 2, 2, *(3, 4, 5, 6)])  # Three posts were coded twice, four once.
    author = np.array([0, 0, 0, 0, 1, 1, *(2, 2, 3, 3)])
    patterns, clusters = clustered_count_patterns(post, said, author, 2)
    found = agree_on_patterns(patterns, clusters=clusters)[0]
    assert (found.method, found.n_clusters) == ("t", 2)


def test_bca_is_near_the_percentiles_and_moves_with_the_bias() -> None:
    patterns = ordinary(120)
    plain = agree_on_patterns(patterns, seed=2, method="bootstrap")
    moved = agree_on_patterns(patterns, seed=2)
    for one, other in zip(plain, moved, strict=True):
        assert other.interval == pytest.approx(one.interval, abs=0.03)
        assert other.interval != one.interval
        assert other.method == "bca"


def test_krippendorffs_bootstrap_is_kalphas_and_too_narrow() -> None:
    # Hayes & Krippendorff (2007), p. 84: the interval of KALPHA.
    patterns = patterns_of(posts_of(HAYES_KRIPPENDORFF_2007, "0123"), 4)
    asked = {"values": [0, 1, 2, 3], "level": "ordinal", "resamples": 20_000}
    drawn = agree_on_patterns(patterns, method="krippendorff", **asked)  # type: ignore[arg-type]
    posts = agree_on_patterns(patterns, method="bootstrap", **asked)  # type: ignore[arg-type]
    narrow, honest = (named(found, "krippendorff_alpha") for found in (drawn, posts))
    assert narrow.interval == pytest.approx((0.708, 0.808), abs=0.002)
    assert honest.interval == pytest.approx((0.627, 0.841), abs=0.01)
    assert named(drawn, "fleiss_kappa").interval is None
    assert "alpha alone" in (named(drawn, "fleiss_kappa").no_interval or "")


def test_a_wider_confidence_is_wider() -> None:
    for method in ("t", "normal", "bootstrap", "bca"):
        widths = []
        for confidence in (0.8, 0.95, 0.99):
            found = agree_on_patterns(ordinary(), method=method, confidence=confidence)[1]
            assert found.interval is not None
            widths.append(found.interval[1] - found.interval[0])
        assert widths == sorted(widths)


def test_influences_are_the_derivative_of_adding_a_post() -> None:
    patterns = ordinary(100)
    frequencies = patterns.frequencies.astype(np.float64)
    statistic = gwet_ac(patterns)
    for at, moved in enumerate(statistic.influence(frequencies)):
        more = frequencies.copy()
        more[at] += 1e-4
        slope = (statistic(more[None, :]) - statistic(frequencies[None, :]))[0] / 1e-4
        assert moved == pytest.approx(slope * frequencies.sum(), abs=1e-3)
    drawn = resampled([statistic], patterns.frequencies, Resampling(1, 100))
    assert np.isfinite(drawn[0]).all()


def test_a_resample_that_is_the_estimate_but_for_rounding_counts_as_the_same() -> None:
    """Else the order in which a machine adds up would move the interval."""
    values = np.array([0.1, 0.2, 0.3, 0.3, 0.3, 0.4, 0.7])
    moved, counts = np.array([-0.1, 0.3, -0.2]), np.array([1, 1, 1])
    exact = bca_interval(values, 0.3, moved, counts)
    for shift in (1e-15, -1e-15):
        assert bca_interval(values, 0.3 + shift, moved, counts) == pytest.approx(exact, abs=1e-12)
