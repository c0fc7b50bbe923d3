"""Final values of questions that are asked only after certain answers."""

from typing import Any

import pytest
from sqlmodel import Session

from server.results.final import final_rows
from server.results.printed import as_json
from server.results.report import results_report
from tests import make
from tests.cast import Cast

KINDS = {**make.CODEBOOK, "depth": ("single", ("low", "high")), "why": ("text", ())}
WHEN = {"depth": [("expression", "attachment")], "why": [("depth", "high"), ("stance", "favour")]}
YES = {"expression": ["attachment"], "stance": "against", "depth": "high", "why": "It is loud."}
NO = {"expression": ["quality"], "stance": "against", "depth": None, "why": None}


@pytest.fixture
def people(cast: Cast) -> Cast:
    return cast


def finals(db: Session, people: Cast, *pairs: tuple[Any, Any], decided: str = "") -> list[dict[str, Any]]:
    """The final rows of posts that two annotators coded; `decided`: the expression of the first."""
    book = make.published(db, people.project, KINDS, WHEN)
    posts = make.posts(db, people.project, len(pairs))
    coders = [people.annotator, people.other_annotator]
    round_ = make.round_(db, people.project, book, posts, coders, locked_at=make.MOMENT)
    for post, pair in zip(posts, pairs, strict=True):
        for coder, answers in zip(coders, pair, strict=True):
            make.coding(db, book, round_, post, coder, answers)
    if decided:
        make.decision(db, book, posts[0], "expression", [decided], people.lead)
    found = final_rows(db, people.lead)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def said(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["depth"], row["depth_basis"], row["why"], row["why_basis"]


def test_an_empty_cell_says_that_the_question_was_not_asked(db: Session, people: Cast) -> None:
    asked, unasked = finals(db, people, (YES, YES), (NO, NO))
    assert said(asked) == ("high", "unanimous", "It is loud.", "unanimous")
    assert said(unasked) == (None, "not_asked", None, "not_asked")


def test_who_was_not_asked_is_missing_until_the_governing_question_is_decided(
    db: Session, people: Cast
) -> None:
    [row] = finals(db, people, (YES, NO))
    assert row["expression_attachment_basis"] == "unresolved"
    assert said(row) == ("high", "single", "It is loud.", "single")


@pytest.mark.parametrize(
    ("decided", "final"),
    [
        ("attachment", ("high", "single", "It is loud.", "single")),
        ("quality", (None, "not_asked", None, "not_asked")),
    ],
)
def test_a_decision_on_the_governing_question_settles_whether_it_is_asked(
    decided: str, final: tuple[Any, ...], db: Session, people: Cast
) -> None:
    [row] = finals(db, people, (YES, NO), decided=decided)
    assert said(row) == final


def test_the_shares_are_of_the_posts_that_were_asked(db: Session, people: Cast) -> None:
    finals(db, people, (YES, YES), (NO, NO), (YES, {**YES, "depth": "low", "why": None}))
    report = results_report(db, people.lead)
    depth = next(one for one in report.variables if one.key == "depth")
    assert depth.only_if == "only if “Expression” is “Attachment”"
    assert (depth.n_posts, depth.n_unresolved) == (2, 1)
    assert {code.share.denominator for code in depth.codes} == {2}
    told = next(one for one in as_json(report)["variables"] if one["variable"] == "depth")
    assert told["asked"] == depth.only_if
