"""The threads in which imports go on by themselves, and what becomes of those that a server has left."""

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event, Lock, Thread

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from server.clock import now
from server.corpora import jobs
from server.corpora.carrying import carry
from server.corpora.counts import Counts
from server.corpora.models import ImportJob
from server.corpora.parcels import clear, n_left
from server.corpora.progress import Lost, Progress, Stopped, Unwanted
from server.corpora.unseen import hide, show_again
from server.db.engine import Database
from server.errors import Busy, Conflict, NotFound, Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member, Project
from server.projects.roles import Role
from server.web.languages import use_language

_LOOK_AGAIN = 3.0
_PATIENCE = 15.0
_log = logging.getLogger("intercoder")


class Imports:
    """The imports that this process works on, each in a thread of its own."""

    def __init__(self, database: Database, written_at_once: int) -> None:
        self._database, self._written_at_once = database, written_at_once
        self.runner = secrets.token_hex(8)
        self._guard = Lock()
        self._threads: dict[int, Thread] = {}
        self._progress: dict[int, Progress] = {}
        self._watch: Thread | None = None
        self._is_stopped = Event()
        self._began_at = now()

    def work_on(self, job_id: int) -> None:
        """Begin to work on an import, or take it over from a server that was not heard of for long."""
        with self._guard:
            is_at_it = job_id in self._threads and self._threads[job_id].is_alive()
            if is_at_it or self._is_stopped.is_set():
                return
            thread = Thread(target=copy_context().run, args=(self._work, job_id), daemon=True)
            self._threads[job_id] = thread
            thread.start()
            self._watch_over()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """While this is open, the imports that another server has left are taken over; then all stop.

        What is left of files that wait no longer is removed, too.
        """
        with self._guard:
            self._watch_over()
        try:
            yield
        finally:
            self._stop()

    def _watch_over(self) -> None:
        """Take over what is left alone, from now until no import goes on any more."""
        if self._watch is None:
            # What a server has left unseen stays so until it is finished.
            hide(self._database)
            self._watch = Thread(target=self._take_over_all, daemon=True)
            self._watch.start()

    def _take_over_all(self) -> None:
        while not self._is_stopped.is_set():
            left, n_under_way = self._looked_for()
            for job_id in left:
                self.work_on(job_id)
            if not n_under_way and self._is_done():
                return
            self._is_stopped.wait(_LOOK_AGAIN)

    def _looked_for(self) -> tuple[Sequence[int], int]:
        try:
            # A SQLite database has one process: what was half written before it began is never written on.
            clear(self._database, self._began_at if self._database.is_sqlite else None)
            with self._database.reading() as db:
                return jobs.left_alone(db), jobs.n_under_way(db) + n_left(db)
        except Busy:
            return [], 1
        except SQLAlchemyError:
            _log.exception("Imports that are left alone could not be looked for. It is tried again.")
            return [], 1

    def _is_done(self) -> bool:
        """End the watch, unless an import has begun meanwhile."""
        with self._guard:
            if any(thread.is_alive() for thread in self._threads.values()):
                return False
            show_again(self._database)
            self._watch = None
            return True

    def _stop(self) -> None:
        with self._guard:
            self._is_stopped.set()
            for progress in self._progress.values():
                progress.stop()
        for thread in self._threads.values():
            thread.join(_PATIENCE)

    def _work(self, job_id: int) -> None:
        with self._database.writing() as db:
            if not jobs.take_over(db, job_id, self.runner):
                return
        with self._database.reading() as db:
            row = db.get_one(ImportJob, job_id)
            job, access = jobs.job_in(db, row), _access(db, row)
            use_language(row.language)
        progress = Progress(self._database, job, self.runner)
        with self._guard:
            self._progress[job_id] = progress
            if self._is_stopped.is_set():
                progress.stop()
        try:
            with progress:
                carry(self._database, access, job, self.runner, progress, self._written_at_once)
        except Lost:
            return
        except Stopped:
            with self._database.writing() as db:
                jobs.let_go(db, job_id, self.runner)
        except Unwanted:
            with self._database.writing() as db:
                jobs.forget(db, job_id)
        except Conflict as conflict:
            self._end_badly(job_id, jobs.OUTDATED, conflict.message)
        except (Refusal, NotFound) as refusal:
            self._end_badly(job_id, jobs.REFUSED, refusal.message)
        except Exception:
            _log.exception("An import of posts went wrong.")
            self._end_badly(job_id, jobs.REFUSED, _went_wrong())
        finally:
            with self._guard:
                self._progress.pop(job_id, None)

    def _end_badly(self, job_id: int, phase: str, problem: str) -> None:
        with self._database.writing() as db:
            row = jobs.held_job(db, job_id, self.runner)
            if row is not None:
                jobs.finish(db, job_id, phase, Counts(**row.counts), problem)


def _went_wrong() -> str:
    return _("The import went wrong. The log of the server says more. Importing the file again does no harm.")


def _access(db: Session, row: ImportJob) -> Access:
    """Whoever began the import, as at that time."""
    statement = (
        select(col(Member.id), col(Project.key), col(Project.title))
        .join(Project, col(Project.id) == col(Member.project_id))
        .where(col(Project.id) == row.project_id, col(Member.account_id) == row.started_by)
    )
    member_id, key, title = db.execute(statement).one()
    return Access(row.started_by, member_id, Role.LEAD, row.project_id, key, title)
