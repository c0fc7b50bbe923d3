"""Reading where the posts came from, and what became of them before anybody coded them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.corpora.models import ImportBatch, Post, Takedown
from server.corpora.queries import told_of_imports
from server.methods.facts import CorpusFact, ImportFact
from server.projects.access import Access


def imports_of(db: Session, access: Access) -> tuple[ImportFact, ...]:
    """The imports of the project, oldest first. What the history alone knows of one is read there."""
    told = told_of_imports(db, access.project_id)
    rows = db.scalars(
        select(ImportBatch)
        .where(col(ImportBatch.project_id) == access.project_id)
        .order_by(col(ImportBatch.number))
    )
    return tuple(_import(row, told.get(row.number, {})) for row in rows)


def _import(row: ImportBatch, told: Mapping[str, Any]) -> ImportFact:
    return ImportFact(
        number=row.number,
        at=row.imported_at,
        n_new=row.n_new,
        n_same_id=row.n_duplicates,
        n_unreadable=row.n_refused,
        n_nothing=told.get("left_out", 0),
        n_repeats=told.get("dropped", 0),
        n_undrawn=told.get("not_drawn", 0),
        sample=told.get("sample", ""),
        size=told.get("size", 0),
        field=told.get("field", ""),
        seed=told.get("seed", 0),
        pseudonyms=told.get("pseudonyms", False),
        masks_mentions=told.get("mentions", False),
        export=told.get("export", ""),
    )


def corpus_of(db: Session, access: Access) -> CorpusFact:
    """The posts of the project now."""
    of_project = col(Post.project_id) == access.project_id
    posted_at = col(Post.posted_at)
    counted = db.execute(
        select(
            func.count(),
            func.count(func.nullif(col(Post.author), "").distinct()),
            func.count(posted_at),
            func.min(posted_at),
            func.max(posted_at),
        ).where(of_project)
    ).one()
    n_posts, n_accounts, n_dated, first, last = counted
    gone = _taken_down(db, access)
    return CorpusFact(n_posts, n_accounts, n_posts - n_dated, first, last, sum(gone.values()), gone[False])


def _taken_down(db: Session, access: Access) -> dict[bool, int]:
    """How many posts are taken down, by whether their codings stayed."""
    rows = db.execute(
        select(col(Takedown.keeps_codings), func.count())
        .join(Post, col(Post.takedown_id) == col(Takedown.id))
        .where(col(Post.project_id) == access.project_id, col(Post.takedown_id).is_not(None))
        .group_by(col(Takedown.keeps_codings))
    )
    return {True: 0, False: 0} | {bool(keeps): n for keeps, n in rows}
