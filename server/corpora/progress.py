"""How far an import is, written down every moment by a thread of its own, which also hears what is wished."""

import time
from collections.abc import Iterator, Sequence
from contextvars import copy_context
from threading import Event, Thread
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from server.corpora import jobs
from server.corpora.compact import Compact
from server.db.engine import Database
from server.errors import Busy

PAUSE = 0.3
PATIENCE = 0.2
T = TypeVar("T")


class Interrupted(Exception):
    """The work on an import is to end here."""


class Unwanted(Interrupted):
    """Somebody has cancelled the import."""


class Lost(Interrupted):
    """Another runner has taken the import over."""


class Stopped(Interrupted):
    """The server is being stopped."""


class Progress:
    """What is done of a phase of a job. While it is open, the job's row is kept up to date.

    Whoever works on the job tells it what is done; from there an end that is wished comes up as an exception.
    """

    def __init__(self, database: Database, job: jobs.Job, runner: str) -> None:
        self._database, self._job_id, self._runner = database, job.id, runner
        self._phase, self._done, self._total = job.phase, 0, job.total
        self._may_be_cancelled = not job.is_shown
        self._end: Interrupted | None = None
        self._is_over = Event()

    def __enter__(self) -> "Progress":
        self._thread = Thread(target=copy_context().run, args=(self._tell_on,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _tell_on(self) -> None:
        while not self._is_over.wait(PAUSE):
            try:
                with self._database.writing() as db:
                    is_wanted = jobs.hear_of(
                        db, self._job_id, self._runner, self._phase, self._done, self._total
                    )
            except (Busy, SQLAlchemyError):
                continue  # Whatever is wrong with the database, the work itself meets it too.
            if is_wanted is None:
                self._end = Lost()
            elif not is_wanted and self._may_be_cancelled:
                self._end = Unwanted()

    def enter(self, phase: str, total: int) -> None:
        """Begin a phase of so many posts."""
        self._phase, self._done, self._total = phase, 0, total
        with self._database.writing() as db:
            jobs.enter_phase(db, self._job_id, self._runner, phase, total)
        self.check()

    def enter_last(self, total: int) -> None:
        """Begin the last phase, which is written down already, and which nobody can cancel."""
        self._may_be_cancelled = False
        self._phase, self._done, self._total = jobs.SHOWING, 0, total

    def tell(self, count: int) -> None:
        """So many more are done."""
        self._done += count
        self.check()

    def check(self) -> None:
        """Raise what is to end the work."""
        if self._end is not None:
            raise self._end

    def stop(self) -> None:
        """End the work because the server ends."""
        self._end = Stopped()

    def rest(self) -> None:
        """Wait a little until others have had their turn."""
        time.sleep(PATIENCE)


class Watched(Compact[T]):
    """Items that are no longer given when the work on them is to end."""

    def __init__(self, items: Sequence[T], progress: Progress) -> None:
        self._items, self._progress = items, progress

    def __len__(self) -> int:
        return len(self._items)

    def item(self, place: int) -> T:
        """The item at a place from 0 on."""
        self._progress.check()
        return self._items[place]

    def __iter__(self) -> Iterator[T]:
        for item in self._items:
            self._progress.check()
            yield item
