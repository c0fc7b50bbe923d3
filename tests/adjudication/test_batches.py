"""Many posts are decided at once by a rule, and all of it undone."""

import pytest
from sqlalchemy import func
from sqlmodel import Session, select

from server.adjudication import batches
from server.adjudication.bulk import Proposal, propose
from server.adjudication.models import Decision, DecisionBatch
from server.adjudication.rules import Rule
from server.adjudication.scope import scope_of
from server.adjudication.station import decisions_station
from server.db.engine import Database
from server.errors import NotFound, Refusal
from server.rounds.models import Round
from tests import make
from tests.adjudication.conftest import Study
from tests.adjudication.test_actions import decide, events, standing

UNANIMOUS, MAJORITY = Rule("unanimous"), Rule("majority", 2)


def proposal(db: Session, study: Study, rule: Rule) -> Proposal:
    return propose(db, scope_of(db, study.cast.lead), rule)


def accept(db: Session, study: Study, rule: Rule) -> int:
    lead = study.cast.lead
    return batches.accept(db, lead, scope_of(db, lead), rule, proposal(db, study, rule).fingerprint)


@pytest.fixture
def mixed(database: Database, study: Study) -> Study:
    """Unanimous, by majority, tied, and coded once."""
    with database.writing() as db:
        agreed = {"stance": "against", "expression": []}
        study.code(db, 1, agreed, agreed, agreed)
        study.code(db, 2, agreed, agreed, {"stance": "favour", "expression": ["quality"]})
        study.code(db, 3, agreed, {"stance": "favour", "expression": ["quality"]})
        study.code(db, 4, agreed)
        study.code(db, 5, {"hours": 2}, {"hours": 2}, {"hours": 2})
    return study


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (UNANIMOUS, {(1, "stance"): True, (1, "expression"): True, (5, "hours"): True}),
        (Rule("unanimous", 2, "stance"), {(1, "stance"): True}),
        (
            MAJORITY,
            {
                (1, "stance"): True,
                (1, "expression"): True,
                (2, "stance"): False,
                (2, "expression"): False,
                (5, "hours"): True,
            },
        ),
        (
            Rule("majority", 3),
            {(1, "stance"): True, (1, "expression"): True, (5, "hours"): True},
        ),
        (Rule("majority", 4), {}),
    ],
)
def test_what_a_rule_accepts(
    mixed: Study, db: Session, rule: Rule, expected: dict[tuple[int, str], bool]
) -> None:
    keys = {variable.id: variable.key for variable in mixed.book.variables}
    numbers = {post.id: post.number for post in mixed.posts}
    found = proposal(db, mixed, rule).accepted
    assert {
        (numbers[each.post_id], keys[each.variable_id]): each.basis == "unanimous" for each in found
    } == expected


def test_what_is_previewed_is_written(mixed: Study, db: Session) -> None:
    preview = proposal(db, mixed, MAJORITY)
    assert accept(db, mixed, MAJORITY) == len(preview.accepted) == 5
    assert standing(db, mixed, 1, "stance") == ["against"]
    assert standing(db, mixed, 2, "stance") == ["against"]
    assert standing(db, mixed, 2, "expression") == ["nothing"]
    assert standing(db, mixed, 3, "stance") is None
    assert standing(db, mixed, 5, "hours") == [2]
    project = mixed.cast.lead.project_id
    bases = db.exec(select(Decision.basis).where(Decision.project_id == project)).all()
    assert sorted(bases) == ["majority", "majority", "unanimous", "unanimous", "unanimous"]
    [event] = events(db, mixed, "adjudication.accept")
    assert event["n_decisions"] == 5
    assert event["variables"] == {"expression": 2, "stance": 2, "hours": 1}
    assert proposal(db, mixed, MAJORITY).accepted == ()


def test_what_is_decided_already_stays(mixed: Study, db: Session) -> None:
    make.decision(db, mixed.book, mixed.posts[0], "stance", "favour", mixed.cast.lead)
    assert accept(db, mixed, UNANIMOUS) == 2
    assert standing(db, mixed, 1, "stance") == ["favour"]


def test_what_was_withdrawn_is_superseded(mixed: Study, db: Session) -> None:
    withdrawn = make.decision(
        db, mixed.book, mixed.posts[0], "stance", [], mixed.cast.lead, basis="withdrawn"
    )
    assert accept(db, mixed, Rule("unanimous", 2, "stance")) == 1
    assert standing(db, mixed, 1, "stance") == ["against"]
    row = db.exec(select(Decision).where(Decision.supersedes_id == withdrawn.id)).one()
    assert row.basis == "unanimous"


