"""In by an identity provider that somebody else wrote, and over a second step, in a real browser."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pyotp
import pytest
from playwright.sync_api import Page, expect

from server.accounts.actions import create_account, make_reset_link
from tests.browser.conftest import Live, NewPage
from tests.browser.looking import faults

pytestmark = pytest.mark.browser

PASSWORD = "a calm grey heron"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A provider for the server that starts next."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://localhost:{port}"
    settings = {"ISSUER": issuer, "CLIENT_ID": "intercoder", "CLIENT_SECRET": "s", "LABEL": "Riverside",
                "NEW_ACCOUNTS": "true"}  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(f"INTERCODER_OIDC_{name}", value)
    for _ in range(200):
        try:
            httpx.get(f"{issuer}/.well-known/openid-configuration")
            break
        except httpx.ConnectError:
            time.sleep(0.05)
    yield
    process.terminate()
    process.wait()


def look(page: Page, turn: int) -> None:
    assert not list(faults(page, turn))


def agree(page: Page, subject: str) -> None:
    page.get_by_role("link", name="Sign in with Riverside").click()
    page.fill("[name=sub]", subject)
    page.get_by_role("button", name="Authorize").click()


@pytest.mark.usefixtures("provider")
def test_in_by_a_provider(live: Live, new_page: NewPage) -> None:
    with live.database.writing() as db:
        create_account(db, None, "bert", "Bert Berg")
        link = f"/reset/{make_reset_link(db, None, 'bert')}"
    page = new_page(reduced_motion="reduce")
    page.goto(link)
    agree(page, "b-1")
    look(page, 0)
    page.get_by_role("button", name="Tie it and sign in").click()
    expect(page.get_by_text("The sign-in is tied.")).to_be_visible()
    page.goto("/me/sign-in")
    expect(page.get_by_text("A sign-in there is tied to this account.")).to_be_visible()
    look(page, 1)
    other = new_page(reduced_motion="reduce")
    other.goto("/sign-in?next=/me")
    look(other, 2)
    agree(other, "b-1")
    expect(other.get_by_role("heading", name="Your account")).to_be_visible()
    stranger = new_page(reduced_motion="reduce")
    stranger.goto("/sign-in?next=/me")
    agree(stranger, "c-1")
    look(stranger, 0)
    stranger.fill("[name=display_name]", "Cleo Clay")
    stranger.get_by_role("button", name="Make the account").click()
    expect(stranger.get_by_role("heading", name="Your account")).to_be_visible()


def test_over_a_second_step(live: Live, new_page: NewPage) -> None:
    with live.database.writing() as db:
        create_account(db, None, "anna", "Anna Lind", PASSWORD)
    page = new_page(reduced_motion="reduce")
    _enter(page)
    page.goto("/me/second-step")
    look(page, 1)
    app = pyotp.TOTP(page.locator("[name=secret]").input_value())
    page.fill("[name=code]", app.now())
    page.fill("[type=password]", PASSWORD)
    page.click("main button.first")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    look(page, 2)
    spare = page.locator("li code").first.inner_text()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download them").click()
    assert downloaded.value.path().read_text().splitlines()[0] == spare
    page.get_by_role("link", name="I have them").click()
    page.get_by_text("Make new recovery codes").first.click()
    look(page, 0)
    other = new_page(reduced_motion="reduce")
    _enter(other)
    look(other, 1)
    other.fill("[name=code]", spare)
    other.click("main button.first")
    expect(other.get_by_role("heading", name="Your account")).to_be_visible()


def _enter(page: Page) -> None:
    page.goto("/sign-in?next=/me")
    page.fill("[name=name]", "anna")
    page.fill("[type=password]", PASSWORD)
    page.click("main button.first")
