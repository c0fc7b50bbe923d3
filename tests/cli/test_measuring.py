"""`intercoder agreement FILE`: codings of any team, in long and in wide form, without a server."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from server.agreement import RaterPatterns, agree_on_patterns, agree_on_raters
from tests.agreement.codings import patterns_of
from tests.cli.shell import Told, told

LONG = (
    "item,rater,variable,value,author\n"
    "1,ann,tone,2,a\n1,bob,tone,2,a\n2,ann,tone,1,b\n2,bob,tone,2,b\n3,ann,tone,3,c\n3,bob,tone,3,c\n"
    "4,ann,tone,1,c\n4,bob,tone,NA,c\n"
    "1,ann,stance,for,a\n1,bob,stance,against,a\n2,ann,stance,for,b\n2,bob,stance,for,b\n"
)
WIDE = "1,1,2\n2,2,2\n1,2,1\n3,3,3\n1,1,\n"
SETS = (
    "unit,coder,code\n1,a,x\n1,a,y\n1,b,x\n2,a,none\n2,b,none\n3,a,y\n3,b,none\n4,a,x\n4,b,x\n5,a,y\n5,b,y\n"
)


@pytest.fixture
def measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command on a file of this content."""

    def run(content: str | bytes, *more: str) -> Told:
        file = tmp_path / "codings.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return told(capsys, "agreement", str(file), *more)

    return run


def variables(answer: Told) -> dict[str, Any]:
    assert answer.code == 0, answer.err
    return {each["variable"]: each for each in json.loads(answer.out)["variables"]}


def estimates(of: dict[str, Any]) -> dict[str, float | None]:
    return {one["name"]: one["estimate"] for one in of["coefficients"]}


def test_long_form_by_variable(measured: Any) -> None:
    found = variables(measured(LONG, "--format", "json"))
    assert list(found) == ["tone", "stance"]
    tone = found["tone"]
    assert (tone["units"], tone["units_pairable"], tone["annotators"], tone["codings"]) == (4, 3, 2, 7)
    wanted = agree_on_patterns(patterns_of([[1, 1], [0, 1], [2, 2], [0]], 3))
    known = agree_on_raters(
        RaterPatterns(np.array([[1, 1], [0, 1], [2, 2], [0, -1]]), np.ones(4, dtype=np.int64), 3)
    )
    assert estimates(tone) == {one.name: pytest.approx(one.estimate) for one in (*wanted, known)}
    pair = tone["pairs"][0]
    assert (pair["annotators"], pair["units"]) == (["ann", "bob"], 3)
    assert pair["confusion"] == {
        "1": {"1": 0, "2": 1, "3": 0},
        "2": {"1": 0, "2": 1, "3": 0},
        "3": {"1": 0, "2": 0, "3": 1},
    }
    assert {"cohen_kappa", "scott_pi", "holsti"} <= {one["name"] for one in pair["coefficients"]}
    assert [code["code"] for code in found["stance"]["codes"]] == ["against", "for"]


def test_levels_weights_and_intervals_are_asked_for(measured: Any) -> None:
    more = ("--level", "interval", "--weights", "quadratic", "--ci", "analytic", "--confidence", "0.9")
    numbers = LONG[: LONG.index("1,ann,stance")]
    tone = variables(measured(numbers, "--format", "json", *more))["tone"]
    alpha, fleiss = tone["coefficients"][1:3]
    assert (tone["level"], alpha["level"], alpha["method"], fleiss["weights"]) == (
        "interval",
        "interval",
        "t",
        "quadratic",
    )
    assert alpha["standard_error"] > 0
    drawn = variables(measured(numbers, "--format", "json", "--cluster", "author"))["tone"]
    assert drawn["authors"] == 3
    assert drawn["coefficients"][0]["method"] == "t"  # Three authors are too few to be drawn.


def test_wide_form_as_recal_takes_it(measured: Any) -> None:
    (found,) = variables(measured(WIDE, "--wide", "--format", "json")).values()
    wanted = agree_on_patterns(patterns_of([[0, 0, 1], [1, 1, 1], [0, 1, 0], [2, 2, 2], [0, 0]], 3))
    coded = np.array([[0, 0, 1], [1, 1, 1], [0, 1, 0], [2, 2, 2], [0, 0, -1]])
    known = agree_on_raters(RaterPatterns(coded, np.ones(5, dtype=np.int64), 3))
    assert estimates(found) == {one.name: pytest.approx(one.estimate) for one in (*wanted, known)}
    named = measured("id,ann,bob\np1,x,y\np2,x,x\n", "--wide", "--format", "json")
    assert variables(named)[""]["pairs"][0]["a"] == "ann"


def test_several_codes_a_unit(measured: Any) -> None:
    (found,) = variables(measured(SETS, "--multi", "--format", "json")).values()
    assert [one["name"] for one in found["coefficients"]] == ["masi_alpha", "jaccard_alpha"]
    assert (found["units"], found["codings"]) == (5, 10)
    assert {code["code"]: code["chosen"] for code in found["codes"]} == {"x": 4, "y": 4}


def test_many_numbers_have_alpha_alone(measured: Any) -> None:
    rows = [f"{unit},{coder},{unit * 1.5 + (coder == 'b')}" for unit in range(60) for coder in "ab"]
    (found,) = variables(
        measured("unit,coder,value\n" + "\n".join(rows), "--level", "interval", "--format", "json")
    ).values()
    assert (found["kind"], list(estimates(found))) == ("number", ["percent_agreement", "krippendorff_alpha"])


def test_tables_for_eyes_markdown_and_latex(measured: Any) -> None:
    assert "krippendorff_alpha" in measured(LONG).out
    assert "| tone |  | krippendorff_alpha | nominal |" in measured(LONG, "--format", "markdown").out
    latex = measured(LONG, "--format", "latex").out
    assert r"krippendorff\_alpha & nominal" in latex
    assert latex.startswith(r"\begin{tabular}{llllllll}")


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        (LONG, ("--unit", "post"), "no column post"),
        ("a,b\n1,2\n", (), "no column unit / post_id"),
        (LONG.replace(",NA,", ",much,"), ("--level", "interval"), "“much” is no number"),
        (LONG.replace(",NA,", ",-1,").split("1,ann,stance")[0], ("--level", "ratio"), "-1 is negative"),
        (SETS, (), "has coded 1 before"),
        (
            LONG.replace("1,bob,tone,2,a", "1,bob,tone,2,b"),
            ("--cluster", "author"),
            "belongs to b here and to a",
        ),
        (LONG, ("--resamples", "50"), "at least 100 resamples"),
        (LONG, ("--confidence", "2"), "between 0 and 1"),
        ("", (), "is empty"),
        (b"\x89PNG\r\n\x1a\n", (), "codings.csv"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    measured: Any, content: str | bytes, more: tuple[str, ...], words: str
) -> None:
    assert words in measured(content, *more).refusal


def test_one_annotator_has_nothing_to_compare(measured: Any) -> None:
    (found,) = variables(measured("unit,coder,value\n1,a,x\n2,a,y\n", "--format", "json")).values()
    assert all(one["estimate"] is None and one["undefined"] for one in found["coefficients"])


def test_a_file_or_a_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert "either a file of codings or --project" in told(capsys, "agreement").refusal
    assert "cannot be read" in told(capsys, "agreement", "nowhere.csv").refusal
