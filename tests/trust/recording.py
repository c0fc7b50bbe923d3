"""What a server asked the system to write and to sync, and what a power cut would have left of it.

A sync makes durable what was written to its file before. Of what was written since, a cut leaves anything:
each write whole, torn at the sectors of the disk, or not at all, in whatever order. That a file was made is
durable with its first sync, since SQLite then syncs the folder, too. The shared-memory file is not looked
at: SQLite makes it anew after a crash.
"""

import random
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATABASE, LOG = "database", "log"
SECTOR = 512
_ENTRY = struct.Struct("dqIcB2x")


@dataclass(frozen=True)
class Written:
    """One call of the system: a write, a truncation (`offset` is the new length), or the end of a sync."""

    at: float
    kind: str
    file: str
    offset: int
    data: bytes


def recorder(folder: Path) -> Path | None:
    """The library that records, compiled; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    library = folder / "recorder.so"
    source = Path(__file__).with_name("recorder.c")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


def recorded(record: Path) -> Iterator[Written]:
    """The calls of a record, in their order."""
    with record.open("rb") as stream:
        while head := stream.read(_ENTRY.size):
            at, offset, length, kind, is_log = _ENTRY.unpack(head)
            yield Written(at, kind.decode(), LOG if is_log else DATABASE, offset, stream.read(length))


class Disk:
    """What surely lies on the disk, and what may."""

    def __init__(self, database: bytes) -> None:
        self._durable: dict[str, bytearray] = {DATABASE: bytearray(database)}
        self._pending: dict[str, list[Written]] = {DATABASE: [], LOG: []}

    def take(self, call: Written) -> None:
        """Let one call happen."""
        if call.kind != "s":
            self._pending[call.file].append(call)
            return
        content = self._durable.setdefault(call.file, bytearray())
        for each in self._pending[call.file]:
            _apply(content, each, each.data)
        self._pending[call.file].clear()

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """What a power cut leaves now."""
        return {file: self._left(file, chance) for file in self._durable}

    def _left(self, file: str, chance: random.Random) -> bytes:
        content, kept = bytearray(self._durable[file]), chance.random()
        pending = [call for call in self._pending[file] if chance.random() < kept]
        if chance.random() < 0.5:
            chance.shuffle(pending)
        for call in pending:
            data = call.data
            if chance.random() < 0.3:
                data = _torn(content, call, chance)
            _apply(content, call, data)
        return bytes(content)


def _apply(content: bytearray, call: Written, data: bytes) -> None:
    if call.kind == "t":
        del content[call.offset :]
        return
    if len(content) < call.offset:
        content.extend(bytes(call.offset - len(content)))
    content[call.offset : call.offset + len(data)] = data


def _torn(content: bytearray, call: Written, chance: random.Random) -> bytes:
    """A write of which some sectors have kept what was there, zeros where nothing was."""
    there = bytes(content[call.offset : call.offset + len(call.data)]).ljust(len(call.data), b"\0")
    starts = range(0, len(call.data), SECTOR)
    return b"".join(
        (call.data if chance.random() < 0.5 else there)[start : start + SECTOR] for start in starts
    )
