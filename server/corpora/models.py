"""Tables of posts and how they came."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime


class Upload(Table, table=True):
    """A file between its upload and the lead's word that it shall be imported."""

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    key: str = Field(unique=True, description="Stands in the address of the preview")
    purpose: str = Field(description="posts, codebook, ratings or gold")
    filename: str
    content: bytes = Field(
        sa_type=LargeBinary, description="zlib-compressed; empty where it is a parcel, or not needed any more"
    )
    reading: bytes | None = Field(
        default=None, sa_type=LargeBinary, description="What older versions wrote in the place of a parcel"
    )
    uploaded_by: int = Field(foreign_key="account.id")
    uploaded_at: datetime = Field(sa_type=UtcDateTime)


class Parcel(Table, table=True):
    """Part of a waiting file, in pieces: what was read in it, or the file, kept to be read otherwise.

    While it is written, and when its upload is gone, it belongs to none. No id is given twice: whoever writes
    a parcel that was removed meanwhile finds none, instead of somebody else's.
    """

    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    upload_id: int | None = Field(default=None, foreign_key="upload.id", ondelete="SET NULL", index=True)
    part: str = Field(description="file, zlib-compressed, or reading")
    heard_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="When its writer was; None when it is whole"
    )


class ParcelPiece(Table, table=True):
    """About a megabyte of a parcel. `start` bytes stand before it."""

    parcel_id: int = Field(
        primary_key=True, foreign_key="parcel.id", sa_column_kwargs={"autoincrement": False}
    )
    start: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    content: bytes = Field(sa_type=LargeBinary)


class ImportJob(Table, table=True):
    """An import of many posts, which goes on by itself. A project has at most one that is not finished.

    Whoever works on it is its `runner`, and is heard of every second; another may take it over when it was
    not heard of for long. Once there is a batch, the import is going to end well, whatever happens.
    """

    __table_args__ = (
        Index(
            "ix_import_job_under_way",
            "project_id",
            unique=True,
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    upload_key: str = Field(index=True)
    choices: dict[str, Any] = Field(sa_type=JSON, description="The mapping and the treatment")
    seen: str = Field(description="The fingerprint of the plan that the lead was shown")
    language: str
    started_by: int = Field(foreign_key="account.id")
    started_at: datetime = Field(sa_type=UtcDateTime)
    phase: str = Field(description="reading, writing or showing; done, refused or outdated when finished")
    phase_began_at: datetime = Field(sa_type=UtcDateTime)
    done: int = Field(description="How many posts this phase has done, of the total")
    total: int
    runner: str
    heard_at: datetime = Field(sa_type=UtcDateTime)
    is_unwanted: bool = Field(default=False, description="Somebody wishes it to be cancelled")
    batch_id: int | None = Field(default=None, foreign_key="import_batch.id")
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSON, description="What becomes of the rows")
    problem: str = Field(default="", description="Why nothing was imported")
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ImportBatch(Table, table=True):
    """One import of posts that was carried out."""

    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        # What posts refer to.
        Index("ix_import_batch_place", "project_id", "id", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    number: int
    filename: str
    file_hash: str
    mapping: dict[str, str | None] = Field(sa_type=JSON)
    n_new: int
    n_unchanged: int
    n_changed: int
    n_duplicates: int
    n_refused: int
    imported_by: int | None = Field(foreign_key="account.id")
    imported_at: datetime = Field(sa_type=UtcDateTime)


class PseudonymKey(Table, table=True):
    """What makes the pseudonyms of a project. No export, copy or page has it."""

    project_id: int = Field(foreign_key="project.id", primary_key=True)
    secret: bytes = Field(sa_type=LargeBinary)
    made_at: datetime = Field(sa_type=UtcDateTime)


class Post(Table, table=True):
    """The unit of coding. `number` counts within the project and stands in addresses.

    `thread_key` and `parent_key` are ids of the platform: of the thread, which is mostly the id of its first
    post, and of the post that this one answers. Neither need be the id of a post of the project.
    """

    __table_args__ = (
        # One reference to the import, and by it to the project: each costs a look at every new row.
        ForeignKeyConstraint(
            ["project_id", "import_batch_id"], ["import_batch.project_id", "import_batch.id"]
        ),
        UniqueConstraint("project_id", "external_id"),
        UniqueConstraint("project_id", "number"),
        Index(
            "ix_post_thread",
            "project_id",
            "thread_key",
            sqlite_where=text("thread_key IS NOT NULL"),
            postgresql_where=text("thread_key IS NOT NULL"),
        ),
        Index(
            "ix_post_taken_down",
            "project_id",
            "id",
            sqlite_where=text("takedown_id IS NOT NULL"),
            postgresql_where=text("takedown_id IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    number: int
    external_id: str
    text: str
    author: str | None = None
    posted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    posted_at_text: str | None = Field(default=None, description="The date as the file gave it")
    link: str | None = None
    thread_key: str | None = None
    parent_key: str | None = None
    extra: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    content_hash: str
    sampling_fraction: float | None = Field(
        default=None,
        description="The chance that the post had to be drawn at its import; None where all came",
    )
    import_batch_id: int = Field(index=True)
    takedown_id: int | None = Field(default=None, description="The takedown since which its text is gone")


class Takedown(Table, table=True):
    """Posts whose text and author were removed for good. `number` counts within the project."""

    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    number: int
    reason: str
    keeps_codings: bool = Field(description="Whether what was coded and decided about the posts stays")
    n_posts: int
    taken_down_by: int | None = Field(foreign_key="account.id", description="None: repeated on an old backup")
    taken_down_at: datetime = Field(sa_type=UtcDateTime)
    wiped_at: datetime | None = Field(
        default=None,
        sa_type=UtcDateTime,
        description="Since when the files of the database hold nothing of it; None: they may",
    )
    is_in_history: bool = Field(
        default=True, description="Whether something of the history was erased, so that its file holds it"
    )


class Erasure(Table, table=True):
    """A post that is taken down in this very transaction, and at no other time.

    While there is a row, and only in the transaction that wrote it, the append-only tables of codings, gold,
    decisions and discussions can be changed.
    """

    post_id: int = Field(primary_key=True, foreign_key="post.id", sa_column_kwargs={"autoincrement": False})
