"""Prediction-powered and design-based shares: a checked case, simulated coverage, what must not matter."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.estimation import AssistedProportion, dsl_mean, ppi_mean

# A constructed case, computed with ppi-python 0.2.3 too.
CODES = [1.0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0]
PREDICTED = [1.0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0]
OTHERS = [1.0] * 37 + [0.0] * 43


def test_a_checked_case() -> None:
    found = ppi_mean(CODES, PREDICTED, OTHERS)
    assert found.share == pytest.approx(0.4625, abs=1e-9)
    assert found.interval == pytest.approx((0.238108, 0.686892), abs=1e-6)
    assert (found.power, found.coded, found.predicted, found.reason) == (1.0, 20, 80, None)


def test_the_tuned_power_has_the_least_variance() -> None:
    tuned = ppi_mean(CODES, PREDICTED, OTHERS, power=None)
    assert tuned.power is not None
    f, y = np.array(PREDICTED), np.array(CODES)
    pooled = np.concatenate([f, OTHERS])
    assert tuned.power == pytest.approx(np.cov(y, f, bias=True)[0, 1] / (1.25 * pooled.var(ddof=1)))
    assert tuned.share == pytest.approx(tuned.power * (0.4625 - f.mean()) + y.mean())
    errors = {power: ppi_mean(CODES, PREDICTED, OTHERS, power=power).standard_error for power in (0.0, 1.0)}
    assert tuned.standard_error is not None
    assert all(tuned.standard_error < (error or 0) for error in errors.values())
    assert "tuned" in tuned.method


def test_without_power_only_the_people_count() -> None:
    found = ppi_mean(CODES, PREDICTED, OTHERS, power=0)
    assert found.share == pytest.approx(np.mean(CODES))
    assert found.standard_error == pytest.approx(np.std(CODES) / math.sqrt(20))


def test_useless_predictions_are_tuned_away() -> None:
    assert ppi_mean([1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1], power=None).power == 0.0
    assert ppi_mean([1, 0, 1, 0], [0.5] * 4, [0.5] * 3, power=None).power == 0.0
    assert dsl_mean([0.0] * 6, [1, 0, 1, None, None, None], 0.5, power=None).power == 0.0


def simulated(n: int, rng: np.random.Generator) -> tuple[list[float], list[float | None], list[float], float]:
    """Predictions that err in one direction, codes where drawn, the chances of being drawn, and the truth."""
    truth = rng.random(n) < 0.27
    predictions = np.where(truth, rng.random(n) < 0.9, rng.random(n) < 0.25).astype(float)
    chance = np.where(predictions == 1, 0.3, 0.1)
    drawn = rng.random(n) < chance
    codes = [float(y) if is_drawn else None for y, is_drawn in zip(truth, drawn, strict=True)]
    return predictions.tolist(), codes, chance.tolist(), float(truth.mean())


@pytest.mark.parametrize("power", [1.0, None])
def test_codes_drawn_with_known_chances_correct_biased_predictions(power: float | None) -> None:
    rng = np.random.default_rng(11)
    found = [dsl_mean(*simulated(600, rng)[:3], confidence=0.9, power=power) for _ in range(200)]
    raw = [each.raw for each in found if each.raw is not None]
    errors = [each.standard_error for each in found if each.standard_error is not None]
    assert np.mean(raw) == pytest.approx(0.27, abs=0.01)
    assert np.mean(errors) == pytest.approx(np.std(raw), rel=0.15)
    covered = [each.interval[0] <= 0.27 <= each.interval[1] for each in found if each.interval]
    assert 0.84 <= sum(covered) / 200 <= 0.96


@pytest.mark.parametrize("power", [1.0, None])
def test_a_random_sample_corrects_biased_predictions(power: float | None) -> None:
    rng, found = np.random.default_rng(13), []
    for _ in range(200):
        truth = rng.random(600) < 0.27
        f = np.where(truth, 0.8, rng.random(600) < 0.3).astype(float)
        found.append(ppi_mean(truth[:100].tolist(), f[:100].tolist(), f[100:].tolist(), 0.9, power))
    covered = [each.interval[0] <= 0.27 <= each.interval[1] for each in found if each.interval]
    assert 0.84 <= sum(covered) / 200 <= 0.96


def test_coding_all_posts_leaves_nothing_to_predict() -> None:
    found = dsl_mean(PREDICTED, CODES, 1.0)
    assert found.share == pytest.approx(np.mean(CODES))
    assert found.standard_error == pytest.approx(np.std(CODES) / math.sqrt(20))


def test_equal_chances_are_the_difference_estimator() -> None:
    codes = [*CODES, *[None] * 80]
    found = dsl_mean(PREDICTED + OTHERS, codes, 0.2)
    off = np.array(CODES) - np.array(PREDICTED)
    assert found.raw == pytest.approx(np.mean(PREDICTED + OTHERS) + off.sum() / 0.2 / 100)
    assert found == dsl_mean(PREDICTED + OTHERS, [math.nan if c is None else c for c in codes], [0.2] * 100)


rows = some.lists(some.tuples(some.booleans(), some.floats(0, 1), some.booleans()), min_size=2, max_size=30)


@given(rows, some.sampled_from([1.0, 0.5, None]))
def test_order_does_not_matter_and_the_interval_stays_within_bounds(
    posts: list[tuple[bool, float, bool]], power: float | None
) -> None:
    def both(given_: list[tuple[bool, float, bool]]) -> tuple[AssistedProportion, AssistedProportion]:
        coded = [(float(y), f) for y, f, is_coded in given_ if is_coded]
        others = [f for _, f, is_coded in given_ if not is_coded]
        codes = [float(y) if is_coded else None for y, _, is_coded in given_]
        return (
            ppi_mean([y for y, _ in coded], [f for _, f in coded], others, power=power),
            dsl_mean([f for _, f, _ in given_], codes, 0.4, power=power),
        )

    for found, turned in zip(both(posts), both(sorted(posts)), strict=True):
        assert turned.raw == (None if found.raw is None else pytest.approx(found.raw, abs=1e-9))
        if found.interval is None:
            assert found.reason
        else:
            assert found.share is not None
            assert 0 <= found.interval[0] <= found.share <= found.interval[1] <= 1


def test_truncation_is_visible() -> None:
    found = ppi_mean([0, 0, 0, 1], [1, 1, 0, 1], [0] * 30 + [1] * 2)
    assert (found.share, found.is_truncated) == (0.0, True)
    assert found.raw == pytest.approx(2 / 32 - 0.5)


def test_what_is_undefined_is_said() -> None:
    assert "No post was coded" in (ppi_mean([], [], [1, 0]).reason or "")
    assert "predicted only" in (ppi_mean([1], [1], []).reason or "")
    assert "No post was coded" in (dsl_mean([1, 0], [None, None], 0.1).reason or "")
    assert dsl_mean([], [], 0.1).reason == "There is no post to count."
    one = ppi_mean([1], [0], [1, 0])
    assert (one.raw, one.standard_error, one.interval) == (1.5, None, None)
    assert "Fewer than two" in (one.reason or "")
    alike = dsl_mean([0, 0, 0], [0, 0, None], 0.5)
    assert (alike.share, alike.interval) == (0.0, None)
    assert "Nothing varies" in (alike.reason or "")
    outside = ppi_mean([0.0] * 40, [0.9] * 20 + [1.0] * 20, [0.0] * 99 + [0.1])
    assert (outside.interval, outside.is_truncated) == (None, True)
    assert "outside of 0 to 1" in (outside.reason or "")


def test_predictions_that_were_never_wrong_are_not_trusted_silently() -> None:
    for found in (ppi_mean([1, 0, 1], [1, 0, 1], [1, 0, 0]), dsl_mean([1, 0, 1, 1], [1, 0, 1, None], 0.5)):
        assert found.interval is not None
        assert "leaves out how much they may err" in (found.reason or "")


def test_what_cannot_be_is_refused() -> None:
    for args, words in [
        (([1, 0], [1], [1]), "same length"),
        (([2], [1], [1]), "between 0 and 1"),
        (([1], [math.nan], [1]), "finite"),
    ]:
        with pytest.raises(ValueError, match=words):
            ppi_mean(*args)  # type: ignore[arg-type]
    for probability, words in ((0, "above 0"), (1.5, "between 0 and 1"), ([0.5], "same length")):
        with pytest.raises(ValueError, match=words):
            dsl_mean([1, 0], [1, None], probability)
    with pytest.raises(ValueError, match="power"):
        ppi_mean([1], [1], [1], power=2)
    with pytest.raises(ValueError, match="confidence"):
        dsl_mean([1], [1], 0.5, confidence=0)


def test_the_clustered_error_is_that_of_the_sums_by_cluster() -> None:
    whose = [place % 7 for place in range(100)]
    found = ppi_mean(CODES, PREDICTED, OTHERS, clusters=whose)
    off = np.array(CODES) - PREDICTED
    moved = np.concatenate([(off - off.mean()) / 20, (np.array(OTHERS) - np.mean(OTHERS)) / 80])
    sums = [sum(z for z, cluster in zip(moved, whose, strict=True) if cluster == each) for each in range(7)]
    assert found.standard_error == pytest.approx(math.sqrt(7 / 6 * sum(one**2 for one in sums)))
    assert found.clusters == 7
    assert found.interval
    assert found.raw
    assert found.standard_error
    # Student's t with 6 degrees of freedom: 2.446912.
    assert found.interval[1] - found.raw == pytest.approx(2.446912 * found.standard_error, rel=1e-6)


def test_a_cluster_for_each_post_changes_only_the_correction_for_few() -> None:
    codes: list[float | None] = [1, 0, 1, None, None, 0, 1, None]
    alone = dsl_mean([0.9, 0.1, 0.8, 0.4, 0.6, 0.2, 0.4, 0.3], codes, 0.5)
    each = dsl_mean([0.9, 0.1, 0.8, 0.4, 0.6, 0.2, 0.4, 0.3], codes, 0.5, clusters=range(8))
    assert alone.standard_error
    assert each.standard_error == pytest.approx(alone.standard_error * math.sqrt(8 / 7))
    assert (each.share, each.clusters, alone.clusters) == (alone.share, 8, None)


@pytest.mark.parametrize("power", [1.0, None])
def test_authors_with_posts_alike_are_covered_as_often_as_said(power: float | None) -> None:
    rng, covered = np.random.default_rng(17), 0
    for _ in range(200):
        # 60 authors with 6 posts that are all alike; people code 2 of each author's.
        truth = np.repeat(rng.random(60) < 0.4, 6).astype(float)
        f = np.where(rng.random(360) < 0.8, truth, 1 - truth)
        coded = np.tile([True, True, False, False, False, False], 60)
        whose = np.repeat(np.arange(60), 6)
        found = ppi_mean(
            truth[coded].tolist(), f[coded].tolist(), f[~coded].tolist(), 0.9, power,
            clusters=[*whose[coded].tolist(), *whose[~coded].tolist()],
        )  # fmt: skip
        covered += found.interval is not None and found.interval[0] <= 0.4 <= found.interval[1]
    assert 0.84 <= covered / 200 <= 0.96


def test_one_author_alone_says_nothing_of_others() -> None:
    found = ppi_mean(CODES, PREDICTED, OTHERS, clusters=[0] * 100)
    assert (found.standard_error, found.interval, found.clusters) == (None, None, 1)
    assert found.reason is not None
    assert "one cluster" in found.reason
    with pytest.raises(ValueError, match="clusters"):
        ppi_mean(CODES, PREDICTED, OTHERS, clusters=[0, 1])


def test_posts_that_were_drawn_unequally_weigh_in_design_based_learning() -> None:
    """A post of weight 2 counts as two that are alike."""
    weighed = dsl_mean([0.2, 0.8, 0.5], [0, 1, None], [0.5, 1.0, 0.5], weights=[1, 1, 2])
    spelt = dsl_mean([0.2, 0.8, 0.5, 0.5], [0, 1, None, None], [0.5, 1.0, 0.5, 0.5])
    assert weighed.raw == pytest.approx(spelt.raw)
    assert weighed.raw == pytest.approx((0.2 - 0.2 / 0.5 + 1 + 0.5 + 0.5) / 4)


def test_predictions_that_are_all_the_same_have_no_power() -> None:
    """Their variance is no 0, since 0.3 is no binary fraction."""
    codes = [1.0] * 16 + [0.0] * 34
    assert ppi_mean(codes, [0.3] * 50, [0.3] * 450, power=None).power == 0


def test_weights_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="a weight above 0"):
        dsl_mean([0.5, 0.5], [1.0, 0.0], 0.5, weights=[0.0, 0.0])
