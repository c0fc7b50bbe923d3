"""Reading posts, imports, and files that wait to be imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.corpora.models import ImportBatch, Post, PseudonymKey, Upload
from server.corpora.parcels import parcels_of
from server.corpora.searching import begins_with, contains
from server.corpora.threads import Thread, around, thread_in
from server.corpora.uses import rounds_of
from server.errors import NotFound
from server.history.queries import Wanted as HistoryWanted
from server.history.queries import events
from server.projects.access import Access
from server.projects.roles import Permission

PAGE_SIZE = 50
POSTS = "posts"
_START = 280
# No project has as many imports.
_ALL = 1_000_000

_BATCH = (ImportBatch, col(ImportBatch.id) == col(Post.import_batch_id))
_lines = (
    select(
        col(Post.number),
        col(Post.external_id),
        func.substr(col(Post.text), 1, _START + 1),
        col(Post.author),
        col(Post.posted_at),
        col(Post.posted_at_text),
        col(ImportBatch.number),
    )
    .select_from(Post)
    .join(*_BATCH)
)


@dataclass(frozen=True)
class Wanted:
    """Which posts of the list: those with `search` in them, of one import, on this page."""

    search: str = ""
    batch: int | None = None
    page: int = 1


@dataclass(frozen=True)
class PostLine:
    """A post in the list. `external_id` and `author` are None for readers who may not know them."""

    number: int
    external_id: str | None
    start: str
    is_cut: bool
    author: str | None
    posted_at: datetime | None
    posted_at_text: str | None
    batch: int

    @property
    def is_taken_down(self) -> bool:
        """Nothing else leaves a post without a text: none is imported so."""
        return not self.start


@dataclass(frozen=True)
class PostList:
    """A page of the list, and how many posts there are on all its pages."""

    lines: tuple[PostLine, ...]
    total: int
    page: int

    @property
    def n_pages(self) -> int:
        """How many pages the list has; at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True)
class PostSource:
    """Where a post comes from: what may name its author."""

    external_id: str
    author: str | None
    link: str | None
    thread_key: str | None
    parent_key: str | None
    extra: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PostPage:
    """One post. `source` is None for readers who may not know it."""

    number: int
    text: str
    posted_at: datetime | None
    posted_at_text: str | None
    batch: int
    rounds: tuple[tuple[int, str], ...]
    source: PostSource | None
    n_posts: int
    is_taken_down: bool
    thread: Thread


@dataclass(frozen=True)
class Batch:
    """An import that was carried out."""

    number: int
    filename: str
    n_new: int
    n_unchanged: int
    n_changed: int
    n_duplicates: int
    n_refused: int
    n_left_out: int
    imported_by: str | None
    imported_at: datetime


@dataclass(frozen=True)
class WaitingFile:
    """A file that was uploaded and not yet imported."""

    key: str
    filename: str
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True)
class UploadedFile:
    """A waiting file, and the ids of its parcels, by what they are part of it.

    What was kept in one piece is here itself: the file, packed, and what was read in it.
    """

    key: str
    filename: str
    parcels: dict[str, int]
    content: bytes
    reading: bytes | None


def pseudonym_key(db: Session, access: Access) -> bytes | None:
    """The key of the project's pseudonyms; None before the first import that wanted them."""
    statement = select(col(PseudonymKey.secret)).where(col(PseudonymKey.project_id) == access.project_id)
    return db.scalar(statement)


def may_see_source(access: Access) -> bool:
    """Whether the reader may know who wrote the posts: who codes or judges them should not."""
    return access.may(Permission.IMPORT_POSTS)


def n_posts(db: Session, access: Access) -> int:
    """How many posts the project has. They are numbered without gaps, so the last number is read."""
    newest = select(func.max(col(Post.number))).where(col(Post.project_id) == access.project_id)
    return db.scalar(newest) or 0


