"""What it takes to start: `python -m benchmarks.start`.

Seconds from the command `intercoder serve` to the first page, on an empty folder and on the sample study, the
memory of the idle server afterwards, and the size of all packages it installs. The modules are compiled
before, as pip does when it installs them, and files are in the memory of the system, as after a restart.

Seconds of the processor stand beside, to the first page and until all is loaded, and those of importing the
bare libraries that every server needs: on a machine busy with other work, that share of the limit is not for
us to keep.
"""

import os
import re
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
from dataclasses import astuple, dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from packaging.requirements import Requirement

from server.cli.demo import fill
from server.settings import Settings

_STARTS = 5
_MOST_SECONDS, _MOST_MEMORY = 1.5, 150
_OWN = ("server", "templates", "migrations")
_PROGRAM = "from server.cli import main; main()"
_LIBRARIES = (
    "import alembic, fastapi, numpy, pydantic_settings, sqlmodel, time, typer, uvicorn\n"
    "[line] = [line for line in open('/proc/self/status') if line.startswith('VmRSS')]\n"
    "print(time.process_time(), line.split()[1])"
)


@dataclass(frozen=True)
class Start:
    """Seconds to the first page, those of the processor until then and until all is loaded; MB when idle."""

    seconds: float
    of_cpu: float
    of_cpu_to_all: float
    memory: float


def main() -> None:
    """Print the figures and their limits."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'':16}{'seconds':>9}{'of CPU':>9}{'to all':>9}{'idle MB':>9}   median of {_STARTS}")
        study = Path(folder, "study")
        fill(Settings(data=study))
        environment = _compiling(Path(folder, "compiled"))
        _started(study, environment)
        on_empty = [_started(Path(folder, f"empty-{n}"), environment) for n in range(_STARTS)]
        on_study = [_started(study, environment) for _ in range(_STARTS)]
        for name, starts in (("empty folder", on_empty), ("sample study", on_study)):
            seconds, memory = _tell(name, starts)
            print("   kept" if seconds < _MOST_SECONDS and memory < _MOST_MEMORY else "   NOT KEPT")
        print(f"{'limit':16}{_MOST_SECONDS:9.2f}{'':18}{_MOST_MEMORY:9}")
        _tell("bare libraries", [_of_libraries(environment) for _ in range(_STARTS)])
    sizes = _sizes()
    print()
    print(f"{len(sizes)} packages, {sum(sizes.values()):,.0f} MB as installed:")
    print(", ".join(f"{name} {size:,.0f}" for name, size in sizes.most_common(8)))


def _of_libraries(environment: dict[str, str]) -> Start:
    command = [sys.executable, "-c", _LIBRARIES]
    began = time.perf_counter()
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    of_cpu, memory = said.split()
    return Start(time.perf_counter() - began, float(of_cpu), float(of_cpu), int(memory) / 1024)


def _tell(name: str, starts: list[Start]) -> tuple[float, float]:
    """The medians of seconds and of memory, printed without an end of the line."""
    seconds, of_cpu, to_all, memory = map(statistics.median, zip(*map(astuple, starts), strict=True))
    print(f"{name:16}{seconds:9.2f}{of_cpu:9.2f}{to_all:9.2f}{memory:9.0f}", end="", flush=True)
    return seconds, memory


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
        _wait_for_all(address)
        to_all = _of_cpu(process.pid)
        time.sleep(2)
        return Start(seconds, of_cpu, to_all, _memory(process.pid))


def _wait_for_all(address: str) -> None:
    """Until the server has loaded what its first page did without."""
    until = time.monotonic() + 60
    while True:
        try:
            with urlopen(f"{address}/readyz", timeout=60):
                return
        except HTTPError:
            if time.monotonic() > until:
                raise
        time.sleep(0.1)


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
