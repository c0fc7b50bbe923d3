"""Files that somebody sent are read apart from the server: each by a process of its own, with bounds.

A file can be made such that reading it takes all of a processor, or all memory. Here that costs its sender a
word beside the field and nobody else anything: annotators' pages run in the server, and go first.

Each process is a copy of one that has loaded `server.readers` and nothing else: no connection to a database,
no thread, and nothing of what other people sent. What it gives has to be such that it can be pickled.
"""

import logging
import os
import resource
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import ProcessError, forkserver, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from threading import Lock
from traceback import extract_tb
from typing import Any, BinaryIO, TypeVar

from fastapi import Request

from server import language
from server.errors import Busy, IntercoderError, Refusal
from server.language import gettext as _
from server.web.few import place_among
from server.web.languages import speaking

log = logging.getLogger("intercoder.readers")
# What a process may use: so much, and so much more for each megabyte of the file.
SECONDS, MORE_SECONDS = 5, 1
MEGABYTES, MORE_MEGABYTES = 256, 4
# By the clock instead of the processor, which others may have, too.
_SLOWNESS = 10
# Seconds to wait while others' files are read: however many are sent, threads are left for everybody else.
_PATIENCE = 2.0
_POLITENESS = 10
# What a process may take to be gone when it was told to.
_END_SECONDS = 5
# What the library says of a process when that which it was copied from is gone: it may still run.
_NOBODY_KNOWS = 255
_MB = 1 << 20

Result = TypeVar("Result")
_context = get_context("forkserver")
_context.set_forkserver_preload(["server.readers"])
# The library looks after all of its processes whenever one is begun, and is not made for threads.
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Bounds:
    """What a process may use at most: seconds of a processor, and bytes beyond those it has already."""

    seconds: int
    n_bytes: int


def bounds_for(size: int) -> Bounds:
    """What is due to a file of so many bytes."""
    n_more = size // _MB
    return Bounds(SECONDS + n_more * MORE_SECONDS, (MEGABYTES + n_more * MORE_MEGABYTES) * _MB)


@dataclass(frozen=True)
class _Found:
    result: Any


@dataclass(frozen=True)
class _Refused:
    message: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Failed:
    """A fault of the program: what kind, and where. What it says may quote the file."""

    kind: str
    places: tuple[str, ...]


class ReaderFailed(Exception):
    """A reader came upon a fault of the program."""


def get_ready() -> None:
    """Begin to load the readers: who is shown a form for a file is about to choose one."""
    with suppress(OSError):  # Where it cannot begin now, the file itself will say so.
        forkserver.ensure_running()


def read_apart(request: Request, read: Callable[..., Result], file: BinaryIO, *more: Any) -> Result:
    """What `read(file, *more)` gives, a function of a module, in a process of its own.

    Raises:
        Refusal: The function refuses the file, or reading it takes too long or too much memory.
        Busy: Other files are being read, or none can be now.
    """
    with closing(results_apart(request, partial(_once, read), file, *more)) as results:
        return next(results)


def _once(read: Callable[..., Result], *given: Any) -> Iterator[Result]:
    yield read(*given)


def results_apart(
    request: Request, read: Callable[..., Iterable[Result]], file: BinaryIO, *more: Any
) -> Generator[Result, None, None]:
    """The same for a function that gives one thing after the other. Who stops early closes this iterator."""
    with place_among(request.app.state.reading, _PATIENCE) as has_place:
        if not has_place:
            raise Busy(_("Other files are being read just now. Try again in a minute."))
        with _lent(file) as (number, bounds), _begun(number, bounds, read, more) as (here, process):
            yield from _heard(here, process, bounds)


@contextmanager
def _lent(file: BinaryIO) -> Iterator[tuple[int, Bounds]]:
    """The number of an open file, and its bounds. Another process moves the place in it: it is put back."""
    file.flush()
    number = file.fileno()
    place = os.lseek(number, 0, os.SEEK_CUR)
    try:
        yield number, bounds_for(os.fstat(number).st_size)
    finally:
        os.lseek(number, place, os.SEEK_SET)


@contextmanager
def _begun(
    number: int, bounds: Bounds, read: Callable[..., Any], more: tuple[Any, ...]
) -> Iterator[tuple[Connection, ForkServerProcess]]:
    """A process that reads the file, and what it says is to be heard by; it has ended when the block does."""
    here, there = _context.Pipe()
    asked = (there, bounds, language.code(), read, more)
    process = _context.Process(target=_work, args=asked, daemon=True)
    try:
        with here:
            _begin(process, here, there, number)
            yield here, process
    finally:
        _end(process)


