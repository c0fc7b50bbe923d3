"""Deciding, withdrawing, deciding in bulk: what is written, and what is refused."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from sqlmodel import Session, col, select

from server.adjudication import actions
from server.adjudication.actions import Overtaken, Sent
from server.adjudication.answers import table_of
from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.adjudication.scope import scope_of
from server.adjudication.standing import token
from server.adjudication.station import decisions_station
from server.db.engine import Database
from server.errors import Forbidden, NotFound, Refusal
from server.history.contents import told
from server.history.models import HistoryEvent
from server.projects.access import Access
from tests import make
from tests.adjudication.conftest import Study
from tests.stock import on_one_database


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
    return [told(row.details, row.contents) for row in rows]


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


@on_one_database
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


@on_one_database
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
