"""What is counted against who guesses tokens, and the order in which a token's owner takes locks."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from server.clock import now
from server.errors import NotFound
from server.tokens import actions, queries
from server.tokens.models import AccessTokenGuess
from tests.stock import on_one_database


def test_guesses_count_no_longer_where_the_clock_went_back(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_GUESSES", 3)
    for _guess in range(3):
        actions.count_guess(db, "192.0.2.1")
    assert queries.has_guessed_too_often(db, "192.0.2.1")
    for module in (actions, queries):
        monkeypatch.setattr(module, "now", lambda: now() - timedelta(hours=1))
    assert not queries.has_guessed_too_often(db, "192.0.2.1")
    actions.count_guess(db, "192.0.2.1")
    db.flush()
    assert db.scalar(select(func.count(col(AccessTokenGuess.id)))) == 1


@on_one_database
def test_who_revokes_a_token_holds_their_account_first(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    monkeypatch.setattr(actions, "hold", lambda _db, account_id: held.append(account_id), raising=False)
    with pytest.raises(NotFound):
        actions.revoke_token(db, 7, "none")
    assert held == [7]
