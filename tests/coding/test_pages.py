import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select, update

from server.clock import now
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.models import Member
from server.rounds.models import Round
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, coded, opened, stored
from tests.conftest import ClientOf
from tests.stock import on_one_database


def lock(database: Database, of: Study) -> None:
    with database.writing() as db:
        db.execute(update(Round).where(col(Round.id) == of.round.id).values(locked_at=now()))


# The ladder


@on_one_database
@pytest.mark.parametrize("place", ["code", "rounds/1/code", "rounds/1/code/1", "rounds/1/mine"])
def test_strangers_find_nothing_and_viewers_may_not(
    place: str, here: Study, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    with database.writing() as db:
        elsewhere = make.member(db, make.project(db), cast.annotator.role, "elsewhere")
    path = f"/projects/{cast.project.key}/{place}"

    assert client_of(None).get(path).status_code == 303
    assert client_of(elsewhere).get(path).status_code == 404
    assert client_of(cast.viewer).get(path).status_code == 403


@on_one_database
@pytest.mark.parametrize("action", ["", "/draft", "/skip", "/discard"])
def test_strangers_change_nothing(
    action: str, here: Study, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    with database.writing() as db:
        elsewhere = make.member(db, make.project(db), cast.annotator.role, "elsewhere")
    path, fields = here.path(1) + action, ANSWERS | {"form_token": "x", "codebook": "1", "reason": "language"}

    assert post(client_of(elsewhere), path, fields).status_code == 404
    assert post(client_of(cast.viewer), path, fields).status_code == 403
    assert post(client_of(cast.adjudicator), path, fields).status_code == 404
    assert client_of(cast.annotator).post(path, data=fields).status_code == 403
    assert stored(database, here, 1, cast.annotator).state == "queued"


@on_one_database
def test_a_member_who_left_finds_nothing(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    with database.writing() as db:
        db.execute(update(Member).where(col(Member.id) == cast.annotator.member_id).values(is_active=False))

    assert client.get(here.path(1)).status_code == 404


@on_one_database
@pytest.mark.parametrize("place", [4, 0, 99999999999999999999, "x"])
def test_no_such_position(place: Any, here: Study, client: TestClient) -> None:
    assert client.get(here.path(str(place))).status_code == 404
    assert post(client, here.path(str(place)), ANSWERS).status_code == 404


@on_one_database
@pytest.mark.parametrize("number", [2, 99999999999999999999])
def test_no_such_round(number: int, here: Study, client: TestClient) -> None:
    assert client.get(here.path(number=number)).status_code == 404
    assert client.get(here.path(1, number=number)).status_code == 404
    assert client.get(here.path(number=number).replace("/code", "/mine")).status_code == 404


# Coding


@on_one_database
def test_start_goes_straight_to_the_only_open_round(here: Study, cast: Cast, client: TestClient) -> None:
    found = client.get(f"/projects/{cast.project.key}/code")

    assert (found.status_code, found.headers["location"]) == (303, here.path())
    assert client.get(here.path()).headers["location"] == here.path(1)


@on_one_database
def test_start_lists_several_rounds(here: Study, cast: Cast, client: TestClient, database: Database) -> None:
    with database.writing() as db:
        make.round_(db, cast.project, here.book, here.posts, [cast.annotator], title="Second round")
        make.round_(db, cast.project, here.book, here.posts, [cast.other_annotator], title="Not yours")

    page = client.get(f"/projects/{cast.project.key}/code")

    assert page.status_code == 200
    assert "Main round" in page.text
    assert "Second round" in page.text
    assert "Not yours" not in page.text


@on_one_database
def test_start_without_a_round_says_what_will_come(cast: Cast, client: TestClient) -> None:
    page = client.get(f"/projects/{cast.project.key}/code")

    assert page.status_code == 200
    assert "No posts for you yet" in page.text


@on_one_database
def test_the_page_shows_the_post_and_the_questions(here: Study, client: TestClient) -> None:
    page = client.get(here.path(1))

    assert page.status_code == 200
    assert "I miss the old one. Post 1 \N{BROKEN HEART}" in page.text
    assert "What attachment means." in page.text
    assert "Nothing applies" in page.text
    assert "user_1" not in page.text
    assert "0 of 3" in page.text
    assert '<h1 id="post-heading">Post 1</h1>' in page.text
    assert "in your queue" not in page.text


@on_one_database
def test_the_heading_is_the_number_everybody_knows_the_post_by(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    with database.writing() as db:
        turned = list(reversed(here.posts))
        second = make.round_(db, cast.project, here.book, turned, [cast.annotator])

    page = client.get(here.path(1, number=second.number)).text

    assert '<h1 id="post-heading">Post 3</h1>' in page


@on_one_database
def test_next_stands_beside_back_where_the_post_is_done(here: Study, client: TestClient) -> None:
    coded(client, here.path(1))
    post(client, here.path(2) + "/skip", {"reason": "language"})

    pages = [client.get(here.path(position)).text for position in (1, 2, 3)]
    offered = [('id="back"' in page, 'id="next"' in page) for page in pages]
    assert offered == [(False, True), (True, True), (True, False)]


@on_one_database
def test_a_refusal_names_each_question(here: Study, client: TestClient) -> None:
    page = post(client, here.path(1), opened(client, here.path(1))).text

    for sentence in ("Emotion: Choose an answer.", "Stance: Choose an answer."):
        assert sentence in page
    # Signing out in another tab leaves no page that asking for it again would not bring back.
    assert ["data-answer" in each for each in (page, client.get(here.path(1)).text)] == [True, False]


@on_one_database
def test_submitting_stores_everything_and_goes_on(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    answer = coded(client, here.path(1), memo=" a note ", unsure="on")

    assert (answer.status_code, answer.headers["location"]) == (303, here.path(2))
    found = stored(database, here, 1, cast.annotator)
    assert (found.state, found.counters) == ("submitted", (1, 0))
    assert [(each.revision, each.memo, each.is_unsure) for each in found.revisions] == [(1, "a note", True)]
    assert found.answers == [
        ("expression", "attachment"),
        ("expression", "quality"),
        ("emotion", "2"),
        ("stance", "against"),
    ]


@on_one_database
def test_the_end_of_the_queue_is_said(here: Study, client: TestClient) -> None:
    places = [coded(client, here.path(position)).headers["location"] for position in (1, 2, 3)]

    assert places == [here.path(2), here.path(3), here.path("finished")]
    page = client.get(here.path("finished"))
    assert "You have done all your posts" in page.text
    assert client.get(here.path()).headers["location"] == here.path("finished")


@on_one_database
def test_history_says_what_was_done_without_the_text(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1), memo="secret memo")
    coded(client, here.path(1), memo="another secret")
    post(client, here.path(2) + "/skip", {"reason": "other", "reason_words": "private words"})

    with database.reading() as db:
        events = db.exec(select(HistoryEvent).where(HistoryEvent.chain == cast.project.id)).all()
        said = [(event.action, event.subject, event.actor_id) for event in events]
        details = " ".join(event.details for event in events)
    assert said == [
        ("coding.submit", "round 1 post 1", cast.annotator.account_id),
        ("coding.correct", "round 1 post 1", cast.annotator.account_id),
        ("coding.skip", "round 1 post 2", cast.annotator.account_id),
    ]
    assert "miss" not in details
    assert "secret" not in details
    assert "private" not in details


# One's own codings, and nobody else's


@on_one_database
def test_my_codings_are_found_newest_first(here: Study, client: TestClient) -> None:
    coded(client, here.path(1))
    coded(client, here.path(2), unsure="on")
    post(client, here.path(3) + "/skip", {"reason": "language"})
    mine = here.path().replace("/code", "/mine")

    page = client.get(mine).text
    assert page.index("Post 3") < page.index("Post 2") < page.index("Post 1")
    assert "Not in my language" in page
    unsure = client.get(mine, params={"wanted": "unsure"}).text
    assert "Post 2" in unsure
    assert "Post 1" not in unsure
    assert "Post 1" in client.get(mine, params={"words": "post 1"}).text
    for nothing in ("%", "no such words", "\0"):
        found = client.get(mine, params={"words": nothing, "wanted": "submitted"})
        assert found.status_code == 200
    assert "Nothing found" in client.get(mine, params={"words": "100%"}).text
    for strange in ("0", "x", "-1", "1.5"):
        assert "Post 3" in client.get(mine, params={"page": strange}).text
    assert "Nothing found" in client.get(mine, params={"page": 9}).text


@on_one_database
def test_nothing_of_another_annotator_is_ever_shown(
    here: Study, cast: Cast, client: TestClient, client_of: ClientOf, database: Database
) -> None:
    other = client_of(cast.other_annotator)
    post(other, here.path(1), opened(other, here.path(1)) | ANSWERS | {"memo": "the other memo"})
    post(other, here.path(2) + "/draft", opened(other, here.path(2)) | {"memo": "the other draft"})
    post(other, here.path(3) + "/skip", {"reason": "other", "reason_words": "the other reason"})

    mine = here.path().replace("/code", "/mine")
    for path in (here.path(1), here.path(2), here.path(3), mine, here.path("finished")):
        page = client.get(path)
        assert page.status_code == 200
        assert "the other" not in page.text
        assert "checked" not in page.text
    assert client.get(here.path()).headers["location"] == here.path(1)
    assert "0 of 3" in client.get(mine).text


@on_one_database
def test_the_neighbouring_study_never_appears(here: Study, cast: Cast, client: TestClient) -> None:
    coded(client, here.path(1))
    page = client.get(here.path().replace("/code", "/mine"))

    assert "One post" in page.text
    assert page.text.count("I miss the old one") == 1


@on_one_database
def test_my_codings_lead_side_by_side_once_the_round_is_revealed(
    here: Study, client: TestClient, database: Database
) -> None:
    mine = here.path().replace("/code", "/mine")
    assert "All codings side by side" not in client.get(mine).text
    lock(database, here)
    with database.writing() as db:
        db.execute(update(Round).values(revealed_at=now()))
    page = client.get(mine).text
    assert "All codings side by side" in page
    address = re.search(r'href="([^"]+)">All codings side by side', page)
    assert address is not None
    assert client.get(address[1]).status_code == 200


@on_one_database
@pytest.mark.parametrize("page", ["mine", "keys", "questions"])
def test_the_crumbs_of_ones_own_pages_lead_to_the_project(page: str, here: Study, client: TestClient) -> None:
    html = client.get(f"{here.path()[:-5]}/{page}").text
    crumbs = html.split('class="crumbs"')[1].split("</p>")[0]
    assert f'href="/projects/{here.cast.project.key}"' in crumbs
    assert (f'href="{here.path()[:-5]}/mine"' in crumbs) is (page != "mine")


@on_one_database
def test_the_codebook_leads_back_to_the_post(here: Study, client: TestClient) -> None:
    page = client.get(here.path(2)).text
    address = page.split("Codebook, version 1</a>")[0].rsplit('href="', 1)[1].split('"')[0]
    book = client.get(address.replace("&amp;", "&")).text
    assert f'href="{here.path(2)}">Back to the post</a>' in book
