"""Values that others have printed, each with where it stands."""

import numpy as np
import pytest

from server.agreement import (
    CountPatterns,
    PairTable,
    agree_on_pair,
    agree_on_patterns,
    agree_on_sets,
    grouped_patterns,
    masi_distance,
    set_patterns,
)
from server.agreement.scales import Level
from tests.agreement.codings import coefficients, estimates, patterns_of, posts_of

KRIPPENDORFF_2011 = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
KRIPPENDORFF_2011_A = ["0100000010", "1110010000"]
KRIPPENDORFF_1980 = ["112412132", "122442232", "122442332"]
WIKIPEDIA_ALPHA = [".....34121133.3", "1.213343.......", "..21344.21133.4"]
HAYES_KRIPPENDORFF_2007 = [
    "112.001122.01311211000201001111223222221",
    "1130000.21102311121000302102111122222221",
    "203000222100221123001.30.1012202.2232.21",
    ".13....0.10022...31.103021122..122...12.",
    "2..0001.2....3112..0.0..2.0..20.2.2222.1",
]
GWET_4_RATERS = ["123321412...", "1233224125..", ".33323422513", "12332441251."]
GWET_5_RATERS = [
    "112.001122.0131",
    "1130000.2110231",
    "203000222100221",
    ".13....0.10022.",
    "2..0001.2....31",
]
WARRENS_2010 = [
    "NNNNNNNNNNNNNNNNAAAAAAAAAAAAAA",
    "NNNNNNNNNNNNNNNNAAAAAAAAAAAAAA",
    "NNNNNNNNNNNNNNNNAAAAAAAAAANNNN",
    "NNNNNNNNNNNNNNANAAAAAAAAAAAAAA",
    "NNNNNNNNNNNNNNNNAAAAAAAAAAAANN",
    "NNNNNNNNNNNNNNNNAAAAAAAAAAAAAA",
    "NNNNNNNNNNNNNNNNAAAAAAAAAAAAAN",
    "NNNNNNNNNNNNNNNAAAAAAAAAAANNNN",
]
FLEISS_1971 = (
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 "
    "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
)
FLEISS_WIKIPEDIA = (
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
)
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
PARADOX = [[118, 5], [2, 0]]


def fleiss_table(first: int = 30) -> CountPatterns:
    counts = [[int(digit) for digit in row] for row in FLEISS_1971.split()[:first]]
    return grouped_patterns(counts, [1] * len(counts))


def patterns_of_table(table: list[list[int]]) -> CountPatterns:
    """Two annotators' table, names forgotten."""
    cells = [(a, b, posts) for a, row in enumerate(table) for b, posts in enumerate(row)]
    counts = [[(a == code) + (b == code) for code in range(len(table))] for a, b, _ in cells]
    return grouped_patterns(counts, [posts for _, _, posts in cells])


@pytest.mark.parametrize(
    ("rows", "symbols", "level", "expected", "tolerance"),
    [
        # Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, sections A, C and D.
        (KRIPPENDORFF_2011_A, "01", "nominal", 0.095, 0.0005),
        (KRIPPENDORFF_2011, "12345", "nominal", 0.743, 0.0005),
        (KRIPPENDORFF_2011, "12345", "ordinal", 0.815, 0.0005),
        (KRIPPENDORFF_2011, "12345", "interval", 0.849, 0.0005),
        (KRIPPENDORFF_2011, "12345", "ratio", 0.797, 0.0005),
        # Krippendorff (1980), Content Analysis, p. 139.
        (KRIPPENDORFF_1980, "1234", "nominal", 0.642, 0.0005),
        # Hayes & Krippendorff (2007), Communication Methods and Measures 1, p. 84.
        (HAYES_KRIPPENDORFF_2007, "0123", "ordinal", 0.7598, 0.00005),
        # Wikipedia, Krippendorff's alpha, "A computational example".
        (WIKIPEDIA_ALPHA, "1234", "interval", 0.811, 0.0005),
        # Gwet (2014), cac.raw4raters; R irrCAC read-me.
        (GWET_4_RATERS, "12345", "nominal", 0.74342, 0.00001),
    ],
)
def test_krippendorff_alpha(
    rows: list[str], symbols: str, level: Level, expected: float, tolerance: float
) -> None:
    values = [float(symbol) for symbol in symbols]
    found = estimates(posts_of(rows, symbols), len(symbols), values, level)
    assert found["krippendorff_alpha"] == pytest.approx(expected, abs=tolerance)


