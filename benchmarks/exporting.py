"""One download in a process that does nothing else: what `benchmarks.export` measures."""

import shutil
import sys
import time
from pathlib import Path

from benchmarks.study import PROJECT_KEY
from server.db.engine import Database
from server.exchange.downloads.files import data_file
from server.exchange.downloads.wanted import Wanted, What
from server.projects.access import Access
from server.projects.roles import Role


def main() -> None:
    """Print seconds, those of the processor, and the largest memory before and after in MB."""
    address, what, out = sys.argv[1:]
    database, before = Database(address), _largest_memory()
    lead = Access(1, 1, Role.LEAD, 1, PROJECT_KEY, "Load")
    began, worked = time.perf_counter(), time.process_time()
    with database.reading() as db, data_file(db, lead, Wanted(What(what))) as file:
        took = (time.perf_counter() - began, time.process_time() - worked)
        with Path(out).open("wb") as target:
            shutil.copyfileobj(file, target)
    database.dispose()
    print(*took, before, _largest_memory())


def _largest_memory() -> float:
    """In MB. `getrusage` would give that of the process that started this one, where that was larger."""
    [line] = [each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
