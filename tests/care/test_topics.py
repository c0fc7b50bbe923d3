"""Topics one opts out of: such posts are passed over, in a plan and in a shared queue."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from server.care.models import ProjectCare, TopicOptOut, WarningTopic
from server.care.topics import values_in
from server.coding import passing_over
from server.coding.actions import take
from server.corpora.models import Post
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.rounds.models import Assignment, QueueSlot, RoundAnnotator
from tests import make
from tests.browse import post
from tests.care.settled import Settle, own_path, settings_path, settle_own
from tests.cast import Cast
from tests.coding.desk import Study, coded, stored
from tests.conftest import ClientOf

TEXT = "I miss the old one. Post 2"


@pytest.fixture
def topics(settled: Settle, database: Database, here: Study) -> dict[str, int]:
    """The ids of the project's topics."""
    assert settled(topic_field="topic", added="Violence\nself-harm\nviolence ") == 303
    with database.reading() as db:
        return {topic.value: make.id_of(topic) for topic in db.exec(select(WarningTopic))}


def test_a_field_names_topics_with_marks_between_them() -> None:
    assert values_in(" Self-Harm;violence , war|  Violence ") == ("self-harm", "violence", "war")
    assert values_in("") == ()


def test_topics_are_added_reworded_and_retired(
    topics: dict[str, int], cast: Cast, lead: TestClient, client: TestClient, settled: Settle
) -> None:
    assert set(topics) == {"violence", "self-harm"}
    assert settled(**{f"label__{topics['violence']}": "Blows & wounds", "added": "grief"}) == 303
    assert "Blows &amp; wounds" in client.get(own_path(cast)).text
    assert settled(**{f"offered__{topics['violence']}": []}) == 303
    page = client.get(own_path(cast)).text
    assert "Blows" not in page
    assert "grief" in page
    assert settled(**{f"label__{topics['violence']}": ""}) == 422
    assert settled(added="x" * 81) == 422
    assert settled(added="\n".join(str(number) for number in range(50))) == 422


def test_the_page_names_what_posts_name_and_the_list_does_not(
    here: Study, cast: Cast, lead: TestClient, settled: Settle
) -> None:
    settled(topic_field="topic")
    assert "self-harm, violence" in lead.get(settings_path(cast)).text


def test_a_list_that_was_changed_elsewhere_is_shown_as_it_stands(
    topics: dict[str, int], cast: Cast, lead: TestClient
) -> None:
    refused = post(lead, settings_path(cast), {"warning": "Typed before", "topic_field": "topic"})
    assert refused.status_code == 422
    assert "changed elsewhere" in refused.text
    assert "Typed before" in refused.text
    assert 'value="self-harm"' in refused.text


