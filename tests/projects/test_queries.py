import pytest
from sqlmodel import Session

from server.history.details import detail_words
from server.history.words import action_words
from server.projects import actions, queries
from server.projects.roles import Role
from tests.cast import Cast


def test_one_sees_the_projects_one_is_active_in(cast: Cast, db: Session) -> None:
    annotator = cast.annotator
    own = queries.own_projects(db, annotator.account_id)
    assert [(project.key, project.role) for project in own] == [(annotator.project_key, Role.ANNOTATOR)]
    number = next(row.number for row in queries.members(db, cast.lead) if row.id == annotator.member_id)
    actions.deactivate_member(db, cast.lead, number)
    assert queries.own_projects(db, annotator.account_id) == ()


def test_members_are_those_of_the_project(cast: Cast, db: Session) -> None:
    rows = queries.members(db, cast.lead)
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert {row.role for row in rows} == set(Role)
    assert {row.can_sign_in for row in rows} == {False}


def test_members_who_left_stand_last(cast: Cast, db: Session) -> None:
    actions.deactivate_member(db, cast.lead, 2)
    assert [row.number for row in queries.members(db, cast.lead)] == [1, 3, 4, 5, 2]


def test_actions_without_words_are_shown_as_they_are() -> None:
    assert action_words("round.lock") == "locked a round"
    assert action_words("something.new") == "something.new"


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({}, ()),
        ({"title": {"before": "A", "after": "B"}}, (("title", "A → B"),)),
        ({"before": {"is_admin": False}}, (("before / is admin", "no"),)),
        ({"n_new": 3, "reason": ""}, (("new", "3"),)),
        ({"codes": ["a", "b"], "is_on": True}, (("codes", "a, b"), ("is on", "yes"))),
    ],
)
def test_details_are_said_as_pairs(details: dict[str, object], words: tuple[tuple[str, str], ...]) -> None:
    assert detail_words(details) == words
