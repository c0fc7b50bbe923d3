"""Tables of projects and members."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime


class Project(Table, table=True):
    """One study. `key` stands in addresses and cannot be guessed."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    title: str
    description: str = ""
    is_synthetic: bool = Field(default=False, description="The posts were made up, and every page says so")
    created_by: int | None = Field(foreign_key="account.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Member(Table, table=True):
    """A person in a project. Members are deactivated, never deleted; `number` is their pseudonym."""

    __table_args__ = (UniqueConstraint("project_id", "account_id"), UniqueConstraint("project_id", "number"))

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    account_id: int = Field(foreign_key="account.id", index=True)
    number: int
    role: str
    coder_group: str | None = Field(default=None, description="A named group of annotators, if any")
    is_active: bool = True
    keys: dict[str, Any] | None = Field(
        default=None, sa_type=JSON(none_as_null=True), description="Own keys on the coding desk, if any"
    )
    codebook_opened: int | None = Field(
        default=None, description="The newest version of the codebook that this member has opened"
    )
    joined_at: datetime = Field(sa_type=UtcDateTime)
    deactivated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Invitation(Table, table=True):
    """A link that makes one person a member, once, until it expires."""

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    token_hash: str = Field(unique=True)
    role: str
    note: str = Field(default="", description="Whom the lead meant it for")
    created_by: int = Field(foreign_key="account.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_by: int | None = Field(default=None, foreign_key="account.id")
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
