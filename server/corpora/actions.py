"""Receiving files of posts, and importing them."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, cast

from sqlalchemy import CursorResult, bindparam, delete, func, select, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Session, col

from server.clock import now
from server.corpora import queries
from server.corpora.drafting import post_drafts
from server.corpora.guessing import guess_columns
from server.corpora.mapping import DraftedPosts, Mapping, PostDraft
from server.corpora.models import ImportBatch, Post, PseudonymKey, Upload
from server.corpora.parsing import Table
from server.corpora.planning import ImportPlan, content_hash, plan_import
from server.corpora.reading import read_posts
from server.corpora.treatment import Treatment, treated
from server.corpora.writing import Place, insert_rows, post_rows
from server.errors import Conflict, NotFound, Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Project

KEPT_DAYS = 7
_AT_ONCE = 5_000
_GUESSED_FROM = 1_000
_AS_THEY_ARE = Treatment()

_post = cast(SqlTable, Post.__table__)  # type: ignore[attr-defined]
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


def receive_file(db: Session, access: Access, filename: str, content: bytes) -> str:
    """Keep a packed file until it is imported; returns its key. Files nobody imported for a week go."""
    _forget_old_files(db, access)
    key = secrets.token_urlsafe(18)
    db.add(
        Upload(
            project_id=access.project_id,
            key=key,
            purpose=queries.POSTS,
            filename=filename,
            content=content,
            uploaded_by=access.account_id,
            uploaded_at=now(),
        )
    )
    db.flush()
    return key


def _forget_old_files(db: Session, access: Access) -> None:
    oldest = now() - timedelta(days=KEPT_DAYS)
    is_old = (col(Upload.project_id) == access.project_id, col(Upload.uploaded_at) < oldest)
    db.execute(delete(Upload).where(*is_old, col(Upload.purpose) == queries.POSTS))


def discard_file(db: Session, access: Access, key: str) -> None:
    """Forget a waiting file."""
    if not _take_file(db, access, key):
        raise NotFound(_("This file is no longer here: it was imported or discarded."))


def _take_file(db: Session, access: Access, key: str) -> bool:
    """Remove a waiting file; False if somebody was faster."""
    is_it = (col(Upload.project_id) == access.project_id, col(Upload.key) == key)
    statement = delete(Upload).where(*is_it, col(Upload.purpose) == queries.POSTS)
    result = cast(CursorResult[Any], db.execute(statement))
    return result.rowcount == 1


def import_file(
    db: Session, access: Access, key: str, posts: DraftedPosts, source: Source, seen: str
) -> ImportOutcome | None:
    """Import the posts of a waiting file; None if it waits no longer, so that a double click stores once.

    `seen` is the fingerprint of the plan that the lead was shown; `Conflict` if another has come of it.
    """
    _lock(db, access)
    if not _take_file(db, access, key):
        return None
    plan = plan_import(posts, queries.stored_posts(db, access))
    if plan.fingerprint != seen:
        raise Conflict(_("The posts of the project have changed since this was shown."))
    return _carry_out(db, access, plan, source)


def import_posts(
    db: Session,
    access: Access,
    filename: str,
    content: bytes,
    mapping: Mapping | None = None,
    treatment: Treatment = _AS_THEY_ARE,
) -> ImportOutcome:
    """Import a file at once, with the columns guessed where no mapping is given."""
    table = read_posts(content, filename)
    used = mapping or guessed_mapping(table)
    source = Source(filename, sha256(content).hexdigest(), used, table.origin.export, treatment)
    key = pseudonym_key(db, access) if treatment.pseudonyms else b""
    return store_drafts(db, access, treated(post_drafts(table, used), treatment, key), source)


def pseudonym_key(db: Session, access: Access) -> bytes:
    """The key of the project's pseudonyms, made when it is first asked for."""
    found = db.get(PseudonymKey, access.project_id)
    if found is None:
        found = PseudonymKey(project_id=access.project_id, secret=secrets.token_bytes(32), made_at=now())
        db.add(found)
        db.flush()
    return found.secret