def test_a_preview_that_is_out_of_date_writes_nothing(mixed: Study, db: Session) -> None:
    lead = mixed.cast.lead
    fingerprint = proposal(db, mixed, MAJORITY).fingerprint
    mixed.code(db, 3, None, None, {"stance": "favour"})
    with pytest.raises(batches.Changed):
        batches.accept(db, lead, scope_of(db, lead), MAJORITY, fingerprint)
    other_rule = proposal(db, mixed, UNANIMOUS).fingerprint
    with pytest.raises(batches.Changed):
        batches.accept(db, lead, scope_of(db, lead), MAJORITY, other_rule)
    assert standing(db, mixed, 1, "stance") is None


def test_a_rule_that_accepts_nothing_is_refused(mixed: Study, db: Session) -> None:
    with pytest.raises(Refusal):
        accept(db, mixed, Rule("majority", 9))
    found = db.exec(select(DecisionBatch).where(DecisionBatch.project_id == mixed.cast.lead.project_id)).all()
    assert found == []


def test_posts_that_are_still_coded_wait(mixed: Study, db: Session) -> None:
    assert mixed.main is not None
    db.get_one(Round, mixed.main.id).locked_at = None
    found = proposal(db, mixed, UNANIMOUS)
    assert {each.post_id for each in found.accepted} == {mixed.posts[0].id, mixed.posts[4].id}
    assert found.n_waiting == 2
    mixed.code(db, 6, {"stance": "against"}, {"stance": "against"})
    assert {each.post_id for each in proposal(db, mixed, UNANIMOUS).accepted} == {
        mixed.posts[0].id,
        mixed.posts[4].id,
    }


def test_posts_of_a_hidden_round_wait_too(mixed: Study, db: Session) -> None:
    lead = mixed.cast.lead
    make.round_(db, mixed.cast.project, mixed.book, mixed.posts[:1], [lead])
    found = propose(db, scope_of(db, lead), UNANIMOUS)
    assert {each.post_id for each in found.accepted} == {mixed.posts[4].id}


def test_undoing_withdraws_what_still_stands(mixed: Study, db: Session) -> None:
    lead = mixed.cast.lead
    accept(db, mixed, MAJORITY)
    decide(db, mixed, 2, {"v-stance": ("favour",), "none-expression": ("on",)})
    [line] = batches.batches(db, lead)
    assert (line.n_decisions, line.n_standing, line.variables["stance"]) == (5, 4, 2)
    assert batches.undo(db, lead, line.number) == batches.Undone(4, 1)
    assert standing(db, mixed, 1, "stance") is None
    assert standing(db, mixed, 2, "expression") is None
    assert standing(db, mixed, 2, "stance") == ["favour"]
    [event] = events(db, mixed, "adjudication.undo")
    assert event == {"n_withdrawn": 4, "n_superseded": 1}
    [line] = batches.batches(db, lead)
    assert line.undone_by
    assert line.n_standing == 0
    assert accept(db, mixed, MAJORITY) == 4
    assert standing(db, mixed, 1, "stance") == ["against"]
    assert [each.number for each in batches.batches(db, lead)] == [2, 1]


def test_nothing_is_undone_twice_or_in_another_project(mixed: Study, db: Session) -> None:
    accept(db, mixed, UNANIMOUS)
    other = make.member(db, make.project(db, "Another study"), mixed.cast.lead.role, "stranger")
    with pytest.raises(NotFound):
        batches.undo(db, other, 1)
    batches.undo(db, mixed.cast.lead, 1)
    n_decisions = db.scalar(select(func.count()).select_from(Decision))
    with pytest.raises(Refusal):
        batches.undo(db, mixed.cast.lead, 1)
    assert db.scalar(select(func.count()).select_from(Decision)) == n_decisions


def test_the_overview_counts_what_stands(mixed: Study, db: Session) -> None:
    project = mixed.cast.lead.project_id
    accept(db, mixed, MAJORITY)
    assert "5 decisions stand." in decisions_station(db, [project])[project].said
    batches.undo(db, mixed.cast.lead, 1)
    station = decisions_station(db, [project])[project]
    assert "Nothing is decided yet." in station.said
    assert not station.is_done
