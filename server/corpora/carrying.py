"""An import of many posts, step by step: read and checked, written where nobody sees it, and shown.

On PostgreSQL all that is written is one transaction: others see nothing of it, and wait for nothing. SQLite
has one writer only, so there the posts come into the database some thousand at once, unseen, and are shown
all at one moment. Until then an import that is cancelled is removed again; one whose server was killed goes
on where it was.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TypeVar, cast

from sqlalchemy import select
from sqlmodel import Session, col

from server.clock import now
from server.corpora import jobs, queries
from server.corpora.actions import pseudonym_key
from server.corpora.ahead import ahead
from server.corpora.counts import Counts, counts_of
from server.corpora.drafting import post_drafts
from server.corpora.kept import Reading, reading_of
from server.corpora.mapping import PostDraft
from server.corpora.models import ImportBatch, ImportJob, Post
from server.corpora.parcels import Piece, clear, finding_in
from server.corpora.planning import ImportPlan, plan_import
from server.corpora.progress import Lost, Progress, Stopped, Unwanted, Watched
from server.corpora.stored import StoredPosts, texts_in
from server.corpora.storing import Source, add_batch, change_posts, record_import, show_batch
from server.corpora.treatment import treated
from server.corpora.unseen import UNSEEN, remove_some, unseen_batch, written
from server.corpora.uses import has_codings
from server.corpora.writing import (
    Copied,
    Place,
    Rows,
    copied,
    copy_posts,
    insert_some,
    post_columns,
    rows_of,
    together,
)
from server.db.engine import Database
from server.errors import Busy, Conflict, Refusal
from server.language import gettext as _
from server.projects.access import Access

_CHANGED_AT_ONCE, _REMOVED_AT_ONCE = 1_000, 2_000
_AHEAD, _BLOCKS_AHEAD = 1, 30
# Seconds after which no other statement begins in a transaction that others wait for.
_LONGEST = 0.05
T = TypeVar("T")


def carry(
    database: Database,
    access: Access,
    job: jobs.Job,
    runner: str,
    progress: Progress,
    written_at_once: int,
) -> None:
    """Carry an import out, from wherever it was left.

    Raises:
        Refusal: the file is gone, or cannot be imported as it was wished.
        Conflict: something else would come of it than the lead was shown.
    """
    _Import(database, access, job, runner, progress).carry_out(written_at_once)


@dataclass
class _Import:
    """One import that somebody works on."""

    database: Database
    access: Access
    job: jobs.Job
    runner: str
    progress: Progress

    def carry_out(self, written_at_once: int) -> None:
        try:
            self._carry_out(written_at_once)
            clear(self.database)
        except (Lost, Stopped):
            raise  # Somebody else goes on where this was left.
        except BaseException:
            self._remove_unseen()
            raise

    def _carry_out(self, written_at_once: int) -> None:
        if not self.database.is_sqlite:
            # Left by a server on SQLite, from where the project was moved.
            self._remove_unseen()
        source, plan = self._planned()
        if plan.changes_nothing and not self.job.is_shown:
            self._remove_unseen()
            with self.database.writing() as db:
                self._finish(db, counts_of(plan))
        elif self.database.is_sqlite:
            self._write_unseen(source, plan, written_at_once)
        else:
            self._write(source, plan)

    def _planned(self) -> tuple[Source, ImportPlan]:
        """What is to be written: what the lead has seen, or what is left of it."""
        wish = self.job.wish
        reading, filename = self._reading()
        table = reading.table
        self.progress.enter(jobs.READING, len(table.rows))
        posts = post_drafts(table, wish.mapping, self.progress.tell)
        if wish.treatment.told:
            posts = replace(posts, drafts=Watched(posts.drafts, self.progress))
        stored = texts_in(self.database, self.access)
        posts = treated(posts, wish.treatment, self._pseudonym_key(), stored)
        with self.database.reading() as db:
            plan = plan_import(posts, StoredPosts(db, self.access))
        if not self.job.is_shown and plan.fingerprint != wish.seen:
            raise Conflict(_("The posts of the project have changed since this was shown."))
        source = Source(filename, reading.file_hash, wish.mapping, table.origin.export, wish.treatment)
        return source, plan

    def _reading(self) -> tuple[Reading, str]:
        with self.database.reading() as db:
            file = queries.uploaded_file(db, self.access, self.job.wish.upload_key)
        if file is None:
            raise _gone()
        return reading_of(file, self._find), file.filename

    def _find(self, parcel_id: int, place: int) -> Piece:
        """A piece of the file, when it is needed."""
        return self._patiently(partial(finding_in(self.database), parcel_id, place))

    def _pseudonym_key(self) -> bytes:
        if not self.job.wish.treatment.pseudonyms:
            return b""
        with self.database.writing() as db:
            return pseudonym_key(db, self.access)

    def _write(self, source: Source, plan: ImportPlan) -> None:
        """All in one transaction, which others see nothing of until it ends."""
        self.progress.enter(jobs.WRITING, len(plan.new) + len(plan.changed))
        with self.database.writing() as db:
            counts = counts_of(plan)
            batch = add_batch(db, self.access, counts, source)
            place = Place(self.access.project_id, cast(int, batch.id), 1 + queries.n_posts(db, self.access))
            connection = db.connection()
            rows = copied(place, post_columns(connection.dialect, plan.new))
            with closing(ahead(rows, _BLOCKS_AHEAD)) as made:
                copy_posts(connection, self._told(made))
            for some in _some(plan.changed, _CHANGED_AT_ONCE):
                self._change(db, some, place.batch_id)
            self._hold(db)
            record_import(db, self.access, counts, source, batch)
            self._finish(db, counts)

    def _told(self, rows: Iterable[Copied]) -> Iterator[Copied]:
        for some in rows:
            yield some
            self.progress.tell(some.n_rows)

    def _write_unseen(self, source: Source, plan: ImportPlan, at_once: int) -> None:
        """Into the database unseen, never so many at once that others give up; then all are shown."""
        batch_id = self.job.batch_id
        if batch_id is None or not self.job.is_shown:
            batch_id = self._write_new(source, plan, at_once)
        self.progress.enter_last(len(plan.new) + len(plan.changed))
        if not self.job.is_shown:
            self._patiently(partial(self._show, source, batch_id, is_all=not plan.changed))
            self.progress.tell(len(plan.new))
            if not plan.changed:
                return
        for changed in _some(plan.changed, _CHANGED_AT_ONCE):
            self._patiently(partial(self._change_alone, changed, batch_id))
            self.progress.tell(len(changed))
        self._patiently(partial(self._end, source, batch_id))

    def _write_new(self, source: Source, plan: ImportPlan, at_once: int) -> int:
        self.progress.enter(jobs.WRITING, len(plan.new))
        place, n_there = self._place(source, plan)
        self.progress.tell(n_there)
        dialect = self.database.engine.dialect
        rows = rows_of(post_columns(dialect, islice(plan.new, n_there, None)))
        with closing(ahead(together(rows, at_once), _AHEAD)) as made:
            for some in made:
                place = self._insert_all(some, place)
        return place.batch_id

    def _insert_all(self, rows: Sequence[Rows], place: Place) -> Place:
        """Insert these in one transaction, or in several where that would keep others waiting for long."""
        n_done = 0
        while n_done < len(rows):
            inserted = self._patiently(partial(self._insert, rows[n_done:], place))
            n_rows = sum(statement.n_rows for statement in rows[n_done : n_done + inserted])
            n_done, place = n_done + inserted, replace(place, first=place.first + n_rows)
            self.progress.tell(n_rows)
        return place

    def _insert(self, rows: Sequence[Rows], place: Place) -> int:
        """Insert as many of these as the time allows; gives how many statements that were."""
        with self.database.writing() as db:
            self._hold(db)
            return insert_some(db.connection(), place, rows, _LONGEST)

    def _place(self, source: Source, plan: ImportPlan) -> tuple[Place, int]:
        """Where the next of the new posts comes in, and how many of them are there already."""
        with self.database.writing() as db:
            row, n_seen = self._hold(db), queries.n_posts(db, self.access)
            if row.batch_id is None:
                counts = counts_of(plan)
                row.batch_id = add_batch(db, self.access, counts, source, UNSEEN).id
                row.counts = counts.stored
            batch_id = cast(int, row.batch_id)
            n_there, external_id = written(db, batch_id, n_seen)
        if n_there and plan.new[n_there - 1].external_id != external_id:
            raise Conflict(_("The posts of the project have changed since this was shown."))
        return Place(self.access.project_id, batch_id, 1 + n_seen + n_there), n_there

    def _show(self, source: Source, batch_id: int, *, is_all: bool) -> None:
        """Let everybody see all new posts, at this moment. From here on the import ends well."""
        with self.database.writing() as db:
            row = self._hold(db)
            batch, counts = show_batch(db, self.access, batch_id), Counts(**row.counts)
            row.phase, row.phase_began_at = jobs.SHOWING, now()
            row.done, row.total = counts.new, counts.new + counts.changed
            if is_all:
                record_import(db, self.access, counts, source, batch)
                self._finish(db, counts)

    def _remove_unseen(self) -> None:
        """Leave nothing of what nobody has seen."""
        with self.database.reading() as db:
            batch_id = unseen_batch(db, self.job.id)
        while batch_id is not None and self._patiently(partial(self._remove_some, batch_id)):
            self.progress.rest()

    def _remove_some(self, batch_id: int) -> bool:
        with self.database.writing() as db:
            return remove_some(db, batch_id, _REMOVED_AT_ONCE)

    def _hold(self, db: Session) -> ImportJob:
        """The row of the job, nobody having cancelled it or taken it over, and its file still there."""
        row = jobs.held_job(db, self.job.id, self.runner)
        if row is None:
            raise Lost
        if row.is_unwanted and not jobs.is_shown(db, row):
            raise Unwanted
        if not queries.is_waiting(db, self.access, self.job.wish.upload_key):
            raise _gone()
        return row

    def _change_alone(self, drafts: Sequence[PostDraft], batch_id: int) -> None:
        with self.database.writing() as db:
            self._change(db, drafts, batch_id)

    def _change(self, db: Session, drafts: Sequence[PostDraft], batch_id: int) -> None:
        """Change those of these posts that nobody has coded since they were looked at."""
        ids = [draft.external_id for draft in drafts]
        free = select(col(Post.external_id)).where(
            col(Post.project_id) == self.access.project_id,
            col(Post.external_id).in_(ids),
            col(Post.takedown_id).is_(None),
            ~has_codings(),
        )
        still_free = set(db.scalars(free))
        wanted = (draft for draft in drafts if draft.external_id in still_free)
        change_posts(db, self.access, wanted, batch_id)

    def _end(self, source: Source, batch_id: int) -> None:
        with self.database.writing() as db:
            counts = Counts(**self._hold(db).counts)
            record_import(db, self.access, counts, source, db.get_one(ImportBatch, batch_id))
            self._finish(db, counts)

    def _finish(self, db: Session, counts: Counts) -> None:
        jobs.take_upload(db, self.job.wish.upload_key)
        jobs.finish(db, self.job.id, jobs.DONE, counts)

    def _patiently(self, step: Callable[[], T]) -> T:
        """Do a step, however often others are in its way."""
        while True:
            try:
                return step()
            except Busy:
                self.progress.rest()


def _some(drafts: Iterable[PostDraft], at_once: int) -> Iterator[list[PostDraft]]:
    source = iter(drafts)
    while some := list(islice(source, at_once)):
        yield some


def _gone() -> Refusal:
    return Refusal(_("The file is no longer here, so its posts cannot be imported. Upload it again."))
