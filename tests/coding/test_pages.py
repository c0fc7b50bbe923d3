import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select, update

from server.clock import now
from server.codebooks.models import VariableEntry
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.models import Member
from server.rounds.models import Assignment, Round
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, coded, opened, stored
from tests.conftest import ClientOf
from tests.stock import on_one_database


def lock(database: Database, of: Study) -> None:
    with database.writing() as db:
        db.execute(update(Round).where(col(Round.id) == of.round.id).values(locked_at=now()))


# The ladder


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


def test_a_member_who_left_finds_nothing(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    with database.writing() as db:
        db.execute(update(Member).where(col(Member.id) == cast.annotator.member_id).values(is_active=False))

    assert client.get(here.path(1)).status_code == 404


@pytest.mark.parametrize("place", [4, 0, 99999999999999999999, "x"])
def test_no_such_position(place: Any, here: Study, client: TestClient) -> None:
    assert client.get(here.path(str(place))).status_code == 404
    assert post(client, here.path(str(place)), ANSWERS).status_code == 404


@pytest.mark.parametrize("number", [2, 99999999999999999999])
def test_no_such_round(number: int, here: Study, client: TestClient) -> None:
    assert client.get(here.path(number=number)).status_code == 404
    assert client.get(here.path(1, number=number)).status_code == 404
    assert client.get(here.path(number=number).replace("/code", "/mine")).status_code == 404


# Coding


def test_start_goes_straight_to_the_only_open_round(here: Study, cast: Cast, client: TestClient) -> None:
    found = client.get(f"/projects/{cast.project.key}/code")

    assert (found.status_code, found.headers["location"]) == (303, here.path())
    assert client.get(here.path()).headers["location"] == here.path(1)


def test_start_lists_several_rounds(here: Study, cast: Cast, client: TestClient, database: Database) -> None:
    with database.writing() as db:
        make.round_(db, cast.project, here.book, here.posts, [cast.annotator], title="Second round")
        make.round_(db, cast.project, here.book, here.posts, [cast.other_annotator], title="Not yours")

    page = client.get(f"/projects/{cast.project.key}/code")

    assert page.status_code == 200
    assert "Main round" in page.text
    assert "Second round" in page.text
    assert "Not yours" not in page.text


def test_start_without_a_round_says_what_will_come(cast: Cast, client: TestClient) -> None:
    page = client.get(f"/projects/{cast.project.key}/code")

    assert page.status_code == 200
    assert "No posts for you yet" in page.text


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


def test_the_heading_is_the_number_everybody_knows_the_post_by(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    with database.writing() as db:
        turned = list(reversed(here.posts))
        second = make.round_(db, cast.project, here.book, turned, [cast.annotator])

    page = client.get(here.path(1, number=second.number)).text

    assert '<h1 id="post-heading">Post 3</h1>' in page


def test_next_stands_beside_back_where_the_post_is_done(here: Study, client: TestClient) -> None:
    coded(client, here.path(1))
    post(client, here.path(2) + "/skip", {"reason": "language"})

    pages = [client.get(here.path(position)).text for position in (1, 2, 3)]
    offered = [('id="back"' in page, 'id="next"' in page) for page in pages]
    assert offered == [(False, True), (True, True), (True, False)]


def test_a_refusal_names_each_question(here: Study, client: TestClient) -> None:
    page = post(client, here.path(1), opened(client, here.path(1))).text

    for sentence in ("Emotion: Choose an answer.", "Stance: Choose an answer."):
        assert sentence in page


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


def test_the_end_of_the_queue_is_said(here: Study, client: TestClient) -> None:
    places = [coded(client, here.path(position)).headers["location"] for position in (1, 2, 3)]

    assert places == [here.path(2), here.path(3), here.path("finished")]
    page = client.get(here.path("finished"))
    assert "You have done all your posts" in page.text
    assert client.get(here.path()).headers["location"] == here.path("finished")


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


# Corrections


def test_a_coding_opens_as_it_was_and_becomes_a_new_revision(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1), memo="first thought", unsure="on")

    fields = opened(client, here.path(1))
    assert fields["v-expression"] == ["attachment", "quality"]
    assert (fields["v-emotion"], fields["memo"], fields["unsure"]) == (["2"], ["first thought"], ["on"])
    changed = fields | {"v-emotion": "3"}
    assert post(client, here.path(1), changed).status_code == 303

    found = stored(database, here, 1, cast.annotator)
    assert [each.revision for each in found.revisions] == [1, 2]
    assert ("emotion", "3") in found.answers
    assert found.counters == (1, 0)


def test_a_correction_that_changes_nothing_is_not_stored(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1), memo="kept", v_expression=["quality", "attachment"])
    fields = opened(client, here.path(1))
    post(client, here.path(1) + "/draft", fields)

    answer = post(
        client, here.path(1), fields | {"memo": " kept ", "v-expression": ["attachment", "quality"]}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, here.path(2))
    assert "Nothing had changed in your coding of post 1" in client.get(here.path(2)).text
    found = stored(database, here, 1, cast.annotator)
    assert ([each.revision for each in found.revisions], found.draft) == ([1], None)
    with database.reading() as db:
        assert db.exec(select(HistoryEvent.action).where(HistoryEvent.chain == cast.project.id)).all() == [
            "coding.submit"
        ]


