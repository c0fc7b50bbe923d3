"""Reading accounts, sessions and links."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, func, or_, select, true
from sqlmodel import Session, col

from server.accounts.models import (
    Account,
    Identity,
    OneTimeLink,
    SecondFactor,
    SignInFailure,
    SignInSession,
)
from server.accounts.names import FROM_FILE
from server.clock import now
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.web.viewer import Viewer

MAX_FAILURES = 10
FAILURE_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class AccountRow:
    """An account as the admin's list shows it."""

    id: int
    name: str
    display_name: str
    is_admin: bool
    may_create_projects: bool
    is_active: bool
    can_sign_in: bool
    has_provider: bool
    has_second_step: bool
    created_at: datetime


@dataclass(frozen=True)
class OwnAccount:
    """What people see of their own account."""

    id: int
    name: str
    display_name: str
    language: str | None
    has_password: bool
    has_provider: bool


def hash_token(token: str) -> str:
    """How tokens are stored: whoever reads the database cannot use them."""
    return hashlib.sha256(token.encode()).hexdigest()


_viewer = Prepared(
    select(
        col(Account.id),
        col(Account.display_name),
        col(Account.is_admin),
        col(Account.may_create_projects),
        col(Account.language),
        col(SignInSession.seen_at),
    )
    .join(SignInSession, col(SignInSession.account_id) == col(Account.id))
    .where(
        col(SignInSession.token_hash) == bindparam("token_hash"),
        col(SignInSession.expires_at) > bindparam("moment"),
        col(Account.is_active),
    )
)


def viewer_by_token(db: Session, token: str) -> tuple[Viewer, str | None, datetime | None] | None:
    """Who is signed in with the session `token`, their language, and when it was seen; None for nobody."""
    found = _viewer.first(connection_of(db), {"token_hash": hash_token(token), "moment": now()})
    if found is None:
        return None
    viewer = Viewer(found.id, found.display_name, found.is_admin, found.may_create_projects)
    return viewer, found.language, found.seen_at


def is_session(db: Session, token: str) -> bool:
    """Whether somebody is signed in with the session `token`."""
    return viewer_by_token(db, token) is not None


def account_by_name(db: Session, name: str) -> Account | None:
    """The account that signs in as `name`, in whatever case it was typed."""
    found: Account | None = db.scalar(select(Account).where(col(Account.name) == name.strip().lower()))
    return found


def own_account(db: Session, account_id: int) -> OwnAccount:
    """The account of the person who is signed in."""
    row = db.get_one(Account, account_id)
    has_password, has_provider = row.password_hash is not None, account_id in _tied(db, account_id)
    return OwnAccount(account_id, row.name, row.display_name, row.language, has_password, has_provider)


def _tied(db: Session, *account_ids: int) -> set[int]:
    """Those of the accounts (without any: of all) that somebody signs in to by an identity provider."""
    wanted = col(Identity.account_id).in_(account_ids) if account_ids else true()
    return set(db.scalars(select(col(Identity.account_id)).where(wanted)))


def has_a_way_in() -> ColumnElement[bool]:
    """Whether anybody can prove to be the owner of the account: by a password or by an identity provider."""
    tied = select(col(Identity.id)).where(col(Identity.account_id) == col(Account.id))
    return or_(col(Account.password_hash).is_not(None), tied.exists())


def is_set_up(db: Session) -> bool:
    """Whether anybody can look after this server."""
    admin = select(col(Account.id)).where(col(Account.is_admin), col(Account.is_active), has_a_way_in())
    return db.scalar(admin.limit(1)) is not None


def open_link(db: Session, purpose: str, token: str) -> OneTimeLink | None:
    """The unused, unexpired link with this token."""
    found: OneTimeLink | None = db.scalar(
        select(OneTimeLink).where(
            col(OneTimeLink.token_hash) == hash_token(token),
            col(OneTimeLink.purpose) == purpose,
            col(OneTimeLink.used_at).is_(None),
            col(OneTimeLink.expires_at) > now(),
        )
    )
    return found


def link_holder(db: Session, token: str) -> OwnAccount | None:
    """Whose password the open reset link with this token sets."""
    link = open_link(db, "reset", token)
    return None if link is None or link.account_id is None else own_account(db, link.account_id)


def too_many_failures(db: Session, name: str, address: str) -> bool:
    """Whether this name, or this address for many names, has failed too often of late."""
    recent = col(SignInFailure.at) > now() - FAILURE_WINDOW
    by_name = select(func.count()).where(recent, col(SignInFailure.name) == name.strip().lower())
    by_address = select(func.count()).where(recent, col(SignInFailure.address) == address)
    return bool(
        (db.scalar(by_name) or 0) >= MAX_FAILURES or (db.scalar(by_address) or 0) >= 10 * MAX_FAILURES
    )


def all_accounts(db: Session) -> tuple[AccountRow, ...]:
    """Every account that somebody signs in with or may yet, by name; not those known from files only."""
    from_file = col(Account.name).startswith(f"{FROM_FILE}:")
    tied, apps = _tied(db), set(db.scalars(select(col(SecondFactor.account_id))))
    rows = db.scalars(select(Account).where(~from_file).order_by(col(Account.name)))
    return tuple(
        AccountRow(
            row.id or 0,
            row.name,
            row.display_name,
            row.is_admin,
            row.may_create_projects,
            row.is_active,
            row.password_hash is not None or row.id in tied,
            row.id in tied,
            row.id in apps,
            row.created_at,
        )
        for row in rows
    )
