"""What it takes to start: `python -m benchmarks.start`.

Seconds from the command `intercoder serve` to the first page, on an empty folder and on the sample study, the
memory of the idle server afterwards, and the size of all packages it installs. The modules are compiled
before, as pip does when it installs them. Seconds of the processor stand beside, since they mean the same
on a busy machine.
"""

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path
from urllib.request import urlopen

from packaging.requirements import Requirement

from server.cli.demo import fill
from server.settings import Settings

_STARTS = 5
_MOST_SECONDS, _MOST_MEMORY = 1.5, 150
_OWN = ("server", "templates", "migrations")
_PROGRAM = "from server.cli import main; main()"


@dataclass(frozen=True)
class Start:
    """Seconds to the first page, those of the processor, and MB when idle."""

    seconds: float
    of_cpu: float
    memory: float


def main() -> None:
    """Print the figures and their limits."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'':14}{'seconds':>9}{'of CPU':>9}{'idle MB':>9}   median of {_STARTS}")
        study, empty = Path(folder, "study"), Path(folder, "empty")
        fill(Settings(data=study))
        environment = _compiling(Path(folder, "compiled"))
        _started(empty, environment)
        for name, data in (("empty folder", empty), ("sample study", study)):
            _tell(name, [_started(data, environment) for _ in range(_STARTS) if _emptied(empty)])
        print(f"{'limit':14}{_MOST_SECONDS:9.2f}{'':9}{_MOST_MEMORY:9}")
    sizes = _sizes()
    print(f"{len(sizes)} packages, {sum(sizes.values()):,.0f} MB as installed:")
    print(", ".join(f"{name} {size:,.0f}" for name, size in sizes.most_common(8)))


def _tell(name: str, starts: list[Start]) -> None:
    middle = [
        statistics.median(getattr(start, what) for start in starts)
        for what in ("seconds", "of_cpu", "memory")
    ]
    kept = middle[0] < _MOST_SECONDS and middle[2] < _MOST_MEMORY
    print(f"{name:14}{middle[0]:9.2f}{middle[1]:9.2f}{middle[2]:9.0f}   {'kept' if kept else 'NOT KEPT'}")


def _emptied(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _compiling(folder: Path) -> dict[str, str]:
    """An environment in which modules are compiled once, whatever the one around says."""
    environment = dict(os.environ, PYTHONPYCACHEPREFIX=str(folder))
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def _started(data: Path, environment: dict[str, str]) -> Start:
    """Serve this folder to the first page, and wait until the server rests."""
    began = time.perf_counter()
    with _serving(data, environment) as (process, address):
        with urlopen(address, timeout=60) as page:
            page.read()
        seconds, of_cpu = time.perf_counter() - began, _of_cpu(process.pid)
        time.sleep(2)
        return Start(seconds, of_cpu, _memory(process.pid))


@contextmanager
def _serving(data: Path, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-c", _PROGRAM, "serve", "--port", "0", "--data", str(data)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process, re.findall(r"http://\S+", process.stdout.readline())[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def _of_cpu(process: int) -> float:
    """Seconds that a process and its threads had of the processor."""
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _memory(process: int) -> float:
    """In MB, what is resident of a process."""
    [line] = [
        each for each in Path(f"/proc/{process}/status").read_text().splitlines() if each.startswith("VmRSS")
    ]
    return int(line.split()[1]) / 1024


def _sizes() -> Counter[str]:
    """MB of this program and of every package that it requires on this machine."""
    needed = [*map(Requirement, tomllib.loads(Path("pyproject.toml").read_text())["project"]["dependencies"])]
    found: dict[tuple[str, str], Distribution] = {}
    while needed:
        one = needed.pop()
        for extra in {"", *one.extras} - {extra for name, extra in found if name == one.name}:
            package = found[one.name, extra] = distribution(one.name)
            needed += [
                each
                for each in map(Requirement, package.requires or ())
                if not each.marker or each.marker.evaluate({"extra": extra})
            ]
    own = [file for folder in _OWN for file in Path(folder).rglob("*")]
    sizes = {
        package.name: _size(map(Path, map(str, map(package.locate_file, package.files or ()))))
        for package in found.values()
    }
    return Counter(sizes | {"intercoder": _size(own)})


def _size(files: Iterable[Path]) -> float:
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


if __name__ == "__main__":
    main()
