"""Imports that are cancelled leave nothing behind, as long as that is possible."""

import pytest

from server.corpora import carrying
from server.db.engine import Database
from server.settings import Settings
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.files import HEADER, csv, import_shown, path, previewed, row
from tests.corpora.jobs import (
    FILE,
    MANY,
    Gate,
    at_writing,
    begun,
    counted,
    ended,
    half_way,
    quick,
    settings,
    texts,
)

__all__ = ["at_writing", "half_way", "quick", "settings"]  # Fixtures.


def test_cancelling_leaves_nothing_behind(
    client_of: ClientOf, cast: Cast, database: Database, settings: Settings, at_writing: Gate
) -> None:
    lead = client_of(cast.lead)
    page = previewed(lead, cast, FILE)
    before = counted(database)
    address = import_shown(lead, page).headers["location"]
    at_writing.reached()
    shown = lead.get(address)
    assert shown.headers["refresh"] == "2"
    answer = lead.post(address.replace("progress", "cancel"), data=form_fields(shown, "cancel"))
    assert answer.headers["location"] == address
    assert "The import is being cancelled." in lead.get(address).text
    at_writing.is_open.set()
    assert ended(lead, address).headers["location"] == path(cast, "import")
    assert (
        "The import was cancelled. Nothing was imported; the file still waits." in lead.get(path(cast)).text
    )
    assert counted(database) == before
    assert not list(settings.data.glob("*import*"))


def test_what_is_half_written_is_seen_by_nobody_and_can_be_cancelled(
    client_of: ClientOf, cast: Cast, database: Database, half_way: Gate
) -> None:
    lead = client_of(cast.lead)
    import_shown(lead, previewed(lead, cast, csv(9_001, 9_002)))
    page = previewed(lead, cast, FILE)
    before = counted(database)
    address = import_shown(lead, page).headers["location"]
    half_way.reached()
    assert counted(database)["post"] > before["post"]
    assert len(texts(database, cast)) == 2
    assert "Import 2" not in lead.get(path(cast, "imports")).text
    post(lead, address.replace("progress", "cancel"))
    half_way.is_open.set()
    assert ended(lead, address).headers["location"] == path(cast, "import")
    assert counted(database) == before


def test_it_is_too_late_to_cancel_when_posts_are_shown(
    client_of: ClientOf, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database.is_sqlite:
        pytest.skip("Elsewhere all posts come in at one moment.")
    gate = Gate(monkeypatch, carrying._Import, "_change_alone")
    lead = client_of(cast.lead)
    import_shown(lead, previewed(lead, cast, (HEADER + row(1, "Something else")).encode()))
    address = begun(lead, cast)
    gate.reached()
    assert len(texts(database, cast)) == MANY
    shown = lead.get(address).text
    assert "It can no longer be cancelled" in shown
    assert "/cancel" not in shown
    post(lead, address.replace("progress", "cancel"))
    assert "It is too late to cancel" in lead.get(address).text
    gate.is_open.set()
    ended(lead, address)
    assert "399 posts were imported. 1 post was changed." in lead.get(path(cast)).text
