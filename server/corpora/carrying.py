"""An import of many posts, step by step: read and checked, written where nobody sees it, and shown.

On PostgreSQL all that is written is one transaction: others see nothing of it, and wait for nothing. SQLite
has one writer only, so there the posts are written into a file beside the database, and then come into it
many at once. With the first of these the import is sure to end well: a server that is started again finds
out from the file what is still missing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import cast

from sqlalchemy import select
from sqlmodel import Session, col

from server.clock import now
from server.corpora import jobs, queries
from server.corpora.actions import pseudonym_key
from server.corpora.counts import Counts, counts_of
from server.corpora.drafting import post_drafts
from server.corpora.kept import Reading, reading_of
from server.corpora.mapping import PostDraft
from server.corpora.models import ImportBatch, ImportJob, Post
from server.corpora.planning import ImportPlan, plan_import
from server.corpora.progress import Lost, Progress, Unwanted, Watched
from server.corpora.staging import Staging
from server.corpora.storing import Source, add_batch, change_posts, record_import
from server.corpora.treatment import treated
from server.corpora.uses import has_codings
from server.corpora.writing import Place, PostRow, insert_rows, post_rows
from server.db.engine import Database
from server.errors import Busy, Conflict, Refusal
from server.language import gettext as _
from server.projects.access import Access

_CHANGED_AT_ONCE = 2_000


def carry(
    database: Database,
    access: Access,
    job: jobs.Job,
    runner: str,
    progress: Progress,
    shown_at_once: int,
) -> None:
    """Carry an import out, from wherever it was left.

    Raises:
        Refusal: the file is gone, or cannot be imported as it was wished.
        Conflict: something else would come of it than the lead was shown.
    """
    _Import(database, access, job, runner, progress).carry_out(shown_at_once)


@dataclass
class _Import:
    """One import that somebody works on."""

    database: Database
    access: Access
    job: jobs.Job
    runner: str
    progress: Progress

    def carry_out(self, shown_at_once: int) -> None:
        staging = Staging(self.database, self.job.id, self.runner)
        if self.database.is_sqlite:
            staging.remove()
        source, plan = self._planned()
        if plan.changes_nothing and self.job.batch_id is None:
            with self.database.writing() as db:
                self._finish(db, counts_of(plan))
        elif self.database.is_sqlite:
            self._show(source, plan, staging, shown_at_once)
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
        posts = treated(posts, wish.treatment, self._pseudonym_key())
        with self.database.reading() as db:
            plan = plan_import(posts, queries.stored_posts(db, self.access))
        if self.job.batch_id is None and plan.fingerprint != wish.seen:
            raise Conflict(_("The posts of the project have changed since this was shown."))
        source = Source(filename, reading.file_hash, wish.mapping, table.origin.export, wish.treatment)
        return source, plan

    def _reading(self) -> tuple[Reading, str]:
        with self.database.reading() as db:
            file = queries.uploaded_file(db, self.access, self.job.wish.upload_key)
        if file is None:
            raise _gone()
        return reading_of(file), file.filename

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
            insert_rows(connection, place, self.progress.passing(post_rows(connection.dialect, plan.new)))
            for some in _some(plan.changed, _CHANGED_AT_ONCE):
                self._change(db, some, place.batch_id)
            self._hold(db)
            record_import(db, self.access, counts, source, batch)
            self._finish(db, counts)

    def _show(self, source: Source, plan: ImportPlan, staging: Staging, at_once: int) -> None:
        """First beside the database, then into it: many at once, but never so many that others give up."""
        try:
            self.progress.enter(jobs.WRITING, len(plan.new))
            rows = post_rows(self.database.engine.dialect, plan.new)
            staging.write(self.progress.passing(rows))
            place = self._place(source, plan)
            self.progress.enter_last(len(plan.new) + len(plan.changed))
            for some in staging.read(at_once):
                self._patiently(partial(self._insert, some, place))
                place = replace(place, first=place.first + len(some))
                self.progress.tell(len(some))
        finally:
            staging.remove()
        for changed in _some(plan.changed, _CHANGED_AT_ONCE):
            self._patiently(partial(self._change_alone, changed, place.batch_id))
            self.progress.tell(len(changed))
        self._patiently(partial(self._end, source, place.batch_id))

    def _insert(self, rows: Sequence[PostRow], place: Place) -> None:
        with self.database.writing() as db:
            self._hold(db)
            insert_rows(db.connection(), place, rows)

    def _place(self, source: Source, plan: ImportPlan) -> Place:
        """Where the posts come in. From here on the import ends well."""
        with self.database.writing() as db:
            row = self._hold(db)
            if row.batch_id is None:
                counts = counts_of(plan)
                row.batch_id = add_batch(db, self.access, counts, source).id
                row.counts = counts.stored
            row.phase, row.phase_began_at = jobs.SHOWING, now()
            row.done, row.total = 0, len(plan.new) + len(plan.changed)
            return Place(self.access.project_id, row.batch_id or 0, 1 + queries.n_posts(db, self.access))

    def _hold(self, db: Session) -> ImportJob:
        """The row of the job, nobody having cancelled it or taken it over, and its file still there."""
        row = jobs.held_job(db, self.job.id, self.runner)
        if row is None:
            raise Lost
        if row.is_unwanted and row.batch_id is None:
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

    def _patiently(self, step: Callable[[], None]) -> None:
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
