"""Sign-ins that are half done: what a browser has proved, kept in the database until the rest is."""

import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from server.accounts.holding import hold
from server.accounts.models import Account, HalfSignIn
from server.accounts.provider import Proof
from server.accounts.queries import hash_token
from server.clock import now
from server.db.locks import clear_away
from server.errors import Refusal
from server.language import gettext as _

LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True)
class Waiting:
    """Whose second step is awaited."""

    account_id: int
    name: str


def await_second_step(db: Session, account_id: int) -> str:
    """The token of a browser that knew the password."""
    return _begin(db, account_id=account_id)


def await_account(db: Session, proof: Proof) -> str:
    """The token of a browser whose person the provider knows, and we do not yet."""
    return _begin(db, **asdict(proof))


def _begin(db: Session, **proved: Any) -> str:
    token, moment = secrets.token_urlsafe(32), now()
    clear_away(db, col(HalfSignIn.token_hash), col(HalfSignIn.expires_at) < moment)
    db.add(HalfSignIn(token_hash=hash_token(token), expires_at=moment + LIFETIME, **proved))
    return token


def waiting(db: Session, token: str) -> Waiting | None:
    """Whose second step this browser owes; None where it owes none, or came too late."""
    row = _open(db, token)
    account = db.get(Account, row.account_id) if row is not None and row.account_id is not None else None
    return Waiting(account.id or 0, account.name) if account is not None and account.is_active else None


def known(db: Session, token: str) -> Proof | None:
    """Who this browser is at the provider; None where it has not proved that of late."""
    row = _open(db, token)
    return Proof(row.issuer, row.subject, row.name, row.display_name) if row and row.subject else None


def _open(db: Session, token: str) -> HalfSignIn | None:
    row = db.get(HalfSignIn, hash_token(token)) if token else None
    return row if row is not None and row.expires_at > now() else None


def use_up(db: Session, token: str) -> None:
    """Let nobody go on with it again: of many at once, the database lets one through."""
    row = _open(db, token)
    if row is not None and row.account_id is not None:
        hold(db, row.account_id)
    gone = delete(HalfSignIn).where(
        col(HalfSignIn.token_hash) == hash_token(token), col(HalfSignIn.expires_at) > now()
    )
    if db.execute(gone.returning(col(HalfSignIn.token_hash))).first() is None:
        raise Refusal(_("This took too long. Sign in again from the start."))
