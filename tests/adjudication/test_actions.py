"""Deciding, withdrawing, deciding in bulk: what is written, and what is refused."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select

from server.adjudication import actions, batches
from server.adjudication.actions import Overtaken, Sent
from server.adjudication.answers import table_of
from server.adjudication.bulk import Proposal, propose
from server.adjudication.models import Decision, DecisionAnswer, DecisionBatch, StandingDecision
from server.adjudication.rules import Rule
from server.adjudication.scope import scope_of
from server.adjudication.standing import token
from server.adjudication.station import decisions_station
from server.db.engine import Database
from server.errors import Forbidden, NotFound, Refusal
from server.history.models import HistoryEvent
from server.projects.access import Access
from server.rounds.models import Round
from tests import make
from tests.adjudication.conftest import Study

UNANIMOUS, MAJORITY = Rule("unanimous"), Rule("majority", 2)


def seen(db: Session, study: Study, number: int) -> dict[str, str]:
    """The tokens of a form made now."""
    lead = study.cast.lead
    table = table_of(db, lead, scope_of(db, lead), number)
    return {each.variable.key: token(lead, each.standing) for each in table.questions}


def decide(
    db: Session,
    study: Study,
    number: int,
    typed: Mapping[str, tuple[str, ...]],
    *,
    made_from: dict[str, str] | None = None,
    by: Access | None = None,
    **said: Any,
) -> tuple[str, ...]:
    who = by or study.cast.lead
    known = seen(db, study, number) if made_from is None else made_from
    sent = Sent(typed, known, said.get("reason", ""), said.get("unclear", False))
    made = actions.decide(db, who, scope_of(db, who), number, sent)
    return tuple(change.question.variable.key for change in made)


def standing(db: Session, study: Study, number: int, key: str) -> list[Any] | None:
    """What a later reader takes as decided: keys of codes, numbers, texts, or None for nothing applies."""
    variable = study.book.variable_by_key[key]
    row = db.get(StandingDecision, (study.posts[number - 1].id, variable.id))
    if row is None or db.get_one(Decision, row.decision_id).basis == "withdrawn":
        return None
    answers = db.exec(select(DecisionAnswer).where(DecisionAnswer.decision_id == row.decision_id))
    return sorted(
        variable.code_by_id[each.code_id].key if each.code_id else each.number or each.text or "nothing"
        for each in answers
    )


def events(db: Session, study: Study, action: str) -> list[dict[str, Any]]:
    rows = db.exec(
        select(HistoryEvent)
        .where(HistoryEvent.chain == study.cast.lead.project_id, HistoryEvent.action == action)
        .order_by(col(HistoryEvent.sequence))
    )
    return [json.loads(row.details) for row in rows]


@pytest.fixture
def disputed(database: Database, study: Study) -> Study:
    with database.writing() as db:
        first: make.Answers = {"stance": "against", "expression": ["quality"], "hours": 1}
        second: make.Answers = {"stance": "favour", "expression": ["quality", "dependency"], "hours": 2}
        study.code(db, 1, first, second, first)
        study.code(db, 2, {"remark": "a"}, {"remark": "b"})
    return study


def test_a_decision_has_a_row_a_variable_with_its_answers_and_reason(disputed: Study, db: Session) -> None:
    typed = {"v-stance": ("favour",), "v-expression": ("quality", "dependency"), "v-hours": ("2,5",)}
    keys = decide(db, disputed, 1, typed, reason="Because.", unclear=True)
    assert sorted(keys) == ["expression", "hours", "stance"]
    assert standing(db, disputed, 1, "stance") == ["favour"]
    assert standing(db, disputed, 1, "expression") == ["dependency", "quality"]
    assert standing(db, disputed, 1, "hours") == [2.5]
    rows = db.exec(select(Decision).where(Decision.project_id == disputed.cast.lead.project_id)).all()
    assert {row.basis for row in rows} == {"adjudicated"}
    assert {row.reason for row in rows} == {"[codebook unclear] Because."}
    assert {row.decided_by for row in rows} == {disputed.cast.lead.account_id}


def test_what_is_left_open_is_not_decided(disputed: Study, db: Session) -> None:
    assert decide(db, disputed, 1, {"v-stance": ("",), "none-expression": ("on",)}) == ("expression",)
    assert standing(db, disputed, 1, "stance") is None
    assert standing(db, disputed, 1, "expression") == ["nothing"]


def test_the_history_says_from_what_to_what_and_why(disputed: Study, db: Session) -> None:
    decide(db, disputed, 1, {"v-stance": ("favour",)}, reason="First.")
    decide(db, disputed, 1, {"v-stance": ("against",)}, reason="Second.", unclear=True)
    decide(db, disputed, 2, {"v-remark": ("my own words",)})
    first, second, third = events(db, disputed, "adjudication.decide")
    assert first == {"decided": {"stance": {"before": [], "after": ["favour"]}}, "reason": "First."}
    assert second == {
        "decided": {"stance": {"before": ["favour"], "after": ["against"]}},
        "reason": "Second.",
        "codebook_unclear": True,
    }
    assert "my own words" not in json.dumps(third)


def test_a_decision_supersedes_and_never_overwrites(disputed: Study, db: Session) -> None:
    decide(db, disputed, 1, {"v-stance": ("favour",)})
    decide(db, disputed, 1, {"v-stance": ("against",)}, by=disputed.cast.adjudicator)
    rows = db.exec(select(Decision).order_by(col(Decision.id).desc()).limit(2)).all()
    assert rows[0].supersedes_id == rows[1].id
    assert rows[1].supersedes_id is None
    assert standing(db, disputed, 1, "stance") == ["against"]


def test_an_answer_that_stands_already_is_not_written_again(disputed: Study, db: Session) -> None:
    decide(db, disputed, 1, {"v-stance": ("favour",)})
    keys = decide(db, disputed, 1, {"v-stance": ("favour",), "v-hours": ("1",)})
    assert keys == ("hours",)
    with pytest.raises(Refusal, match="stand already"):
        decide(db, disputed, 1, {"v-stance": ("favour",), "v-hours": ("1",)})


def test_the_same_form_sent_twice_is_stored_once(disputed: Study, db: Session) -> None:
    made_from, typed = seen(db, disputed, 1), {"v-stance": ("favour",)}
    assert decide(db, disputed, 1, typed, made_from=made_from) == ("stance",)
    assert decide(db, disputed, 1, typed, made_from=made_from) == ()
    assert len(events(db, disputed, "adjudication.decide")) == 1


def test_of_two_forms_made_at_once_the_second_is_told(disputed: Study, db: Session) -> None:
    made_from = seen(db, disputed, 1)
    decide(db, disputed, 1, {"v-stance": ("favour",)}, made_from=made_from)
    with pytest.raises(Overtaken):
        decide(
            db,
            disputed,
            1,
            {"v-stance": ("against",)},
            made_from=made_from,
            by=disputed.cast.adjudicator,
        )
    assert standing(db, disputed, 1, "stance") == ["favour"]


def test_a_form_that_was_made_up_is_taken_for_an_old_one(disputed: Study, db: Session) -> None:
    with pytest.raises(Overtaken):
        decide(db, disputed, 1, {"v-stance": ("favour",)}, made_from={})


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"v-stance": ("nonsense",)}, "v-stance"),
        ({"v-stance": ("favour", "against")}, "v-stance"),
        ({"v-hours": ("many",)}, "v-hours"),
        ({"v-expression": ("quality",), "none-expression": ("on",)}, "v-expression"),
    ],
)
def test_answers_that_cannot_be_are_refused_at_their_question(
    disputed: Study, db: Session, typed: dict[str, tuple[str, ...]], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        decide(db, disputed, 1, typed)
    assert set(refused.value.fields) == {field}
    assert events(db, disputed, "adjudication.decide") == []


@pytest.mark.parametrize("typed", [{}, {"v-nonsense": ("favour",)}])
def test_a_form_without_answers_decides_nothing(
    disputed: Study, db: Session, typed: dict[str, tuple[str, ...]]
) -> None:
    with pytest.raises(Refusal):
        decide(db, disputed, 1, typed)


def test_a_decision_cannot_be_emptied(disputed: Study, db: Session) -> None:
    decide(db, disputed, 1, {"v-expression": ("quality",)})
    with pytest.raises(Refusal) as refused:
        decide(db, disputed, 1, {"v-stance": ("favour",)})
    assert "withdraw" in refused.value.fields["v-expression"]
    assert standing(db, disputed, 1, "stance") is None


def test_a_withdrawn_decision_leaves_the_question_open(disputed: Study, db: Session) -> None:
    lead, scope = disputed.cast.lead, scope_of(db, disputed.cast.lead)
    decide(db, disputed, 1, {"v-stance": ("favour",)})
    actions.withdraw(db, lead, scope, 1, "stance", seen(db, disputed, 1)["stance"], "Too early.")
    assert standing(db, disputed, 1, "stance") is None
    assert disputed.numbers(db, lead) == [1]
    [event] = events(db, disputed, "adjudication.withdraw")
    assert event == {
        "withdrawn": {"stance": {"before": ["favour"], "after": []}},
        "reason": "Too early.",
    }
    assert decide(db, disputed, 1, {"v-stance": ("favour",)}) == ("stance",)
    assert standing(db, disputed, 1, "stance") == ["favour"]


def test_what_does_not_stand_cannot_be_withdrawn(disputed: Study, db: Session) -> None:
    lead, scope = disputed.cast.lead, scope_of(db, disputed.cast.lead)
    before = seen(db, disputed, 1)["stance"]
    with pytest.raises(Refusal):
        actions.withdraw(db, lead, scope, 1, "stance", before, "")
    with pytest.raises(NotFound):
        actions.withdraw(db, lead, scope, 1, "nonsense", before, "")
    decide(db, disputed, 1, {"v-stance": ("favour",)})
    with pytest.raises(Overtaken):
        actions.withdraw(db, lead, scope, 1, "stance", before, "")
    assert standing(db, disputed, 1, "stance") == ["favour"]


def test_looking_at_names_is_written_down(disputed: Study, db: Session) -> None:
    actions.show_names(db, disputed.cast.lead, scope_of(db, disputed.cast.lead), 1)
    assert events(db, disputed, "adjudication.show_names") == [{"n_annotators": 3}]


def test_who_still_codes_a_post_cannot_decide_it(disputed: Study, db: Session) -> None:
    lead = disputed.cast.lead
    made_from = seen(db, disputed, 1)
    make.round_(db, disputed.cast.project, disputed.book, disputed.posts[:1], [lead])
    with pytest.raises(Forbidden):
        decide(db, disputed, 1, {"v-stance": ("favour",)}, made_from=made_from)


# Many at once


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


def test_the_overview_is_done_when_no_post_is_open(disputed: Study, db: Session) -> None:
    project = disputed.cast.lead.project_id
    queue = disputed.queue(db, disputed.cast.lead).queue
    n_disputed = len(queue.disputes)
    before = decisions_station(db, [project])[project]
    assert before.said.startswith(f"{n_disputed} post")
    assert (before.is_done, before.done, before.total) == (False, 0, n_disputed)
    answers = {"v-stance": ("favour",), "v-expression": ("quality",), "v-hours": ("1",), "v-emotion": ("1",)}
    for number in disputed.numbers(db, disputed.cast.lead):
        table = table_of(db, disputed.cast.lead, scope_of(db, disputed.cast.lead), number)
        keys = {f"v-{question.variable.key}" for question in table.disputed}
        decide(db, disputed, number, {key: value for key, value in answers.items() if key in keys})
    after = decisions_station(db, [project])[project]
    assert after.said.startswith("No post is open to decide.")
    assert (after.is_done, after.done) == (True, n_disputed)


def test_the_overview_leaves_out_what_a_reviewer_still_codes(disputed: Study, db: Session) -> None:
    lead = disputed.cast.lead
    make.round_(db, disputed.cast.project, disputed.book, disputed.posts, [lead])
    station = decisions_station(db, [lead.project_id])[lead.project_id]
    assert (station.said, station.is_done, station.total) == ("Nothing is decided yet.", False, None)


def test_a_large_project_is_never_called_done_without_counting(
    disputed: Study, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.adjudication.memory._QUICK", 0)
    project = disputed.cast.lead.project_id
    decide(db, disputed, 1, {"v-stance": ("favour",)})
    unknown = decisions_station(db, [project])[project]
    assert unknown.said == "The list counts the posts that are open. 1 decision stands."
    assert not unknown.is_done
    disputed.queue(db, disputed.cast.lead)
    assert "to decide" in decisions_station(db, [project])[project].said
