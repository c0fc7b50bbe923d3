"""The page of a round, and the steps from open to revealed."""

from datetime import timedelta

import pytest

from server.db.engine import Database
from server.rounds import queries
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.rounds.test_pages import at, opened, rounds_of
from tests.stock import on_one_database


@pytest.fixture
def study(cast: Cast, database: Database) -> Cast:
    with database.writing() as db:
        make.published(db, cast.project)
        make.posts(db, cast.project, 6)
    return cast


LATER = make.MOMENT + timedelta(days=1)


def test_a_round_shows_design_and_progress(study: Cast, database: Database, client_of: ClientOf) -> None:
    design = {"posts": "all", "k": 2, "seed": 41, "filter": {"field": "lang", "values": ["en", "de"]}}
    opened(study, database, design=design)
    page = client_of(study.lead).get(at(study, "/1"))
    assert page.status_code == 200
    for words in ("all; lang: en, de", "41", "1 of 2", "1 coding is flagged unsure."):
        assert words in page.text


def test_a_round_without_a_known_design_is_shown(
    study: Cast, database: Database, client_of: ClientOf
) -> None:
    opened(study, database, is_imported=True, locked_at=LATER, design={"source": "ratings.csv"})
    page = client_of(study.viewer).get(at(study, "/1"))
    assert page.status_code == 200
    assert "imported" in page.text
    assert "This round is blind." in page.text
    assert "flagged unsure" not in page.text


def test_a_round_without_annotators_is_shown(study: Cast, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        make.round_(db, study.project, make.published(db, study.project), [], [])
    assert client_of(study.lead).get(at(study, "/1")).status_code == 200


def test_only_the_lead_is_offered_the_steps(study: Cast, database: Database, client_of: ClientOf) -> None:
    opened(study, database)
    assert "Lock the round" in client_of(study.lead).get(at(study, "/1")).text
    for member in (study.adjudicator, study.viewer):
        page = client_of(member).get(at(study, "/1"))
        assert page.status_code == 200
        assert at(study, "/1/") not in page.text.replace(at(study, "/1/code"), "")


def test_who_would_see_everything_is_said_before_the_round_is_locked_and_after(
    study: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        book = make.published(db, study.project)
        make.round_(db, study.project, book, make.posts(db, study.project, 1), [study.lead, study.annotator])
    client = client_of(study.lead)
    assert (
        "will then see the codings of all, so that it cannot be opened again"
        in client.get(at(study, "/1")).text
    )
    post(client, at(study, "/1/lock"), {})
    page = client.get(at(study, "/1")).text
    assert "could see all codings of this round since it was locked" in page
    assert "Open it again" not in page


def test_lock_reopen_lock_reveal(study: Cast, database: Database, client_of: ClientOf) -> None:
    opened(study, database)
    client = client_of(study.lead)
    states = []
    for step, fields in (
        ("lock", {}),
        ("reopen", {}),
        ("lock", {}),
        ("reveal", {"reveal_confirmed": "on"}),
    ):
        answer = post(client, at(study, f"/1/{step}"), fields)
        assert (answer.status_code, answer.headers["location"]) == (303, at(study, "/1"))
        assert client.get(at(study, "/1")).status_code == 200
        states += [state for _number, state in rounds_of(study, database)]
    assert states == ["locked", "open", "locked", "revealed"]


@on_one_database
@pytest.mark.parametrize(
    ("step", "fields", "state", "sentence"),
    [
        ("reveal", {"reveal_confirmed": "on"}, "open", "Lock it first"),
        ("reveal", {}, "locked", "Tick the box if you are sure."),
        ("reopen", {}, "revealed", "stays closed"),
        ("withdraw", {"annotator": "3"}, "open", "Tick the box if you are sure."),
        ("withdraw", {"annotator": "", "withdraw_confirmed": "on"}, "open", "Please fill this in."),
        ("withdraw", {"annotator": "1", "withdraw_confirmed": "on"}, "open", "is not an annotator"),
        ("withdraw", {"annotator": "9" * 30, "withdraw_confirmed": "on"}, "open", "at most"),
        ("withdraw", {"annotator": "3", "withdraw_confirmed": "on"}, "locked", "The round is locked"),
    ],
)
def test_a_refused_step_says_why_and_changes_nothing(
    study: Cast,
    database: Database,
    client_of: ClientOf,
    step: str,
    fields: dict[str, str],
    state: str,
    sentence: str,
) -> None:
    moments = {"open": {}, "locked": {"locked_at": LATER}, "revealed": dict.fromkeys(MOMENTS, LATER)}
    opened(study, database, **moments[state])
    page = post(client_of(study.lead), at(study, f"/1/{step}"), fields)
    assert page.status_code == 422
    assert sentence in page.text
    assert rounds_of(study, database) == [(1, state)]
    with database.reading() as db:
        assert queries.rounds(db, study.lead)[0].progress.n_assigned == 4


MOMENTS = ("locked_at", "revealed_at")


def test_withdrawing_an_annotator(study: Cast, database: Database, client_of: ClientOf) -> None:
    opened(study, database)
    client = client_of(study.lead)
    sent = {"annotator": "3", "withdraw_confirmed": "on"}
    assert post(client, at(study, "/1/withdraw"), sent).status_code == 303
    page = client.get(at(study, "/1"))
    assert "1 post was withdrawn." in page.text
    assert '<span class="tag">withdrawn</span>' in page.text
    assert '<option value="3"' not in page.text
