"""Tables of accounts and sign-in."""

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from server.accounts.browser_key import new_secret
from server.db.tables import Table, UtcDateTime


class Account(Table, table=True):
    """A person on this server. Without a password nobody can sign in as them."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, description="What is typed to sign in, in lower case")
    display_name: str
    password_hash: str | None = None
    is_admin: bool = False
    may_create_projects: bool = False
    is_active: bool = True
    language: str | None = None
    browser_secret: bytes | None = Field(
        default_factory=new_secret,
        sa_type=LargeBinary,
        nullable=True,
        description="What the key of its browsers follows from (`browser_key`); an older version gave none",
    )
    created_at: datetime = Field(sa_type=UtcDateTime)


class SignInSession(Table, table=True):
    """A browser that is signed in. Only the hash of its token is stored."""

    token_hash: str = Field(primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(
        sa_type=UtcDateTime, description="Later with use, until its lifetime is over (`sessions.note_seen`)"
    )
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="To some minutes")
    browser: str = Field(default="", sa_column_kwargs={"server_default": ""})
    system: str = Field(default="", sa_column_kwargs={"server_default": ""})


class OneTimeLink(Table, table=True):
    """A link that sets up the first admin (`setup`) or a new password (`reset`), once."""

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    purpose: str
    account_id: int | None = Field(default=None, foreign_key="account.id")
    created_by: int | None = Field(default=None, foreign_key="account.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInFailure(Table, table=True):
    """A wrong password, counted against the name and the address it came from."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    address: str = Field(index=True)
    at: datetime = Field(sa_type=UtcDateTime)


class Identity(Table, table=True):
    """Somebody at the identity provider, tied to the account they sign in to with it."""

    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", unique=True)
    issuer: str
    subject: str = Field(description="Who it is at the issuer: never a name or an address of e-mail")
    tied_at: datetime = Field(sa_type=UtcDateTime)


class HalfSignIn(Table, table=True):
    """What a browser has proved on the way in, for some minutes: its password, or an identity yet untied.

    Only the hash of its token is stored.
    """

    token_hash: str = Field(primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    issuer: str = ""
    subject: str = ""
    name: str = ""
    display_name: str = ""
    expires_at: datetime = Field(sa_type=UtcDateTime)


class SecondFactor(Table, table=True):
    """The secret of somebody's authenticator app, sealed with the server's key."""

    account_id: int = Field(foreign_key="account.id", primary_key=True)
    sealed_secret: bytes = Field(sa_type=LargeBinary)
    last_step: int = Field(default=0, description="The newest half minute whose code was used")
    since: datetime = Field(sa_type=UtcDateTime)


class UsedStep(Table, table=True):
    """A half minute whose code was used, kept for a day: the clock may go back to before it."""

    account_id: int = Field(foreign_key="account.id", primary_key=True)
    step: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


class RecoveryCode(Table, table=True):
    """The hash of a code that stands in for the app once; it goes with its use."""

    code_hash: str = Field(primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
