"""The final dataset, post by post: against the rules in plain words, and what its reader may not see."""

import random
from typing import Any

import pytest
from sqlmodel import Session

from server.codebooks.queries import Codebook
from server.corpora.models import Post
from server.projects.access import Access
from server.results.final import FinalTable, final_rows
from server.results.outcomes import Rule
from server.results.queries import scope_of_posts, slices, variables
from server.rounds.models import Assignment
from tests import make
from tests.cast import Cast, make_cast
from tests.results import slow

KINDS = {
    **make.CODEBOOK,
    "age": ("number", ()),
    "quote": ("text", ()),
}
CODES = make.CODEBOOK["expression"][1]


@pytest.fixture
def study(db: Session, cast: Cast) -> tuple[Cast, Codebook]:
    return cast, make.published(db, cast.project, KINDS)


def table(
    db: Session, reader: Access, rule: Rule = Rule.PLURALITY
) -> tuple[FinalTable, list[dict[str, Any]]]:
    found = final_rows(db, reader, rule)
    return found, [dict(zip(found.columns, row, strict=True)) for row in found.rows]


@pytest.mark.parametrize("rule", list(Rule))
def test_every_cell_as_in_plain_words(db: Session, study: tuple[Cast, Codebook], rule: Rule) -> None:
    people, book = study
    posts = make.posts(db, people.project, 30)
    coders = [people.annotator, people.other_annotator, people.adjudicator]
    round_ = make.round_(db, people.project, book, posts, coders, locked_at=make.MOMENT)
    dice = random.Random(4)
    given: dict[int, list[dict[str, Any]]] = {post.number: [] for post in posts}
    decided: dict[tuple[int, str], slow.Decision] = {}
    for post in posts:
        for coder in dice.sample(coders, dice.randint(0, 3)):
            given[post.number].append(_random_answers(dice))
            make.coding(db, book, round_, post, coder, given[post.number][-1])
        for key in KINDS:
            if dice.random() < 0.25:
                value = _random_answers(dice)[key]
                make.decision(db, book, post, key, value, people.lead)
                decided[post.number, key] = slow.Decision(value, "adjudicated")
    _found, rows = table(db, people.lead, rule)
    assert [row["number"] for row in rows] == [post.number for post in posts]
    for row in rows:
        for key, (kind, _codes) in KINDS.items():
            answers = [answer[key] for answer in given[row["number"]]]
            assert _cells(row, key, kind) == _wanted(answers, decided.get((row["number"], key)), kind, rule)
            assert row[f"{key}_codings"] == len(answers)


def _random_answers(dice: random.Random) -> dict[str, Any]:
    return {
        "expression": [code for code in CODES if dice.random() < 0.4],
        "emotion": dice.choice("0123"),
        "stance": dice.choice(make.CODEBOOK["stance"][1]),
        "age": dice.choice([20.0, 30.0]),
        "quote": dice.choice(["I miss it", "=SUM(A1)"]),
    }


def _cells(row: dict[str, Any], key: str, kind: str) -> list[tuple[Any, str]]:
    if kind == "multiple":
        return [(row[f"{key}_{code}"], row[f"{key}_{code}_basis"] or "") for code in CODES]
    return [(row[key], row[f"{key}_basis"] or "")]


def _wanted(
    answers: list[Any], decision: slow.Decision | None, kind: str, rule: Rule
) -> list[tuple[Any, str]]:
    if kind == "multiple":
        of = decision and slow.Decision(_places(decision.value), decision.basis)
        return [slow.code([_places(each) for each in answers], at, of, rule) for at in range(len(CODES))]
    how = slow.one if kind in {"single", "ordinal"} else slow.alike
    return [how(answers, decision, rule)]


def _places(codes: list[str]) -> frozenset[int]:
    return frozenset(CODES.index(code) for code in codes)