def test_a_plan_passes_over_a_post_on_a_topic_opted_out_of(
    topics: dict[str, int], here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    assert settle_own(client, cast, refused=[str(topics["violence"])]) == 303

    assert coded(client, here.path(1)).headers["location"].endswith("/code/3")

    passed = stored(database, here, 2, cast.annotator)
    assert (passed.state, passed.skip_reason, passed.counters) == ("skipped", "topic", (1, 1))
    assert stored(database, here, 2, cast.other_annotator).state == "queued"
    page = client.get(here.path(2)).text
    assert TEXT not in page
    assert "Open the original" not in page
    assert "so it is not shown" in page
    assert 'id="submit"' not in page
    mine = client.get(here.path().replace("/code", "/mine")).text
    assert "Topic opted out of" in mine
    assert TEXT not in mine


def test_the_first_post_is_passed_over_too_and_so_is_the_one_after_a_skip(
    topics: dict[str, int], here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    _about_violence(database, here, 1, 4)
    settle_own(client, cast, refused=[str(topics["violence"])])
    assert client.get(here.path(), follow_redirects=False).headers["location"].endswith("/code/3")
    following = post(client, here.path("3/skip"), {"reason": "language"}).headers["location"]
    assert following.endswith("/finished")
    assert stored(database, here, 4, cast.annotator).counters == (0, 4)


def test_who_changes_their_mind_can_code_what_was_passed_over(
    topics: dict[str, int], here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    settle_own(client, cast, refused=[str(topics["violence"])])
    coded(client, here.path(1))
    settle_own(client, cast, refused=[])
    assert TEXT in client.get(here.path(2)).text
    coded(client, here.path(2))
    assert stored(database, here, 2, cast.annotator).counters == (2, 0)


def test_a_topic_that_is_offered_no_longer_is_still_kept_away(
    topics: dict[str, int], here: Study, cast: Cast, client: TestClient, settled: Settle
) -> None:
    settle_own(client, cast, refused=[str(topics["violence"])])
    settled(**{f"offered__{topics['violence']}": []})
    assert coded(client, here.path(1)).headers["location"].endswith("/code/3")


def test_what_was_coded_before_is_hidden_and_can_be_corrected(
    topics: dict[str, int], here: Study, cast: Cast, client: TestClient
) -> None:
    coded(client, here.path(2))
    settle_own(client, cast, refused=[str(topics["violence"])])
    page = client.get(here.path(2)).text
    assert 'id="veil"' in page
    assert 'id="submit"' in page


def test_the_lead_learns_how_many_and_not_who(
    topics: dict[str, int], here: Study, cast: Cast, client: TestClient, lead: TestClient, database: Database
) -> None:
    settle_own(client, cast, refused=[str(topics["violence"])])
    coded(client, here.path(1))
    assert "1 annotator has opted out." in lead.get(settings_path(cast)).text
    post(lead, f"/projects/{cast.project.key}/rounds/1/lock", {})
    page = lead.get(f"/projects/{cast.project.key}/rounds/1").text
    row = next(row for row in page.split("<tr>") if "Topic opted out of" in row)
    assert "Annotator" not in row
    with database.reading() as db:
        events = db.exec(select(HistoryEvent)).all()
    told = [(event.action, event.subject, event.details) for event in events]
    assert ("coding.pass_over", "round 1", '{"n_posts":1}') in told
    assert ("care.settle_own", "project", "{}") in told


def test_topics_of_another_project_cannot_be_opted_out_of(
    topics: dict[str, int], here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    with database.writing() as db:
        other = make.project(db, "Another")
        topic = WarningTopic(project_id=make.id_of(other), value="x", label="X", position=0)
        db.add(topic)
        db.flush()
        foreign = make.id_of(topic)
    assert settle_own(client, cast, refused=[str(foreign), str(topics["violence"])]) == 303
    with database.reading() as db:
        assert list(db.exec(select(TopicOptOut.topic_id))) == [topics["violence"]]
    assert settle_own(client, cast, refused=["no number"]) == 422


# Shared queues


def _about_violence(database: Database, of: Study, *numbers: int) -> None:
    with database.writing() as db:
        for number in numbers:
            found = db.get_one(Post, make.id_of(of.posts[number - 1]))
            found.extra = {"topic": "violence"}
            db.add(found)


@pytest.fixture
def refusing(topics: dict[str, int], here: Study, cast: Cast, client: TestClient, database: Database) -> str:
    """A shared round of four posts, of which the first two are about what the annotator has opted out of."""
    _about_violence(database, here, 1, 2)
    settle_own(client, cast, refused=[str(topics["violence"])])
    with database.writing() as db:
        people = [cast.annotator, cast.other_annotator]
        round_ = make.shared_round(db, cast.project, here.book, here.posts, people)
    return here.path(number=round_.number)


def _slots(database: Database) -> list[str]:
    with database.reading() as db:
        return list(db.exec(select(QueueSlot.state).order_by(col(QueueSlot.rank))))


def test_a_shared_queue_gives_such_a_post_to_others(
    refusing: str, cast: Cast, client: TestClient, client_of: ClientOf, database: Database
) -> None:
    assert client.get(refusing, follow_redirects=False).headers["location"].endswith("/code/3")
    assert _slots(database) == ["open", "open", "leased", "open"]
    assert coded(client, f"{refusing}/3").headers["location"].endswith("/code/4")
    assert coded(client, f"{refusing}/4").headers["location"].endswith("/finished")
    assert _slots(database) == ["open", "open", "done", "done"]
    other = client_of(cast.other_annotator)
    assert other.get(refusing, follow_redirects=False).headers["location"].endswith("/code/1")


def test_a_long_row_is_passed_over_in_pieces(
    refusing: str, cast: Cast, client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing_over, "MOST_AT_ONCE", 1)
    found = client.get(refusing, follow_redirects=False)
    assert found.headers["location"].endswith("/finished")
    assert "There are posts left to code" in client.get(found.headers["location"]).text
    assert client.get(refusing, follow_redirects=False).headers["location"].endswith("/code/3")
    with database.reading() as db:
        of_member = select(RoundAnnotator).where(RoundAnnotator.member_id == cast.annotator.member_id)
        counter = db.exec(of_member.order_by(col(RoundAnnotator.round_id).desc())).first()
        assert counter is not None
        assert (counter.n_assigned, counter.n_skipped) == (3, 2)


def test_nothing_more_is_asked_of_who_has_opted_out_of_nothing(
    database: Database, here: Study, cast: Cast, db: Session
) -> None:
    db.add(ProjectCare(project_id=cast.annotator.project_id, topic_field="topic"))
    db.flush()
    of = make.shared_round(db, cast.project, here.book, here.posts, [cast.annotator])
    assert take(db, cast.annotator, of.number) == 1
    assert db.exec(select(Assignment.state).where(Assignment.round_id == of.id)).all() == ["queued"]


def test_the_thread_of_a_refused_post_is_not_shown(
    topics: dict[str, int], here: Study, cast: Cast, client: TestClient
) -> None:
    settle_own(client, cast, refused=[str(topics["violence"])])
    assert client.get(here.path("2/thread")).status_code == 303
    assert client.get(here.path("1/thread")).status_code == 200
