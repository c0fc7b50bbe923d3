"""Real codings, with values that several other implementations agree on; skipped where they are absent."""

import csv
import json
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from server.agreement import (
    CountPatterns,
    Level,
    PairTable,
    agree_on_pair,
    agree_on_sets,
    count_patterns,
    pair_table,
    set_patterns,
    yes_no_patterns,
)
from tests.agreement.codings import coefficients

DATA = Path(__file__).parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data sets are not here")

Row = dict[str, str]
CLOSE = 1e-5
TONES = {"negative": 0, "neutral": 1, "positive": 2}


def rows_of(name: str, file: str = "ratings.csv") -> list[Row]:
    with (DATA / name / file).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def expected_of(name: str) -> Any:
    return json.loads((DATA / name / "expected.json").read_text(encoding="utf-8"))


def patterns_of_rows(rows: list[Row], categories: dict[str, int]) -> CountPatterns:
    posts = {post: number for number, post in enumerate(dict.fromkeys(row["post_id"] for row in rows))}
    units = [posts[row["post_id"]] for row in rows]
    return count_patterns(units, [categories[row["code"]] for row in rows], len(categories))


def compare(patterns: CountPatterns, expected: dict[str, Any], values: list[float] | None) -> int:
    """Check all that is expected of these patterns, and say how much that was."""
    levels: list[Level] = ["nominal", "ordinal", "interval", "ratio"] if values else ["nominal"]
    if values and min(values) < 0:
        levels.remove("ratio")
    found = {}
    for level in levels:
        by_name = coefficients(patterns, values, level)
        found[f"krippendorff_alpha_{level}"] = by_name.pop("krippendorff_alpha")
        found |= by_name | {"gwet_ac1": by_name["gwet_ac"]}
    compared = [name for name in found if name in expected]
    for name in compared:
        wanted = expected[name]["value"] if isinstance(expected[name], dict) else expected[name]
        close = None if wanted is None else pytest.approx(wanted, abs=CLOSE)
        assert found[name].estimate == close, name
    return len(compared)


def pair_of(rows: list[Row], first: str, second: str, categories: dict[str, int]) -> PairTable:
    said: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        said[row["coder"]][row["post_id"]] = categories[row["code"]]
    shared = sorted(said[first].keys() & said[second].keys())
    one, other = ([said[coder][post] for post in shared] for coder in (first, second))
    return pair_table(one, other, len(categories))


def compare_pairs(rows: list[Row], wanted: list[dict[str, Any]], categories: dict[str, int]) -> None:
    for pair in wanted:
        found = agree_on_pair(pair_of(rows, pair["a"], pair["b"], categories), resamples=100)[1]
        assert found.n_units == pair["posts"]
        assert found.estimate == pytest.approx(pair["value"], abs=CLOSE)


def sets_of(rows: list[Row], codes: list[str]) -> dict[tuple[str, str], int]:
    """What each coder chose on each post, as bits; a row of no code, or of one left out, says it was seen."""
    chosen: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        bit = 1 << codes.index(row["code"]) if row["code"] in codes else 0
        chosen[row["post_id"], row["coder"]] |= bit
    return chosen


def compare_multiple_choice(chosen: dict[tuple[str, str], int], expected: dict[str, Any]) -> None:
    posts: dict[str, list[int]] = defaultdict(list)
    for (post, _), answer in chosen.items():
        posts[post].append(answer)
    codes = list(expected["per_code"])
    for code, wanted in expected["per_code"].items():
        bit = codes.index(code)
        yes = [sum(answer >> bit & 1 for answer in post) for post in posts.values()]
        patterns = yes_no_patterns([len(post) for post in posts.values()], yes, [1] * len(posts))
        assert compare(patterns, wanted, None) >= 2, code
    units = [number for number, post in enumerate(posts.values()) for _ in post]
    whole = agree_on_sets(set_patterns(units, [answer for post in posts.values() for answer in post]))
    assert whole.estimate == pytest.approx(expected["krippendorff_alpha_sets_masi"]["value"], abs=CLOSE)
    assert (whole.n_units, whole.n_codings) == (expected["posts"], expected["coder_post_pairs"])