def test_the_columns_and_a_row(db: Session, study: tuple[Cast, Codebook]) -> None:
    people, book = study
    [post] = make.posts(db, people.project, 1)
    round_ = make.round_(db, people.project, book, [post], [people.annotator])
    answers: Any = {
        "expression": ["quality"],
        "emotion": "3",
        "stance": "favour",
        "age": 31,
        "quote": "so be it",
    }
    make.coding(db, book, round_, post, people.annotator, answers)
    found, [row] = table(db, people.lead)
    of_post = ("post_id", "number", "author", "posted_at", "link", "thread_id", "parent_id")
    assert found.columns[: len(of_post)] == of_post
    assert row["post_id"] == post.external_id
    assert row["author"] == post.author
    assert row["posted_at"] == post.posted_at
    assert [row[f"expression_{code}"] for code in CODES] == [0, 0, 1]
    assert (row["emotion"], row["emotion_value"], row["emotion_basis"]) == ("3", 3.0, "single")
    assert (row["age"], row["quote"], row["quote_basis"]) == (31.0, "so be it", "single")


def test_equal_column_names_are_told_apart(db: Session) -> None:
    people = make_cast(db)
    make.published(
        db, people.project, {"number": ("number", ()), "a_b": ("single", ("x",)), "a": ("multiple", ("b",))}
    )
    found, _rows = table(db, people.lead)
    assert len({name.casefold() for name in found.columns}) == len(found.columns)
    assert "number_2" in found.columns


def test_slices_are_one_whole(db: Session, study: tuple[Cast, Codebook]) -> None:
    people, book = study
    posts = make.posts(db, people.project, 7)
    round_ = make.round_(db, people.project, book, posts, [people.annotator])
    for post in posts:
        make.coding(db, book, round_, post, people.annotator, {"stance": "favour"})
    scope = scope_of_posts(db, people.lead)
    asked = variables(db, people.lead, scope)
    parts = list(slices(db, people.lead, scope, asked, size=3))
    assert [[post.number for post in part.posts] for part in parts] == [[1, 2, 3], [4, 5, 6], [7]]
    assert [len(part.ballots) for part in parts] == [3, 3, 1]


def test_the_last_coding_of_an_annotator_counts(db: Session, study: tuple[Cast, Codebook]) -> None:
    people, book = study
    posts = make.posts(db, people.project, 1)
    pilot = make.round_(db, people.project, book, posts, [people.annotator], purpose="pilot")
    main = make.round_(db, people.project, book, posts, [people.annotator])
    make.coding(db, book, pilot, posts[0], people.annotator, {"stance": "against", "emotion": "1"})
    make.coding(db, book, main, posts[0], people.annotator, {"stance": "favour"})
    [row] = table(db, people.lead)[1]
    assert (row["stance"], row["stance_basis"], row["stance_codings"]) == ("favour", "single", 1)
    assert row["emotion"] == "1", "what was not asked again stays"


def test_training_does_not_count(db: Session, study: tuple[Cast, Codebook]) -> None:
    people, book = study
    posts = make.posts(db, people.project, 1)
    training = make.round_(db, people.project, book, posts, [people.annotator], purpose="training")
    make.coding(db, book, training, posts[0], people.annotator, {"stance": "against"})
    [row] = table(db, people.lead)[1]
    assert (row["stance"], row["stance_basis"]) == (None, None)


def test_a_coding_that_was_skipped_since_does_not_count(db: Session, study: tuple[Cast, Codebook]) -> None:
    people, book = study
    posts = make.posts(db, people.project, 1)
    round_ = make.round_(db, people.project, book, posts, [people.annotator, people.other_annotator])
    make.coding(db, book, round_, posts[0], people.other_annotator, {"stance": "favour"})
    coding = make.coding(db, book, round_, posts[0], people.annotator, {"stance": "against"})
    assignment = db.get_one(Assignment, coding.assignment_id)
    assignment.state = "skipped"
    db.flush()
    [row] = table(db, people.lead)[1]
    assert (row["stance"], row["stance_basis"]) == ("favour", "single")


