"""Servers as processes of their own, which a test may kill: always by their own process id."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from server.settings import Settings

PATIENCE = 60.0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Launcher:
    """Starts servers: see `tests.trust.launching`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(
        self, arguments: list[str], log: Path, environment: dict[str, str] | None = None, fault: str = ""
    ) -> int:
        """The process id of a server with these arguments. `fault` is a script that it runs before."""
        order = {"arguments": arguments, "log": str(log), "environment": environment or {}, "fault": fault}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def launching(**environment: str) -> Iterator[Launcher]:
    """A launcher; what it has started ends with the block."""
    command = [sys.executable, "-m", "tests.trust.launching"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        cwd=Path(__file__).parents[2],
    ) as process:
        yield Launcher(process)
        assert process.stdin is not None
        process.stdin.close()


@dataclass
class Server:
    """One server on a port of its own, which it keeps when it is started again."""

    launcher: Launcher
    settings: Settings
    folder: Path
    fault: str = ""
    more: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    pid: int = 0

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.folder / f"server-{self.port}.log"

    def start(self) -> None:
        """Begin to start; `ready` waits for its end."""
        arguments = ["serve", "--port", str(self.port), "--data", str(self.settings.data), *self.more]
        if self.settings.database_url:
            arguments += ["--database-url", self.settings.database_url]
        self.pid = self.launcher.start(arguments, self.log, self.environment, self.fault)

    def ready(self) -> float:
        """Wait until it can work; returns the seconds that took."""
        began = time.monotonic()
        while not self.says("/readyz", 200):
            assert self.lives(), f"the server ended: {self.log.read_text()[-2000:]}"
            assert time.monotonic() < began + PATIENCE, f"not ready: {self.log.read_text()[-2000:]}"
            time.sleep(0.02)
        return time.monotonic() - began

    def says(self, path: str, status: int) -> bool:
        """Whether it answers a path with this status now."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as page:
                return bool(page.status == status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code == status
        except OSError:
            return False

    def lives(self) -> bool:
        """Whether its process is there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def send(self, number: int) -> None:
        """Send its process a signal."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def end(self, number: int = signal.SIGKILL) -> None:
        """Send its process a signal that ends it, and wait for the end."""
        self.send(number)
        until = time.monotonic() + PATIENCE
        while self.lives():
            assert time.monotonic() < until, f"it does not end: {self.log.read_text()[-2000:]}"
            time.sleep(0.005)


@contextmanager
def serving(*servers: Server) -> Iterator[None]:
    """These servers at work, killed at the end of the block."""
    try:
        for server in servers:
            server.start()
            server.ready()  # One after the other, since each looks after the schema.
        yield
    finally:
        for server in servers:
            if server.pid:
                server.end()
