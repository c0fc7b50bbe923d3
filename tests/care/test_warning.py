"""What is read before the first post: shown to each annotator once, and anew when it has changed."""

from fastapi.testclient import TestClient
from sqlmodel import select

from server.db.engine import Database
from server.history.models import HistoryEvent
from tests.browse import post
from tests.care.settled import Settle, own_path, read_before, settings_path
from tests.cast import Cast
from tests.coding.desk import Study
from tests.conftest import ClientOf

WARNING = "Some posts speak of <death>.\n\nTake your time."


def leads_to(client: TestClient, path: str) -> str:
    found = client.get(path, follow_redirects=False)
    return str(found.headers.get("location", found.status_code))


def test_nothing_is_asked_where_the_lead_warns_of_nothing(here: Study, client: TestClient) -> None:
    assert leads_to(client, here.path()).endswith("/code/1")
    assert leads_to(client, here.path(1)) == "200"


def test_a_warning_is_read_before_the_first_post_once(
    here: Study, cast: Cast, client: TestClient, client_of: ClientOf, settled: Settle
) -> None:
    assert settled(warning=WARNING) == 303

    assert leads_to(client, here.path()).endswith("/care/before?round=1")
    assert leads_to(client, here.path(2)).endswith("/care/before?round=1&position=2")
    page = client.get(own_path(cast) + "/before").text
    assert "Some posts speak of &lt;death&gt;." in page
    assert "Not now" in page
    assert read_before(client, cast, "?round=1&position=2").endswith("/code/2")

    assert leads_to(client, here.path(2)) == "200"
    assert leads_to(client_of(cast.other_annotator), here.path(2)).endswith("position=2")


def test_it_is_asked_again_when_it_reads_otherwise(
    here: Study, cast: Cast, client: TestClient, settled: Settle
) -> None:
    settled(warning=WARNING)
    read_before(client, cast)
    settled(pause_minutes="30")
    assert leads_to(client, here.path(1)) == "200"
    settled(warning="Worse.")
    assert "/care/before" in leads_to(client, here.path(1))
    settled(warning="")
    assert leads_to(client, here.path(1)) == "200"


def test_what_changed_while_one_read_it_is_read_again(
    here: Study, cast: Cast, client: TestClient, settled: Settle
) -> None:
    settled(warning=WARNING)
    refused = post(client, own_path(cast) + "/before", {"mark": "of-another-text"})
    assert refused.status_code == 409
    assert "has just changed" in refused.text
    assert "/care/before" in leads_to(client, here.path(1))


def test_a_locked_round_can_be_read_without_it(
    here: Study, cast: Cast, client: TestClient, lead: TestClient, settled: Settle
) -> None:
    settled(warning=WARNING)
    post(lead, f"/projects/{cast.project.key}/rounds/1/lock", {})
    assert leads_to(client, here.path(1)) == "200"


def test_what_cannot_be_settled_is_said_at_its_place_and_kept(
    here: Study, cast: Cast, lead: TestClient
) -> None:
    refused = post(lead, settings_path(cast), {"warning": "Beware", "hides": "topics", "pause_minutes": "1"})
    assert refused.status_code == 422
    assert "at least 5" in refused.text
    assert "Beware" in refused.text
    refused = post(lead, settings_path(cast), {"warning": "Beware", "hides": "topics"})
    assert refused.status_code == 422
    assert "Choose the field in which the posts name their topics." in refused.text
    assert post(lead, settings_path(cast), {"warning": "x" * 5001}).status_code == 422


def test_the_history_tells_of_a_change_and_not_the_text(
    here: Study, cast: Cast, client: TestClient, settled: Settle, database: Database
) -> None:
    settled(warning=WARNING)
    settled()
    read_before(client, cast)
    with database.reading() as db:
        events = {event.action: event.details for event in db.exec(select(HistoryEvent))}
    assert list(events) == ["project.edit_care", "care.accept"]
    assert "death" not in str(events)
