from importlib.util import find_spec, module_from_spec

import pytest

from server.accounts import passwords


class _Counting:
    """A hasher that only counts how often it had to work."""

    def __init__(self) -> None:
        self.verified = 0

    def verify(self, stored: str, password: str) -> bool:
        self.verified += 1
        return True


def test_where_there_is_no_password_as_much_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = _Counting()
    monkeypatch.setattr(passwords, "_hasher", hasher)
    assert passwords.is_right("whatever", "a hash")
    assert not passwords.is_right("whatever", None)
    assert hasher.verified == 2


def test_what_is_stored_is_not_the_password() -> None:
    stored = passwords.hash_password("a calm grey heron")
    assert stored.startswith("$argon2id$")
    assert passwords.is_right("a calm grey heron", stored)
    assert not passwords.is_right("a calm grey herom", stored)
    assert not passwords.is_right("a calm grey heron", "not a hash")


def test_it_takes_the_time_and_room_that_are_recommended() -> None:
    spec = find_spec("server.accounts.passwords")
    assert spec is not None
    assert spec.loader is not None
    own = module_from_spec(spec)  # The other tests hash lightly.
    spec.loader.exec_module(own)
    assert "$m=19456,t=2,p=1$" in own.hash_password("a calm grey heron")
    assert "$m=19456,t=2,p=1$" in own._nobody
