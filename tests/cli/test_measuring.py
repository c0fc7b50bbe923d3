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


def test_a_variable_without_values_is_read_by_its_codes(measured: Any) -> None:
    tidy = (
        "post_id,coder,question,code,value\n1,a,tone,no,0\n1,b,tone,yes,1\n1,a,stance,for,\n1,b,stance,for,\n"
    )
    found = variables(measured(tidy, "--format", "json"))
    assert [code["code"] for code in found["tone"]["codes"]] == ["0", "1"]
    assert [code["code"] for code in found["stance"]["codes"]] == ["for"]


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
    [pair] = found["pairs"]
    assert (estimates(pair), pair["confusion"]) == (estimates(found), {})


def test_tables_for_eyes_markdown_and_latex(measured: Any) -> None:
    assert "krippendorff_alpha" in measured(LONG).out
    assert "| tone |  | krippendorff_alpha | nominal |" in measured(LONG, "--format", "markdown").out
    latex = measured(LONG, "--format", "latex").out
    assert r"krippendorff\_alpha & nominal" in latex
    assert latex.startswith(r"\begin{tabular}{llllllll}")


def test_tables_show_pairs(measured: Any) -> None:
    pair = measured(LONG.replace("bob", "b_b|b"), "--format", "markdown").out.split("\n\n")[1]
    assert pair.splitlines()[2].startswith("| tone |  | ann | b_b\\|b | 3 | 0.667 | cohen_kappa | 0.500 |")
    latex = measured(LONG.replace("bob", "b_b|b"), "--format", "latex").out
    assert r"tone &  & ann & b\_b\textbar{}b & 3 & 0.667 & cohen\_kappa & 0.500 &" in latex
    assert latex.count(r"\begin{tabular}") == 2
    line = next(line for line in measured(LONG).out.splitlines() if "cohen_kappa" in line)
    assert line.split()[:4] == ["tone", "ann", "bob", "3"]


def test_tables_show_the_pairs_that_share_most_and_say_how_many_there_are(measured: Any) -> None:
    coders = [f"c{number:02}" for number in range(11)]
    rows = [f"1,{coder},x" for coder in coders] + ["2,c09,x", "2,c10,y"]
    content = "unit,coder,code\n" + "\n".join(rows)
    single = measured(content, "--format", "markdown").out
    assert single.count("cohen_kappa") == 45
    assert "| c09 | c10 | 2 |" in single
    assert single.endswith(
        "\n\n55 pairs of annotators share posts; the 45 that share most are shown. "
        "With --format json all are written.\n"
    )
    multiple = measured(content, "--multi", "--format", "latex").out
    assert multiple.count(r"cohen\_kappa") == 2 * 10
    assert "of each code, the 10 that share most" in multiple
    assert len(variables(measured(content, "--format", "json"))[""]["pairs"]) == 55


def test_rows_of_latex_do_not_begin_with_an_option(measured: Any) -> None:
    latex = measured(LONG.replace("tone", "[tone]"), "--format", "latex").out
    assert "\n{}[tone] &" in latex
    assert "\n[" not in latex


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
        (LONG, ("--resamples", "1e3"), "--resamples"),
        (LONG, ("--confidence", "95"), "between 0 and 1, as 0.95 does, and not 95"),
        (LONG, ("--confidence", "nan"), "between 0 and 1"),
        (LONG, ("--confidence", "0.9999999999999999"), "between 0 and 1"),
        (LONG, ("--seed", "-1"), "whole number from 0"),
        (LONG, ("--level", "cardinal"), "'cardinal' is not one of"),
        (LONG, ("--weights", "[[1, 0], [0, 1]]"), "is not one of 'identity'"),
        (LONG, ("--value", "score"), "no column score"),
        (LONG, ("--cluster", "town"), "no column town"),
        (LONG.replace(",NA,", ",NaN,"), (), "Row 9: “NaN” is no value"),
        (LONG.replace(",NA,", ",inf,"), ("--level", "interval"), "“inf” is no number"),
        (LONG.replace(",NA,", ",1_0,"), ("--level", "interval"), "“1_0” is no number"),
        (LONG + ",ann,tone,1,a\n", (), "Row 14 does not say which unit"),
        (LONG + "9,,tone,1,a\n", (), "Row 14 does not say who coded"),
        ("id,ann,bob\np1,x,y\np1,,x\n", ("--wide",), "Row 3: unit p1 has row 2 already"),
        (WIDE, ("--wide", "--coder", "ann"), "--coder names a column of long form"),
        ("unit,coder,value\n1,a,x\n2,a,y\n", (), "Every coding is by one coder, a."),
        ("id,ann\np1,x\np2,y\n", ("--wide",), "Every coding is by one coder, ann."),
        ("unit,coder,value\n1,a,NA\n1,b,\n", (), "holds no coding"),
        ("unit,coder,value\n", (), "a header but no rows"),
        ("", (), "is empty"),
        (b"\xef\xbb\xbf", (), "is empty"),
        (b"\x89PNG\r\n\x1a\n", (), "codings.csv"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    measured: Any, content: str | bytes, more: tuple[str, ...], words: str
) -> None:
    assert words in measured(content, *more).refusal


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff".encode() + LONG.encode(),
        LONG.replace(",", ";").encode(),
        LONG.replace("for", "dafür").encode("latin-1"),
        LONG.encode("utf-16"),
    ],
    ids=["BOM", "semicolons", "latin-1", "utf-16"],
)
def test_files_of_other_programs_are_read(measured: Any, content: bytes) -> None:
    assert list(variables(measured(content, "--format", "json"))) == ["tone", "stance"]


def test_weights_of_huge_numbers_are_those_of_small_ones(measured: Any) -> None:
    more = ("--level", "interval", "--weights", "quadratic", "--format", "json")
    rows = "unit,coder,value\n1,a,{0}\n1,b,-{0}\n2,a,{0}\n2,b,{0}\n3,a,0\n3,b,{0}\n"
    huge, small = (variables(measured(rows.format(number), *more))[""] for number in ("1e308", "1"))
    assert estimates(huge) == pytest.approx(estimates(small))


def test_a_directory_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Is a directory" in told(capsys, "agreement", str(tmp_path)).refusal


def test_a_file_or_a_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert "either a file of codings or --project" in told(capsys, "agreement").refusal
    assert "cannot be read" in told(capsys, "agreement", "nowhere.csv").refusal
