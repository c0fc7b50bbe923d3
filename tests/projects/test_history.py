"""The page of the history: what it tells, its filters, and the check of the chain."""

import re
from datetime import timedelta

import pytest
from httpx import Response
from sqlalchemy import update
from sqlmodel import Session, col

from server.accounts.models import Account
from server.clock import now
from server.db.engine import Database
from server.history.actions import record
from server.history.models import HistoryEvent
from server.history.queries import Wanted
from server.projects import actions
from server.projects.models import Member
from server.projects.retelling import EVENTS_A_PAGE, areas, history
from server.projects.roles import Role
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.history.tampering import disarm
from tests.stock import on_one_database


def path_of(cast: Cast, rest: str = "") -> str:
    return f"/projects/{cast.project.key}/history{rest}"


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
    shown = history(db, cast.lead, Wanted()).events
    assert [(event.subject, event.action) for event in shown] == [
        ("thing 1", "opened a round"),
        ("thing 0", "opened a round"),
    ]
    assert shown[0].person.startswith("Lead")
    assert shown[0].details == (("n", "1"),)


def test_the_history_comes_in_pages_that_join(cast: Cast, db: Session) -> None:
    _do(db, cast, "coding.submit", EVENTS_A_PAGE * 2 + 1)
    seen: list[int] = []
    before: int | None = None
    for _ in range(3):
        page = history(db, cast.lead, Wanted(before=before))
        seen += [event.sequence for event in page.events]
        before = page.older
    assert before is None
    assert seen == list(range(EVENTS_A_PAGE * 2 + 1, 0, -1))


def test_a_full_last_page_has_none_behind_it(cast: Cast, db: Session) -> None:
    _do(db, cast, "coding.submit", EVENTS_A_PAGE)
    assert history(db, cast.lead, Wanted()).older is None


def test_the_history_is_filtered_by_person_and_action(cast: Cast, db: Session) -> None:
    _do(db, cast, "round.open", 1, cast.lead.account_id)
    _do(db, cast, "coding.submit", 2, cast.annotator.account_id)
    _do(db, cast, "posts.import")

    def shown(wanted: Wanted) -> int:
        return len(history(db, cast.lead, wanted).events)

    assert shown(Wanted(actor_id=cast.annotator.account_id)) == 2
    assert shown(Wanted(by_shell=True)) == 1
    assert shown(Wanted(actions=("round.open",))) == 1
    assert shown(Wanted(actor_id=cast.annotator.account_id, actions=("round.open",))) == 0
    assert [(area.words, area.actions) for area in areas(db, cast.lead)] == [
        ("Coding", (("coding.submit", "submitted a coding"),)),
        ("Posts", (("posts.import", "imported posts"),)),
        ("Rounds", (("round.open", "opened a round"),)),
    ]


@pytest.fixture
def told(database: Database, cast: Cast) -> None:
    """Rounds 1, 2 and 12, a post of round 2, and a member with another role."""
    with database.writing() as db:
        for number in (1, 2, 12):
            _record(db, cast, "round.open", f"round {number}")
        _record(db, cast, "coding.submit", "round 2 post 7", cast.annotator.account_id)
        actions.change_role(db, cast.lead, 4, Role.VIEWER)


def _record(db: Session, cast: Cast, action: str, subject: str, actor: int | None = None) -> None:
    actor = actor or cast.lead.account_id
    record(db, project_id=cast.lead.project_id, actor_id=actor, action=action, subject=subject)


def _subjects(page: Response) -> list[str]:
    assert page.status_code == 200
    return re.findall(r"\(<bdi>(.*?)</bdi>\)", page.text)