def guessed_mapping(table: Table) -> Mapping:
    """The mapping of a known export, or the probable one; `Refusal` where id or text cannot be told."""
    if table.origin.roles:
        return Mapping(**table.origin.roles)
    guess = guess_columns(table.columns, table.rows[:_GUESSED_FROM])
    if guess.id is None or guess.text is None:
        missing = _("id") if guess.id is None else _("text")
        raise Refusal(
            _(
                "Which column holds the {missing} of each post cannot be told. Name it. Columns: {columns}."
            ).format(missing=missing, columns=", ".join(table.columns))
        )
    return Mapping(
        guess.id, guess.text, guess.author, guess.date, guess.link, thread=guess.thread, parent=guess.parent
    )


def store_drafts(db: Session, access: Access, posts: DraftedPosts, source: Source) -> ImportOutcome:
    """Write the posts that are new or changed; those that annotators have coded stay as they are."""
    _lock(db, access)
    return _carry_out(db, access, plan_import(posts, queries.stored_posts(db, access)), source)


def _lock(db: Session, access: Access) -> None:
    # Two imports at once would give the same numbers; codings, which refer to the project, need not wait.
    row = select(col(Project.id)).where(col(Project.id) == access.project_id)
    db.execute(row.with_for_update(key_share=True))


def _carry_out(db: Session, access: Access, plan: ImportPlan, source: Source) -> ImportOutcome:
    if plan.changes_nothing:
        return ImportOutcome(None, plan, source.export)
    batch = _add_batch(db, access, plan, source)
    _change(db, access, plan.changed, batch)
    _insert(db, access, plan.new, batch)
    _record(db, access, plan, source, batch)
    return ImportOutcome(batch.number, plan, source.export)


def _add_batch(db: Session, access: Access, plan: ImportPlan, source: Source) -> ImportBatch:
    newest = select(func.max(col(ImportBatch.number))).where(col(ImportBatch.project_id) == access.project_id)
    batch = ImportBatch(
        project_id=access.project_id,
        number=1 + (db.scalar(newest) or 0),
        filename=source.filename,
        file_hash=source.file_hash,
        mapping=asdict(source.mapping) if source.mapping else {},
        n_new=len(plan.new),
        n_unchanged=len(plan.unchanged),
        n_changed=len(plan.changed),
        n_duplicates=len(plan.duplicates),
        n_refused=len(plan.refused),
        imported_by=access.account_id,
        imported_at=now(),
    )
    db.add(batch)
    db.flush()
    return batch


def _content(draft: PostDraft, batch: ImportBatch) -> dict[str, Any]:
    return {
        "text": draft.text,
        "author": draft.author,
        "posted_at": draft.posted_at,
        "posted_at_text": draft.posted_at_text,
        "link": draft.link,
        "thread_key": draft.thread_key,
        "parent_key": draft.parent_key,
        "extra": draft.extra,
        "content_hash": content_hash(draft),
        "import_batch_id": batch.id,
    }


def _change(db: Session, access: Access, drafts: Sequence[PostDraft], batch: ImportBatch) -> None:
    _run(
        db,
        _change_post,
        (
            {
                "b_project_id": access.project_id,
                "b_external_id": draft.external_id,
                **_content(draft, batch),
            }
            for draft in drafts
        ),
    )


def _insert(db: Session, access: Access, drafts: Sequence[PostDraft], batch: ImportBatch) -> None:
    place = Place(access.project_id, cast(int, batch.id), 1 + queries.n_posts(db, access))
    connection = db.connection()
    insert_rows(connection, place, post_rows(connection.dialect, drafts))


def _run(db: Session, statement: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Run the statement for all rows, some thousands at once, so that memory stays small."""
    source = iter(rows)
    while some := list(islice(source, _AT_ONCE)):
        db.connection().execute(statement, some)


def _record(db: Session, access: Access, plan: ImportPlan, source: Source, batch: ImportBatch) -> None:
    counts: dict[str, Any] = {
        "new": len(plan.new),
        "changed": len(plan.changed),
        "unchanged": len(plan.unchanged),
        "left_as_coded": len(plan.locked),
        **({"taken_down": len(plan.taken_down)} if plan.taken_down else {}),
        "duplicates": len(plan.duplicates),
        "refused": len(plan.refused),
        "left_out": len(plan.left_out),
    }
    if source.treatment.told:
        counts |= source.treatment.told | {"alike": len(plan.alike), "dropped": plan.n_dropped}
        counts["not_drawn"] = plan.n_undrawn
    if source.export:
        counts["export"] = source.export
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="posts.import",
        subject=f"import {batch.number}",
        details={"file": batch.filename, **counts},
    )
