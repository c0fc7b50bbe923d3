"""The queue: what is in it, in which order, for whom."""

import random
import secrets
from collections.abc import Mapping
from typing import Any

import pytest
from sqlmodel import Session, select

from server.adjudication.answers import table_of
from server.adjudication.disputes import disputes
from server.adjudication.memory import remembered_disputes
from server.adjudication.queries import quick_queue
from server.adjudication.scope import scope_of
from server.adjudication.tallies import Lens
from server.adjudication.warming import warm
from server.coding.models import Coding, CodingAnswer
from server.db.engine import Database
from server.errors import Forbidden, NotFound
from server.projects.roles import Role
from server.rounds.models import Assignment, Round, RoundAnnotator
from tests import make
from tests.adjudication import slow
from tests.adjudication.conftest import Study
from tests.stock import noise, on_one_database

MULTIPLE = frozenset({"expression"})


def test_only_posts_on_which_two_annotators_differ_are_listed(database: Database, study: Study) -> None:
    with database.writing() as db:
        study.code(db, 1, {"stance": "against"}, {"stance": "favour"})
        study.code(db, 2, {"stance": "against"}, {"stance": "against"})
        study.code(db, 3, {"stance": "against"})
        study.code(db, 4, {"expression": []}, {"expression": ["quality"]})
        study.code(db, 5, {"expression": ["quality"]}, {"stance": "favour"})
        study.code(db, 6, {"hours": 1.5}, {"hours": 2})
    with database.reading() as db:
        assert sorted(study.numbers(db, study.cast.lead)) == [1, 4, 6]


def test_lowest_agreement_first_then_the_order_of_the_posts(database: Database, study: Study) -> None:
    with database.writing() as db:
        study.code(db, 1, {"stance": "against"}, {"stance": "against"}, {"stance": "favour"})
        study.code(db, 2, {"stance": "against"}, {"stance": "ambivalent"}, {"stance": "favour"})
        study.code(db, 3, {"stance": "favour"}, {"stance": "against"}, {"stance": "favour"})
        study.code(db, 4, {"stance": "favour", "emotion": "1"}, {"stance": "against", "emotion": "1"})
    with database.reading() as db:
        found = study.queue(db, study.cast.lead).queue.listed
    assert [each.agreement for each in found] == pytest.approx([0, 1 / 3, 1 / 3, 1 / 2])
    assert [each.post_id for each in found] == [study.posts[place].id for place in (1, 0, 2, 3)]


def test_agreement_is_what_one_counts_by_hand(database: Database, study: Study) -> None:
    dice = random.Random(20250808)
    coded: dict[int, list[Mapping[str, Any]]] = {}
    with database.writing() as db:
        study.posts = make.posts(db, study.cast.project, 120)
        study.main = study.open_round(db, study.posts)
        for place, post in enumerate(study.posts, start=1):
            answers = [_random_answers(dice) if dice.random() < 0.9 else None for _annotator in range(3)]
            study.code(db, place, *answers)
            coded[post.id or 0] = [said for said in answers if said is not None]
    with database.reading() as db:
        found = study.queue(db, study.cast.lead).queue.listed
        keys = {variable.id: variable.key for variable in study.book.variables}
    expected = {post_id: slow.agreement(codings, MULTIPLE) for post_id, codings in coded.items()}
    disputed = {post_id: result for post_id, result in expected.items() if result and result[1]}
    assert {each.post_id for each in found} == set(disputed)
    for each in found:
        share, questions = disputed[each.post_id]
        assert each.agreement == pytest.approx(float(share), abs=1e-8)
        assert {keys[key] for key in each.variable_ids} == questions
    assert [each.agreement for each in found] == sorted(each.agreement for each in found)


def _random_answers(dice: random.Random) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "expression": dice.sample(["attachment", "dependency", "quality"], dice.choice([0, 1, 1, 2])),
        "emotion": dice.choice("0123"),
        "stance": dice.choice(["against", "favour"]),
        "hours": dice.choice([1.0, 2.5]),
    }
    return {key: answer for key, answer in answers.items() if dice.random() < 0.8}


