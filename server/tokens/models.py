"""Tables of access tokens. Of a token itself there is nothing but its hash."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime


class AccessToken(Table, table=True):
    """What a program signs in with, for its owner: in one project, or in all of theirs."""

    id: int | None = Field(default=None, primary_key=True)
    handle: str = Field(unique=True, description="Stands in addresses and in the history; it opens nothing")
    token_hash: str = Field(unique=True)
    name: str
    account_id: int = Field(foreign_key="account.id", index=True)
    project_id: int | None = Field(
        default=None, foreign_key="project.id", index=True, description="None: all projects of the owner"
    )
    scopes: list[str] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="The last use, to the minute"
    )
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AccessTokenBar(Table, table=True):
    """A project that a token for all projects of its owner is shut out of, by one of the leads."""

    token_id: int = Field(
        primary_key=True, foreign_key="access_token.id", sa_column_kwargs={"autoincrement": False}
    )
    project_id: int = Field(
        primary_key=True, foreign_key="project.id", sa_column_kwargs={"autoincrement": False}
    )
    barred_at: datetime = Field(sa_type=UtcDateTime)


class AccessTokenGuess(Table, table=True):
    """A token that never was, counted against the address it came from."""

    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(index=True)
    at: datetime = Field(sa_type=UtcDateTime)
