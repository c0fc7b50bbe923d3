import pytest
from sqlmodel import Session

from server.history.actions import record
from server.history.details import detail_words
from server.history.queries import Wanted
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


def _do(db: Session, cast: Cast, action: str, times: int = 1, actor: int | None = None) -> None:
    for number in range(times):
        record(
            db,
            project_id=cast.lead.project_id,
            actor_id=actor,
            action=action,
            subject=f"thing {number}",
            details={"n": number},
        )


def test_the_history_is_newest_first_and_of_this_project_alone(cast: Cast, db: Session) -> None:
    record(db, project_id=cast.lead.project_id + 1, actor_id=None, action="a.b", subject="elsewhere")
    record(db, project_id=None, actor_id=None, action="a.b", subject="the server")
    _do(db, cast, "round.open", 2, cast.lead.account_id)
    shown = queries.history(db, cast.lead, Wanted()).events
    assert [(event.subject, event.action) for event in shown] == [
        ("thing 1", "opened a round"),
        ("thing 0", "opened a round"),
    ]
    assert shown[0].person.startswith("Lead")
    assert shown[0].details == (("n", "1"),)


def test_the_history_comes_in_pages_that_join(cast: Cast, db: Session) -> None:
    _do(db, cast, "coding.submit", queries.EVENTS_A_PAGE * 2 + 1)
    seen: list[int] = []
    before: int | None = None
    for _ in range(3):
        page = queries.history(db, cast.lead, Wanted(before=before))
        seen += [event.sequence for event in page.events]
        before = page.older
    assert before is None
    assert seen == list(range(queries.EVENTS_A_PAGE * 2 + 1, 0, -1))


def test_a_full_last_page_has_none_behind_it(cast: Cast, db: Session) -> None:
    _do(db, cast, "coding.submit", queries.EVENTS_A_PAGE)
    assert queries.history(db, cast.lead, Wanted()).older is None


def test_the_history_is_filtered_by_person_and_action(cast: Cast, db: Session) -> None:
    _do(db, cast, "round.open", 1, cast.lead.account_id)
    _do(db, cast, "coding.submit", 2, cast.annotator.account_id)
    _do(db, cast, "posts.import")

    def shown(wanted: Wanted) -> int:
        return len(queries.history(db, cast.lead, wanted).events)

    assert shown(Wanted(actor_id=cast.annotator.account_id)) == 2
    assert shown(Wanted(by_shell=True)) == 1
    assert shown(Wanted(action="round.open")) == 1
    assert shown(Wanted(actor_id=cast.annotator.account_id, action="round.open")) == 0
    assert [name for name, _ in queries.history_actions(db, cast.lead)] == [
        "coding.submit",
        "posts.import",
        "round.open",
    ]


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
