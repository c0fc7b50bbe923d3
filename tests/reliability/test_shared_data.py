"""Real codings through the database, with values that several other implementations agree on."""

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from server.agreement import Level
from server.projects.access import Access
from server.reliability.figures import AgreementReport, CodeAgreement, VariableAgreement, named
from server.reliability.material import DEFAULT_SEED
from server.reliability.measuring import Measuring
from server.reliability.pairing import PairsWanted
from server.reliability.report import agreement_report
from tests import make
from tests.cast import make_cast
from tests.reliability.bulk import Rated, write
from tests.stock import on_one_database

DATA = Path(__file__).parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data sets are not here")
CLOSE = 1e-5
# Our name of a coefficient → its name in the reference values.
NAMES = {"percent_agreement": "percent_agreement", "fleiss_kappa": "fleiss_kappa", "gwet_ac": "gwet_ac1"}

Row = dict[str, str]


def rows_of(name: str, file: str = "ratings.csv") -> list[Row]:
    with (DATA / name / file).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def expected_of(name: str) -> Any:
    return json.loads((DATA / name / "expected.json").read_text(encoding="utf-8"))


def codes_of(name: str, question: str) -> tuple[str, ...]:
    rows = rows_of(name, "codebook.csv")
    return tuple(row["code"] for row in rows if row["question"] == question and row["code"] != "none")


def rated_once(rows: list[Row], question: str) -> list[Rated]:
    return [
        Rated(row["post_id"], row["coder"], {question: row["code"]}, row.get("coder_group")) for row in rows
    ]


def rated_sets(rows: list[Row], question: str) -> list[Rated]:
    chosen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        chosen[row["post_id"], row["coder"]] += [row["code"]] if row["code"] != "none" else []
    return [Rated(post, coder, {question: codes}) for (post, coder), codes in chosen.items()]


def written(db: Session, name: str, question: str, kind: str, rated: list[Rated]) -> Access:
    """A project with these ratings, seen by its lead."""
    cast = make_cast(db)
    book = make.published(db, cast.project, {question: (kind, codes_of(name, question))})
    authors = {row["post_id"]: row["author"] or None for row in rows_of(name, "posts.csv")}
    write(db, cast.project, book, rated, authors, is_imported=True, revealed_at=make.MOMENT)
    return cast.lead


def report(db: Session, lead: Access, level: Level | None = None, **wanted: Any) -> AgreementReport:
    return agreement_report(db, lead, Measuring(level, DEFAULT_SEED, 100), **{"pairs": None, **wanted})


def compare(found: VariableAgreement | CodeAgreement, expected: dict[str, Any], level: Level) -> None:
    assert found.alpha is not None
    same(found.alpha.estimate, expected[f"krippendorff_alpha_{level}"]["value"])
    for name, wanted in NAMES.items():
        if wanted in expected:
            one = named(found.coefficients, name)
            assert one is not None
            same(one.estimate, expected[wanted]["value"])


def same(found: float | None, wanted: float | None) -> None:
    assert found == (None if wanted is None else pytest.approx(wanted, abs=CLOSE))


def test_ecosent_at_every_level(db: Session) -> None:
    expected = expected_of("ecosent")["sentiment"]["all ratings"]
    lead = written(db, "ecosent", "sentiment", "ordinal", rated_once(rows_of("ecosent"), "sentiment"))
    levels: list[Level | None] = [None, "nominal", "ordinal", "interval"]
    for level in levels:
        [found] = report(db, lead, level=level).variables
        compare(found, expected, level or "ordinal")
        assert found.n_units == expected["posts"]
        assert found.n_pairable == expected["posts_with_2plus_ratings"]
        assert found.n_codings == expected["ratings"]
        assert found.n_annotators == expected["coders"]
        assert {code.key: code.n_chosen for code in found.codes} == expected["rating_counts"]


@on_one_database
def test_ecosent_crowd_of_the_gold_set_by_group(db: Session) -> None:
    expected = expected_of("ecosent")["sentiment"]["crowd, gold set"]
    gold = {row["post_id"] for row in rows_of("ecosent", "final.csv")}
    rows = [row for row in rows_of("ecosent") if row["post_id"] in gold]
    lead = written(db, "ecosent", "sentiment", "ordinal", rated_once(rows, "sentiment"))
    for level in ("nominal", "ordinal", "interval"):
        [found] = report(db, lead, group="crowd", level=level).variables
        compare(found, expected, level)
    [found] = report(db, lead, group="crowd", pairs=PairsWanted()).variables
    kappas = {
        frozenset(name.split(" ")[0].lower() for name in (pair.first.name, pair.second.name)): pair
        for pair in found.pairs
    }
    for wanted in expected["cohen_kappa_pairs"]:
        pair = kappas[frozenset((wanted["a"], wanted["b"]))]
        same(pair.beyond_chance.estimate, wanted["value"])
        assert pair.n_posts == wanted["posts"]


@on_one_database
def test_ecosent_students_of_the_gold_set_by_group(db: Session) -> None:
    expected = expected_of("ecosent")["sentiment"]["students, gold set"]
    gold = {row["post_id"] for row in rows_of("ecosent", "final.csv")}
    rows = [row for row in rows_of("ecosent") if row["post_id"] in gold]
    lead = written(db, "ecosent", "sentiment", "ordinal", rated_once(rows, "sentiment"))
    [found] = report(db, lead, group="student").variables
    compare(found, expected, "ordinal")
    assert found.n_codings == expected["ratings"]


def compare_codes(found: VariableAgreement, expected: dict[str, Any]) -> None:
    codes = {code.key: code for code in found.codes}
    for key, wanted in expected["per_code"].items():
        compare(codes[key], wanted, "nominal")
        assert codes[key].n_chosen == wanted["assigned"]
    assert found.n_units == expected["posts"]
    assert found.n_codings == expected["coder_post_pairs"]


def test_narrative_frames(db: Session) -> None:
    # The sets that were expected leave the code "not applicable" out: its annotators chose the rest.
    expected = expected_of("narrative_frames")["indicators"]
    rows = rows_of("narrative_frames")
    lead = written(db, "narrative_frames", "indicators", "multiple", rated_sets(rows, "indicators"))
    [found] = report(db, lead).variables
    compare_codes(found, expected)


@on_one_database
def test_narrative_frames_as_sets(db: Session) -> None:
    expected = expected_of("narrative_frames")["indicators"]
    rows = rows_of("narrative_frames")
    for row in rows:
        row["code"] = row["code"] if row["code"] != "re4_not_applicable" else "none"
    lead = written(db, "narrative_frames", "indicators", "multiple", rated_sets(rows, "indicators"))
    [found] = report(db, lead).variables
    same(found.coefficients[0].estimate, expected["krippendorff_alpha_sets_masi"]["value"])


@on_one_database
def test_goemotions_slice(db: Session) -> None:
    expected = expected_of("goemotions_slice")["emotion"]
    rows = rows_of("goemotions_slice")
    lead = written(db, "goemotions_slice", "emotion", "multiple", rated_sets(rows, "emotion"))
    [found] = report(db, lead).variables
    compare_codes(found, expected)
    same(found.coefficients[0].estimate, expected["krippendorff_alpha_sets_masi"]["value"])