@pytest.mark.parametrize(
    "changed",
    [
        {"v-expression": ["quality"]},
        {"v-expression": [], "none-expression": "on"},
        {"v-emotion": "3"},
        {"memo": "added"},
        {"unsure": "on"},
    ],
)
def test_every_change_is_a_correction(
    changed: dict[str, Any], here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1))

    post(client, here.path(1), opened(client, here.path(1)) | changed)

    assert [each.revision for each in stored(database, here, 1, cast.annotator).revisions] == [1, 2]
    assert "Your correction of post 1 is stored." in client.get(here.path(2)).text


def test_one_comes_back_to_ones_codings(here: Study, client: TestClient) -> None:
    coded(client, here.path(1), unsure="on")
    mine = here.path().replace("/code", "/mine")
    address = f"{here.path(1)}?from=mine&wanted=unsure&words=miss"
    assert (
        address.replace("&", "&amp;") in client.get(mine, params={"wanted": "unsure", "words": "miss"}).text
    )
    page = client.get(address)
    fields = dict(form_fields(page, "/code/1?from=mine&wanted=unsure&words=miss")) | {"memo": "corrected"}

    answer = post(client, address, fields)

    assert answer.headers["location"] == f"{mine}?wanted=unsure&words=miss"
    assert "Your correction of post 1 is stored." in client.get(mine).text


@pytest.mark.parametrize("odd", ["from=elsewhere&words=x", "from=mine&page=0", "from=mine&page=x&wanted="])
def test_an_odd_address_does_no_harm(odd: str, here: Study, client: TestClient) -> None:
    answer = post(client, f"{here.path(1)}?{odd}", opened(client, f"{here.path(1)}?{odd}") | ANSWERS)

    assert client.get(answer.headers["location"]).status_code == 200
    assert "x" not in answer.headers["location"].partition("?")[2]


