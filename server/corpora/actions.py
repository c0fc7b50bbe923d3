"""Receiving files of posts, and importing them."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlmodel import Session, col

from server.clock import now
from server.corpora import parcels, queries
from server.corpora.drafting import post_drafts
from server.corpora.guessing import guess_columns
from server.corpora.mapping import DraftedPosts, Mapping
from server.corpora.models import ImportJob, PseudonymKey, Upload
from server.corpora.parsing import Table
from server.corpora.planning import plan_import
from server.corpora.reading import read_posts
from server.corpora.stored import StoredPosts, stored_texts
from server.corpora.storing import ImportOutcome, Source, carry_out
from server.corpora.treatment import Treatment, treated
from server.errors import Conflict, NotFound, Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Project

KEPT_DAYS = 7
_GUESSED_FROM = 1_000
_AS_THEY_ARE = Treatment()


def receive_file(
    db: Session, access: Access, filename: str, content: bytes = b"", parcel_ids: Sequence[int] = ()
) -> str:
    """Keep a file until it is imported; returns its key. Files nobody imported for a week go.

    `content` is the file, packed, where it is not among the parcels: those hold it, what was read in it, or
    both.
    """
    _forget_old_jobs(db, access)
    return keep_upload(db, access, queries.POSTS, filename, content, parcel_ids)


def keep_upload(
    db: Session,
    access: Access,
    purpose: str,
    filename: str,
    content: bytes = b"",
    parcel_ids: Sequence[int] = (),
) -> str:
    """The same for any purpose."""
    _forget_old_uploads(db, access, purpose)
    upload = Upload(
        project_id=access.project_id,
        key=secrets.token_urlsafe(18),
        purpose=purpose,
        filename=filename,
        content=content,
        uploaded_by=access.account_id,
        uploaded_at=now(),
    )
    db.add(upload)
    db.flush()
    parcels.hand_over(db, parcel_ids, cast(int, upload.id))
    return upload.key


def _forget_old_jobs(db: Session, access: Access) -> None:
    is_over = col(ImportJob.finished_at) < _oldest()
    db.execute(delete(ImportJob).where(col(ImportJob.project_id) == access.project_id, is_over))


def _forget_old_uploads(db: Session, access: Access, purpose: str) -> None:
    ours = (col(Upload.project_id) == access.project_id, col(Upload.purpose) == purpose)
    db.execute(delete(Upload).where(*ours, col(Upload.uploaded_at) < _oldest()))


def _oldest() -> datetime:
    return now() - timedelta(days=KEPT_DAYS)


def read_otherwise(db: Session, access: Access, key: str, parcel_id: int) -> None:
    """Keep what was read in a waiting file in another way; it is in a parcel."""
    refuse_beside_job(db, access)
    is_it = (col(Upload.project_id) == access.project_id, col(Upload.key) == key)
    upload_id = db.scalar(select(col(Upload.id)).where(*is_it).with_for_update())
    if upload_id is not None:
        db.execute(update(Upload).where(*is_it).values(reading=None))
        parcels.replace(db, parcel_id, upload_id)


def discard_file(db: Session, access: Access, key: str) -> None:
    """Forget a waiting file."""
    refuse_beside_job(db, access)
    if not take_file(db, access, key):
        raise NotFound(_("This file is no longer here: it was imported or discarded."))


def take_file(db: Session, access: Access, key: str) -> bool:
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
    lock_imports(db, access)
    if not take_file(db, access, key):
        return None
    plan = plan_import(posts, StoredPosts(db, access))
    if plan.fingerprint != seen:
        raise Conflict(_("The posts of the project have changed since this was shown."))
    return carry_out(db, access, plan, source)


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
    posts = treated(post_drafts(table, used), treatment, key, stored_texts(db, access))
    return store_drafts(db, access, posts, source)


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
    lock_imports(db, access)
    return carry_out(db, access, plan_import(posts, StoredPosts(db, access)), source)


def lock_imports(db: Session, access: Access) -> None:
    """Let nobody else begin an import before this transaction ends; `Conflict` while one goes on."""
    # Two imports at once would give the same numbers; codings, which refer to the project, need not wait.
    row = select(col(Project.id)).where(col(Project.id) == access.project_id)
    db.execute(row.with_for_update(key_share=True))
    refuse_beside_job(db, access)


def refuse_beside_job(db: Session, access: Access) -> None:
    """`Conflict` while an import of the project goes on."""
    under_way = (col(ImportJob.project_id) == access.project_id, col(ImportJob.finished_at).is_(None))
    if db.scalar(select(col(ImportJob.id)).where(*under_way)) is not None:
        raise Conflict(_("An import of posts is going on in this project. Wait until it has ended."))
