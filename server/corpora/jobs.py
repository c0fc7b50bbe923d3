"""Imports that go on by themselves: begun, watched, cancelled, taken over and ended."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, or_, select, update
from sqlmodel import Session, col

from server import language
from server.clock import now
from server.corpora.actions import lock_imports
from server.corpora.counts import Counts
from server.corpora.mapping import Mapping
from server.corpora.models import ImportJob, Upload
from server.corpora.treatment import Treatment
from server.corpora.unseen import unseen_batch
from server.errors import NotFound
from server.projects.access import Access

READING, WRITING, SHOWING = "reading", "writing", "showing"
PHASES = (READING, WRITING, SHOWING)
DONE, REFUSED, OUTDATED = "done", "refused", "outdated"
# Whoever works on an import and was not heard of for so long is taken to be gone.
SILENCE = timedelta(seconds=15)


@dataclass(frozen=True)
class Wish:
    """What is to be imported: the waiting file, and how; `seen` is the fingerprint of what was shown.

    `query` is what the address of the preview says of it.
    """

    upload_key: str
    mapping: Mapping
    treatment: Treatment
    seen: str
    query: dict[str, str]


@dataclass(frozen=True)
class Job:
    """How far an import is. Once its posts are shown it is going to end well."""

    id: int
    wish: Wish
    phase: str
    phase_began_at: datetime
    done: int
    total: int
    heard_at: datetime
    is_unwanted: bool
    batch_id: int | None
    is_shown: bool
    counts: Counts
    problem: str

    @property
    def is_finished(self) -> bool:
        """Whether nobody works on it any more."""
        return self.phase not in PHASES


def begin(db: Session, access: Access, wish: Wish, total: int, runner: str) -> int:
    """Write down that an import begins; returns its id. `Conflict` while another goes on in the project."""
    lock_imports(db, access)
    db.execute(delete(ImportJob).where(*_of(access, wish.upload_key)))
    moment = now()
    job = ImportJob(
        project_id=access.project_id,
        upload_key=wish.upload_key,
        choices={
            "mapping": asdict(wish.mapping),
            "treatment": asdict(wish.treatment),
            "query": wish.query,
        },
        seen=wish.seen,
        language=language.code(),
        started_by=access.account_id,
        started_at=moment,
        phase=READING,
        phase_began_at=moment,
        done=0,
        total=total,
        runner=runner,
        heard_at=moment,
    )
    db.add(job)
    db.flush()
    return cast(int, job.id)


def _of(access: Access, upload_key: str) -> tuple[Any, Any]:
    return col(ImportJob.project_id) == access.project_id, col(ImportJob.upload_key) == upload_key


def job_of(db: Session, access: Access, upload_key: str) -> Job | None:
    """The import of a file; None where none was begun, or it was cancelled."""
    row = db.scalar(select(ImportJob).where(*_of(access, upload_key)))
    return None if row is None else job_in(db, row)


def job_in(db: Session, row: ImportJob) -> Job:
    """What a row says of an import."""
    choices = row.choices
    wish = Wish(
        row.upload_key,
        Mapping(**choices["mapping"]),
        Treatment(**choices["treatment"]),
        row.seen,
        choices["query"],
    )
    return Job(
        id=cast(int, row.id),
        wish=wish,
        phase=row.phase,
        phase_began_at=row.phase_began_at,
        done=row.done,
        total=row.total,
        heard_at=row.heard_at,
        is_unwanted=row.is_unwanted,
        batch_id=row.batch_id,
        is_shown=is_shown(db, row),
        counts=Counts(**row.counts),
        problem=row.problem,
    )


def is_shown(db: Session, row: ImportJob) -> bool:
    """Whether everybody sees what an import has written."""
    return row.batch_id is not None and unseen_batch(db, cast(int, row.id)) is None


def wish_away(db: Session, access: Access, upload_key: str) -> bool:
    """Ask for an import to be cancelled; False where it is too late for that: its posts are coming in."""
    found = db.scalar(select(ImportJob).where(*_of(access, upload_key)))
    if found is None:
        raise NotFound
    if is_shown(db, found):
        return False
    statement = update(ImportJob).where(
        col(ImportJob.id) == found.id,
        col(ImportJob.phase) != SHOWING,
        col(ImportJob.finished_at).is_(None),
    )
    result = cast(CursorResult[Any], db.execute(statement.values(is_unwanted=True)))
    return result.rowcount == 1


def hear_of(db: Session, job_id: int, runner: str, phase: str, done: int, total: int) -> bool | None:
    """Write down how far a runner is. Whether the import is wanted; None where another runner has it."""
    mine = (col(ImportJob.id) == job_id, col(ImportJob.runner) == runner)
    values = {"phase": phase, "done": done, "total": total, "heard_at": now()}
    statement = update(ImportJob).where(*mine, col(ImportJob.finished_at).is_(None)).values(**values)
    is_unwanted = db.scalar(statement.returning(col(ImportJob.is_unwanted)))
    return None if is_unwanted is None else not is_unwanted


def enter_phase(db: Session, job_id: int, runner: str, phase: str, total: int) -> None:
    """Write down that a phase begins."""
    mine = (col(ImportJob.id) == job_id, col(ImportJob.runner) == runner)
    values = {"phase": phase, "phase_began_at": now(), "done": 0, "total": total, "heard_at": now()}
    db.execute(update(ImportJob).where(*mine).values(**values))


def left_alone(db: Session) -> Sequence[int]:
    """The imports that go on and that nobody was heard of for long."""
    is_silent = col(ImportJob.heard_at) < now() - SILENCE
    statement = select(col(ImportJob.id)).where(col(ImportJob.finished_at).is_(None), is_silent)
    return [job_id for job_id in db.scalars(statement) if job_id is not None]


def n_under_way(db: Session) -> int:
    """How many imports go on, on the whole server."""
    under_way = select(func.count()).select_from(ImportJob).where(col(ImportJob.finished_at).is_(None))
    return db.scalar(under_way) or 0


def take_over(db: Session, job_id: int, runner: str) -> bool:
    """Make a runner the one who works on an import; False where another is at it."""
    is_free = or_(col(ImportJob.heard_at) < now() - SILENCE, col(ImportJob.runner) == runner)
    statement = update(ImportJob).where(
        col(ImportJob.id) == job_id, is_free, col(ImportJob.finished_at).is_(None)
    )
    result = cast(CursorResult[Any], db.execute(statement.values(runner=runner, heard_at=now())))
    return result.rowcount == 1


def let_go(db: Session, job_id: int, runner: str) -> None:
    """Let any other runner take an import over at once: this one's server is stopped."""
    mine = (col(ImportJob.id) == job_id, col(ImportJob.runner) == runner)
    db.execute(update(ImportJob).where(*mine).values(heard_at=now() - 2 * SILENCE))


def held_job(db: Session, job_id: int, runner: str) -> ImportJob | None:
    """The row of an import, held until the transaction ends; None where another runner has it."""
    mine = (col(ImportJob.id) == job_id, col(ImportJob.runner) == runner)
    statement = select(ImportJob).where(*mine, col(ImportJob.finished_at).is_(None))
    return db.scalar(statement.with_for_update().execution_options(populate_existing=True))


def forget(db: Session, job_id: int) -> None:
    """Leave nothing of an import that was cancelled; its file waits again."""
    db.execute(delete(ImportJob).where(col(ImportJob.id) == job_id))


def finish(db: Session, job_id: int, phase: str, counts: Counts, problem: str = "") -> None:
    """Write down how an import ended."""
    values = {"phase": phase, "counts": counts.stored, "problem": problem, "finished_at": now()}
    db.execute(update(ImportJob).where(col(ImportJob.id) == job_id).values(**values))


def take_upload(db: Session, upload_key: str) -> bool:
    """Remove the file of an import; False where it is gone."""
    result = cast(CursorResult[Any], db.execute(delete(Upload).where(col(Upload.key) == upload_key)))
    return result.rowcount == 1
