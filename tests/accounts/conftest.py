from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from server.accounts.actions import create_account
from server.accounts.sessions import begin_session
from server.db.engine import Database
from tests.browse import form_key
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


def twice(client: TestClient, path: str, fields: dict[str, Any]) -> list[tuple[int, str]]:
    """What a form is answered that leaves the browser twice before anything comes back."""
    sent = {"form_key": form_key(client), **fields}
    carried = {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}

    def send(_time: int) -> tuple[int, str]:
        answer = client.post(path, data=sent, headers=carried)
        return answer.status_code, answer.cookies.get("session", "")

    with ThreadPoolExecutor(2) as both:
        return list(both.map(send, range(2)))
