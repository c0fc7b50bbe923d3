"""A provider that hangs keeps some of the page threads at most, and each only once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace

import httpx
import pytest

from server.accounts import provider
from server.accounts.provider import Provider, Unreachable
from server.settings import Settings


def provider_with(monkeypatch: pytest.MonkeyPatch, n_threads: int, ask: object) -> Provider:
    fake = SimpleNamespace(request=ask, HTTPError=httpx.HTTPError, InvalidURL=httpx.InvalidURL)
    monkeypatch.setattr(provider, "httpx", fake)
    wanted = {"oidc_issuer": "https://issuer.example", "oidc_client_id": "us", "threads": n_threads}
    return Provider(Settings().model_copy(update=wanted))


def test_few_wait_for_it_and_the_others_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, ends = Event(), Event()

    def hang(*_args: object, **_options: object) -> None:
        asked.set()
        assert ends.wait(20)
        raise OSError

    monkeypatch.setattr(provider, "PATIENCE_SECONDS", 0.01)
    hanging = provider_with(monkeypatch, 4, hang)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(hanging.door, "secret")
        assert asked.wait(20)
        with pytest.raises(Unreachable):
            hanging.proof("secret", {})
        assert not first.done()
        ends.set()
        with pytest.raises(Unreachable):
            first.result()


def test_who_waited_while_no_answer_came_does_not_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_at = [1_000.0]

    def time_out(*_args: object, **_options: object) -> None:
        asked_at.append(asked_at[-1] + 3 * provider.TIMEOUT_SECONDS)
        raise httpx.ReadTimeout("")

    monkeypatch.setattr(provider, "time", SimpleNamespace(monotonic=lambda: asked_at[-1]))
    hanging = provider_with(monkeypatch, 16, time_out)
    for _visitor in range(3):  # One after the other, as the lock lets them.
        with pytest.raises(Unreachable):
            hanging.door("secret")
    assert len(asked_at) == 2