def test_free_text_counts_only_where_it_is_asked_for(database: Database, study: Study) -> None:
    with database.writing() as db:
        study.code(db, 1, {"remark": "yes"}, {"remark": "well"})
    with database.reading() as db:
        assert study.numbers(db, study.cast.lead) == []
        assert study.numbers(db, study.cast.lead, variable="remark") == [1]


def _mixed(db: Session, study: Study) -> None:
    study.code(
        db,
        1,
        {"stance": "against", "expression": ["quality"]},
        {"stance": "favour", "expression": ["quality"]},
        {"stance": "against", "expression": ["quality"]},
    )
    study.code(
        db,
        2,
        {"stance": "against", "expression": ["quality"]},
        {"stance": "against", "expression": ["quality", "dependency"]},
        {"stance": "against", "expression": []},
    )
    study.code(db, 3, {"stance": "favour"}, {"stance": "favour"}, {"stance": "ambivalent"})


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"variable": "stance"}, [1, 3]),
        ({"variable": "expression"}, [2]),
        ({"code": "expression:dependency"}, [2]),
        ({"code": "expression:quality"}, [2]),
        ({"code": "expression:attachment"}, []),
        ({"code": "stance:against"}, [1]),
        ({"code": "stance:ambivalent"}, [3]),
        ({"one": "3", "other": "4"}, [1, 2]),
        ({"one": "3", "other": "6"}, [2, 3]),
        ({"one": "6", "other": "3", "variable": "stance"}, [3]),
        ({"round": "1"}, [1, 2, 3]),
    ],
)
def test_filters(database: Database, study: Study, filters: dict[str, str], expected: list[int]) -> None:
    with database.writing() as db:
        _mixed(db, study)
    with database.reading() as db:
        assert sorted(study.numbers(db, study.cast.lead, **filters)) == expected
        assert study.queue(db, study.cast.lead, **filters).choice.problems == ()


@on_one_database
@pytest.mark.parametrize(
    "filters",
    [
        {"variable": "nonsense"},
        {"code": "stance:nonsense"},
        {"one": "3"},
        {"one": "3", "other": "3"},
        {"one": "x", "other": "-1"},
        {"round": "99"},
        {"round": "x"},
    ],
)
def test_a_filter_that_means_nothing_is_said(
    database: Database, study: Study, filters: dict[str, str]
) -> None:
    with database.writing() as db:
        _mixed(db, study)
    with database.reading() as db:
        assert len(study.queue(db, study.cast.lead, **filters).choice.problems) == 1


def test_decided_questions_leave_the_open_ones_and_come_last_of_all(database: Database, study: Study) -> None:
    with database.writing() as db:
        _mixed(db, study)
        make.decision(db, study.book, study.posts[0], "stance", "favour", study.cast.lead)
        make.decision(db, study.book, study.posts[1], "expression", [], study.cast.lead, basis="withdrawn")
    with database.reading() as db:
        assert study.numbers(db, study.cast.lead) == [3, 2]
        assert study.numbers(db, study.cast.lead, state="decided") == [1]
        assert study.numbers(db, study.cast.lead, state="all")[-1] == 1
        found = study.queue(db, study.cast.lead).queue
        assert (found.n_decided, len(found.disputes)) == (1, 3)


def test_what_was_unanimous_and_is_disputed_since_is_open(database: Database, study: Study) -> None:
    with database.writing() as db:
        _mixed(db, study)
        lead = study.cast.lead
        make.decision(db, study.book, study.posts[0], "stance", "against", lead, basis="unanimous")
    with database.reading() as db:
        assert 1 in study.numbers(db, lead)


