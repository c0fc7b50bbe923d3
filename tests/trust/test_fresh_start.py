"""Figure 24: two fresh servers share no secret, and nobody signs in to one before it is set up."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.accounts.models import Account
from server.accounts.sealing import opened, sealed
from server.app import create_app
from server.errors import Refusal
from server.settings import Settings
from tests.browse import post
from tests.cli.shell import told
from tests.trust.reporting import report
from tests.trust.sizes import size

# What other programs were shipped with.
PASSWORDS = ("", "admin", "password", "12345678", "argilla.apikey", "1234", "intercoder", "changeme", "root")
NAMES = ("admin", "root", "user", "argilla", "demo", "test", "administrator", "lead", "intercoder")
PAIRS = [(name, password) for name in NAMES for password in PASSWORDS][: size(20, 81)]


def _begin(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, bytes]:
    """Start afresh: the token of the set-up link, and something sealed with the server's key."""
    link = told(capsys, "setup-link", "--data", str(folder)).out.strip()
    return link.rpartition("/")[2], sealed("a secret", Settings(data=folder).resolved_secret_file)


def test_two_fresh_servers_share_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    (first, sealed_first), (second, _sealed) = [_begin(folder, capsys) for folder in folders]
    keys = {Settings(data=folder).resolved_secret_file.read_bytes() for folder in folders}
    report(24, f"2 fresh starts: {len({first, second})} set-up links, {len(keys)} keys")
    assert (len({first, second}), len(keys)) == (2, 2)
    assert len(first) >= 43  # 256 bits.
    with pytest.raises(Refusal):
        opened(sealed_first, Settings(data=folders[1]).resolved_secret_file)
    assert _statuses(folders[0], first, second) == (303, 404)


def _statuses(folder: Path, own: str, other: str) -> tuple[int, int]:
    app = create_app(Settings(data=folder))
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        found = client.get(f"/set-up/{own}").status_code, client.get(f"/set-up/{other}").status_code
    app.state.database.dispose()
    return found


def test_nobody_signs_in_before_it_is_set_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _begin(tmp_path, capsys)
    app = create_app(Settings(data=tmp_path))
    with app.state.database.reading() as db:
        assert not db.exec(select(Account)).all()
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        entered = [
            post(client, "/sign-in", {"name": name, "password": password}).status_code
            for name, password in PAIRS
        ]
        pages = [client.get(path).headers.get("location", "") for path in ("/", "/me", "/accounts")]
    app.state.database.dispose()
    report(24, f"{entered.count(303)} of {len(PAIRS)} usual sign-ins let in before the set-up")
    assert set(entered) == {422}
    assert all(page.startswith("/sign-in") for page in pages)
