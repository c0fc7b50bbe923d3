"""Imported posts."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from server.corpora.models import ImportBatch, Post
from server.projects.models import Project
from tests.make.rows import MOMENT, add, id_of, put


def posts(db: Session, of: Project, count: int = 3, *, authors: int = 2) -> list[Post]:
    """`count` posts by `authors` authors."""
    batch = ImportBatch(
        project_id=id_of(of),
        number=1 + (db.scalar(select(func.count()).where(ImportBatch.project_id == of.id)) or 0),
        filename="posts.csv",
        file_hash="0" * 64,
        mapping={},
        n_new=count,
        n_unchanged=0,
        n_changed=0,
        n_duplicates=0,
        n_refused=0,
        imported_by=None,
        imported_at=MOMENT,
    )
    add(db, batch)
    first = 1 + (db.scalar(select(func.count()).where(Post.project_id == of.id)) or 0)
    put(db, Post, (_post(of, batch, number, authors) for number in range(first, first + count)))
    return [*db.exec(select(Post).where(Post.import_batch_id == batch.id).order_by(col(Post.number)))]


def _post(of: Project, batch: ImportBatch, number: int, authors: int) -> dict[str, Any]:
    return {
        "project_id": of.id,
        "number": number,
        "external_id": f"19555500000000{number:05d}",
        "text": f"I miss the old one. Post {number} \N{BROKEN HEART} #Keep4o",
        "author": f"user_{number % authors}",
        "posted_at": MOMENT + timedelta(minutes=number),
        "extra": {"lang": "en"},
        "content_hash": f"{number:064d}",
        "import_batch_id": batch.id,
    }
