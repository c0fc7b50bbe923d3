from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from server.accounts.actions import create_account
from server.accounts.sessions import begin_session
from server.db.engine import Database
from tests.conftest import ClientOf

PASSWORD = "a calm grey heron"


@dataclass(frozen=True)
class People:
    """An admin and two others, all with the same password."""

    database: Database
    client_of: ClientOf

    def browser(self, name: str = "", **rights: bool) -> TestClient:
        """A browser signed in as a new account, or as nobody."""
        client = self.client_of(None)
        if name:
            with self.database.writing() as db:
                account_id = create_account(db, None, name, name.title(), PASSWORD, **rights)
                client.cookies.set("session", begin_session(db, account_id), domain="127.0.0.1")
        return client


@pytest.fixture
def people(database: Database, client_of: ClientOf) -> People:
    """Somebody to make accounts and browsers."""
    return People(database, client_of)
