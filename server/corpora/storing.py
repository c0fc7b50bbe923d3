"""Writing what a plan says: the import, its posts, and the entry in the history."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, cast

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session, col

from server.clock import now
from server.corpora import queries
from server.corpora.contents import Contents
from server.corpora.counts import Counts, counts_of
from server.corpora.mapping import Mapping, PostDraft
from server.corpora.models import ImportBatch, Post
from server.corpora.planning import ImportPlan
from server.corpora.treatment import Treatment
from server.corpora.writing import Place, insert_posts, post_columns
from server.db.tables import sql_table
from server.history.actions import record
from server.projects.access import Access

_AT_ONCE = 5_000
_AS_THEY_ARE = Treatment()

_post = sql_table(Post)
_batch = sql_table(ImportBatch)
_change_post = update(_post).where(
    _post.c.project_id == bindparam("b_project_id"), _post.c.external_id == bindparam("b_external_id")
)


@dataclass(frozen=True)
class Source:
    """The file that posts come from, how its columns were read, and the program known to write such files."""

    filename: str
    file_hash: str
    mapping: Mapping | None = None
    export: str = ""
    treatment: Treatment = _AS_THEY_ARE


@dataclass(frozen=True)
class ImportOutcome:
    """What an import did. `batch` is its number; None where there was nothing to write.

    `export` is the program that the file is known to come from.
    """

    batch: int | None
    plan: ImportPlan
    export: str = ""


def carry_out(db: Session, access: Access, plan: ImportPlan, source: Source) -> ImportOutcome:
    """Write all that a plan says, in the transaction of the session."""
    if plan.changes_nothing:
        return ImportOutcome(None, plan, source.export)
    counts = counts_of(plan)
    batch = add_batch(db, access, counts, source)
    change_posts(db, access, plan.changed, cast(int, batch.id))
    connection = db.connection()
    place = Place(access.project_id, cast(int, batch.id), 1 + queries.n_posts(db, access))
    insert_posts(connection, place, post_columns(connection.dialect, plan.new))
    record_import(db, access, counts, source, batch)
    return ImportOutcome(batch.number, plan, source.export)


def add_batch(
    db: Session, access: Access, counts: Counts, source: Source, number: int | None = None
) -> ImportBatch:
    """The import as the list of imports has it, with the next number where none is given."""
    batch = ImportBatch(
        project_id=access.project_id,
        number=_next_number(db, access) if number is None else number,
        filename=source.filename,
        file_hash=source.file_hash,
        mapping=asdict(source.mapping) if source.mapping else {},
        n_new=counts.new,
        n_unchanged=counts.unchanged,
        n_changed=counts.changed,
        n_duplicates=counts.duplicates,
        n_refused=counts.refused,
        imported_by=access.account_id,
        imported_at=now(),
    )
    db.add(batch)
    db.flush()
    return batch


def _next_number(db: Session, access: Access) -> int:
    newest = select(func.max(col(ImportBatch.number))).where(col(ImportBatch.project_id) == access.project_id)
    return 1 + (db.scalar(newest) or 0)


def show_batch(db: Session, access: Access, batch_id: int) -> ImportBatch:
    """Give an import that nobody has seen the next number, at which all see it and its posts."""
    values = {"number": _next_number(db, access), "imported_at": now()}
    db.connection().execute(update(_batch).where(_batch.c.id == batch_id).values(**values))
    return db.get_one(ImportBatch, batch_id)


def change_posts(db: Session, access: Access, drafts: Iterable[PostDraft], batch_id: int) -> None:
    """Give posts the content that a file has for them, some thousands at once, so that memory stays small."""
    source, contents = iter(drafts), Contents()
    while some := list(islice(source, _AT_ONCE)):
        rows = zip(some, contents.hashes(some), strict=True)
        changed = [_changed(access, draft, content_hash, batch_id) for draft, content_hash in rows]
        db.connection().execute(_change_post, changed)


def _changed(access: Access, draft: PostDraft, content_hash: str, batch_id: int) -> dict[str, Any]:
    return {
        "b_project_id": access.project_id,
        "b_external_id": draft.external_id,
        "text": draft.text,
        "author": draft.author,
        "posted_at": draft.posted_at,
        "posted_at_text": draft.posted_at_text,
        "link": draft.link,
        "thread_key": draft.thread_key,
        "parent_key": draft.parent_key,
        "extra": draft.extra,
        "content_hash": content_hash,
        "import_batch_id": batch_id,
    }


def record_import(db: Session, access: Access, counts: Counts, source: Source, batch: ImportBatch) -> None:
    """Write into the history what was imported, and how."""
    said: dict[str, Any] = {
        "new": counts.new,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "left_as_coded": counts.locked,
        **({"taken_down": counts.taken_down} if counts.taken_down else {}),
        "duplicates": counts.duplicates,
        "refused": counts.refused,
        "left_out": counts.left_out,
    }
    if source.treatment.told:
        said |= source.treatment.told | {"alike": counts.alike, "dropped": counts.dropped}
        said["not_drawn"] = counts.undrawn
    if source.export:
        said["export"] = source.export
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="posts.import",
        subject=f"import {batch.number}",
        details={"file": batch.filename, **said},
    )