def test_practice_rounds_are_left_out(database: Database, study: Study) -> None:
    with database.writing() as db:
        study.main = study.open_round(db, study.posts, purpose="training")
        _mixed(db, study)
    with database.reading() as db:
        assert study.numbers(db, study.cast.lead) == []
        [problem] = study.queue(db, study.cast.lead, round="2").choice.problems
    assert "practice" in problem


def test_the_last_answer_of_an_annotator_counts(database: Database, study: Study) -> None:
    with database.writing() as db:
        study.code(db, 1, {"stance": "against"}, {"stance": "favour"})
        first = study.main
        study.main = study.open_round(db, study.posts[:1])
        study.code(db, 1, {"stance": "favour", "emotion": "2"})
        study.main = first
    with database.reading() as db:
        assert study.numbers(db, study.cast.lead) == []
        assert study.numbers(db, study.cast.lead, round="1") == [1]
        [table] = [table_of(db, study.cast.lead, scope_of(db, study.cast.lead), 1)]
    [stance] = [each for each in table.questions if each.variable.key == "stance"]
    assert not stance.is_disputed


def test_who_could_not_choose_a_code_has_not_refused_it(database: Database, study: Study) -> None:
    with database.writing() as db:
        study.code(db, 1, {"expression": ["quality"]})
        wider = dict(make.CODEBOOK, expression=("multiple", ("attachment", "quality", "grief")))
        book = make.published(db, study.cast.project, wider)
        other = study.cast.other_annotator
        later = make.round_(db, study.cast.project, book, study.posts[:1], [other])
        make.coding(db, book, later, study.posts[0], other, {"expression": ["quality", "grief"]})
    with database.reading() as db:
        assert study.numbers(db, study.cast.lead) == []
        table = table_of(db, study.cast.lead, scope_of(db, study.cast.lead), 1)
    assert table.disputed == ()


def test_another_project_is_never_seen(database: Database, study: Study) -> None:
    with database.writing() as db:
        _mixed(db, study)
        noise(db)
    with database.reading() as db:
        lead = study.cast.lead
        found = study.queue(db, lead, state="all")
        assert {each.post_id for each in found.queue.disputes} <= {post.id for post in study.posts}
        assert {person.member_id for person in found.people} == {each.member_id for each in study.annotators}


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADJUDICATOR])
def test_who_still_codes_in_a_round_sees_none_of_its_posts(
    database: Database, study: Study, role: Role
) -> None:
    reader = study.cast.lead if role == Role.LEAD else study.cast.adjudicator
    with database.writing() as db:
        _mixed(db, study)
        second = make.round_(db, study.cast.project, study.book, study.posts[:1], [reader])
    with database.reading() as db:
        assert study.numbers(db, reader) == [3, 2]
        with pytest.raises(Forbidden, match="You code in this round yourself"):
            table_of(db, reader, scope_of(db, reader), 1)
    with database.writing() as db:
        db.get_one(Round, second.id).locked_at = make.MOMENT
    with database.reading() as db:
        assert study.numbers(db, reader) == [3, 1, 2]


def test_disputes_in_memory_are_those_worked_out_anew(database: Database, study: Study) -> None:
    dice = random.Random(7)
    for _step in range(12):
        with database.writing() as db:
            _something_happens(db, study, dice)
        with database.reading() as db:
            scope = scope_of(db, study.cast.lead)
            lens = Lens(scope.round_ids, tuple(scope.variable_by_id))
            assert remembered_disputes(db, scope, lens) == disputes(db, scope, lens)