def test_the_same_form_twice_is_stored_once(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS

    answers = [post(client, here.path(1), fields) for _ in range(3)]

    assert [answer.headers["location"] for answer in answers] == [here.path(2)] * 3
    found = stored(database, here, 1, cast.annotator)
    assert (len(found.revisions), found.counters) == (1, (1, 0))


def test_the_same_form_after_the_lock_still_gives_its_result(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS
    post(client, here.path(1), fields)
    lock(database, here)

    assert post(client, here.path(1), fields).status_code == 303


def test_the_same_token_with_other_answers_shows_both(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS
    post(client, here.path(1), fields)

    page = post(client, here.path(1), fields | {"v-stance": "favour", "memo": "typed second"})

    assert page.status_code == 409
    assert "Against" in page.text
    assert "Favour" in page.text
    assert "typed second" in page.text
    assert len(stored(database, here, 1, cast.annotator).revisions) == 1
    again = dict(form_fields(page, "/code/"))
    assert post(client, here.path(1), again).status_code == 303
    found = stored(database, here, 1, cast.annotator)
    assert ("stance", "favour") in found.answers
    assert found.revisions[-1].memo == "typed second"


def test_two_tabs_show_both_versions(here: Study, cast: Cast, client: TestClient, database: Database) -> None:
    one, two = opened(client, here.path(1)), opened(client, here.path(1))
    post(client, here.path(1), one | ANSWERS)

    page = post(client, here.path(1), two | ANSWERS | {"v-stance": "favour"})

    assert page.status_code == 409
    assert "Two versions of your coding" in page.text
    assert len(stored(database, here, 1, cast.annotator).revisions) == 1


def test_a_token_of_another_post_does_no_harm(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS
    post(client, here.path(1), fields)

    assert post(client, here.path(2), fields).status_code == 303
    assert stored(database, here, 2, cast.annotator).state == "submitted"


# Bad input


@on_one_database
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"v-stance": []}, "Choose an answer."),
        ({"v-expression": []}, "Choose what applies, or “Nothing applies”."),
        ({"none-expression": "on"}, "cannot stand beside a code"),
        ({"v-stance": "elsewhere"}, "This answer is not in the codebook."),
        ({"v-stance": ["against", "favour"]}, "Choose one answer only."),
        ({"memo": "x" * 5_001}, "at most 5000 characters"),
        ({"v-unknown": "x"}, "a question that this codebook does not have"),
        ({"form_token": ""}, "without its token"),
        ({"revision": "first"}, "Some answers need another look."),
    ],
)
def test_bad_input_is_said_and_kept(
    changed: dict[str, Any], words: str, here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS | {"memo": "kept memo"} | changed

    page = post(client, here.path(1), fields)

    assert page.status_code == 422
    assert words in page.text
    again = form_fields(page, "/code/")
    assert again["v-emotion"] == ["2"]
    assert again["memo"] == [fields["memo"]]
    assert stored(database, here, 1, cast.annotator).revisions == []


def test_numbers_and_texts_are_checked_and_kept(cast: Cast, client: TestClient, database: Database) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project, {"count": ("number", ()), "why": ("text", ())})
        db.execute(
            update(VariableEntry)
            .where(
                col(VariableEntry.version_id) == book.version_id,
                col(VariableEntry.variable_id) == book.variable_by_key["count"].id,
            )
            .values(minimum=0.0, maximum=5.0)
        )
        posts = make.posts(db, cast.project, 1)
        round_ = make.round_(db, cast.project, book, posts, [cast.annotator])
    database.memory.clear()
    here = Study(book, posts, round_, cast)

    for text, words in (("many", "Write a number, such as"), ("6", "at most 5"), ("-1", "at least 0")):
        page = post(
            client, here.path(1), opened(client, here.path(1)) | {"v-count": text, "v-why": "y" * 10_001}
        )
        assert page.status_code == 422
        assert words in page.text
        assert "at most 10000 characters" in page.text
        assert form_fields(page, "/code/")["v-count"] == [text]
    why = "a\0b \N{BROKEN HEART}"
    fields = opened(client, here.path(1)) | {"v-count": "2,5", "v-why": why}
    assert post(client, here.path(1), fields).status_code == 303
    assert stored(database, here, 1, cast.annotator).answers == [
        ("count", 2.5),
        ("why", "ab \N{BROKEN HEART}"),
    ]


