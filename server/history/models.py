"""Tables of the history."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime


class HistoryEvent(Table, table=True):
    """One change, chained to the one before it by its hash. Never updated, never deleted.

    But for `contents`, whose lines a takedown erases: see `server.history.contents`.
    """

    __table_args__ = (UniqueConstraint("chain", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    chain: int = Field(description="The project's id; 0 for what concerns the whole server")
    sequence: int
    at: datetime = Field(sa_type=UtcDateTime)
    actor_id: int | None = Field(foreign_key="account.id", description="None: the server's own shell")
    action: str
    subject: str
    details: str = Field(description="JSON: before, after, reason, counts; never a post's text")
    contents: str | None = Field(default=None, description="The rows it stored, a line each")
    previous_hash: str
    hash: str


class HistoryHead(Table, table=True):
    """The newest link of each chain; locking its row orders the writers."""

    chain: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sequence: int
    hash: str
