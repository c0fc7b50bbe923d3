"""Gives hostile files to the readers, each in a process of its own with bounds, and prints what came of them.

Started as a program, since only a process without threads may be copied: what the readers need is imported
once, and each file is read in a copy of it.
"""

import gc
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import Any

from server.codebooks.files import read_file as read_codebook
from server.corpora.actions import guessed_mapping
from server.corpora.drafting import post_drafts
from server.corpora.uploads import packed, packed_posts, plain_filename
from server.errors import Refusal
from server.exchange.gold.files import posts_named
from server.exchange.qda.storing import read_file as read_project
from server.exchange.ratings.moving import codings_in
from server.exchange.ratings.reading import read_ratings
from server.exchange.ratings.unanswered import settled
from server.exchange.uploads import table_in
from server.sample.codebook import CODEBOOK
from tests.corpora.hostile_files import hostile_files
from tests.corpora.hostile_files.given import CODEBOOK_, GOLD, POSTS, QDPX, RATINGS, Hostile

SECONDS = 5
MEGABYTES = 256


def posts(content: bytes, filename: str) -> Any:
    table = packed_posts(packed(BytesIO(content)), filename)
    drafts = post_drafts(table, guessed_mapping(table))
    return [drafts.drafts[:1_000], drafts.refused[:1_000], drafts.notices[:1_000], drafts.duplicates[:100]]


def ratings(content: bytes, filename: str) -> Any:
    plan = read_ratings(settled(codings_in(BytesIO(content), filename), CODEBOOK), CODEBOOK)
    return [plan.answers[:1_000], plan.problems[:1_000], plan.notices[:1_000]]


def codebook(content: bytes, filename: str) -> Any:
    return read_codebook(content, filename)


def gold(content: bytes, filename: str) -> Any:
    table = table_in(BytesIO(content), filename)
    return [posts_named(table), table.rows[:1_000]]


def project(content: bytes, filename: str) -> Any:
    found = read_project(BytesIO(content), filename)
    return [found.codebook, found.posts.drafts[:1_000], found.remarks, list(found.rows.items())]


READERS: dict[str, Callable[[bytes, str], Any]] = {
    POSTS: posts, RATINGS: ratings, CODEBOOK_: codebook, GOLD: gold, QDPX: project,
}  # fmt: skip


def outcome(read: Callable[[bytes, str], Any], content: bytes, filename: str) -> str:
    """What came of the file; an empty text where it was read, or refused in words."""
    try:
        found = read(content, plain_filename(filename))
    except Refusal as refusal:
        said = refusal.message
        return "" if (said and said.isprintable()) or "\n" in said else "refused without words"
    # What is read has to be such that a database takes it.
    whole = repr(found).encode("utf-8", "surrogatepass")
    return "a NUL was read" if b"\\x00" in whole else "half a character was read" if b"\\ud8" in whole else ""


def child(read: Callable[[bytes, str], Any], content: bytes, filename: str, end: int) -> None:
    """Read the file and write what came of it, within bounds; this process ends here."""
    used = status("VmData") << 10
    resource.setrlimit(resource.RLIMIT_DATA, (used + (MEGABYTES << 20),) * 2)
    began = process_time()
    try:
        said = outcome(read, content, filename)
    except BaseException as problem:
        said = f"{type(problem).__name__}: {problem}"[:300]
    took = process_time() - began
    os.write(end, json.dumps([said, round(took, 2), status("VmHWM") >> 10]).encode())
    os._exit(0)


def status(name: str) -> int:
    """A line of what the kernel says of this process, in kilobytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def ran(each: Hostile, reader: str, content: bytes) -> list[Any]:
    """What came of a file in a process of its own: words, seconds, and megabytes."""
    beginning, end = os.pipe()
    process = os.fork()
    if not process:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 1, SECONDS + 2))
        child(READERS[reader], content, each.filename, end)
    os.close(end)
    with os.fdopen(beginning, "rb") as file:
        said = file.read()
    _process, ended = os.waitpid(process, 0)
    if said:
        found: list[Any] = json.loads(said)
        return found
    return [f"ended by {signal.Signals(ended & 127).name if ended & 127 else ended}", SECONDS + 1.0, 0]


def outcomes(part: int, of: int) -> Iterator[dict[str, Any]]:
    base = status("VmRSS") >> 10
    for each in hostile_files()[part::of]:
        content = each.make()
        for reader in each.given_for:
            said, seconds, megabytes = ran(each, reader, content)
            yield {
                "file": f"{each.family}: {each.name} as {reader}",
                "fault": said,
                "seconds": seconds,
                "megabytes": max(0, megabytes - base - 2 * (len(content) >> 20)),
            }


if __name__ == "__main__":
    gc.freeze()
    for one in outcomes(int(sys.argv[1]), int(sys.argv[2])):
        sys.stdout.write(json.dumps(one) + "\n")
        sys.stdout.flush()  # A copy of this process must not hold it, too.
