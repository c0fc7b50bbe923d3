"""Wiping is tried again, in a thread of its own, whatever becomes of a try."""

from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import pytest

from server.cli import loading
from server.db.engine import Database
from server.errors import Busy
from server.takedown import wiping
from server.takedown.forgetting import keep_forgetting


def test_a_database_that_is_busy_leaves_it_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_database: Database) -> dict[int, bool]:
        raise Busy("Nothing was saved.")

    monkeypatch.setattr(wiping, "_waiting", busy)
    assert not wiping.wipe(cast(Database, None))


def test_a_try_that_fails_is_not_repeated_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[float] = []

    def fail(_database: Database, patience: float) -> bool:
        tried.append(patience)
        raise RuntimeError

    monkeypatch.setattr(wiping, "wipe", fail)
    tries = wiping.Tries(cast(Database, None))
    with pytest.raises(RuntimeError):
        tries.go_on()
    tries.go_on()
    assert len(tried) == 1


def test_it_is_tried_until_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = Event()

    def succeed(_database: Database, _patience: float) -> bool:
        stopped.set()
        return True

    monkeypatch.setattr(wiping, "wipe", succeed)
    wiping.keep_wiping(cast(Database, None), stopped, 0.001)
    assert stopped.is_set()


def test_a_server_forgets_and_wipes_in_two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []

    def thread(target: Any, **_options: Any) -> SimpleNamespace:
        return SimpleNamespace(start=lambda: begun.append(target))

    monkeypatch.setattr(loading, "Thread", thread)
    monkeypatch.setattr(loading, "repeat", lambda *_: 0)
    for name in ("furnish", "hide"):
        monkeypatch.setattr(loading, name, lambda _given: None)
    state = SimpleNamespace(database=None, settings=SimpleNamespace(data=""))
    loading.load(cast(Any, SimpleNamespace(state=state)))
    assert begun[-2:] == [keep_forgetting, wiping.keep_wiping]