def _begin(process: ForkServerProcess, here: Connection, there: Connection, number: int) -> None:
    try:
        with there, _one_at_a_time:
            process.start()
        send_handle(here, number, process.pid or 0)
    except (EOFError, OSError, ProcessError) as problem:
        log.warning("no process could be begun", exc_info=problem)
        raise Busy(_not_now()) from problem


def _end(process: ForkServerProcess) -> None:
    """See to it that the process is no more; one that the system does not let end is left to it."""
    if process.pid is None:
        return
    with _one_at_a_time:
        if process.exitcode in {None, _NOBODY_KNOWS}:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        process.join(_END_SECONDS)


def _heard(here: Connection, process: ForkServerProcess, bounds: Bounds) -> Iterator[Any]:
    while (said := _said(here, process, bounds)) is not None:
        if isinstance(said, _Refused):
            raise Refusal(said.message, said.fields)
        if isinstance(said, _Failed):
            log.error("reader failed", extra={"kind": said.kind, "places": said.places})
            raise ReaderFailed
        yield said.result


def _said(here: Connection, process: ForkServerProcess, bounds: Bounds) -> Any:
    """What the process says next; None at its end."""
    with suppress(EOFError, OSError):
        if not here.poll(_SLOWNESS * bounds.seconds):
            raise Refusal(_too_long())
        return here.recv()
    raise _why_it_ended(process)


def _why_it_ended(process: ForkServerProcess) -> IntercoderError:
    """What is told of a process that ended before its work did."""
    with _one_at_a_time:
        process.join(_END_SECONDS)
        code = process.exitcode
    log.warning("reader ended", extra={"kind": f"exit code {code}"})
    if code == -signal.SIGXCPU:
        return Refusal(_too_long())
    if code in {-signal.SIGKILL, -signal.SIGABRT}:  # By the system, or by a library that asked it for more.
        return Refusal(_too_large())
    if code in {-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}:
        return Refusal(_("This file broke the program that reads it. Save it anew or in another format."))
    return Busy(_not_now())  # Somebody ended it, or all of them: the file is not to blame.


def _not_now() -> str:
    return _("Files cannot be read just now. Try again in a minute.")


def _too_long() -> str:
    return _("Reading this file takes too long. Send its parts in files of their own.")


def _too_large() -> str:
    return _("Reading this file takes too much memory. Send its parts in files of their own.")


def _work(
    there: Connection, bounds: Bounds, code: str, read: Callable[..., Any], more: tuple[Any, ...]
) -> None:
    """What the process does from beginning to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which ends us.
    with suppress(OSError):
        os.nice(_POLITENESS)
    with suppress(OSError):  # Where the machine is short of memory, this goes before the server does.
        Path("/proc/self/oom_score_adj").write_text("1000")
    _keep_to(bounds)
    with there, speaking(code), os.fdopen(recv_handle(there), "rb") as file, suppress(BrokenPipeError):
        _tell(there, read, file, more)


def _tell(there: Connection, read: Callable[..., Any], file: BinaryIO, more: tuple[Any, ...]) -> None:
    """Say one result after the other, and None in the end; or why there is none."""
    try:
        file.seek(0)
        for result in read(file, *more):
            there.send(_Found(result))
        there.send(None)
    except BrokenPipeError:  # Nobody listens any more.
        raise
    except Refusal as refusal:
        there.send(_Refused(refusal.message, refusal.fields))
    except MemoryError:
        there.send(_Refused(_too_large()))
    except Exception as problem:
        frames = extract_tb(problem.__traceback__)
        places = tuple(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        there.send(_Failed(type(problem).__name__, places))


def _keep_to(bounds: Bounds) -> None:
    """From here on this process uses no more."""
    _lower(resource.RLIMIT_CORE, 0)  # What was in memory would lie on the disk.
    _lower(resource.RLIMIT_CPU, bounds.seconds)
    used = _data_used()
    if used is not None:
        _lower(resource.RLIMIT_DATA, used + bounds.n_bytes)


def _lower(bound: int, most: int) -> None:
    _soft, hard = resource.getrlimit(bound)
    resource.setrlimit(bound, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _data_used() -> int | None:
    """The bytes of memory that count; None where the system does not tell, and so does not bound them."""
    with suppress(OSError):
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmData:"))
    return None
