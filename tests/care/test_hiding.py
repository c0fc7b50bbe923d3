"""Posts that are hidden until opened, the author, pauses, and what is known of time."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select, update

from server.care.pauses import Stretch, minutes_to_say
from server.coding.models import Coding
from server.coding.times import times
from server.corpora.models import Post
from server.db.engine import Database
from server.rounds.models import Assignment, RoundAnnotator
from tests import make
from tests.browse import form_fields, post
from tests.care.settled import Settle, own_path, settings_path, settle_own
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, coded, opened, stored
from tests.conftest import ClientOf

VEIL = 'id="veil"'
NOON = datetime(2025, 8, 8, 12, tzinfo=UTC)


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def test_no_post_is_hidden_until_somebody_asks_for_it(here: Study, client: TestClient) -> None:
    assert VEIL not in client.get(here.path(2)).text


def test_all_posts_can_be_hidden(here: Study, client: TestClient, settled: Settle) -> None:
    settled(hides="all")
    assert VEIL in client.get(here.path(1)).text


def test_posts_with_a_topic_can_be_hidden_and_say_which(
    here: Study, client: TestClient, settled: Settle
) -> None:
    settled(hides="topics", topic_field="topic", added="violence")
    assert VEIL not in client.get(here.path(1)).text
    page = client.get(here.path(2)).text
    assert VEIL in page
    assert '<span class="tag warn">violence</span>' in page


def test_annotators_can_have_every_post_hidden(
    here: Study, cast: Cast, client: TestClient, client_of: ClientOf
) -> None:
    assert settle_own(client, cast, always_hides="on") == 303
    assert VEIL in client.get(here.path(1)).text
    assert VEIL not in client_of(cast.other_annotator).get(here.path(1)).text


OPEN = 'id="veil" open>'


def test_a_post_that_was_opened_comes_open_with_what_is_refused(
    here: Study, cast: Cast, client: TestClient
) -> None:
    settle_own(client, cast, always_hides="on")
    assert OPEN not in client.get(here.path(1)).text
    fields = opened(client, here.path(1)) | {"opened": ["yes", "no"]}
    refused = post(client, here.path(1), fields)
    assert refused.status_code == 422
    assert OPEN in refused.text
    asked = post(client, here.path(1) + "/ask", fields | {"question": "Is it irony?"})
    assert OPEN in client.get(asked.headers["location"]).text
    assert OPEN not in client.get(here.path(2)).text


UNOPENED = "You have not opened this post yet. Open it, or skip it."


def test_a_hidden_post_that_was_not_opened_is_not_taken(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    settle_own(client, cast, always_hides="on")
    refused = coded(client, here.path(1), memo="typed unseen")
    assert (refused.status_code, refused.text.count(UNOPENED)) == (422, 2)  # In the list, and at the post.
    assert VEIL in refused.text
    assert OPEN not in refused.text
    again = form_fields(refused, "/code/")
    assert (again["memo"], again["v-stance"]) == (["typed unseen"], ["against"])
    assert stored(database, here, 1, cast.annotator).state == "queued"
    assert post(client, here.path(1), again | {"opened": ["yes", "no"]}).status_code == 303


def test_a_hidden_post_can_be_skipped_and_asked_about_unopened(
    here: Study, cast: Cast, client: TestClient
) -> None:
    settle_own(client, cast, always_hides="on")
    asked = post(client, here.path(1) + "/ask", opened(client, here.path(1)) | {"question": "Must I?"})
    assert OPEN not in client.get(asked.headers["location"]).text
    skipped = post(client, here.path(1) + "/skip", {"reason": "distressing"})
    assert skipped.headers["location"] == here.path(2)


def test_what_was_opened_stays_so_in_the_draft(here: Study, cast: Cast, client: TestClient) -> None:
    settle_own(client, cast, always_hides="on")
    fields = opened(client, here.path(1)) | {"opened": ["yes", "no"], "memo": "half"}
    assert post(client, here.path(1) + "/draft", fields).status_code == 204
    assert OPEN not in client.get(here.path(1)).text
    assert 'value="yes" form="coding" checked' in client.get(here.path(1)).text


def test_a_form_whose_post_stood_open_and_a_correction_are_taken(
    here: Study, cast: Cast, client: TestClient
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS
    settle_own(client, cast, always_hides="on")
    assert post(client, here.path(1), fields).status_code == 303
    assert coded(client, here.path(1), memo="again").status_code == 303


def test_hidden_posts_are_not_shown_in_the_list_either(here: Study, cast: Cast, client: TestClient) -> None:
    coded(client, here.path(1))
    mine = here.path().removesuffix("/code") + "/mine"
    assert "Post 1" in client.get(mine).text
    settle_own(client, cast, always_hides="on")
    assert "Post 1" not in client.get(mine).text
    assert "not shown here" in client.get(mine).text


def test_the_posts_around_a_post_are_hidden_where_some_may_have_to_be(
    here: Study, cast: Cast, client: TestClient, client_of: ClientOf, database: Database
) -> None:
    with database.writing() as db:
        for each in db.scalars(select(Post).where(Post.project_id == cast.project.id)):
            each.thread_key = here.posts[0].external_id
    settle_own(client, cast, always_hides="on")
    assert 'class="veil"' in client.get(here.path("1/thread")).text
    assert 'class="veil"' not in client_of(cast.other_annotator).get(here.path("1/thread")).text


def test_the_author_is_shown_where_the_lead_wants_it_and_the_round_says_so(
    here: Study, cast: Cast, client: TestClient, lead: TestClient, settled: Settle, database: Database
) -> None:
    with database.writing() as db:
        db.execute(update(Post).values(link="https://x.com/user_1/status/19"))
    round_page = f"/projects/{cast.project.key}/rounds/1"
    page = client.get(here.path(1)).text
    assert "user_1" not in page
    assert "https://x.com/i/status/19" in page, "nor does the link name them"
    assert "hidden from annotators" in lead.get(round_page).text
    settled(shows_author="on")
    assert "<bdi>user_1</bdi>" in client.get(here.path(1)).text
    assert "shown to annotators" in lead.get(round_page).text


def test_ones_own_key_that_opens_a_post_is_named(here: Study, cast: Cast, client: TestClient) -> None:
    keys = here.path()[:-5] + "/keys"
    assert "the key . (full stop)." in client.get(own_path(cast)).text
    post(client, keys, dict(form_fields(client.get(keys), "/keys")) | {"k-!show": "o"})
    assert "the key o." in client.get(own_path(cast)).text
    post(client, keys, dict(form_fields(client.get(keys), "/keys")) | {"off": "on"})
    page = client.get(own_path(cast)).text
    assert "With the button in its place." in page


# Pauses


@pytest.mark.parametrize(
    ("before", "latest", "now", "said"),
    [
        (48, 49, 49, None),
        (49, 51, 52, 51),
        (51, 53, 53, None),
        (98, 101, 101, 101),
        (49, 51, 70, None),  # That was a pause.
        (None, 0, 0, None),
    ],
)
def test_a_pause_is_suggested_once_after_so_many_minutes(
    before: float | None, latest: float, now: float, said: int | None
) -> None:
    stretch = Stretch(NOON, None if before is None else at(before), at(latest))
    assert minutes_to_say(stretch, 50, at(now)) == said
    assert minutes_to_say(stretch, 0, at(now)) is None
    assert minutes_to_say(Stretch(None, None, None), 50, at(now)) is None


def _coding_for(database: Database, minutes: int) -> None:
    began = datetime.now(UTC) - timedelta(minutes=minutes)
    latest = datetime.now(UTC) - timedelta(minutes=4)
    with database.writing() as db:
        values = {"stretch_began_at": began, "done_latest_at": latest}
        db.execute(update(RoundAnnotator).values(**values))


def test_the_suggestion_comes_with_the_next_post_and_can_be_switched_off(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    _coding_for(database, 52)
    coded(client, here.path(1))
    page = client.get(here.path(2)).text
    assert '<p class="note pause" role="status">You have been coding for 52 minutes.' in page
    assert "You have been coding" not in client.get(here.path(1)).text  # It is done.
    settle_own(client, cast, pause="never")
    assert "You have been coding" not in client.get(here.path(2)).text
    settle_own(client, cast, pause="own", minutes="51")
    assert "You have been coding" in client.get(here.path(2)).text
    assert settle_own(client, cast, pause="own", minutes="") == 422
    assert settle_own(client, cast, pause="own", minutes="0") == 422
    assert "from 5 to 600." in client.get(own_path(cast)).text


def test_who_comes_back_after_a_while_begins_anew(
    here: Study, client: TestClient, database: Database
) -> None:
    with database.writing() as db:
        long_ago = datetime.now(UTC) - timedelta(minutes=60)
        db.execute(update(RoundAnnotator).values(stretch_began_at=long_ago, done_latest_at=long_ago))
    coded(client, here.path(1))
    assert "You have been coding" not in client.get(here.path(2)).text


def test_the_lead_suggests_the_minutes(
    here: Study, cast: Cast, client: TestClient, lead: TestClient, settled: Settle, database: Database
) -> None:
    assert "From 5 to 600 minutes" in lead.get(settings_path(cast)).text
    settled(pause_minutes="")
    _coding_for(database, 52)
    coded(client, here.path(1))
    assert "You have been coding" not in client.get(here.path(2)).text
    settled(pause_minutes="50")
    assert "You have been coding" in client.get(here.path(2)).text


# Time


def test_time_is_not_measured_until_the_lead_says_so_to_everybody(
    here: Study, cast: Cast, client: TestClient, lead: TestClient, settled: Settle
) -> None:
    page = f"/projects/{cast.project.key}/rounds/1/times"
    coded(client, here.path(1))
    assert lead.get(page).status_code == 404
    assert "Speed is not measured in this project" in client.get(own_path(cast)).text
    home = f"/projects/{cast.project.key}"
    assert "Time is measured" not in client.get(home).text

    settled(is_timed="on")
    assert client.get(here.path(2), follow_redirects=False).headers["location"].endswith("position=2")
    assert "Time is measured in this project" in client.get(own_path(cast) + "/before").text
    assert "Time is measured in this project" in client.get(home).text
    assert client.get(page).status_code == 403
    assert "Nothing measured yet" in lead.get(page).text


def test_the_median_is_reckoned_from_submissions_since_then_without_pauses(
    here: Study, cast: Cast, db: Session
) -> None:
    moments = (0, 10, 12, 15, 60, 61)
    posts = make.posts(db, cast.project, len(moments))
    of = make.round_(db, cast.project, here.book, posts, [cast.annotator])
    assignments = db.exec(select(Assignment.id).where(Assignment.round_id == of.id)).all()
    for assignment_id, minute in zip(assignments, moments, strict=True):
        assert assignment_id is not None
        db.add(_submitted(here, assignment_id, at(minute)))
    db.flush()
    found = times(db, cast.lead, make.id_of(of), since=at(5))
    assert [(each.minutes, each.n_posts) for each in found] == [(2.0, 3)]


def _submitted(of: Study, assignment_id: int, moment: datetime) -> Coding:
    return Coding(
        assignment_id=assignment_id,
        revision=1,
        version_id=of.book.version_id,
        submitted_at=moment,
        form_token=f"token {assignment_id}",
        body_hash="",
    )