def posts(db: Session, access: Access, wanted: Wanted) -> PostList:
    """A page of the project's posts in the order of their numbers; the last one if there are fewer."""
    conditions = _wanted(db, access, wanted)
    total = db.scalar(select(func.count()).select_from(Post).join(*_BATCH).where(*conditions)) or 0
    page = min(max(wanted.page, 1), max(1, -(-total // PAGE_SIZE)))
    ordered = _lines.where(*conditions).order_by(col(Post.number))
    rows = db.execute(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    shows_author = may_see_source(access)
    return PostList(tuple(_line(*row, shows_author=shows_author) for row in rows), total, page)


def _wanted(db: Session, access: Access, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(Post.project_id) == access.project_id]
    if wanted.batch is not None:
        conditions.append(col(ImportBatch.number) == wanted.batch)
    if wanted.search:
        found = contains(db, col(Post.text), wanted.search)
        by_id = begins_with(db, col(Post.external_id), wanted.search)
        conditions.append(or_(found, by_id) if may_see_source(access) else found)
    return conditions


def _line(
    number: int,
    external_id: str,
    start: str,
    author: str | None,
    posted_at: datetime | None,
    posted_at_text: str | None,
    batch: int,
    *,
    shows_author: bool,
) -> PostLine:
    is_cut = len(start) > _START
    shown = (external_id, author) if shows_author else (None, None)
    return PostLine(number, shown[0], start[:_START], is_cut, shown[1], posted_at, posted_at_text, batch)


def post(db: Session, access: Access, number: int) -> PostPage:
    """The post with this number, and the rounds it is in."""
    statement = (
        select(Post, col(ImportBatch.number))
        .join(*_BATCH)
        .where(col(Post.project_id) == access.project_id, col(Post.number) == number)
    )
    found = db.execute(statement).first()
    if found is None:
        raise NotFound
    row, batch = found
    return PostPage(
        number=row.number,
        text=row.text,
        posted_at=row.posted_at,
        posted_at_text=row.posted_at_text,
        batch=batch,
        rounds=rounds_of(db, row.id),
        source=_source(row) if may_see_source(access) else None,
        n_posts=n_posts(db, access),
        is_taken_down=row.takedown_id is not None,
        thread=thread_in(db.execute(around(row.id)).all()),
    )


def _source(row: Post) -> PostSource:
    extra = tuple(row.extra.items())
    return PostSource(row.external_id, row.author, row.link, row.thread_key, row.parent_key, extra)


def batches(db: Session, access: Access) -> tuple[Batch, ...]:
    """The imports of the project, the newest first."""
    told = told_of_imports(db, access.project_id)
    statement = (
        select(ImportBatch, col(Account.display_name))
        .outerjoin(Account, col(Account.id) == col(ImportBatch.imported_by))
        .where(col(ImportBatch.project_id) == access.project_id)
        .order_by(col(ImportBatch.number).desc())
    )
    return tuple(_batch(row, name, told.get(row.number, {})) for row, name in db.execute(statement))


def told_of_imports(db: Session, project_id: int) -> dict[int, Mapping[str, Any]]:
    """What the history alone knows of each import, by its number."""
    found = events(db, project_id, HistoryWanted(actions=("posts.import",)), _ALL)
    return {int(event.subject.removeprefix("import ")): event.details for event in found}


def _batch(row: ImportBatch, imported_by: str | None, told: Mapping[str, Any]) -> Batch:
    return Batch(
        number=row.number,
        filename=row.filename,
        n_new=row.n_new,
        n_unchanged=row.n_unchanged,
        n_changed=row.n_changed,
        n_duplicates=row.n_duplicates,
        n_refused=row.n_refused,
        n_left_out=sum(told.get(name, 0) for name in ("left_out", "dropped", "not_drawn")),
        imported_by=imported_by,
        imported_at=row.imported_at,
    )


def waiting_files(db: Session, access: Access) -> tuple[WaitingFile, ...]:
    """The files that wait to be imported, the newest first."""
    statement = (
        select(col(Upload.key), col(Upload.filename), col(Account.display_name), col(Upload.uploaded_at))
        .join(Account, col(Account.id) == col(Upload.uploaded_by))
        .where(col(Upload.project_id) == access.project_id, col(Upload.purpose) == POSTS)
        .order_by(col(Upload.id).desc())
    )
    return tuple(WaitingFile(*row) for row in db.execute(statement))


def is_waiting(db: Session, access: Access, key: str) -> bool:
    """Whether the file with this key still waits in this project."""
    is_it = (col(Upload.project_id) == access.project_id, col(Upload.key) == key)
    return db.scalar(select(col(Upload.id)).where(*is_it, col(Upload.purpose) == POSTS)) is not None


def name_of_file(db: Session, access: Access, key: str) -> str:
    """The name of a file that waits; empty where it waits no longer."""
    is_it = (col(Upload.project_id) == access.project_id, col(Upload.key) == key)
    return db.scalar(select(col(Upload.filename)).where(*is_it)) or ""


def uploaded_file(db: Session, access: Access, key: str) -> UploadedFile | None:
    """The waiting file with this key; None if it waits no longer, or if it is another project's."""
    columns = (col(Upload.id), col(Upload.filename), col(Upload.content), col(Upload.reading))
    is_it = (col(Upload.key) == key, col(Upload.purpose) == POSTS)
    of_project = col(Upload.project_id) == access.project_id
    found = db.execute(select(*columns).where(*is_it, of_project)).first()
    if found is None:
        return None
    return UploadedFile(key, found.filename, parcels_of(db, found.id), found.content, found.reading)
