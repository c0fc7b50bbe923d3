import time
from importlib.util import find_spec, module_from_spec

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

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


@pytest.mark.parametrize(
    "password",
    ["password1234", "P@ssw0rd1234", "motdepasse12", "qwertyuiop123", "123456789012", "iloveyou12345",
     "intercoder2026", "anna.lind2026", "aaaaaaaaaaaa"],
)  # fmt: skip
def test_what_is_guessed_first_is_refused(password: str) -> None:
    assert passwords.weakness(password, "anna.lind") == "common"


def test_every_breached_password_that_is_long_enough_is_refused() -> None:
    breached = [each for each in FREQUENCY_LISTS["passwords"] if len(each) >= passwords.MIN_LENGTH]
    assert len(breached) > 200
    assert [each for each in breached if passwords.weakness(each, "") != "common"] == []


@pytest.mark.parametrize(
    "password", ["a calm grey heron", "héron gris calme", "k3x7-pw9m-c4hd-22qz", "é" * 3 + "ô 77 tritons"]
)
def test_words_in_a_row_and_random_letters_are_taken(password: str) -> None:
    assert passwords.weakness(password, "anna") is None


def test_a_long_password_is_looked_at_in_a_moment() -> None:
    began = time.monotonic()
    passwords.weakness("4@8({[<369|!1/|0$57+%2" * 9, "anna")
    assert time.monotonic() - began < 3
