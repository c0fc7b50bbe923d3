"""Who somebody is at the identity provider, tied to an account: by issuer and subject, never by e-mail."""

import re
import secrets
import unicodedata
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from server.accounts.actions import create_account, record_of, use_link_for_identity
from server.accounts.holding import hold, hold_active
from server.accounts.models import Account, Identity
from server.accounts.names import is_name, plain_name
from server.accounts.provider import Proof
from server.accounts.queries import account_by_name
from server.accounts.sessions import end_sessions
from server.clock import now
from server.errors import Refusal
from server.language import gettext as _


@dataclass(frozen=True)
class Tied:
    """The account that an identity signs in to."""

    account_id: int
    is_active: bool


def account_of(db: Session, proof: Proof) -> Tied | None:
    """The account tied to this identity, which is held; None where there is none."""
    found = _tied_to(db, proof)
    if found is not None:
        hold(db, found.account_id)
        found = _tied_to(db, proof)
    return found


def _tied_to(db: Session, proof: Proof) -> Tied | None:
    found = db.execute(
        select(col(Account.id), col(Account.is_active))
        .join(Identity, col(Identity.account_id) == col(Account.id))
        .where(col(Identity.issuer) == proof.issuer, col(Identity.subject) == proof.subject)
    ).first()
    return Tied(found[0], found[1]) if found else None


def tie(db: Session, actor_id: int | None, account_id: int, proof: Proof) -> None:
    """Let who is this at the provider sign in to the account."""
    taken = Refusal(_("Nothing was tied: this sign-in or this account is tied already."))
    name = hold_active(db, account_id).name
    try:
        with db.begin_nested():
            db.add(Identity(account_id=account_id, issuer=proof.issuer, subject=proof.subject, tied_at=now()))
    except IntegrityError as collision:
        raise taken from collision
    record_of(db, actor_id, "account.tie_identity", name, {"issuer": proof.issuer})


def untie(db: Session, actor_id: int, account_id: int) -> None:
    """Let nobody sign in to the account by the provider any more, who is signed in included."""
    account = hold_active(db, account_id)
    gone = delete(Identity).where(col(Identity.account_id) == account_id).returning(col(Identity.issuer))
    issuer = db.scalar(gone)
    if issuer is None:
        raise Refusal(_("Nothing is tied to this account."))
    end_sessions(db, account_id)
    record_of(db, actor_id, "account.untie_identity", account.name, {"issuer": issuer})


def create_known(db: Session, proof: Proof, name: str, display_name: str) -> int:
    """Make an account for who is this at the provider, and return its id; it has no password."""
    account_id = create_account(db, None, name, display_name)
    tie(db, account_id, account_id, proof)
    return account_id


def tie_by_link(db: Session, token: str, proof: Proof) -> int:
    """Tie the account of the one-time link, use the link up, and return the account's id."""
    account_id = use_link_for_identity(db, token)
    end_sessions(db, account_id)
    tie(db, account_id, account_id, proof)
    return account_id


def suggested_name(db: Session, proof: Proof) -> str:
    """A name to sign in with that can be used and is free."""
    plain = unicodedata.normalize("NFKD", plain_name(proof.name)).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9._@-]", "", plain).lstrip("._@-")[:50]
    if not is_name(name):
        return f"person-{secrets.token_hex(3)}"
    return name if account_by_name(db, name) is None else f"{name}-{secrets.token_hex(2)}"
