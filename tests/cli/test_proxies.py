"""Whose word on a visitor's address is taken: a proxy's on this machine, and nobody else's."""

import socket
from collections.abc import Callable

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlmodel import col

from server.accounts.models import SignInFailure
from server.accounts.queries import MAX_FAILURES
from server.app import create_app
from server.cli import serving
from server.db.engine import Database
from server.settings import Settings
from tests.stock import on_one_database

pytestmark = on_one_database
Visit = Callable[[str], TestClient]


class Started(Exception):
    """A server was about to run with these settings."""

    def __init__(self, config: uvicorn.Config) -> None:
        self.config = config


@pytest.fixture
def served(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """What `serve` would run, reached from an address."""
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    monkeypatch.setattr(serving, "LeavingServer", _caught)
    with socket.socket() as listener, pytest.raises(Started) as started:
        serving.serve_on(listener, create_app(settings))
    config = started.value.config
    config.load()
    return lambda address: TestClient(config.loaded_app, client=(address, 50_000))


def _caught(config: uvicorn.Config, _app: FastAPI) -> uvicorn.Server:
    raise Started(config)


def guess(browser: TestClient, name: str, forwarded: str) -> str:
    fields = {"name": name, "password": "not the right one"}
    answer = browser.post("/sign-in", data=fields, headers={"X-Forwarded-For": forwarded})
    return str(answer.text)


def counted(database: Database) -> list[str]:
    with database.reading() as db:
        return list(db.scalars(select(col(SignInFailure.address)).order_by(col(SignInFailure.id))))


def test_a_stranger_cannot_choose_the_address_that_is_counted(served: Visit, database: Database) -> None:
    guess(served("203.0.113.7"), "anna", "198.51.100.1")
    assert counted(database) == ["203.0.113.7"]


def test_the_proxy_of_this_machine_names_the_visitor(served: Visit, database: Database) -> None:
    guess(served("127.0.0.1"), "anna", "198.51.100.1")
    assert counted(database) == ["198.51.100.1"]


def test_what_a_visitor_wrote_before_the_proxy_did_is_passed_over(served: Visit, database: Database) -> None:
    guess(served("127.0.0.1"), "anna", "127.0.0.1, 192.0.2.66, 198.51.100.1")
    assert counted(database) == ["198.51.100.1"]


def test_made_up_addresses_do_not_start_the_counting_anew(served: Visit) -> None:
    browser = served("127.0.0.1")
    # Many names of one visitor who writes another address before each guess.
    for number in range(10 * MAX_FAILURES):
        assert "not right" in guess(browser, f"name{number}", f"192.0.2.{number}, 198.51.100.1")
    assert "too many wrong tries" in guess(browser, "another", "192.0.2.200, 198.51.100.1")
    assert "not right" in guess(browser, "another", "192.0.2.200, 198.51.100.2")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": ""},
        {"X-Forwarded-For": "unknown, , ,"},
        {"X-Forwarded-For": "<script>alert(1)</script>"},
        {"X-Forwarded-For": "9" * 4_000},
        {"X-Forwarded-For": "[2001:db8::1]:443"},
        {"X-Forwarded-For": "192.0.2.1:8080:8080"},
        {"X-Forwarded-Proto": "javascript", "X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "-1"},
        {"Forwarded": 'for="_x";proto=gopher', "X-Real-IP": "nobody", "X-Forwarded-Prefix": "/../.."},
    ],
    ids=str,
)
def test_nonsense_of_a_proxy_breaks_nothing(
    served: Visit, database: Database, headers: dict[str, str]
) -> None:
    browser = served("127.0.0.1")
    assert browser.get("/sign-in", headers=headers).status_code == 200
    answer = browser.post("/sign-in", data={"name": "anna", "password": "not the one"}, headers=headers)
    assert (answer.status_code, "not right" in answer.text) == (422, True)
    assert "evil.example" not in answer.text
    (address,) = counted(database)
    assert len(address) < 50
    assert "<" not in address
