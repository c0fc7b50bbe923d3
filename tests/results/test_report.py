"""The results of a project as its page and the shell show them."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from sqlmodel import Session, select

from server.agreement import Coefficient
from server.codebooks.queries import Codebook
from server.corpora.models import Post
from server.reliability.figures import VariableAgreement
from server.reliability.report import agreement_report
from server.results.choices import Ways
from server.results.outcomes import Rule
from server.results.printed import as_json
from server.results.report import VariableResult, results_report
from server.rounds.models import Round
from tests import make
from tests.cast import Cast, make_cast


@pytest.fixture
def study(db: Session, cast: Cast) -> tuple[Cast, Codebook]:
    """Four posts of two authors; two annotators; the last post is coded once."""
    people = cast
    book = make.published(db, people.project, {**make.CODEBOOK, "age": ("number", ()), "quote": ("text", ())})
    posts = make.posts(db, people.project, 4)
    coders = [people.annotator, people.other_annotator]
    round_ = make.round_(db, people.project, book, posts, coders)
    first = [["attachment"], ["attachment", "quality"], [], ["dependency"]]
    second = [["attachment"], ["attachment"], []]
    rest: dict[str, Any] = {"stance": "favour", "age": 30, "quote": "a"}
    for number, codes in enumerate(first):
        answers = {**rest, "expression": codes, "emotion": str(number % 2)}
        make.coding(db, book, round_, posts[number], people.annotator, answers)
    for number, codes in enumerate(second):
        answers = {**rest, "expression": codes, "emotion": "1", "age": 31, "quote": "b"}
        make.coding(db, book, round_, posts[number], people.other_annotator, answers)
    make.decision(db, book, posts[0], "age", 30, people.lead)
    make.decision(db, book, posts[1], "age", 33, people.lead, basis="consensus")
    return people, book


def of(db: Session, people: Cast, key: str, rule: Rule = Rule.PLURALITY) -> VariableResult:
    return next(one for one in results_report(db, people.lead, Ways(rule)).variables if one.key == key)


def test_extent(db: Session, study: tuple[Cast, Codebook]) -> None:
    found = results_report(db, study[0].lead)
    assert (found.n_posts, found.n_coded, found.n_authors, found.n_annotators) == (4, 4, 2, 2)
    # Open: quality of post 2, the emotion of 1 and 3, the age of 3. Texts are not asked.
    assert (found.n_double_coded, found.n_unresolved) == (3, 3)
    assert found.is_clustered
    assert [one.key for one in found.variables] == ["expression", "emotion", "stance", "age", "quote"]


def test_a_multiple_choice(db: Session, study: tuple[Cast, Codebook]) -> None:
    found = of(db, study[0], "expression")
    shares = {code.key: code.share for code in found.codes}
    assert {key: share.count for key, share in shares.items()} == {
        "attachment": 2,
        "dependency": 1,
        "quality": 0,
    }
    assert all(share.denominator == 4 for share in shares.values())
    assert shares["quality"].unresolved == 1
    assert shares["quality"].bounds == (0.0, 0.25)
    assert found.nothing is not None
    assert (found.nothing.count, found.nothing.denominator) == (1, 4)
    assert found.basis is None


def alphas(variables: Iterable[VariableResult | VariableAgreement]) -> dict[str, list[Coefficient | None]]:
    return {one.key: [one.alpha, *(code.alpha for code in one.codes)] for one in variables}


def test_alpha_is_that_of_the_codings(db: Session, study: tuple[Cast, Codebook]) -> None:
    """Of those before the reveal: here none, when the round is taken to have been revealed before them."""
    people = study[0]
    lead = people.lead
    for revealed_at in (None, make.MOMENT - timedelta(days=1)):
        db.exec(select(Round).where(Round.project_id == people.project.id)).one().revealed_at = revealed_at
        db.flush()
        db.info["memory"].clear()
        wanted = agreement_report(db, lead, pairs=None).variables
        assert alphas(results_report(db, lead).variables) == alphas(wanted)
        assert bool(wanted[0].n_codings) == (revealed_at is None)


def test_decisions_leave_agreement_as_it_was_and_codings_do_not(
    db: Session, study: tuple[Cast, Codebook]
) -> None:
    people, book = study
    before = results_report(db, people.lead)
    post = db.exec(select(Post).where(Post.number == 4, Post.project_id == people.project.id)).one()
    make.decision(db, book, post, "stance", "against", people.lead)
    with patch("server.results.memory.agreement_of", side_effect=AssertionError("computed anew")):
        decided = results_report(db, people.lead)
    assert alphas(decided.variables) == alphas(before.variables)
    assert decided.variables != before.variables
    answers = {"stance": "against", "expression": []}
    round_ = db.exec(select(Round).where(Round.project_id == people.project.id)).one()
    make.coding(db, book, round_, post, people.other_annotator, answers)
    after = results_report(db, people.lead)
    assert alphas(after.variables) == alphas(agreement_report(db, people.lead, pairs=None).variables)
    assert alphas(after.variables) != alphas(before.variables)


def test_an_ordinal_scale_has_moments(db: Session, study: tuple[Cast, Codebook]) -> None:
    found = of(db, study[0], "emotion")
    assert found.n_unresolved == 2
    assert found.moments is not None
    assert (found.moments.n, found.moments.mean) == (2, 1.0)
    decided = of(db, study[0], "emotion", Rule.DECISIONS)
    assert decided.n_unresolved == 4
    assert decided.moments is not None
    assert decided.moments.reason


def test_a_number_and_a_text(db: Session, study: tuple[Cast, Codebook]) -> None:
    age = of(db, study[0], "age")
    assert age.basis is not None
    assert {basis.word: posts for basis, posts in age.basis.items() if posts} == {
        "single": 1,
        "adjudicated": 1,
        "consensus": 1,
        "unresolved": 1,
    }
    assert age.moments is not None
    assert (age.moments.n, age.moments.mean, age.moments.median) == (3, 31.0, 30.0)
    quote = of(db, study[0], "quote")
    assert (quote.n_posts, quote.n_unresolved, quote.moments, quote.codes) == (4, 3, None, ())


def test_json_is_plain_and_complete(db: Session, study: tuple[Cast, Codebook]) -> None:
    found = json.loads(json.dumps(as_json(results_report(db, study[0].lead)), allow_nan=False))
    expression = found["variables"][0]
    assert (expression["variable"], expression["kind"], expression["rule"]) == (
        "expression",
        "multiple",
        "plurality",
    )
    code = expression["codes"][0]
    assert (code["code"], code["count"], code["denominator"], code["share"]) == ("attachment", 2, 4, 0.5)
    assert code["bounds"] == [0.5, 0.5]
    assert code["basis"]["unanimous"] == 3
    assert code["basis"]["single"] == 1
    assert code["alpha"]["estimate"] == 1.0


def test_a_study_without_anything(db: Session) -> None:
    people = make_cast(db)
    found = results_report(db, people.lead)
    assert (found.n_posts, found.n_coded, found.variables) == (0, 0, ())
    make.published(db, people.project)
    make.posts(db, people.project, 2)
    found = results_report(db, people.lead)
    assert (found.n_posts, found.n_coded) == (2, 0)
    assert found.variables[0].codes[0].share.share is None
    assert found.variables[0].codes[0].share.reason


def test_figures_leave_out_the_posts_that_their_reader_codes_again(
    db: Session, study: tuple[Cast, Codebook]
) -> None:
    people, book = study
    before = results_report(db, people.lead)
    posts = make.posts(db, people.project, 2)
    locked = make.round_(db, people.project, book, posts, [people.annotator], locked_at=make.MOMENT)
    make.round_(db, people.project, book, posts[:1], [people.adjudicator])
    for post in posts:
        make.coding(db, book, locked, post, people.annotator, {"stance": "against"})
    blind, open_ = results_report(db, people.adjudicator), results_report(db, people.lead)
    assert (blind.n_coded - before.n_coded, open_.n_coded - before.n_coded) == (1, 2)


def test_figures_hide_what_their_reader_codes_themselves(db: Session, study: tuple[Cast, Codebook]) -> None:
    people, book = study
    posts = make.posts(db, people.project, 1)
    coders = [people.adjudicator, people.annotator]
    round_ = make.round_(db, people.project, book, posts, coders)
    make.coding(db, book, round_, posts[0], people.annotator, {"stance": "against"})
    make.decision(db, book, posts[0], "emotion", "2", people.lead)
    blind, open_ = results_report(db, people.adjudicator), results_report(db, people.lead)
    assert [sight.number for sight in blind.hidden] == [round_.number]
    assert (blind.n_coded, open_.n_coded) == (4, 5)
    assert [(one.key, one.n_posts) for one in blind.variables][:3] == [
        ("expression", 4),
        ("emotion", 4),
        ("stance", 4),
    ]
