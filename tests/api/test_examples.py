"""The examples of `docs/api.md` work as they stand there, against a server that listens."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import uvicorn
from fastapi import FastAPI

from tests.api.scene import BASE, Programs
from tests.api.test_access import ROUTES
from tests.stock import on_one_database

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```(bash|python)\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = {"bash": ["bash", "-euc"], "python": [sys.executable, "-c"]}


@on_one_database
def test_every_example_works(programs: Programs, app: FastAPI) -> None:
    with _listening(app) as port:
        given = {
            "INTERCODER": f"http://127.0.0.1:{port}{BASE}",
            "INTERCODER_TOKEN": programs.tokens["lead"],
            "PROJECT": programs.key,
        }
        said = [_run(language, example, given) for language, example in EXAMPLES]
    assert len(said) == 3
    assert f'"key":"{programs.key}"' in said[0]
    assert '"new":1' in said[1]
    assert said[2].startswith("10 codings\nexpression attachment 5 1.0 [")


def test_every_operation_is_in_its_table() -> None:
    named = set(re.findall(r"`(GET|POST) (/[^`]*)`", PAGE))
    listed = {
        (method, route.path_format.replace("project_key", "key"))
        for route in ROUTES
        for method in route.methods or ()
    }
    assert named == listed


def _run(language: str, example: str, given: dict[str, str]) -> str:
    ran = subprocess.run(
        [*COMMANDS[language], example],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@contextmanager
def _listening(app: FastAPI) -> Iterator[int]:
    """The port of a server of this application."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
