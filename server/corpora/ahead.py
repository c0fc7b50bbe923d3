"""Working ahead: what is needed next is made while what came before is used."""

from collections.abc import Generator, Iterable
from contextvars import copy_context
from queue import Full, Queue
from threading import Event, Thread
from time import sleep
from typing import TypeVar

_PATIENCE = 0.1
T = TypeVar("T")


def ahead(items: Iterable[T], n_items: int) -> Generator[T, None, None]:
    """The items, at most so many of which are made before they are asked for, in a thread of its own.

    What goes wrong with an item goes wrong here in its turn. Whoever stops early closes this iterator.
    """
    ready: Queue[tuple[T | None, BaseException | None]] = Queue(n_items)
    is_over = Event()
    thread = Thread(target=copy_context().run, args=(_make, items, ready, is_over), daemon=True)
    thread.start()
    try:
        while True:
            item, problem = ready.get()
            if isinstance(problem, StopIteration):
                return
            if problem is not None:
                raise problem
            yield item  # type: ignore[misc]
    finally:
        is_over.set()
        thread.join()


def _make(items: Iterable[T], ready: "Queue[tuple[T | None, BaseException | None]]", is_over: Event) -> None:
    try:
        for item in items:
            _hand_over(ready, (item, None), is_over)
            if is_over.is_set():
                return
            # Whoever uses the items has its turn now, and not only when Python thinks so, milliseconds later.
            sleep(0)
        end: BaseException = StopIteration()
    except BaseException as problem:
        end = problem
    _hand_over(ready, (None, end), is_over)


def _hand_over(
    ready: "Queue[tuple[T | None, BaseException | None]]",
    pair: tuple[T | None, BaseException | None],
    is_over: Event,
) -> None:
    while not is_over.is_set():
        try:
            ready.put(pair, timeout=_PATIENCE)
        except Full:
            continue
        return