def test_fleiss_kappa_of_equally_many_codings() -> None:
    # Fleiss (1971), Psychological Bulletin 76; Wikipedia, Fleiss' kappa, "Worked example"; R irrCAC
    # (the first 15 patients of Fleiss); Warrens (2010), p. 284; Randolph (2005), p. 17, example 2.
    assert coefficients(fleiss_table())["fleiss_kappa"].estimate == pytest.approx(0.430, abs=0.0005)
    wikipedia = grouped_patterns(FLEISS_WIKIPEDIA, [1] * 10)
    assert coefficients(wikipedia)["fleiss_kappa"].estimate == pytest.approx(0.210, abs=0.0005)
    assert coefficients(fleiss_table(15))["fleiss_kappa"].estimate == pytest.approx(0.4139265, abs=1e-6)
    warrens = estimates(posts_of(WARRENS_2010, "NA"), 2)
    assert warrens["fleiss_kappa"] == pytest.approx(0.8324, abs=0.00006)
    assert estimates([[1, 1, 1], [1, 1, 0], [1, 1, 0], [1, 1, 1]], 2)["fleiss_kappa"] == pytest.approx(-0.2)


def test_a_single_coding_enters_the_margins_of_fleiss_kappa_but_not_of_alpha() -> None:
    # R irrCAC: 0.30556 with the fifth post, which one annotator coded, and 0.33333 without.
    posts = [[0, 0, 0], [0, 1, 0], [1, 1, 1], [1, 1, 0]]
    assert estimates([*posts, [0]], 2)["fleiss_kappa"] == pytest.approx(0.30556, abs=5e-6)
    assert estimates(posts, 2)["fleiss_kappa"] == pytest.approx(0.33333, abs=5e-6)
    alphas = [estimates(chosen, 2)["krippendorff_alpha"] for chosen in (posts, [*posts, [0]])]
    assert alphas[0] == alphas[1]


def test_gwet_ac1_and_percent_agreement_with_missing_codings() -> None:
    # Gwet (2014), cac.raw4raters; R irrCAC. The second line leaves out the post with one coding.
    posts = posts_of(GWET_4_RATERS, "12345")
    found = estimates(posts, 5)
    assert found["gwet_ac"] == pytest.approx(0.77544, abs=0.00001)
    assert found["percent_agreement"] == pytest.approx(0.81818, abs=0.00001)
    assert estimates(posts[:-1], 5)["gwet_ac"] == pytest.approx(0.77515, abs=0.00001)
    # Gwet (2014), cac.raw5obser, as computed by R irrCAC.
    five = estimates(posts_of(GWET_5_RATERS, "0123"), 4)
    assert five["gwet_ac"] == pytest.approx(0.49662, abs=0.00001)
    assert five["percent_agreement"] == pytest.approx(0.61556, abs=0.00001)


def test_a_category_of_the_codebook_that_nobody_used_changes_what_counts_categories() -> None:
    posts = [[0, 0, 0], [0, 1, 0], [1, 1, 1], [1, 1, 0]]
    two, three = estimates(posts, 2), estimates(posts, 3)
    assert two["gwet_ac"] == pytest.approx(0.33333, abs=5e-6)
    assert three["gwet_ac"] == pytest.approx(0.55556, abs=5e-6)
    counted = {"gwet_ac": 0, "brennan_prediger": 0}
    assert two | counted == three | counted
    assert two["brennan_prediger"] == pytest.approx(1 / 3)
    assert three["brennan_prediger"] == pytest.approx(1 / 2)


@pytest.mark.parametrize(
    ("table", "agreed", "kappa", "tolerance"),
    [
        # Cohen (1960), Educational and Psychological Measurement 20, p. 45.
        ([[88, 10, 2], [14, 40, 6], [18, 10, 12]], 0.70, 0.492, 0.0005),
        # Artstein & Poesio (2008), Computational Linguistics 34, p. 558.
        ([[20, 20], [10, 50]], 0.70, 0.348, 0.0005),
        # Feinstein & Cicchetti (1990), Journal of Clinical Epidemiology 43, 543–549.
        ([[40, 9], [6, 45]], 0.85, 0.70, 0.005),
        ([[45, 15], [25, 15]], 0.60, 0.13, 0.005),
        # Brennan & Prediger (1981), p. 689.
        ([[50, 0, 0], [10, 10, 10], [20, 0, 0]], 0.60, 0.27, 0.005),
        # Zwick (1988), Psychological Bulletin 103, p. 376.
        ([[20, 5, 5, 10], [0, 10, 5, 5], [0, 5, 10, 5], [0, 0, 0, 20]], 0.60, 0.474, 0.0006),
        # SAS FREQ AGREE print-out, where the first annotator never uses the first category.
        ([[0, 4, 1], [0, 8, 0], [0, 1, 5]], 13 / 19, 0.4842, 0.00006),
        # R irrCAC, cont3x3abstractors.
        (ABSTRACTORS, 0.89, 0.7964094, 1e-6),
        # Gwet (2008), the paradox table.
        (PARADOX, 0.944, -0.0234, 0.00005),
    ],
)
def test_cohen_kappa(table: list[list[int]], agreed: float, kappa: float, tolerance: float) -> None:
    percent, cohen, *_ = agree_on_pair(PairTable(np.array(table)), resamples=100)
    assert percent.estimate == pytest.approx(agreed)
    assert cohen.estimate == pytest.approx(kappa, abs=tolerance)


