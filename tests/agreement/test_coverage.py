"""The simulation behind `benchmarks/coverage.py`: what it takes for true is true."""

from itertools import combinations

import pytest

from benchmarks.coverage import METHODS, Setting, coverages, truth


@pytest.mark.parametrize("setting", [Setting(0.5, False), Setting(0.05, True), Setting(0.2, True, True)])
def test_the_true_values_follow_from_the_model(setting: Setting) -> None:
    applies, not_applies = setting.sees
    p = setting.prevalence
    pairs = list(combinations(range(len(applies)), 2))
    disagree = sum(
        share * (of[a] * (1 - of[b]) + of[b] * (1 - of[a]))
        for share, of in ((p, applies), (1 - p, not_applies))
        for a, b in pairs
    ) / len(pairs)
    chosen = (p * applies + (1 - p) * not_applies).mean()
    found = truth(setting)
    assert found["percent_agreement"] == pytest.approx(1 - disagree)
    assert found["krippendorff_alpha"] == pytest.approx(1 - disagree / (2 * chosen * (1 - chosen)))


def test_alpha_is_covered_by_every_method_most_of_the_time() -> None:
    found = coverages(Setting(0.5, True), n_studies=20, seed=1)
    for method in METHODS:
        assert found["krippendorff_alpha", method].given == 20
        assert found["krippendorff_alpha", method].held >= 10
