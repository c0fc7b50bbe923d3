"""Asks a server again and again whether it lives, in a process that does nothing else.

A process that also has hundreds of clients would measure how long these keep it from looking.
"""

import json
import select
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

PAUSE = 0.05


@contextmanager
def beating(port: int) -> Iterator[list[float]]:
    """While the block runs; the list has the seconds of each answer afterwards. All have to be good ones."""
    taken: list[float] = []
    command = [sys.executable, __file__, str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        asking.stdout.readline()  # It has begun.
        yield taken
        said, _nothing = asking.communicate()
    assert asking.returncode == 0, "/healthz was not answered"
    taken.extend(json.loads(said))


def _ask_until_told(port: int) -> list[float]:
    taken = []
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        began = time.monotonic()
        # Any answer but a good one raises.
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20).close()
        taken.append(time.monotonic() - began)
    return taken


if __name__ == "__main__":
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    json.dump(_ask_until_told(int(sys.argv[1])), sys.stdout)
