"""Posts that an import has written on SQLite and that nobody is to see before all of them are there.

SQLite has one writer, so that a million posts cannot come in one transaction. Until they are shown, their
import has the number `UNSEEN`, and every statement of a session leaves them out. Whoever gives the import its
number shows all of them at one moment. A SQLite database has one process, which therefore knows whether there
are any; while there are none, no statement has to ask.
"""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import with_loader_criteria
from sqlmodel import Session, col

from server.corpora.models import ImportBatch, ImportJob, Post
from server.db.engine import Database
from server.db.tables import sql_table

UNSEEN = 0
_batch = sql_table(ImportBatch)
_job = sql_table(ImportJob)
_post = sql_table(Post)
_unseen = select(_batch.c.id).where(_batch.c.number == UNSEEN)
_OPTIONS = (
    with_loader_criteria(Post, col(Post.import_batch_id).not_in(_unseen), include_aliases=True),
    with_loader_criteria(ImportBatch, col(ImportBatch.number) != UNSEEN, include_aliases=True),
)


def hide(database: Database) -> None:
    """Let no session that begins from now on read unseen posts."""
    database.memory.left_out = _OPTIONS


def show_again(database: Database) -> None:
    """There are no unseen posts any more: let no statement ask for them."""
    database.memory.left_out = ()


def unseen_batch(db: Session, job_id: int) -> int | None:
    """The id of what an import has written and nobody has seen."""
    joined = _batch.join(_job, _job.c.batch_id == _batch.c.id)
    unseen = (_job.c.id == job_id, _batch.c.number == UNSEEN)
    return db.connection().scalar(select(_batch.c.id).select_from(joined).where(*unseen))


def written(db: Session, batch_id: int, n_seen: int) -> tuple[int, str]:
    """How many posts an import has written after those that are seen, and the external id of the last."""
    last = select(_post.c.number, _post.c.external_id).where(_post.c.import_batch_id == batch_id)
    found = db.connection().execute(last.order_by(_post.c.id.desc()).limit(1)).first()
    return (0, "") if found is None else (found.number - n_seen, found.external_id)


def remove_some(db: Session, batch_id: int, at_once: int) -> bool:
    """Remove the last posts of an import that nobody has seen, then the import; whether more is left."""
    last = select(_post.c.id).where(_post.c.import_batch_id == batch_id).order_by(_post.c.id.desc())
    connection = db.connection()
    if connection.execute(delete(_post).where(_post.c.id.in_(last.limit(at_once)))).rowcount:
        return True
    connection.execute(update(_job).where(_job.c.batch_id == batch_id).values(batch_id=None))
    connection.execute(delete(_batch).where(_batch.c.id == batch_id, _batch.c.number == UNSEEN))
    return False