def test_what_a_desk_begins_with_is_in_memory_after_a_start(
    database: Database, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as db:
        study.code(db, 1, {"stance": "against"}, {"stance": "favour"})
    monkeypatch.setattr("server.adjudication.memory._QUICK", 0)
    with database.reading() as db:
        scope = scope_of(db, study.cast.lead)
        assert quick_queue(db, scope) is None
    warm(database)
    with database.reading() as db:
        queue = quick_queue(db, scope)
    assert queue is not None
    assert len(queue.open) == 1


def _something_happens(db: Session, study: Study, dice: random.Random) -> None:
    """The next post is coded by all, or somebody corrects what they coded, or skips it after all."""
    assert study.main is not None
    of_study = db.exec(select(Assignment).where(Assignment.round_id == study.main.id)).all()
    done = [each for each in of_study if each.state == "submitted"]
    begun = {each.post_id for each in of_study if each.state != "queued"}
    left = [post.number for post in study.posts if post.id not in begun]
    said = [{"stance": dice.choice(["against", "ambivalent", "favour"])} for _annotator in range(3)]
    what = dice.choice(["code", "code", "correct", "skip"]) if done else "code"
    if what == "code" and left:
        study.code(db, left[0], *said)
    elif what == "skip":
        _skip(db, dice.choice(done))
    elif done:
        _correct(db, study, dice.choice(done), said[0]["stance"])
    db.flush()


def _skip(db: Session, assignment: Assignment) -> None:
    assignment.state = "skipped"
    of_round = RoundAnnotator.round_id == assignment.round_id
    counter = select(RoundAnnotator).where(of_round, RoundAnnotator.member_id == assignment.member_id)
    db.exec(counter).one().n_submitted -= 1


def _correct(db: Session, study: Study, assignment: Assignment, stance: str) -> None:
    old = db.get_one(Coding, assignment.coding_id)
    new = Coding(
        **old.model_dump(exclude={"id", "revision", "form_token"}),
        revision=old.revision + 1,
        form_token=secrets.token_hex(8),
    )
    db.add(new)
    db.flush()
    of = study.book.variable_by_key["stance"]
    answer = CodingAnswer(coding_id=make.id_of(new), variable_id=of.id, code_id=of.code_by_key[stance].id)
    db.add(answer)
    assignment.coding_id = new.id


def test_letters_stay_when_another_annotator_submits(database: Database, study: Study) -> None:
    def letters(db: Session) -> dict[str, str]:
        table = table_of(db, study.cast.lead, scope_of(db, study.cast.lead), 1)
        return {voice.name: voice.letter for voice in table.voices}

    with database.writing() as db:
        study.code(db, 1, {"stance": "against"}, {"stance": "favour"})
        before = letters(db)
        study.code(db, 1, None, None, {"stance": "favour"})
        assert letters(db) == before
        assert sorted(before.values()) == ["A", "B", "C"]


def test_letters_do_not_follow_the_members(database: Database, study: Study) -> None:
    with database.writing() as db:
        study.posts = make.posts(db, study.cast.project, 20)
        study.main = study.open_round(db, study.posts)
        for place in range(1, 21):
            study.code(db, place, *[{"stance": "against"}] * 3)
        scope = scope_of(db, study.cast.lead)
        orders = {
            tuple(voice.name for voice in table_of(db, study.cast.lead, scope, post.number).voices)
            for post in study.posts
        }
    assert len(orders) > 3


def test_nothing_to_see_of_a_post_that_nobody_has_coded(database: Database, study: Study) -> None:
    with database.reading() as db:
        scope = scope_of(db, study.cast.lead)
        with pytest.raises(NotFound, match="Nobody has coded"):
            table_of(db, study.cast.lead, scope, 8)
        with pytest.raises(NotFound):
            table_of(db, study.cast.lead, scope, 99)


def test_who_has_still_to_code_and_who_skipped_is_known(database: Database, study: Study) -> None:
    with database.writing() as db:
        study.code(db, 1, {"stance": "against"})
        assert study.main is not None
        skipped = db.exec(
            select(Assignment).where(
                Assignment.round_id == study.main.id,
                Assignment.post_id == study.posts[0].id,
                Assignment.member_id == study.third.member_id,
            )
        ).one()
        skipped.state = "skipped"
        db.flush()
        table = table_of(db, study.cast.lead, scope_of(db, study.cast.lead), 1)
    assert sorted(voice.state for voice in table.voices) == ["queued", "skipped", "submitted"]
