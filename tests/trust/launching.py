"""Starts servers in a fraction of a second: a process that has loaded the program forks at each order.

Run as a script it is that process. It reads orders, a JSON line each, and answers with the process id of the
server it has started. When its orders end, it kills the servers it has started, and no other process.
"""

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import uvicorn

from server import door
from server.app import create_app
from server.cli import loading, main, serving  # noqa: F401 - every server loads them
from server.web.languages import read_languages
from server.web.rendering import make_templates

# Templates that every server would compile for the first annotator who comes.
_COMPILED = ("layouts/", "components/", "coding/annotate", "coding/_", "accounts/sign_in")


def _take_orders() -> None:
    # The system buries servers that have ended; nobody asks how.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    read_languages()
    uvicorn.Config(create_app).load()  # With the libraries it finds.
    templates = make_templates()
    for name in templates.list_templates(filter_func=lambda name: name.startswith(_COMPILED)):
        templates.get_template(name)
    vars(door)["make_templates"] = lambda: templates
    started: list[int] = []
    for line in sys.stdin:
        started.append(_started(json.loads(line)))
        sys.stdout.write(f"{started[-1]}\n")
        sys.stdout.flush()
    for pid in started:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _started(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # Processes that read files load the main module, too: that of the command is small, this one is not.
    sys.modules["__main__"] = ModuleType("__main__")
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(ours, theirs)
    os.environ.update(order["environment"])
    if order["fault"]:
        exec(compile(Path(order["fault"]).read_text(), order["fault"], "exec"), {})
    try:
        main(order["arguments"])
    finally:
        os._exit(1)


if __name__ == "__main__":
    _take_orders()
