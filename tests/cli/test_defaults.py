"""What is said to be a setting's default, in the help and in the README, is the one that it has."""

import re
from enum import Enum
from inspect import signature
from pathlib import Path

import pytest

from server.cli.serving import serve
from server.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text()
# Worked out of other settings where none is given.
_WORKED_OUT = {"base_url": "http://HOST:PORT", "secret_file": "secret.key"}
_NOTHING = {"", "none", "empty", "nobody may"}


def helps() -> dict[str, str]:
    """Name of a setting → the default that `intercoder serve --help` tells."""
    said = (parameter.annotation.__metadata__[0].help for parameter in signature(serve).parameters.values())
    found = (re.search(r"\[INTERCODER_(\w+)(?:; default: ([^\]]*))?\]$", each) for each in said)
    return {each[1].lower(): each[2] or "" for each in found if each}


def table() -> dict[str, str]:
    """The same of the README's table."""
    rows = re.findall(r"^\| (`INTERCODER_.*?) \| .* \| (.*?) \|$", README, re.MULTILINE)
    return {
        name.lower(): default.replace("`", "")
        for names, default in rows
        for name in re.findall(r"INTERCODER_(\w+)", names)
    }


@pytest.mark.parametrize("told", [helps(), table()], ids=["help", "README"])
def test_every_default_is_told_as_it_is(told: dict[str, str]) -> None:
    assert set(told) == set(Settings.model_fields)
    wrong = {name: said for name, said in told.items() if not _is_default(name, said)}
    assert wrong == {}


def _is_default(name: str, said: str) -> bool:
    if name in _WORKED_OUT:
        return _WORKED_OUT[name] in said
    default = Settings.model_fields[name].get_default(call_default_factory=True)
    if isinstance(default, bool):
        return said in ({"yes", "true"} if default else {"no", "false"})
    if default is None or (name.endswith("secret") and not default.get_secret_value()) or default == "":
        return said in _NOTHING
    return said == str(default.value if isinstance(default, Enum) else default)