def test_a_form_from_another_codebook(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS
    with database.writing() as db:
        book = make.published(db, cast.project)
        db.execute(
            update(Round).where(col(Round.id) == here.round.id).values(codebook_version_id=book.version_id)
        )

    page = post(client, here.path(1), fields)

    assert page.status_code == 409
    assert "made from codebook 1, and the round uses codebook 2" in page.text
    again = form_fields(page, "/code/")
    assert (again["v-stance"], again["codebook"]) == (["against"], ["2"])
    assert stored(database, here, 1, cast.annotator).revisions == []
    assert post(client, here.path(1), again).status_code == 303


def test_a_locked_round_takes_nothing_and_keeps_what_was_typed(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS | {"memo": "typed too late"}
    lock(database, here)

    page = post(client, here.path(1), fields)

    assert page.status_code == 409
    assert "The round is locked" in page.text
    assert "typed too late" in page.text
    assert post(client, here.path(1) + "/skip", fields | {"reason": "language"}).status_code == 409
    assert post(client, here.path(1) + "/draft", fields).status_code == 409
    assert stored(database, here, 1, cast.annotator).state == "queued"
    assert client.get(here.path()).headers["location"] == here.path("finished")
    assert "This round is locked" in client.get(here.path("finished")).text


def test_a_post_that_was_taken_back(here: Study, cast: Cast, client: TestClient, database: Database) -> None:
    fields = opened(client, here.path(1)) | ANSWERS
    with database.writing() as db:
        db.execute(
            update(Assignment)
            .where(
                col(Assignment.member_id) == cast.annotator.member_id,
                col(Assignment.position) == 1,
                col(Assignment.round_id) == here.round.id,
            )
            .values(state="withdrawn")
        )

    assert "taken back from you" in client.get(here.path(1)).text
    page = post(client, here.path(1), fields)
    assert page.status_code == 409
    assert "taken back from you" in page.text
    assert client.get(here.path()).headers["location"] == here.path(2)


# Drafts


def test_a_draft_is_kept_and_goes_with_the_submission(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1))
    draft = fields | {"v-expression": ["quality"], "memo": "half a thought"}

    assert post(client, here.path(1) + "/draft", draft).status_code == 204
    assert post(client, here.path(1) + "/draft", draft | {"memo": "more"}).status_code == 204

    again = opened(client, here.path(1))
    assert (again["v-expression"], again["memo"]) == (["quality"], ["more"])
    kept = stored(database, here, 1, cast.annotator)
    assert (kept.state, kept.revisions) == ("queued", [])
    assert "form_key" not in kept.draft.typed if kept.draft else False
    coded(client, here.path(1))
    assert stored(database, here, 1, cast.annotator).draft is None


def test_a_draft_older_than_the_submission_is_not_kept(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    old = opened(client, here.path(1))
    coded(client, here.path(1))

    assert post(client, here.path(1) + "/draft", old | {"memo": "late"}).status_code == 409
    assert opened(client, here.path(1))["memo"] == [""]


def test_a_correction_can_be_a_draft(here: Study, cast: Cast, client: TestClient) -> None:
    coded(client, here.path(1), memo="submitted")
    draft = opened(client, here.path(1)) | {"memo": "corrected"}

    assert post(client, here.path(1) + "/draft", draft).status_code == 204
    assert opened(client, here.path(1))["memo"] == ["corrected"]


def test_an_unfinished_correction_is_said_and_can_be_discarded(
    here: Study, cast: Cast, client: TestClient, client_of: ClientOf, database: Database
) -> None:
    coded(client, here.path(1), memo="submitted")
    coded(client, here.path(2))
    mine = here.path().replace("/code", "/mine")
    assert '<span class="unfinished idle"' in client.get(here.path(1)).text
    assert "Nothing found" in client.get(mine, params={"wanted": "unfinished"}).text

    post(client, here.path(1) + "/draft", opened(client, here.path(1)) | {"memo": "corrected"})

    assert '<span class="unfinished"' in client.get(here.path(1)).text
    assert client.get(mine).text.count("correction not submitted yet</span>") == 1
    assert "One post" in client.get(mine, params={"wanted": "unfinished"}).text
    assert post(client_of(cast.other_annotator), here.path(1) + "/discard").status_code == 303
    assert stored(database, here, 1, cast.annotator).draft is not None

    answer = post(client, here.path(1) + "/discard")

    assert (answer.status_code, answer.headers["location"]) == (303, here.path(1))
    assert opened(client, here.path(1))["memo"] == ["submitted"]
    found = stored(database, here, 1, cast.annotator)
    assert ([each.revision for each in found.revisions], found.draft) == ([1], None)


def test_a_huge_draft_is_refused(here: Study, client: TestClient) -> None:
    draft = opened(client, here.path(1)) | {"memo": "x" * 200_001}

    assert post(client, here.path(1) + "/draft", draft).status_code == 422
    assert opened(client, here.path(1))["memo"] == [""]


# Skipping


def test_a_post_can_be_skipped_and_taken_up_again(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    answer = post(client, here.path(1) + "/skip", {"reason": "distressing", "reason_words": "too sad"})

    assert (answer.status_code, answer.headers["location"]) == (303, here.path(2))
    skipped = stored(database, here, 1, cast.annotator)
    assert (skipped.state, skipped.skip_reason, skipped.counters) == (
        "skipped",
        "distressing: too sad",
        (0, 1),
    )
    assert "Too distressing for me: too sad" in client.get(here.path(1)).text
    coded(client, here.path(1))
    taken_up = stored(database, here, 1, cast.annotator)
    assert (taken_up.state, taken_up.skip_reason, taken_up.counters) == ("submitted", None, (1, 0))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose why you skip this post."),
        ({"reason": "tired"}, "Choose why you skip this post."),
        ({"reason": "other"}, "Say in a few words why."),
        ({"reason": "other", "reason_words": "x" * 501}, "at most 500 characters"),
    ],
)
def test_a_skip_needs_its_reason(
    fields: dict[str, str], words: str, here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    page = post(client, here.path(1) + "/skip", ANSWERS | {"memo": "kept"} | fields)

    assert page.status_code == 422
    assert words in page.text
    assert form_fields(page, "/code/")["memo"] == ["kept"]
    assert stored(database, here, 1, cast.annotator).state == "queued"


def test_a_skip_without_the_answers_keeps_those_of_the_draft(here: Study, client: TestClient) -> None:
    post(client, here.path(1) + "/draft", opened(client, here.path(1)) | {"memo": "typed before"})

    page = post(client, here.path(1) + "/skip", {"reason": "other"})

    assert page.status_code == 422
    assert form_fields(page, "/code/")["memo"] == ["typed before"]


def test_the_address_of_a_refused_skip_leads_to_the_post(here: Study, client: TestClient) -> None:
    answer = client.get(here.path(1) + "/skip")

    assert (answer.status_code, answer.headers["location"]) == (303, here.path(1))


def test_what_was_coded_is_corrected_and_not_skipped(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1))

    page = post(client, here.path(1) + "/skip", {"reason": "language"})

    assert page.status_code == 422
    assert "You have coded this post already" in page.text
    assert stored(database, here, 1, cast.annotator).counters == (1, 0)


# One's own codings, and nobody else's


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


def test_the_neighbouring_study_never_appears(here: Study, cast: Cast, client: TestClient) -> None:
    coded(client, here.path(1))
    page = client.get(here.path().replace("/code", "/mine"))

    assert "One post" in page.text
    assert page.text.count("I miss the old one") == 1


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


@pytest.mark.parametrize("page", ["mine", "keys", "questions"])
def test_the_crumbs_of_ones_own_pages_lead_to_the_project(page: str, here: Study, client: TestClient) -> None:
    html = client.get(f"{here.path()[:-5]}/{page}").text
    crumbs = html.split('class="crumbs"')[1].split("</p>")[0]
    assert f'href="/projects/{here.cast.project.key}"' in crumbs
    assert (f'href="{here.path()[:-5]}/mine"' in crumbs) is (page != "mine")


def test_the_codebook_leads_back_to_the_post(here: Study, client: TestClient) -> None:
    page = client.get(here.path(2)).text
    address = page.split("Codebook, version 1</a>")[0].rsplit('href="', 1)[1].split('"')[0]
    book = client.get(address.replace("&amp;", "&")).text
    assert f'href="{here.path(2)}">Back to the post</a>' in book