def test_the_history_is_readable(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    assert "Nothing was done yet" in client.get(path_of(cast)).text
    post(client, f"/projects/{cast.project.key}/settings", {"title": "Another <b>title</b>"})
    page = client.get(path_of(cast)).text
    assert "changed the title or the description" in page
    assert "When a model is retired → Another &lt;b&gt;title" in page


def test_a_member_is_named_and_the_change_is_told(told: None, cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.lead).get(path_of(cast))
    assert re.fullmatch(r"member 4, Other Annotator .*", _subjects(page)[0])
    assert "annotator → viewer" in page.text


def test_pages_keep_the_filters(cast: Cast, client_of: ClientOf, database: Database) -> None:
    with database.writing() as db:
        for number in range(EVENTS_A_PAGE + 2):
            _record(db, cast, "round.lock" if number % 2 else "round.open", f"post {number}")
            _record(db, cast, "round.lock", f"post {number} too")
    client = client_of(cast.lead)
    page = client.get(path_of(cast), params={"action": "round.lock", "words": "post"})
    link = re.search(r'rel="next" href="([^"]+)"', page.text)
    assert link is not None
    older = client.get(link[1].replace("&amp;", "&"))
    assert len(_subjects(page)) == EVENTS_A_PAGE
    assert len(_subjects(older)) == (EVENTS_A_PAGE + 2) * 3 // 2 - EVENTS_A_PAGE
    assert form_fields(older, "/history", "get")["action"] == ["round.lock"]


@on_one_database
@pytest.mark.parametrize(
    ("asked", "n"),
    [
        ({"round": "2"}, 2),
        ({"round": "1"}, 1),
        ({"action": "rounds"}, 3),
        ({"action": "coding"}, 1),
        ({"action": "member.change_role", "person": "1"}, 1),
        ({"words": "ROUND 2"}, 2),
        ({"words": "round 2, post 7"}, 1),
        ({"words": "%"}, 0),
        ({"words": "_"}, 0),
        ({"person": "3"}, 1),
        ({"person": "0"}, 0),
        ({"since": "9999-12-31"}, 0),
        ({"until": "9999-12-31"}, 5),
        ({"before": "x"}, 5),
        ({"before": "99999999999999999999999"}, 5),
        ({"before": "2"}, 1),
    ],
    ids=str,
)
def test_filters_say_which_events_are_shown(
    told: None, cast: Cast, client_of: ClientOf, asked: dict[str, str], n: int
) -> None:
    page = client_of(cast.lead).get(path_of(cast), params=asked)
    assert len(_subjects(page)) == n
    assert ("Nothing like this was done" in page.text) == (n == 0)


def test_days_are_whole_days_in_utc(told: None, cast: Cast, client_of: ClientOf) -> None:
    client, today = client_of(cast.lead), now().date()
    yesterday = str(today - timedelta(days=1))
    assert len(_subjects(client.get(path_of(cast), params={"since": str(today)}))) == 5
    assert len(_subjects(client.get(path_of(cast), params={"since": yesterday, "until": str(today)}))) == 5
    assert _subjects(client.get(path_of(cast), params={"until": yesterday})) == []


def test_subjects_are_found_in_the_words_they_are_shown_in(
    told: None, cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.lead)
    post(client, "/me", {"display_name": "Lead", "language": "fr"})
    assert _subjects(client.get(path_of(cast), params={"words": "Phase 2, publication"})) == [
        "phase 2, publication 7"
    ]


@on_one_database
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"person": "99"}, "There is no such member."),
        ({"person": "\U0001f600"}, "There is no such member."),
        ({"action": "\0x"}, "Nothing like this was done."),
        ({"since": "yesterday"}, "Please write a day as in 2025-12-03."),
        ({"since": "1754600000"}, "Please write a day as in 2025-12-03."),
        ({"since": "2025-08-09", "until": "2025-08-08"}, "This day is before the first one."),
        ({"round": "two"}, "Please write a whole number."),
        ({"round": "0"}, "This must be at least 1."),
        ({"round": "99999999999999999999"}, "This must be at most 2147483647."),
        ({"words": "x" * 81}, "This is too long: at most 80 characters."),
    ],
    ids=str,
)
def test_a_filter_that_cannot_be_used_says_so_and_is_kept(
    told: None, cast: Cast, client_of: ClientOf, asked: dict[str, str], said: str
) -> None:
    page = client_of(cast.lead).get(path_of(cast), params={"words": "kept", **asked})
    assert (page.status_code, page.text.count(said) >= 1) == (422, True)
    typed = form_fields(page, "/history", "get")
    for name in {"words", *asked} - {"person", "action"}:
        assert typed[name] == [asked.get(name, "kept")]
    assert 'class="rows"' not in page.text


def test_the_check_says_that_the_history_is_whole(told: None, cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    assert f'action="{path_of(cast, "/check")}"' in client.get(path_of(cast)).text
    page = client.get(path_of(cast, "/check")).text
    assert "The history is whole." in page
    assert "5 events were checked" in page
    assert re.search(r'readonly value="[0-9a-f]{64}"', page)


def test_the_check_says_what_is_wrong(
    told: None, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    with database.writing() as db:
        disarm(db)
        third = (col(HistoryEvent.chain) == cast.lead.project_id, col(HistoryEvent.sequence) == 3)
        db.execute(update(HistoryEvent).where(*third).values(subject="round 13"))
    page = client_of(cast.lead).get(path_of(cast, "/check")).text
    assert "The history is not whole. Event 3 is not what was recorded: somebody changed it." in page
    assert "2 events before that are as they were recorded." in page


def test_an_archived_project_is_checked_too(told: None, cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    post(client, f"/projects/{cast.project.key}/archive")
    assert "6 events were checked" in client.get(path_of(cast, "/check")).text


def test_members_are_named_where_details_have_their_numbers(cast: Cast, db: Session) -> None:
    member = db.get_one(Member, cast.annotator.member_id)
    number, name = member.number, db.get_one(Account, member.account_id).display_name
    details = {"present": [number, 999], "given_to": {str(number): 4}, "n_posts": number}
    record(
        db,
        project_id=cast.lead.project_id,
        actor_id=None,
        action="meeting.begin",
        subject="meeting 1",
        details=details,
    )
    told = dict(history(db, cast.lead, Wanted()).events[0].details)
    assert told["present"].startswith(name)
    assert told["present"].endswith(", 999")
    assert told["posts"] == str(number)
    assert any(key.startswith(f"given to / {name}") for key in told)
