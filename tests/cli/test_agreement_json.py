"""The JSON of `intercoder agreement`: of a file and of a project it has the shape written down in docs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.db.engine import Database
from server.projects.roles import Role
from tests import make
from tests.agreement import slow
from tests.cli.schema import problems
from tests.cli.shell import Shell, Told
from tests.cli.studies import POSTS, brought
from tests.stock import on_one_database

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "agreement.schema.json").read_text())
CODEBOOK = (
    "question,type,code,value,label,definition\n"
    "tone,ordinal,low,1,Low,\ntone,ordinal,high,2,High,\n"
    "stance,single,for,,For,\nstance,single,against,,Against,\n"
    "themes,multi,grief,,Grief,\nthemes,multi,anger,,Anger,\n"
    "age,number,,,Age,\nwords,text,,,Words,\n"
)
RATINGS = (
    "post_id,coder,question,code,value\n"
    "1,c1,tone,low,1\n1,c2,tone,low,1\n1,c3,tone,high,2\n"
    "2,c1,tone,high,2\n2,c2,tone,low,1\n2,c3,tone,high,2\n3,c1,tone,low,1\n"
    "1,c1,stance,for,1\n1,c2,stance,against,1\n2,c1,stance,for,1\n2,c2,stance,for,1\n"
    "1,c1,themes,grief,1\n1,c2,themes,none,1\n2,c1,themes,anger,1\n2,c2,themes,anger,1\n"
    "1,c1,age,,31\n1,c2,age,,31\n1,c3,age,,30\n2,c1,age,,20.5\n2,c2,age,,24\n3,c1,age,,60\n3,c2,age,,58\n"
)
# Each kind of choice as a file has it: its rows of the ratings, and how the file is to be read.
FILES = {
    "tone": ("--level", "ordinal", "--value", "value"),
    "stance": ("--value", "code"),
    "themes": ("--value", "code", "--multi"),
}
OF_ONE_ANSWER = {
    "percent_agreement",
    "krippendorff_alpha",
    "fleiss_kappa",
    "gwet_ac",
    "brennan_prediger",
    "conger_kappa",
}
OF_NUMBERS = {"percent_agreement", "krippendorff_alpha"}
OF_A_PAIR = {"percent_agreement", "cohen_kappa", "scott_pi", "holsti"}


@pytest.fixture
def project(shell: Shell, database: Database, tmp_path: Path) -> Shell:
    """The project P with a variable of each kind."""
    with database.writing() as db:
        make.member(db, make.project(db, "P"), Role.LEAD, "lead")
    assert brought(shell, tmp_path, posts=POSTS, codebook=CODEBOOK, ratings=RATINGS).code == 0
    return shell


def read(answer: Told) -> dict[str, Any]:
    assert answer.code == 0, answer.err
    found: dict[str, Any] = json.loads(answer.out)
    assert list(problems(found, SCHEMA, SCHEMA)) == []
    return {variable["variable"]: variable for variable in found["variables"]}


def of_project(project: Shell, *more: str) -> dict[str, Any]:
    return read(project("agreement", "--project", "P", "--format", "json", *more))


def of_file(shell: Shell, folder: Path, variable: str, *more: str) -> Any:
    head, *lines = RATINGS.splitlines()
    file = folder / "codings.csv"
    file.write_text("\n".join([head, *(line for line in lines if f",{variable}," in line)]))
    return read(shell("agreement", str(file), "--format", "json", *FILES[variable], *more))[variable]


def names(of: dict[str, Any]) -> set[str]:
    return {one["name"] for one in of["coefficients"]}


def test_every_kind_of_variable_of_a_project_has_its_names(project: Shell) -> None:
    found = of_project(project)
    assert {key: names(of) for key, of in found.items()} == {
        "tone": OF_ONE_ANSWER,
        "stance": OF_ONE_ANSWER,
        "themes": {"masi_alpha", "jaccard_alpha"},
        "age": OF_NUMBERS,
        "words": set(),
    }
    for variable in found.values():
        assert all(names(code) == OF_ONE_ANSWER | {"specific_agreement"} for code in variable["codes"])
        of_a_pair = OF_NUMBERS if variable["kind"] == "number" else OF_A_PAIR
        assert all(names(pair) == of_a_pair for pair in variable["pairs"])


@on_one_database
def test_confusion_counts_posts_by_code_and_code(project: Shell) -> None:
    found = of_project(project)
    [first] = [pair for pair in found["tone"]["pairs"] if pair["annotators"] == ["c1", "c2"]]
    assert first["confusion"] == {"low": {"low": 1, "high": 0}, "high": {"low": 1, "high": 0}}
    grief = found["themes"]["pairs"][0]
    assert (grief["code"], grief["units"]) == ("grief", 2)
    assert grief["confusion"] == {"no": {"no": 1, "yes": 0}, "yes": {"no": 1, "yes": 0}}


@on_one_database
def test_pairs_on_numbers_have_alpha_of_the_two(project: Shell) -> None:
    pairs = {tuple(pair["annotators"]): pair for pair in of_project(project)["age"]["pairs"]}
    assert {names: pair["units"] for names, pair in pairs.items()} == {
        ("c1", "c2"): 3,
        ("c1", "c3"): 1,
        ("c2", "c3"): 1,
    }
    first = pairs["c1", "c2"]
    said = ((31, 31), (20.5, 24), (60, 58))
    wanted = slow.alpha([[int(2 * number) for number in both] for both in said], slow.interval)
    assert first["coefficients"][0]["estimate"] == pytest.approx(1 / 3)
    assert first["coefficients"][1]["estimate"] == pytest.approx(float(wanted or 0))
    assert (first["coefficients"][1]["level"], first["confusion"]) == ("interval", {})
    shown = project("agreement", "--project", "P", "--variable", "age").out
    assert shown.count("krippendorff_alpha") == 1 + 3


@on_one_database
@pytest.mark.parametrize("number", ["NaN", "inf", "old"])
def test_a_number_that_is_none_is_not_imported(project: Shell, tmp_path: Path, number: str) -> None:
    refused = brought(project, tmp_path, ratings=RATINGS + f"2,c3,age,,{number}\n").refusal
    assert f"“{number}”" in refused


@on_one_database
@pytest.mark.parametrize("variable", FILES)
def test_a_file_says_what_the_project_says(project: Shell, tmp_path: Path, variable: str) -> None:
    stored, filed = of_project(project)[variable], of_file(project, tmp_path, variable)
    assert names(filed) == names(stored)
    assert list(figures(filed)) == list(figures(stored))


def figures(variable: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """All estimates and errors of a variable; codes are sorted, since a file has no order of them."""
    yield from ((one["name"], rounded(one)) for one in variable["coefficients"])
    for of in [*sorted(variable["codes"], key=lambda code: -code["chosen"]), *pairs(variable)]:
        yield from ((one["name"], rounded(one)) for one in of["coefficients"])


def pairs(variable: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(variable["pairs"], key=lambda pair: (*pair["annotators"], pair["code"] or ""))


def rounded(one: dict[str, Any]) -> list[float | None]:
    return [None if one[name] is None else round(one[name], 9) for name in ("estimate", "standard_error")]


@on_one_database
@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (("--level", "nominal"), {"level": "nominal"}),
        (("--ci", "analytic"), {"method": "t"}),
        (("--ci", "bca", "--cluster", "author", "--round", "1"), {"method": "t"}),
        (("--ci", "krippendorff", "--confidence", "0.8"), {"method": "krippendorff"}),
        (("--resamples", "100", "--seed", "3"), {"level": "ordinal"}),
    ],
)
def test_options_work_on_a_project(project: Shell, more: tuple[str, ...], wanted: dict[str, str]) -> None:
    alpha = of_project(project, *more)["tone"]["coefficients"][1]
    assert {name: alpha[name] for name in wanted} == wanted


def test_weights_of_words_are_undefined_in_words_and_pairs_are_weighted(project: Shell) -> None:
    found = of_project(project, "--weights", "linear")
    weighted = {one["name"]: one for one in found["tone"]["coefficients"]}
    assert weighted["conger_kappa"]["weights"] == weighted["fleiss_kappa"]["weights"] == "linear"
    kappa = found["tone"]["pairs"][0]["coefficients"][1]
    assert (kappa["name"], kappa["weights"]) == ("cohen_kappa", "linear")
    words = {one["name"]: one for one in found["stance"]["coefficients"]}
    assert words["krippendorff_alpha"]["estimate"] is not None
    assert "which linear weights need" in words["fleiss_kappa"]["undefined"]


@on_one_database
@pytest.mark.parametrize("printed", ["table", "markdown", "latex"])
def test_every_format_of_a_project(project: Shell, printed: str) -> None:
    answer = project("agreement", "--project", "P", "--format", printed)
    assert (answer.code, answer.err) == (0, "")
    assert "specific" in answer.out


@on_one_database
@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--cluster", "town"), "--cluster says how a file is read"),
        (("--wide",), "--wide says how a file is read"),
        (("--confidence", "1.5"), "between 0 and 1"),
        (("--seed", "-1"), "whole number from 0"),
        (("--resamples", "99"), "at least 100 resamples"),
    ],
)
def test_what_makes_no_sense_of_a_project_is_one_line(
    project: Shell, more: tuple[str, ...], words: str
) -> None:
    assert words in project("agreement", "--project", "P", *more).refusal


def test_what_makes_no_sense_of_a_file_is_one_line(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "codings.csv"
    file.write_text("unit,coder,value\n1,a,x\n1,b,y\n2,a,x\n2,b,x\n")
    assert "--round chooses from a project" in shell("agreement", str(file), "--round", "1").refusal
    assert "which linear weights need" in shell("agreement", str(file), "--weights", "linear").refusal


def test_the_checker_finds_what_is_wrong() -> None:
    wrong = {"seed": "1", "resamples": 99, "variables": [{}], "more": 1}
    found = " ".join(problems(wrong, SCHEMA, SCHEMA))
    assert "'1' is not allowed" in found
    assert "99 is below 100" in found
    assert "$.variables[0]: kind is missing" in found
    assert "more is not known" in found
