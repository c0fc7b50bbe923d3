"""A training round: gold after each submission, no correction, a rule that passes, and what it opens."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from server.coding.models import Coding, GoldShown
from server.db.engine import Database
from server.errors import Refusal
from server.history.models import HistoryEvent
from server.rounds.actions import lock_round, reopen_round
from server.rounds.design import Order, Sharing
from server.rounds.models import Assignment, RoundAnnotator
from server.rounds.pass_rules import Ending, PassRule
from server.training.actions import decide
from server.training.gold_actions import write_gold
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database
from tests.training.scene import GOLD, RIGHT, WRONG, Study, main, study, submitted, train

TWO_OF_THREE = PassRule("right", 2)


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        return study(db, cast)


@pytest.fixture
def client(client_of: ClientOf, cast: Cast) -> TestClient:
    return client_of(cast.annotator)


def opened(database: Database, of: Study, rule: PassRule | None = TWO_OF_THREE) -> None:
    with database.writing() as db:
        train(db, of, rule)


def done(client: TestClient, of: Study, n_right: int, number: int = 1) -> None:
    for position in (1, 2, 3):
        answer = submitted(client, of.path(number, position), RIGHT if position <= n_right else WRONG)
        assert answer.headers["location"].endswith(f"/code/{position}/gold")


def ending(database: Database, number: int = 1) -> str:
    with database.reading() as db:
        return db.scalars(select(RoundAnnotator.training).where(RoundAnnotator.round_id == number + 1)).one()


def test_feedback_comes_after_the_submission(client: TestClient, here: Study, database: Database) -> None:
    opened(database, here)
    assert client.get(here.path(1, "1/gold")).status_code == 404
    submitted(client, here.path(1, 1), WRONG)
    page = client.get(here.path(1, "1/gold"))
    assert page.status_code == 200
    for words in ("Different on 1 of 3", "Against", "Favour", "What favour means.", "Read it twice."):
        assert words in page.text
    assert client.get(here.path(1, "2/gold")).status_code == 404


def test_a_script_is_led_to_the_feedback(client: TestClient, here: Study, database: Database) -> None:
    opened(database, here)
    answer = submitted(client, here.path(1, 1), RIGHT, **{"sent-by": "script"})
    assert answer.status_code == 204
    assert answer.headers["location"].endswith("/code/1/gold")


def test_nothing_is_corrected_after_the_gold_was_shown(
    client: TestClient, here: Study, database: Database
) -> None:
    opened(database, here)
    form = form_fields(client.get(here.path(1, 1)), "/code/")
    first = post(client, here.path(1, 1), form | WRONG)
    again = post(client, here.path(1, 1), form | WRONG)
    assert first.headers["location"] == again.headers["location"]
    late = post(client, here.path(1, 1), form | RIGHT | {"form_token": ["other"], "revision": ["1"]})
    assert late.status_code == 409
    assert "You have seen the gold answers of this post" in late.text
    draft = post(client, here.path(1, "1/draft"), form | RIGHT | {"revision": ["1"]})
    assert draft.status_code == 409
    assert client.get(here.path(1, 1)).headers["location"].endswith("/code/1/gold")
    with database.reading() as db:
        revisions = select(Coding.revision).join(Assignment, col(Assignment.id) == Coding.assignment_id)
        assert list(db.scalars(revisions.where(Assignment.round_id == 2))) == [1]


def test_what_was_shown_stays(client: TestClient, here: Study, database: Database) -> None:
    opened(database, here)
    submitted(client, here.path(1, 1))
    with database.writing() as db:
        position = select(Assignment.post_id).where(Assignment.round_id == 2, Assignment.position == 1)
        shown = db.scalars(position).one()
        number = next(one.number for one in here.posts if one.id == shown)
        answers = {key: tuple(value) if isinstance(value, list) else (value,) for key, value in WRONG.items()}
        write_gold(db, here.cast.lead, number, answers, "I was wrong.", edition=1, codebook=1)
    page = client.get(here.path(1, "1/gold")).text
    assert "Right on all 3 questions" in page
    assert "I was wrong." not in page


@pytest.mark.parametrize(("n_right", "expected"), [(3, "passed"), (2, "passed"), (1, "failed")])
def test_the_rule_decides_at_the_end(
    client: TestClient, here: Study, database: Database, n_right: int, expected: str
) -> None:
    opened(database, here)
    submitted(client, here.path(1, 1))
    assert ending(database) == ""
    for position in (2, 3):
        submitted(client, here.path(1, position), RIGHT if position <= n_right else WRONG)
    assert ending(database) == expected
    page = client.get(here.path(1) + "/training/mine").text
    assert ("You have passed the training" in page) == (expected == "passed")
    assert ("What happens next: the lead reads your answers" in page) == (expected == "failed")
    assert "Read your posts beside the gold" in page
    assert client.get(here.path(1) + "/code/finished").headers["location"].endswith("/training/mine")


def test_a_skip_can_end_a_training(client: TestClient, here: Study, database: Database) -> None:
    opened(database, here)
    for position in (1, 2):
        submitted(client, here.path(1, position))
    assert post(client, here.path(1, "3/skip"), {"reason": "unreadable"}).status_code == 303
    assert ending(database) == "passed"


def test_an_undefined_alpha_does_not_pass(client: TestClient, here: Study, database: Database) -> None:
    opened(database, here, PassRule("alpha", 0.8, 3, "stance"))
    done(client, here, 3)
    assert ending(database) == "failed"
    with database.writing() as db:
        lock_round(db, here.cast.lead, 1)


def test_alpha_over_enough_posts_passes(client: TestClient, cast: Cast, database: Database) -> None:
    with database.writing() as db:
        of = study(db, cast, n_gold=0)
        for place, one in enumerate(of.posts[:4]):
            stance = ["favour", "against", "ambivalent", "favour"][place]
            make.gold(db, of.book, one, GOLD | {"stance": stance}, cast.lead)
        train(db, of, PassRule("alpha", 0.9, 4, "stance"), order=Order.GIVEN)
    for position, stance in enumerate(["favour", "against", "ambivalent", "favour"], start=1):
        submitted(client, of.path(1, position), RIGHT | {"v-stance": stance})
    assert ending(database) == "passed"


def test_passing_opens_the_round_behind(client: TestClient, here: Study, database: Database) -> None:
    opened(database, here)
    with database.writing() as db:
        main(db, here, requires=1, sample_size=3)
    form_of_nobody = post(
        client, here.path(2, 1), RIGHT | {"form_token": "t", "codebook": "1", "revision": "0"}
    )
    assert form_of_nobody.status_code == 409
    assert client.get(here.path(2, 1)).headers["location"].endswith("/code")
    assert "opens when you have passed its training" in client.get(f"/projects/{here.cast.project.key}").text
    done(client, here, 2)
    assert client.get(here.path(2, 1)).status_code == 200
    page = client.get(here.path(1) + "/training/mine").text
    assert "You can now code <bdi>Main</bdi>." in page
    assert f'href="{here.path(2)}/code">Code Main</a>' in page


def test_who_begins_reads_what_is_asked(client: TestClient, here: Study, database: Database) -> None:
    opened(database, here)
    page = client.get(here.path(1) + "/training/mine").text
    assert "After each post you see the expert’s answer; your own stays as you gave it." in page
    assert "You pass with 2 of 3 posts right on every question." in page
    submitted(client, here.path(1, 1))
    assert here.path(1) + "/training/mine" in client.get(here.path(1, "1/gold")).text


@on_one_database
@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (None, "no fixed mark"),
        (
            PassRule("right", 1, opens=False),
            "1 of 3 posts right on every question. The lead then",
        ),
        (PassRule("alpha", 0.8, 3), "alpha with the gold of 0.8 or more on each question, over 3 posts."),
        (PassRule("alpha", 0.8, 3, "stance"), "of 0.8 or more on “Stance”, over 3 posts."),
    ],
)
def test_every_rule_is_said_to_trainees(
    client: TestClient, here: Study, database: Database, rule: PassRule | None, words: str
) -> None:
    opened(database, here, rule)
    assert words in client.get(here.path(1) + "/training/mine").text


def test_the_lead_is_asked_only_where_it_is_their_turn(
    client: TestClient, client_of: ClientOf, here: Study, database: Database
) -> None:
    opened(database, here)
    lead = client_of(here.cast.lead)
    assert "Let in<" not in lead.get(here.path(1) + "/training").text
    done(client, here, 0)
    page = lead.get(here.path(1) + "/training").text
    assert "Let in<" in page
    assert "Ask for another try<" in page
    again = post(lead, here.path(1) + "/training", {"annotator": "3", "ending": "again"})
    page = lead.get(again.headers["location"]).text
    assert "reads that you ask for another try" in page
    assert "you asked for another try" in page
    assert "Let in<" in page
    let_in = post(lead, here.path(1) + "/training", {"annotator": "3", "ending": "let_in"})
    page = lead.get(let_in.headers["location"]).text
    assert "is let in: the rounds behind this training are open" in page
    assert "Let in<" not in page


def test_the_lead_reads_which_rounds_wait_behind_a_training(
    client_of: ClientOf, here: Study, database: Database
) -> None:
    lead = client_of(here.cast.lead)
    with database.writing() as db:
        train(db, here)
    assert "No round waits behind it." in lead.get(here.path(1) + "/training").text
    with database.writing() as db:
        main(db, here, requires=1, title="Main <i>part</i>")
    page = lead.get(here.path(1) + "/training").text
    assert f'<a href="{here.path(2)}">Round 2: Main &lt;i&gt;part&lt;/i&gt;</a>' in page
    assert "No round waits" not in page


def test_who_passed_is_not_asked_again(
    client: TestClient, client_of: ClientOf, here: Study, database: Database
) -> None:
    opened(database, here)
    done(client, here, 3)
    lead = client_of(here.cast.lead)
    assert "Let in<" not in lead.get(here.path(1) + "/training").text
    assert post(lead, here.path(1) + "/training", {"annotator": "3", "ending": "again"}).status_code == 422


def test_a_locked_training_leaves_it_to_the_lead(
    client: TestClient, client_of: ClientOf, here: Study, database: Database
) -> None:
    opened(database, here)
    with database.writing() as db:
        lock_round(db, here.cast.lead, 1)
    assert "the lead decides how you go on" in client.get(here.path(1) + "/training/mine").text
    assert "Let in<" in client_of(here.cast.lead).get(here.path(1) + "/training").text


def test_a_shared_queue_hands_nothing_to_who_has_not_passed(
    client: TestClient, here: Study, database: Database
) -> None:
    opened(database, here, PassRule("right", 3, opens=False))
    with database.writing() as db:
        main(db, here, requires=1, sharing=Sharing(60))
    assert client.get(here.path(2) + "/code").headers["location"].endswith("/code")
    assert client.get(here.path(2) + "/code/waiting").headers["location"].endswith("/code/finished")
    done(client, here, 3)
    assert "The lead has been asked" in client.get(here.path(1) + "/training/mine").text
    assert client.get(here.path(2) + "/code/finished").headers["location"].endswith("/code")
    with database.writing() as db:
        assert not db.scalars(select(Assignment.id).where(Assignment.round_id == 3)).all()
        decide(db, here.cast.lead, 1, 3, Ending.LET_IN)
    assert client.get(here.path(2) + "/code").headers["location"].endswith("/code/1")


def test_the_lead_asks_for_another_try_which_counts(
    client: TestClient, client_of: ClientOf, here: Study, database: Database
) -> None:
    opened(database, here)
    with database.writing() as db:
        main(db, here, requires=1, sample_size=3)
    done(client, here, 0)
    lead = client_of(here.cast.lead)
    page = lead.get(here.path(1) + "/training")
    assert "not passed" in page.text
    assert "Where Annotator" in page.text
    start = f"/projects/{here.cast.project.key}/code"
    nothing_open = client.get(start).text
    assert "then lets you in or asks you for another try" in nothing_open
    assert "You go on where you stopped" not in nothing_open
    asked = post(lead, here.path(1) + "/training", {"annotator": "3", "ending": "again"})
    assert asked.status_code == 303
    assert "Another try" in client.get(here.path(1) + "/training/mine").text
    waits = client.get(start).text
    assert "They will appear here." in waits
    assert "all done" not in waits
    with database.writing() as db:
        for one in make.posts(db, here.cast.project, 3):
            make.gold(db, here.book, one, GOLD, here.cast.lead)
        assert train(db, here, TWO_OF_THREE, title="Second training") == 3
        main(db, here, annotators=(3,), sample_size=2)
    assert (
        f'It is open: <a href="{here.path(3)}/code"><bdi>Second training</bdi></a>' in client.get(start).text
    )
    done(client, here, 3, number=3)
    assert ending(database) == "let_in"
    assert client.get(here.path(2, 1)).status_code == 200
    with database.reading() as db:
        said = db.scalars(
            select(HistoryEvent.action)
            .where(col(HistoryEvent.action).startswith("training."))
            .order_by(col(HistoryEvent.id))
        )
        assert list(said) == ["training.end", "training.again", "training.end"]


def test_bad_words_of_the_lead(client_of: ClientOf, here: Study, database: Database) -> None:
    opened(database, here)
    lead = client_of(here.cast.lead)
    path = here.path(1) + "/training"
    assert post(lead, path, {"annotator": "5", "ending": "let_in"}).status_code == 422
    assert post(lead, path, {"annotator": "3", "ending": "nonsense"}).status_code == 422
    assert post(lead, path, {"annotator": "3", "ending": "let_in"}).status_code == 303
    assert post(lead, path, {"annotator": "3", "ending": "again"}).status_code == 422


def test_who_was_let_in_before_a_round_opens_codes_at_once(
    client: TestClient, here: Study, database: Database
) -> None:
    opened(database, here)
    done(client, here, 3)
    with database.writing() as db:
        main(db, here, requires=1, sample_size=3)
        with pytest.raises(Refusal, match="Other Annotator"):
            main(db, here, requires=1, annotators=(3, 4))
        with pytest.raises(Refusal, match="no training round"):
            main(db, here, requires=2)
    assert client.get(here.path(2, 1)).status_code == 200


def test_nobody_codes_a_post_whose_gold_is_shown(here: Study, database: Database) -> None:
    opened(database, here)
    gold = {one.id for one in here.posts[:3]}
    with database.writing() as db:
        number = main(db, here)
        coded = set(db.scalars(select(Assignment.post_id).where(Assignment.round_id == number + 1)))
        assert not coded & gold
        with pytest.raises(Refusal, match="All 3 posts with gold are in an earlier training"):
            train(db, here)


def test_posts_that_are_still_coded_elsewhere_are_in_no_training(here: Study, database: Database) -> None:
    with database.writing() as db:
        main(db, here)
        with pytest.raises(Refusal, match="All 3 posts with gold are in a round that is still open"):
            train(db, here)
        lock_round(db, here.cast.lead, 1)
        train(db, here)
        with pytest.raises(Refusal, match="The gold answers of some of its posts"):
            reopen_round(db, here.cast.lead, 1)


def test_every_cause_is_named_where_no_gold_is_left(here: Study, database: Database) -> None:
    with database.writing() as db:
        train(db, here)
        for one in make.posts(db, here.cast.project, 2):
            make.gold(db, here.book, one, GOLD, here.cast.lead)
        main(db, here)
        with pytest.raises(Refusal, match=r"2 in a round that is still open .*, 3 in an earlier training"):
            train(db, here)


def test_a_share_of_one_post_is_one_post(cast: Cast, database: Database) -> None:
    with database.writing() as db, pytest.raises(Refusal, match="needs 1 post with gold whose answer is"):
        main(db, study(db, cast, n_gold=0), gold_share=0.01)


def test_a_training_without_any_gold_is_refused(cast: Cast, database: Database) -> None:
    with database.writing() as db, pytest.raises(Refusal, match="No post has gold answers yet"):
        train(db, study(db, cast, n_gold=0))


def test_a_rule_that_nobody_can_fulfil_is_refused(here: Study, database: Database) -> None:
    with database.writing() as db:
        with pytest.raises(Refusal, match="only 3 posts"):
            train(db, here, PassRule("right", 4))
        with pytest.raises(Refusal, match="only 3 posts"):
            train(db, here, PassRule("alpha", 0.8, 4))
        with pytest.raises(Refusal, match="no such question"):
            train(db, here, PassRule("alpha", 0.8, 3, "nonsense"))


def test_each_submission_says_which_gold_it_was_shown(
    client: TestClient, here: Study, database: Database
) -> None:
    opened(database, here)
    done(client, here, 3)
    with database.reading() as db:
        assert len(db.scalars(select(GoldShown.gold_id)).all()) == 3
