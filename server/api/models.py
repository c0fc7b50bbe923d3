"""What was answered to a program that may ask the same twice."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime


class ApiAnswer(Table, table=True):
    """The answer to an import with an idempotency key, for a day. It holds counts and rows, never a text."""

    __table_args__ = (UniqueConstraint("project_id", "account_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    account_id: int = Field(foreign_key="account.id")
    key: str
    body_hash: str
    status: int
    answer: dict[str, Any] = Field(sa_type=JSON)
    answered_at: datetime = Field(sa_type=UtcDateTime)
