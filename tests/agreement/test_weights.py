"""Weights of partial agreement, distances of one's own, and the coefficients that take them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.agreement import (
    WEIGHTS,
    PairTable,
    RaterPatterns,
    agree_on_pair,
    agree_on_patterns,
    agree_on_raters,
    alpha_with_distances,
    pair_table,
    specific_agreements,
)
from server.agreement.weights import agreement_weights, own_distances, own_weights
from tests.agreement import slow
from tests.agreement.codings import estimates, patterns_of, posts_of
from tests.agreement.test_published import GWET_4_RATERS, GWET_5_RATERS, patterns_of_table

NAMED = [name for name in WEIGHTS if name != "identity"]
posts_of_three = some.lists(some.lists(some.integers(0, 2), max_size=4), max_size=12)
pairs_of_three = some.lists(some.tuples(some.integers(0, 2), some.integers(0, 2)), max_size=25)
who_said_what = some.lists(some.lists(some.integers(-1, 2), min_size=3, max_size=3), max_size=15)


def same(found: float | None, wanted: Fraction | None) -> None:
    assert found == (None if wanted is None else pytest.approx(float(wanted), abs=1e-9))


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_are_weights(name: str) -> None:
    weights = agreement_weights(name, 4, [1, 2, 3, 5])  # type: ignore[arg-type]
    assert own_weights(weights, 4) == pytest.approx(weights)
    assert weights[0, 3] == pytest.approx(0)
    assert (np.diff(weights[0]) <= 1e-12).all()


# Gwet (2014), chapter 3, of the categories 1, 2, 3, 4.
@pytest.mark.parametrize(
    ("name", "first_row"),
    [
        ("identity", [1, 0, 0, 0]),
        ("linear", [1, 2 / 3, 1 / 3, 0]),
        ("quadratic", [1, 8 / 9, 5 / 9, 0]),
        ("radical", [1, 1 - (1 / 3) ** 0.5, 1 - (2 / 3) ** 0.5, 0]),
        ("ordinal", [1, 5 / 6, 1 / 2, 0]),
        ("ratio", [1, 1 - (1 / 9) / (9 / 25), 1 - (1 / 4) / (9 / 25), 0]),
        ("bipolar", [1, 1 - 1 / 5, 1 - 4 / 8, 0]),
    ],
)
def test_weights_of_four_categories(name: str, first_row: list[float]) -> None:
    assert agreement_weights(name, 4, [1, 2, 3, 4])[0] == pytest.approx(first_row)  # type: ignore[arg-type]


@given(posts=posts_of_three)
def test_weights_of_identity_are_no_weights(posts: list[list[int]]) -> None:
    patterns = patterns_of(posts, 3)
    plain = agree_on_patterns(patterns, resamples=100)
    weighted = agree_on_patterns(patterns, weights=np.eye(3), resamples=100)
    for one, other in zip(plain, weighted, strict=True):
        assert other.estimate == (None if one.estimate is None else pytest.approx(one.estimate))


@pytest.mark.parametrize("name", NAMED)
@given(posts=posts_of_three)
def test_weighted_coefficients_are_what_their_definitions_say(name: str, posts: list[list[int]]) -> None:
    weights = agreement_weights(name, 3, [1, 2, 3])  # type: ignore[arg-type]
    exact = [[Fraction(float(cell)) for cell in row] for row in weights]
    found = agree_on_patterns(patterns_of(posts, 3), [1, 2, 3], weights=name, method="t")
    by_name = {one.name: one.estimate for one in found}
    same(by_name["percent_agreement"], slow.weighted_agreement(posts, exact))
    same(by_name["fleiss_kappa"], slow.weighted(posts, exact, slow.chance_of_margins))
    same(by_name["gwet_ac"], slow.weighted(posts, exact, slow.chance_of_gwet))
    same(by_name["brennan_prediger"], slow.weighted(posts, exact, slow.chance_of_all_alike))


@given(pairs=pairs_of_three)
def test_pairs_are_what_their_definitions_say(pairs: list[tuple[int, int]]) -> None:
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    found = agree_on_pair(pair_table(first, second, 3), method="t")
    by_name = {one.name: one.estimate for one in found}
    same(by_name["cohen_kappa"], slow.cohen_kappa(first, second))
    same(by_name["scott_pi"], slow.scott_pi(first, second))
    assert by_name["holsti"] == by_name["percent_agreement"]


@given(rows=who_said_what)
def test_conger_is_what_its_definition_says(rows: list[list[int]]) -> None:
    patterns = RaterPatterns(np.array(rows, dtype=np.int64).reshape(-1, 3), np.ones(len(rows), dtype=int), 3)
    same(agree_on_raters(patterns, method="t").estimate, slow.conger_kappa(rows, 3))


@given(pairs=pairs_of_three)
def test_conger_of_two_is_cohen(pairs: list[tuple[int, int]]) -> None:
    codes = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    conger = agree_on_raters(RaterPatterns(codes, np.ones(len(pairs), dtype=int), 3), method="t").estimate
    cohen = agree_on_pair(pair_table(codes[:, 0], codes[:, 1], 3), method="t")[1].estimate
    assert conger == (None if cohen is None else pytest.approx(cohen))


def test_conger_of_five_raters() -> None:
    # Gwet (2014), cac.raw5obser; AgreeStat's values in the tests of irrCAC.
    codes = np.array([["0123".find(said) for said in post] for post in zip(*GWET_5_RATERS, strict=True)])
    found = agree_on_raters(RaterPatterns(codes, np.ones(len(codes), dtype=int), 4), method="t")
    assert (found.estimate, found.standard_error) == pytest.approx((0.469, 0.117), abs=6e-4)


def test_published_weighted_values() -> None:
    # DKPro's fixture 04 with R irrCAC 1.4; Gwet's four raters in the documentation of irrCAC.
    likert = [[20, 5, 1, 0], [4, 15, 6, 1], [0, 5, 18, 4], [0, 1, 3, 12]]
    found = agree_on_patterns(patterns_of_table(likert), [1, 2, 3, 4], weights="quadratic", method="t")
    assert found[3].estimate == pytest.approx(0.84028, abs=5e-6)
    four = patterns_of(posts_of(GWET_4_RATERS, "12345"), 5)
    bipolar = agree_on_patterns(four, [1, 2, 3, 4, 5], weights="bipolar", method="t")
    assert bipolar[3].estimate == pytest.approx(0.90037, abs=6e-6)


def test_alpha_with_distances_of_ones_own() -> None:
    # Artstein & Poesio (2008), Comput. Linguist. 34, section 2.6.
    table = patterns_of_table([[46, 6, 0], [0, 32, 0], [0, 6, 10]])
    distances = [[0.0, 1.0, 0.5], [1.0, 0.0, 0.5], [0.5, 0.5, 0.0]]
    found = alpha_with_distances(table, distances, method="t")
    assert found.estimate == pytest.approx(0.8156, abs=6e-5)
    assert found.level == "own"


@given(posts=posts_of_three)
def test_alpha_with_the_nominal_distances_is_nominal(posts: list[list[int]]) -> None:
    patterns = patterns_of(posts, 3)
    nominal = estimates(posts, 3)["krippendorff_alpha"]
    found = alpha_with_distances(patterns, 1 - np.eye(3), method="t").estimate
    assert found == (None if nominal is None else pytest.approx(nominal))


def test_specific_agreement() -> None:
    # Artstein & Poesio (2008), table 1; Cicchetti & Feinstein (1990), table 1.
    for table, wanted in (([[20, 20], [10, 50]], (0.571, 0.769)), ([[40, 9], [6, 45]], (0.842, 0.857))):
        found = specific_agreements(patterns_of_table(table), method="t")
        assert [one.estimate for one in found] == pytest.approx(wanted, abs=5e-4)


def test_specific_agreement_on_what_nobody_chose() -> None:
    unused = specific_agreements(patterns_of([[0, 0], [0, 1]], 3), method="t")[2]
    assert unused.estimate is None
    assert "Nobody chose this" in (unused.undefined or "")


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ([[1, 0.5]], "2 by 2"),
        ([[1, 0.5], [0.4, 1]], "symmetric"),
        ([[0.9, 0.5], [0.5, 1]], "diagonal"),
        ([[1, 2], [2, 1]], "between 0 and 1"),
        ([[1, np.nan], [np.nan, 1]], "finite"),
    ],
)
def test_weights_that_are_none(matrix: list[list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        own_weights(matrix, 2)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [([[0, 1], [2, 0]], "symmetric"), ([[1, 1], [1, 0]], "diagonal"), ([[0, -1], [-1, 0]], "not negative")],
)
def test_distances_that_are_none(matrix: list[list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        own_distances(matrix, 2)


def test_strange_options_are_refused() -> None:
    table = PairTable(np.array([[3, 1], [1, 3]]))
    for options, words in (
        ({"weights": "cubic"}, "no name of weights"),
        ({"method": "guess"}, "no kind of interval"),
        ({"confidence": 1.5}, "between 0 and 1"),
        ({"weights": "ratio", "values": [-1, 1]}, "no negative value"),
        ({"weights": "linear", "values": [None, 1]}, "numeric value"),
    ):
        with pytest.raises(ValueError, match=words):
            agree_on_pair(table, **options)
