"""Files are read apart from the server, within bounds, and whatever becomes of it is said in words."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing, suppress
from multiprocessing import forkserver
from tempfile import SpooledTemporaryFile, TemporaryFile
from threading import BoundedSemaphore
from types import SimpleNamespace
from typing import Any, BinaryIO, cast

import pytest
from fastapi import Request

from server.errors import Busy, Refusal
from server.language import gettext as _
from server.web import reader_processes
from server.web.languages import speaking
from server.web.reader_processes import Bounds, ReaderFailed, read_apart, results_apart

MB = 1 << 20


def asked(n_places: int = 1) -> Request:
    """A request to a server that reads so many files at once."""
    state = SimpleNamespace(reading=BoundedSemaphore(n_places))
    return cast(Request, SimpleNamespace(app=SimpleNamespace(state=state)))


@pytest.fixture
def file() -> Iterator[BinaryIO]:
    """A file of ten bytes."""
    with TemporaryFile() as opened:
        opened.write(b"0123456789")
        yield opened


def content(file: BinaryIO, before: str = "") -> tuple[str, bytes, int]:
    return before, file.read(), os.getpid()


def pieces(file: BinaryIO) -> Iterator[bytes]:
    while some := file.read(4):
        yield some


def refusing(_file: BinaryIO) -> None:
    raise Refusal(_("Choose a file first."), {"file": "this one"})


def halfway(_file: BinaryIO) -> Iterator[int]:
    yield 1
    raise Refusal("no further")


def filling_memory(_file: BinaryIO) -> int:
    return len([bytes(MB) for _each in range(1_000)])


def for_ever(_file: BinaryIO) -> None:
    while True:
        pass


def ended_by(_file: BinaryIO, ending: int) -> None:
    os.kill(os.getpid(), ending)
    for_ever(_file)


def faulty(file: BinaryIO) -> None:
    raise ValueError(file.read().decode())


def telling_what_no_other_process_can_have(_file: BinaryIO) -> object:
    return lambda: None


def test_another_process_reads_the_whole_file(file: BinaryIO) -> None:
    file.seek(3)
    said, read, process = read_apart(asked(), content, file, "before")
    assert (said, read) == ("before", b"0123456789")
    assert process != os.getpid()
    assert file.read() == b"3456789", "here the file is where it was"


def test_a_small_file_that_was_in_memory_is_read_too() -> None:
    with SpooledTemporaryFile() as small:
        small.write(b"abc")
        assert read_apart(asked(), content, cast(BinaryIO, small))[1] == b"abc"


def test_results_come_one_after_the_other(file: BinaryIO) -> None:
    assert list(results_apart(asked(), pieces, file)) == [b"0123", b"4567", b"89"]


def test_who_stops_early_leaves_the_place_to_the_next(file: BinaryIO) -> None:
    request = asked()
    with closing(results_apart(request, pieces, file)) as results:
        assert next(results) == b"0123"
    assert read_apart(request, content, file)[1] == b"0123456789"


def test_what_the_reader_refuses_is_refused_in_the_language_of_who_asked(file: BinaryIO) -> None:
    with speaking("fr"), pytest.raises(Refusal) as refused:
        read_apart(asked(), refusing, file)
    assert refused.value.message == "Choisissez d’abord un fichier."
    assert refused.value.fields == {"file": "this one"}
    with pytest.raises(Refusal, match="no further"):
        list(results_apart(asked(), halfway, file))


@pytest.mark.parametrize(
    ("read", "said"),
    [(filling_memory, "too much memory"), (for_ever, "too long")],
)
def test_who_takes_too_much_is_ended(
    file: BinaryIO, read: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_processes, "bounds_for", lambda _size: Bounds(1, 100 * MB))
    request = asked()
    with pytest.raises(Refusal, match=said):
        read_apart(request, read, file)
    assert read_apart(request, content, file)[1] == b"0123456789", "and the next is read"


@pytest.mark.parametrize(
    ("ending", "error", "said"),
    [
        (signal.SIGKILL, Refusal, "too much memory"),
        (signal.SIGSEGV, Refusal, "broke the program that reads it"),
        (signal.SIGTERM, Busy, "cannot be read just now"),
    ],
)
def test_who_is_ended_by_others_is_told_what_that_means(
    file: BinaryIO, ending: int, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        read_apart(asked(), ended_by, file, ending)


def test_files_are_read_again_when_what_readers_are_copies_of_has_ended(file: BinaryIO) -> None:
    read_apart(asked(), content, file)
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)  # type: ignore[attr-defined]
    with suppress(Busy):
        read_apart(asked(), content, file)
    assert read_apart(asked(), content, file)[1] == b"0123456789"


@pytest.mark.parametrize("read", [faulty, telling_what_no_other_process_can_have])
def test_a_fault_is_logged_without_words_of_the_file(
    file: BinaryIO, read: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ReaderFailed):
        read_apart(asked(), read, file)
    [record] = caplog.records
    assert "0123" not in repr(vars(record))
    assert any("reader_processes.py" in place for place in vars(record)["places"])


def test_while_others_are_read_a_file_is_refused(file: BinaryIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_processes, "_PATIENCE", 0.01)
    request = asked()
    with (
        closing(results_apart(request, pieces, file)) as results,
        TemporaryFile() as other,
    ):
        next(results)
        with pytest.raises(Busy, match="Other files are being read"):
            read_apart(request, content, other)


def test_larger_files_may_use_more() -> None:
    assert reader_processes.bounds_for(MB - 1) == Bounds(5, 256 * MB)
    assert reader_processes.bounds_for(250 * MB) == Bounds(255, 1_256 * MB)
