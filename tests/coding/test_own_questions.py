"""Questions to the lead about a post: asked without leaving it, answered without telling anybody else."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from server.coding.models import PostQuestion
from server.coding.own_questions import MOST_OPEN, ask, own_questions
from server.coding.questions_to_lead import answer, n_waiting, questions_to_lead
from server.db.engine import Database
from server.errors import NotFound, Refusal
from server.history.models import HistoryEvent
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, coded, opened, stored
from tests.conftest import ClientOf
from tests.stock import on_one_database

DEEDS = ["coding.ask", "coding.answer"]


def send(client: TestClient, here: Study, **typed: Any) -> int:
    fields = opened(client, here.path(1)) | {name.replace("_", "-"): value for name, value in typed.items()}
    return post(client, here.path(1) + "/ask", fields).status_code


def asked(database: Database) -> list[PostQuestion]:
    with database.reading() as db:
        return list(db.scalars(select(PostQuestion).order_by(PostQuestion.id)))  # type: ignore[arg-type]


def reply(database: Database, here: Study, words: str = "Only if it is meant.") -> None:
    with database.writing() as db:
        answer(db, here.cast.lead, asked(database)[0].key, words)


def test_a_question_is_asked_and_what_was_answered_stays(
    here: Study, client: TestClient, database: Database
) -> None:
    assert send(client, here, question=" Is <this> irony? ", **{"v-stance": "against"}) == 303

    assert [row.asked for row in asked(database)] == ["Is <this> irony?"]
    page = client.get(here.path(1)).text
    assert "Is &lt;this&gt; irony?" in page
    assert "No answer yet" in page
    assert opened(client, here.path(1))["v-stance"] == ["against"]
    assert opened(client, here.path(1))["question"] == [""]
    assert stored(database, here, 1, here.cast.annotator).state == "queued"


def test_nothing_is_a_draft_because_of_a_question(
    here: Study, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1))

    assert send(client, here, question="And now?") == 303

    assert stored(database, here, 1, here.cast.annotator).draft is None


@on_one_database
@pytest.mark.parametrize("words", ["", "   ", "x" * 2_001])
def test_what_cannot_be_asked_is_said_at_its_place(
    here: Study, client: TestClient, database: Database, words: str
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS | {"question": words, "memo": "half a thought"}

    page = post(client, here.path(1) + "/ask", fields)

    assert page.status_code == 422
    assert "question-error" in page.text
    assert "half a thought" in page.text
    assert words.strip() in page.text
    assert not asked(database)


def test_the_same_question_twice_is_one(here: Study, client: TestClient, database: Database) -> None:
    fields = opened(client, here.path(1)) | {"question": "Is this irony?"}

    for _ in range(2):
        assert post(client, here.path(1) + "/ask", fields).status_code == 303

    assert len(asked(database)) == 1


def test_not_endless_many(here: Study, database: Database) -> None:
    with database.writing() as db:
        for number in range(MOST_OPEN):
            ask(db, here.cast.annotator, here.round.number, 1, f"Question {number}?")
        with pytest.raises(Refusal):
            ask(db, here.cast.annotator, here.round.number, 2, "One more?")


@pytest.mark.parametrize("way", ["submit", "skip"])
def test_a_question_that_was_written_and_not_sent_goes_with_the_coding(
    here: Study, client: TestClient, database: Database, way: str
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS | {"question": "Is this irony?", "reason": "language"}
    path = here.path(1) + ("/skip" if way == "skip" else "")

    assert post(client, path, fields).status_code == 303

    assert [row.asked for row in asked(database)] == ["Is this irony?"]
    with database.reading() as db:  # Who writes it there holds up everybody: last, then.
        told = db.scalars(select(col(HistoryEvent.action)).order_by(col(HistoryEvent.id))).all()
    assert told[-2:] == [f"coding.{way}", "coding.ask"]
    lock(here, database)
    if way == "submit":  # A form that arrived is not refused when its answer was lost.
        assert post(client, path, fields).status_code == 303


def lock(here: Study, database: Database) -> None:
    with database.writing() as db:
        db.get_one(type(here.round), here.round.id).locked_at = make.MOMENT


def test_in_a_locked_round_nothing_is_asked(here: Study, client: TestClient, database: Database) -> None:
    fields = opened(client, here.path(1)) | {"question": "Is this irony?"}
    lock(here, database)

    assert post(client, here.path(1) + "/ask", fields).status_code == 409
    assert not asked(database)


def test_a_question_from_an_old_form_shows_both_texts(
    here: Study, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | {"v-emotion": "1", "question": "Is this irony?"}
    coded(client, here.path(1))

    page = post(client, here.path(1) + "/ask", fields)

    assert page.status_code == 409
    assert "Is this irony?" in page.text
    assert not asked(database)


def test_the_answer_is_new_until_it_was_read(
    here: Study, client: TestClient, client_of: ClientOf, database: Database
) -> None:
    send(client, here, question="Is this irony?")
    lead = client_of(here.cast.lead)
    base = f"/projects/{here.cast.project.key}"
    assert "A question of an annotator waits for your answer." in lead.get(base).text
    path = f"{base}/questions/{asked(database)[0].key}"
    assert "Is this irony?" in lead.get(path).text
    assert post(lead, path, {"answer": "Only if it is <meant>."}).status_code == 303

    assert "The lead answered" in client.get(here.path(2)).text
    assert "Only if it is &lt;meant&gt;." in client.get(here.path(1)).text
    own = f"{base}/rounds/{here.round.number}/questions"
    assert "I have read the new answers" in client.get(own).text
    assert post(client, own, {}).status_code == 303
    assert "The lead answered" not in client.get(here.path(2)).text
    assert "answered and read" in lead.get(f"{base}/questions").text
    assert "waits for your answer" not in lead.get(base).text


def test_a_changed_answer_is_new_again_and_the_same_one_is_not(
    here: Study, client: TestClient, database: Database
) -> None:
    send(client, here, question="Is this irony?")
    reply(database, here)
    first = asked(database)[0].answered_at
    post(client, f"/projects/{here.cast.project.key}/rounds/{here.round.number}/questions", {})

    reply(database, here)
    assert asked(database)[0].answered_at == first
    reply(database, here, "Never.")
    assert asked(database)[0].seen_at is None


@on_one_database
@pytest.mark.parametrize("words", ["", " ", "x" * 2_001])
def test_an_answer_needs_words(
    here: Study, client: TestClient, client_of: ClientOf, database: Database, words: str
) -> None:
    send(client, here, question="Is this irony?")
    path = f"/projects/{here.cast.project.key}/questions/{asked(database)[0].key}"

    page = post(client_of(here.cast.lead), path, {"answer": words})

    assert page.status_code == 422
    assert words.strip() in page.text
    assert not asked(database)[0].answer


def test_nobody_else_sees_a_question(
    here: Study, client: TestClient, client_of: ClientOf, database: Database
) -> None:
    send(client, here, question="Is this irony?")
    reply(database, here)
    other = client_of(here.cast.other_annotator)

    for path in (here.path(1), f"/projects/{here.cast.project.key}/rounds/{here.round.number}/questions"):
        page = other.get(path).text
        assert "irony" not in page
        assert "if it is meant" not in page
        assert "The lead answered" not in page


def test_a_lead_who_still_codes_the_post_sees_no_question_about_it(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, 2)
        round_ = make.round_(db, cast.project, book, posts, [cast.annotator])
        make.round_(db, cast.project, book, posts[:1], [cast.lead])
        for position in (1, 2):
            ask(db, cast.annotator, round_.number, position, f"Question {position}?")
        shown = questions_to_lead(db, cast.lead, 1)
        hidden = next(row.key for row in db.scalars(select(PostQuestion)) if row.asked == "Question 1?")

        assert [row.asked for row in shown.rows] == ["Question 2?"]
        assert n_waiting(db, cast.lead) == 1
        with pytest.raises(NotFound):
            answer(db, cast.lead, hidden, "Yes.")


def test_waiting_questions_come_first(here: Study, database: Database) -> None:
    with database.writing() as db:
        for position in (1, 2, 3):
            ask(db, here.cast.annotator, here.round.number, position, f"Question {position}?")
    reply(database, here)

    with database.reading() as db:
        shown = questions_to_lead(db, here.cast.lead, 1)
        own = own_questions(db, here.cast.annotator, here.round.number)

    assert [row.post_number for row in shown.rows] == [here.posts[n].number for n in (1, 2, 0)]
    assert shown.n_waiting == 2
    assert [question.is_new for question in own] == [True, False, False]


def test_the_history_keeps_who_asked_and_no_words(
    here: Study, client: TestClient, database: Database
) -> None:
    send(client, here, question="Is this irony?")
    reply(database, here)

    with database.reading() as db:
        events = [
            row for row in db.scalars(select(HistoryEvent)) if row.action in {"coding.ask", "coding.answer"}
        ]

    assert [row.action for row in events] == DEEDS
    assert not any("irony" in row.details or "meant" in row.details for row in events)


def test_a_new_answer_is_told_on_the_page_of_the_project_until_it_was_read(
    here: Study, client: TestClient, database: Database, client_of: ClientOf
) -> None:
    home, questions = f"/projects/{here.cast.project.key}", f"{here.path()[:-5]}/questions"
    send(client, here, question="Is this irony?")
    assert "The lead answered" not in client.get(home).text
    reply(database, here)
    page = client.get(home).text
    assert "The lead answered your question in" in page
    assert f'href="{questions}"' in page
    assert "The lead answered" not in client_of(here.cast.other_annotator).get(home).text
    assert "The lead answered" not in client_of(here.cast.lead).get(home).text
    post(client, questions)
    assert "The lead answered" not in client.get(home).text
