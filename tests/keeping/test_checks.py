"""What the check of a database finds: each fault is made by hand, as no action can."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlmodel import Session

from server.db.engine import Database
from server.keeping.checks import check_all
from server.keeping.files import in_one_transaction
from server.settings import Settings
from tests.browser.furnished import furnish
from tests.history.tampering import disarm
from tests.history.told import tell

Fault = Callable[[Session], None]


def wrong(db: Session) -> dict[str, str]:
    return {found.about: found.wrong for found in check_all(db) if found.wrong}


def counter(db: Session) -> None:
    db.execute(text("UPDATE round_annotator SET n_submitted = n_submitted + 1 WHERE id = 1"))


def lost_coding(db: Session) -> None:
    db.execute(text("UPDATE assignment SET coding_id = NULL WHERE state = 'submitted'"))


def event(db: Session) -> None:
    disarm(db)
    db.execute(text("UPDATE history_event SET subject = 'another' WHERE sequence = 1"))


@pytest.mark.parametrize(
    ("fault", "about", "said"),
    [
        (counter, "Progress of annotators", "1 annotator of a round is counted otherwise"),
        (lost_coding, "Current codings", "newest coding"),
        (event, "The history", "is not what was recorded"),
    ],
)
def test_each_fault_is_found(database: Database, fault: Fault, about: str, said: str) -> None:
    with database.writing() as db:
        furnish(db)
        tell(db)
        db.flush()
        assert wrong(db) == {}
        fault(db)
        found = wrong(db)
    assert next(iter(found)) == about
    assert said in found[about]


def test_rows_that_refer_to_nothing_are_found(database: Database, settings: Settings) -> None:
    with database.writing() as db:
        furnish(db)
        tell(db)
    with in_one_transaction(settings.resolved_database_url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("UPDATE member SET account_id = 999999 WHERE id = 1"))
    with database.reading() as db:
        found = wrong(db)
    said = "1 rows of “member” refer to rows of “account” that are not there."
    assert found == {"References between rows": said}
