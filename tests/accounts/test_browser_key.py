"""The key that browsers seal with what they keep for an account: its own, for good, told to nobody else."""

import hashlib
import hmac
import re
from base64 import b64decode
from html import unescape

from alembic.command import downgrade, upgrade
from fastapi.testclient import TestClient
from sqlmodel import Session

from server.accounts import sessions
from server.accounts.browser_key import browser_key, new_secret
from server.accounts.models import Account
from server.db.engine import Database
from server.db.migrate import configuration
from server.settings import Settings
from tests import make
from tests.cast import Cast
from tests.coding.desk import study
from tests.conftest import ClientOf
from tests.stock import on_one_database


def test_the_key_follows_from_the_secret_and_does_not_tell_it() -> None:
    secret = new_secret()
    key = b64decode(browser_key(secret), validate=True)
    assert key == hmac.new(secret, b"what a browser keeps", hashlib.sha256).digest()
    assert len(key) == len(secret) == 32
    assert key != secret
    assert len({browser_key(new_secret()) for _ in range(20)}) == 20
    assert browser_key(None) == ""


def test_an_account_keeps_its_secret_and_one_of_an_older_version_gets_its_own(db: Session) -> None:
    anna, bert, carl = (make.account(db, name) for name in ("anna", "bert", "carl"))
    first = anna.browser_secret
    bert.browser_secret = carl.browser_secret = None
    db.flush()
    for each in (anna, bert):
        sessions.begin_session(db, make.id_of(each))
        db.refresh(each)
    db.refresh(carl)
    assert anna.browser_secret == first
    assert len(bert.browser_secret or b"") == 32
    assert bert.browser_secret != first
    assert carl.browser_secret is None


def test_whoever_was_there_before_has_a_secret_of_their_own(database: Database, settings: Settings) -> None:
    with database.writing() as db:
        ids = [make.id_of(make.account(db, name)) for name in ("anna", "bert")]
    database.dispose()
    config = configuration(settings.resolved_database_url)
    downgrade(config, "0030")
    upgrade(config, "head")
    with database.reading() as db:
        secrets = {db.get_one(Account, each).browser_secret for each in ids}
    assert [len(each or b"") for each in secrets] == [32, 32]


@on_one_database
def test_only_ones_own_desk_tells_the_key(database: Database, cast: Cast, client_of: ClientOf) -> None:
    with database.writing() as db:
        place = study(db, cast).path(1)
        own = (cast.annotator, cast.other_annotator)
        wanted = [browser_key(db.get_one(Account, each.account_id).browser_secret) for each in own]
    told = [_told(client_of(each), place) for each in own]
    assert told == wanted
    assert _told(client_of(cast.annotator), place) == wanted[0]  # Another sign-in of the same.
    elsewhere = client_of(cast.lead).get(f"/projects/{cast.project.key}/members")
    assert not any(key in elsewhere.text for key in wanted)


def _told(client: TestClient, place: str) -> str:
    page = client.get(place)
    assert page.headers["cache-control"] == "no-store"
    [key] = re.findall(r' data-seal="([^"]+)"', page.text)
    return unescape(key)