def test_a_withdrawn_decision_does_not_count(db: Session, study: tuple[Cast, Codebook]) -> None:
    people, book = study
    post, other = make.posts(db, people.project, 2)
    round_ = make.round_(db, people.project, book, [post, other], [people.annotator])
    make.coding(db, book, round_, post, people.annotator, {"stance": "against"})
    make.decision(db, book, post, "stance", "favour", people.lead, basis="withdrawn")
    make.decision(db, book, other, "stance", "favour", people.lead, basis="withdrawn")
    first, second = table(db, people.lead)[1]
    assert (first["stance"], first["stance_basis"]) == ("against", "single")
    assert (second["stance"], second["stance_basis"]) == (None, None)


def test_a_code_of_a_later_version_was_not_denied_before(db: Session) -> None:
    people = make_cast(db)
    first, second = make.posts(db, people.project, 2)
    old = make.published(db, people.project, {"expression": ("multiple", ("attachment", "gone"))})
    new = make.published(db, people.project, {"expression": ("multiple", ("attachment", "quality"))})
    before = make.round_(db, people.project, old, [first], [people.annotator])
    after = make.round_(db, people.project, new, [second], [people.annotator])
    make.coding(db, old, before, first, people.annotator, {"expression": ["attachment"]})
    make.coding(db, new, after, second, people.annotator, {"expression": ["quality"]})
    found, rows = table(db, people.lead)
    names = [f"expression_{code}" for code in ("attachment", "quality", "gone")]
    assert [name for name in found.columns if name in names] == names
    assert [[row[name] for name in names] for row in rows] == [[1, None, 0], [0, 1, None]]


def test_a_reader_who_codes_in_an_open_round_sees_nothing_of_it(
    db: Session, study: tuple[Cast, Codebook]
) -> None:
    people, book = study
    seen, blind = make.posts(db, people.project, 2)
    other = make.round_(db, people.project, book, [seen], [people.annotator])
    own = make.round_(db, people.project, book, [blind], [people.annotator, people.lead])
    for post, round_ in ((seen, other), (blind, own)):
        make.coding(db, book, round_, post, people.annotator, {"stance": "against"})
        make.decision(db, book, post, "emotion", "2", people.adjudicator)
    found, [first, second] = table(db, people.lead)
    assert (first["stance"], first["emotion"]) == ("against", "2")
    assert (second["stance"], second["emotion"], second["stance_codings"]) == (None, None, 0)
    assert [sight.number for sight in found.hidden] == [own.number]
    _lock(db, own)
    _found, [_first, second] = table(db, people.lead)
    assert (second["stance"], second["emotion"]) == ("against", "2")


def test_a_post_that_its_reader_codes_again_is_left_out_of_every_round(
    db: Session, study: tuple[Cast, Codebook]
) -> None:
    people, book = study
    free, again = make.posts(db, people.project, 2)
    locked = make.round_(db, people.project, book, [free, again], [people.annotator], locked_at=make.MOMENT)
    own = make.round_(db, people.project, book, [again], [people.lead])
    for post in (free, again):
        make.coding(db, book, locked, post, people.annotator, {"stance": "against"})
    _found, [first, second] = table(db, people.lead)
    assert (first["stance"], second["stance"], second["stance_codings"]) == ("against", None, 0)
    assert [row["stance"] for row in table(db, people.adjudicator)[1]] == ["against", "against"]
    _lock(db, own)
    assert [row["stance"] for row in table(db, people.lead)[1]] == ["against", "against"]


def _lock(db: Session, round_: Any) -> None:
    round_.locked_at = make.MOMENT
    db.add(round_)
    db.flush()


def test_nothing_of_another_study(db: Session, study: tuple[Cast, Codebook]) -> None:
    people, _book = study
    posts: list[Post] = make.posts(db, people.project, 2)
    _found, rows = table(db, people.lead)
    assert [row["post_id"] for row in rows] == [post.external_id for post in posts]
    assert all(row["stance"] is None and row["expression_attachment"] is None for row in rows)
