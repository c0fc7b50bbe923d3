"""Real ratings straight from their files: the shell prints what several other implementations agree on.

Skipped where the data sets are absent.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import told
from tests.conftest import SHARED

DATA = SHARED / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data sets are not here")

CLOSE = 1e-5
LEVELS = ("nominal", "ordinal", "interval", "ratio")
Json = dict[str, Any]
Row = dict[str, str]
Printed = Callable[..., dict[str, Json]]


@pytest.fixture
def printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Printed:
    """What the command prints of these rows, by variable."""

    def run(rows: list[Row], *more: str) -> dict[str, Json]:
        file = tmp_path / "ratings.csv"
        with file.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        answer = told(
            capsys, "agreement", str(file), "--format", "json", "--value", "code", "--resamples", "100", *more
        )
        assert answer.code == 0, answer.err
        return {one["variable"]: one for one in json.loads(answer.out)["variables"]}

    return run


def rows_of(name: str) -> list[Row]:
    with (DATA / name / "ratings.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def expected_of(name: str) -> Any:
    return json.loads((DATA / name / "expected.json").read_text(encoding="utf-8"))


def estimate(of: Json, name: str) -> Any:
    return next(one["estimate"] for one in of["coefficients"] if one["name"] == name)


def value_of(wanted: Any) -> Any:
    return wanted["value"] if isinstance(wanted, dict) else wanted


def same(found: Any, wanted: Any) -> None:
    assert found == (None if value_of(wanted) is None else pytest.approx(value_of(wanted), abs=CLOSE))


def compare(found: Json, wanted: Json) -> None:
    """Whatever is wanted of the nominal coefficients of a variable or a code."""
    names = {"krippendorff_alpha": "krippendorff_alpha_nominal", "gwet_ac": "gwet_ac1"}
    for name in ("percent_agreement", "krippendorff_alpha", "fleiss_kappa", "gwet_ac"):
        expected = wanted.get(names.get(name, name))
        if expected is not None and value_of(expected) is not None:
            same(estimate(found, name), expected)


def compare_pairs(found: Json, wanted: list[Json]) -> None:
    pairs = {tuple(sorted(pair["annotators"])): pair for pair in found["pairs"]}
    for expected in wanted:
        pair = pairs[expected["a"], expected["b"]]
        assert pair["units"] == expected["posts"]
        same(estimate(pair, "cohen_kappa"), expected["value"])


def compare_extent(found: Json, wanted: Json) -> None:
    assert (found["units"], found["annotators"], found["codings"]) == (
        wanted["posts"],
        wanted["coders"],
        wanted["ratings"],
    )
    assert found["units_pairable"] == wanted["posts_with_2plus_ratings"]


def test_textbook_sets(printed: Printed) -> None:
    rows = rows_of("textbook")
    at_level = {level: printed(rows, "--level", level) for level in LEVELS}
    for wanted in expected_of("textbook")["sets"]:
        found, computed = at_level["nominal"][wanted["name"]], wanted["computed"]
        compare_extent(found, computed)
        compare(found, computed)
        compare_pairs(found, computed.get("cohen_kappa_pairs", []))
        for level in LEVELS:
            if f"krippendorff_alpha_{level}" in computed:
                alpha = estimate(at_level[level][wanted["name"]], "krippendorff_alpha")
                same(alpha, computed[f"krippendorff_alpha_{level}"])


def test_textbook_tables(printed: Printed) -> None:
    for wanted in expected_of("textbook")["contingency_tables"]:
        rows = _rows_of_table(wanted["table"])
        found = printed(rows)[""]
        same(estimate(found["pairs"][0], "cohen_kappa"), wanted["cohen_kappa"])
        for weights, expected in wanted.get("weighted", {}).items():
            weighted = printed(rows, "--weights", weights)[""]
            same(estimate(weighted["pairs"][0], "cohen_kappa"), expected)


def _rows_of_table(table: list[list[int]]) -> list[Row]:
    cells = [
        (one, other) for one, row in enumerate(table) for other, posts in enumerate(row) for _ in range(posts)
    ]
    return [
        {"unit": str(unit), "coder": coder, "code": str(code)}
        for unit, cell in enumerate(cells)
        for coder, code in zip("ab", cell, strict=True)
    ]


def test_ecosent_crowd_on_the_gold_set(printed: Printed) -> None:
    with (DATA / "ecosent" / "final.csv").open(encoding="utf-8", newline="") as source:
        gold = {row["post_id"] for row in csv.DictReader(source)}
    tones = {"negative": "-1", "neutral": "0", "positive": "1"}
    rows = [
        row | {"code": tones[row["code"]]}
        for row in rows_of("ecosent")
        if row["coder_group"] == "crowd" and row["post_id"] in gold
    ]
    wanted = expected_of("ecosent")["sentiment"]["crowd, gold set"]
    found = printed(rows)["sentiment"]
    compare_extent(found, wanted)
    compare(found, wanted)
    compare_pairs(found, wanted["cohen_kappa_pairs"])
    for level in ("ordinal", "interval"):
        alpha = estimate(printed(rows, "--level", level)["sentiment"], "krippendorff_alpha")
        same(alpha, wanted[f"krippendorff_alpha_{level}"])


@pytest.mark.parametrize(
    ("name", "question"), [("narrative_frames", "indicators"), ("goemotions_slice", "emotion")]
)
def test_multiple_choice(printed: Printed, name: str, question: str) -> None:
    wanted = expected_of(name)[question]
    # What was expected counts any other answer as none of these codes.
    rows = [
        row if row["code"] in wanted["per_code"] else row | {"code": "none"}
        for row in rows_of(name)
        if row["question"] == question
    ]
    found = printed(rows, "--multi")[question]
    assert (found["units"], found["codings"]) == (wanted["posts"], wanted["coder_post_pairs"])
    codes = {code["code"]: code for code in found["codes"]}
    for key, expected in wanted["per_code"].items():
        compare(codes[key], expected)
    for distance in ("masi", "jaccard"):
        same(estimate(found, f"{distance}_alpha"), wanted[f"krippendorff_alpha_sets_{distance}"])