def test_coefficients_of_two_annotators_whose_names_do_not_matter() -> None:
    # With two annotators Fleiss' kappa is Scott's pi. Artstein & Poesio (2008), p. 558; Zwick (1988), p. 376;
    # Gwet (2008), the paradox table; R irrCAC, cont3x3abstractors.
    artstein = coefficients(patterns_of_table([[20, 20], [10, 50]]))
    assert artstein["fleiss_kappa"].estimate == pytest.approx(0.341, abs=0.0005)
    zwick = [[20, 5, 5, 10], [0, 10, 5, 5], [0, 5, 10, 5], [0, 0, 0, 20]]
    assert coefficients(patterns_of_table(zwick))["fleiss_kappa"].estimate == pytest.approx(0.46, abs=0.0006)
    paradox = coefficients(patterns_of_table(PARADOX))
    assert paradox["fleiss_kappa"].estimate == pytest.approx(-0.0288, abs=0.00005)
    assert paradox["gwet_ac"].estimate == pytest.approx(0.9408, abs=0.00005)
    abstractors = coefficients(patterns_of_table(ABSTRACTORS))
    assert abstractors["gwet_ac"].estimate == pytest.approx(0.8493305, abs=1e-6)


def test_masi_distance() -> None:
    # Passonneau (2006), LREC; exact thirds.
    assert masi_distance(0b0011, 0b1111) == pytest.approx(2 / 3)
    assert masi_distance(0b01, 0b10) == 1
    assert masi_distance(0b011, 0b110) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi_distance(0b101, 0b101) == 0
    assert masi_distance(0, 0) == 0
    assert masi_distance(0, 0b1) == 1


def test_masi_alpha() -> None:
    # Data: stats.stackexchange.com/q/407453; two implementations give this value.
    first = [0b0011, 0b0011, 0b0001, 0b0100, 0b0100, 0b1000, 0b0010, 0b0011, 0b0011, 0b0001, 0b0001]
    second = [0b0001, 0b0011, 0b0001, 0b0100, 0b0101, 0b1000, 0b1000, 0b0001, 0b0111, 0b0001, 0b0001]
    found = agree_on_sets(set_patterns([*range(11), *range(11)], first + second), resamples=100)
    assert found.estimate == pytest.approx(0.540356, abs=1e-6)


def test_masi_alpha_of_one_post_and_one_disagreement_is_zero() -> None:
    # nltk, issue 2991.
    found = agree_on_sets(set_patterns([0, 0], [0b01, 0b11]), resamples=100)
    assert found.estimate == pytest.approx(0, abs=1e-12)
    assert found.interval is None


def test_total_disagreement_and_a_rare_code() -> None:
    # By hand: the values a, b against b, a; and 98 of 100 posts on which both see nothing.
    assert estimates([[0, 1], [1, 0]], 2)["krippendorff_alpha"] == -0.5
    rare = [[0, 0]] * 98 + [[0, 1], [1, 0]]
    assert estimates(rare, 2)["krippendorff_alpha"] == pytest.approx(-0.00505050505, abs=1e-10)


def test_percentile_interval_where_its_distribution_is_known() -> None:
    # The share of agreeing posts among 100 draws from 85 in 100 is binomial: 0.78 to 0.92.
    patterns = patterns_of_table([[40, 9], [6, 45]])
    found = agree_on_patterns(patterns, resamples=10_000, seed=3, method="bootstrap")[0]
    assert found.interval == pytest.approx((0.78, 0.92), abs=0.01)


def test_the_interval_of_alpha_is_that_of_a_bootstrap_over_posts() -> None:
    # Hayes & Krippendorff (2007): posts drawn again give about 0.627 to 0.841; Hayes' own bootstrap of
    # pairs, with the expected disagreement held fixed, would be 0.708 to 0.808.
    posts = posts_of(HAYES_KRIPPENDORFF_2007, "0123")
    found = agree_on_patterns(patterns_of(posts, 4), [0, 1, 2, 3], "ordinal", seed=1, resamples=5_000)[1]
    assert found.interval == pytest.approx((0.627, 0.841), abs=0.015)
