"""The command line as a person or a program calls it."""

from dataclasses import dataclass

import pytest

from server.cli.commands import run
from server.settings import Settings


@dataclass(frozen=True)
class Told:
    """What a command left behind: its exit code and both outputs."""

    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The one line that a mistake ends with."""
        assert (self.code, self.out) == (2, "")
        assert self.err.startswith("intercoder: ")
        assert self.err.count("\n") == 1
        return self.err


@dataclass(frozen=True)
class Shell:
    """Runs commands on one database."""

    settings: Settings
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Told:
        """Run a command on this database."""
        where = ["--data", str(self.settings.data)]
        if self.settings.database_url:
            where += ["--database-url", self.settings.database_url]
        return told(self.capsys, *arguments, *where)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Told:
    """Run a command just as it stands."""
    capsys.readouterr()
    code = run(arguments)
    said = capsys.readouterr()
    return Told(code, said.out, said.err)
