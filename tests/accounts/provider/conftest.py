"""A provider that runs, and browsers that go there and come back."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import SecretStr

from server.accounts import actions, identities
from server.accounts.provider import Proof
from server.db.engine import Database
from server.settings import Settings
from tests.accounts.conftest import People
from tests.accounts.identity_provider import CLIENT, SECRET, IdentityProvider, serving

GO, BACK = "/sign-in/provider", "/sign-in/provider/back"


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    with serving() as provider:
        yield provider


@pytest.fixture
def provider(running: IdentityProvider) -> IdentityProvider:
    running.reset()
    return running


@pytest.fixture
def choices() -> dict[str, Any]:
    """Settings that a test wants otherwise."""
    return {}


@pytest.fixture
def settings(settings: Settings, provider: IdentityProvider, choices: dict[str, Any]) -> Settings:
    known = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "oidc_label": "Riverside",
    }
    return settings.model_copy(update=known | choices)


with_new_accounts = pytest.mark.parametrize("choices", [{"oidc_new_accounts": True}])
without_passwords = pytest.mark.parametrize("choices", [{"password_sign_in": False}])


def tie(database: Database, provider: IdentityProvider, name: str = "anna", subject: str = "s-1") -> None:
    with database.writing() as db:
        account = actions.demand_account(db, name)
        identities.tie(db, account.id, account.id or 0, Proof(provider.issuer, subject, "", ""))


@pytest.fixture
def stranger(people: People) -> TestClient:
    """A browser that nobody is signed in with; Anna has an account."""
    people.browser("anna")
    return people.browser()


def go(client: TestClient, then: str = "/me") -> str:
    sent: Response = client.get(GO, params={"next": then})
    assert sent.status_code == 303
    return str(sent.headers["location"])


def is_signed_in(client: TestClient) -> bool:
    page: Response = client.get("/me")
    return page.status_code == 200