def test_ecosent() -> None:
    expected = expected_of("ecosent")["sentiment"]
    rows = rows_of("ecosent")
    gold = {row["post_id"] for row in rows_of("ecosent", "final.csv")}
    crowd = [row for row in rows if row["coder_group"] == "crowd" and row["post_id"] in gold]
    assert compare(patterns_of_rows(rows, TONES), expected["all ratings"], [-1, 0, 1]) == 5
    assert compare(patterns_of_rows(crowd, TONES), expected["crowd, gold set"], [-1, 0, 1]) == 5
    compare_pairs(crowd, expected["crowd, gold set"]["cohen_kappa_pairs"], TONES)


def test_ecosent_counts_what_it_rests_on() -> None:
    expected = expected_of("ecosent")["sentiment"]["all ratings"]
    extent = patterns_of_rows(rows_of("ecosent"), TONES).extent
    assert extent.n_units == expected["posts"]
    assert extent.n_pairable == expected["posts_with_2plus_ratings"]
    assert extent.n_codings == expected["ratings"]


def test_narrative_frames() -> None:
    # What was expected counts the answer "not applicable" as the code not chosen.
    expected = expected_of("narrative_frames")["indicators"]
    compare_multiple_choice(sets_of(rows_of("narrative_frames"), list(expected["per_code"])), expected)


def test_goemotions_slice() -> None:
    expected = expected_of("goemotions_slice")
    whole = expected["emotion"]
    chosen = sets_of(rows_of("goemotions_slice"), list(whole["per_code"]))
    compare_multiple_choice(chosen, whole)


def test_goemotions_posts_of_two_raters() -> None:
    expected = expected_of("goemotions_slice")["emotion, posts with two raters only"]
    rows = rows_of("goemotions_slice")
    raters: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        raters[row["post_id"]].add(row["coder"])
    both = [row for row in rows if len(raters[row["post_id"]]) == 2]
    chosen = sets_of(both, sorted({row["code"] for row in both}))
    codes = sorted({row["code"] for row in both})
    for code, wanted in expected["per_code"].items():
        yes: dict[str, int] = defaultdict(int)
        for (post, _), answer in chosen.items():
            yes[post] += answer >> codes.index(code) & 1
        assert compare(yes_no_patterns([2] * len(yes), list(yes.values()), [1] * len(yes)), wanted, None) >= 2


def test_textbook_sets() -> None:
    rows = rows_of("textbook")
    for wanted in expected_of("textbook")["sets"]:
        of_set = [row for row in rows if row["question"] == wanted["name"]]
        codes = sorted({row["code"] for row in of_set}, key=int)
        categories = {code: number for number, code in enumerate(codes)}
        patterns = patterns_of_rows(of_set, categories)
        assert compare(patterns, wanted["computed"], [float(code) for code in codes]) >= 3
        compare_pairs(of_set, wanted["computed"].get("cohen_kappa_pairs", []), categories)


def test_textbook_tables() -> None:
    for wanted in expected_of("textbook")["contingency_tables"]:
        found = agree_on_pair(PairTable(np.array(wanted["table"])), resamples=100)[1]
        assert found.estimate == pytest.approx(wanted["cohen_kappa"], abs=CLOSE)


def test_every_pair_of_crowd_coders_has_a_kappa_or_a_reason() -> None:
    rows = [row for row in rows_of("ecosent") if row["coder_group"] == "crowd"]
    coders = sorted({row["coder"] for row in rows})
    for first, second in combinations(coders, 2):
        found = agree_on_pair(pair_of(rows, first, second, TONES), resamples=100)[1]
        assert (found.estimate is None) == (found.undefined is not None)
