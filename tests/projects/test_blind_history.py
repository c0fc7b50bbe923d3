"""The lead who codes reads in the history that something was done, and not what others answered."""

import pytest

from server.db.engine import Database
from server.history.actions import record
from server.rounds.actions import lock_round
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf

TOLD = {"coding.skip": {"reason": "distressing"}, "adjudication.decide": {"decided": "favour"}}


@pytest.fixture
def done(database: Database, cast: Cast) -> None:
    """The lead codes in an open round, and others have skipped and decided."""
    with database.writing() as db:
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 1)
        make.round_(db, cast.project, book, posts, [cast.lead, cast.annotator])
        for action, details in TOLD.items():
            record(
                db,
                project_id=cast.lead.project_id,
                actor_id=cast.annotator.account_id,
                action=action,
                subject="post 1",
                details=details,
            )


def test_what_others_answered_is_told_when_the_round_is_locked(
    done: None, database: Database, cast: Cast, client_of: ClientOf
) -> None:
    path = f"/projects/{cast.project.key}/history"
    blind = client_of(cast.lead).get(path).text
    assert "post 1" in blind
    assert not any(word in blind for word in ("distressing", "favour"))
    with database.writing() as db:
        lock_round(db, cast.lead, 1)
    seeing = client_of(cast.lead).get(path).text
    assert all(word in seeing for word in ("distressing", "favour"))
