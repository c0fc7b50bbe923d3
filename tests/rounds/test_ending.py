"""The day on which a round ends: planned, changed, said to everybody, and locking nothing."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from server.db.engine import Database
from server.history.models import HistoryEvent
from server.rounds.actions import open_round
from server.rounds.design import Purpose, RoundDesign
from server.rounds.ending import ending
from server.rounds.models import Round
from server.web.languages import use_language
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.coding.desk import Study, coded, study
from tests.conftest import ClientOf

NOW = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        return study(db, cast)


@pytest.fixture
def lead(client_of: ClientOf, cast: Cast) -> TestClient:
    return client_of(cast.lead)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (None, ""),
        (date(2026, 11, 27), "ends today"),
        (date(2026, 11, 28), "ends on 28 November, in 1 day"),
        (date(2026, 12, 3), "ends on 3 December, in 6 days"),
        (date(2027, 1, 2), "ends on 2 January 2027, in 36 days"),
        (date(2026, 11, 26), "ended on 26 November, and can still be coded"),
    ],
)
def test_when_a_round_ends_is_said_in_words(day: date | None, said: str) -> None:
    assert ending(day, NOW) == said


def test_it_is_said_in_french() -> None:
    use_language("fr")
    assert ending(date(2026, 12, 3), NOW) == "se termine le 3 décembre, dans 6 jours"
    use_language("en")


def _ends_on(cast: Cast) -> str:
    return f"/projects/{cast.project.key}/rounds/1/end"


def test_the_lead_sets_and_changes_it_and_annotators_read_it(
    here: Study, cast: Cast, lead: TestClient, client_of: ClientOf, database: Database
) -> None:
    day = datetime.now(UTC).date() + timedelta(days=6)
    assert post(lead, _ends_on(cast), {"ends_on": day.isoformat()}).status_code == 303
    annotator = client_of(cast.annotator)
    for page in (here.path(1), f"/projects/{cast.project.key}"):
        assert "in 6 days" in annotator.get(page).text
    shown = lead.get(f"/projects/{cast.project.key}/rounds/1").text
    assert f'value="{day.isoformat()}"' in shown
    assert "in 6 days" in shown

    assert post(lead, _ends_on(cast), {"ends_on": ""}).status_code == 303
    assert "in 6 days" not in annotator.get(here.path(1)).text
    with database.reading() as db:
        events = db.exec(select(HistoryEvent).where(HistoryEvent.action == "round.set_end")).all()
    assert json.loads(events[0].details) == {"ends_on": {"before": "", "after": day.isoformat()}}


def test_nothing_is_locked_by_it(here: Study, cast: Cast, lead: TestClient, client_of: ClientOf) -> None:
    post(lead, _ends_on(cast), {"ends_on": "2020-02-01"})
    annotator = client_of(cast.annotator)
    assert "ended on 1 February 2020, and can still be coded" in annotator.get(here.path(1)).text
    assert coded(annotator, here.path(1)).status_code == 303


def test_what_is_no_day_is_said_at_its_place(here: Study, cast: Cast, lead: TestClient) -> None:
    refused = post(lead, _ends_on(cast), {"ends_on": "soon"})
    assert refused.status_code == 422
    assert "Please write a day as in 2025-12-03." in refused.text
    assert 'value="soon"' in refused.text
    post(lead, f"/projects/{cast.project.key}/rounds/1/lock", {})
    refused = post(lead, _ends_on(cast), {"ends_on": "2030-01-01"})
    assert refused.status_code == 422
    assert "locked already" in refused.text


def test_it_is_planned_with_the_round(here: Study, cast: Cast, lead: TestClient, db: Session) -> None:
    asked = {"title": "Next", "purpose": "main", "annotators": "3", "k": "1", "ends_on": "2030-03-01"}
    preview = lead.get(
        f"/projects/{cast.project.key}/rounds/new/preview", params=asked, follow_redirects=True
    )
    assert "1 March 2030" in preview.text
    assert 'name="ends_on" value="2030-03-01"' in preview.text
    design = RoundDesign("Next", Purpose.MAIN, (3,), seed=1, ends_on=date(2030, 3, 1))
    number = open_round(db, cast.lead, design)
    found = db.exec(select(Round).where(Round.number == number, Round.project_id == cast.lead.project_id))
    assert found.one().ends_on == date(2030, 3, 1)
    past = lead.get(preview.url.path, params=asked | {"ends_on": "2020-03-01"})
    assert past.status_code == 422
    assert "This day has passed." in past.text
    figures = lead.get(preview.url.path, params=asked | {"seed": "x", "part": "figures"})
    assert "Seed: Please write a whole number." in figures.text


def test_the_end_thanks_says_what_comes_and_leads_on(
    here: Study, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    annotator = client_of(cast.annotator)
    with database.writing() as db:
        make.round_(db, cast.project, here.book, here.posts, [cast.annotator], title="Second & last")
    for position in (1, 2, 3):
        coded(annotator, here.path(position))
    page = annotator.get(here.path("finished")).text
    assert "Thank you: your part is done." in page
    assert "Go on with Second &amp; last" in page
    assert "when the round is revealed you find everybody" in page
