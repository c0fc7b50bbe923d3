"""The second step of a sign-in by password: the code of an authenticator app, or a recovery code."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from server.accounts.actions import record_of
from server.accounts.codes import is_secret, new_recovery_codes, plain_recovery_code, step_of
from server.accounts.models import Account, RecoveryCode, SecondFactor
from server.accounts.queries import hash_token
from server.accounts.sealing import opened, sealed
from server.accounts.sessions import end_sessions
from server.clock import now
from server.db.locks import BESIDE_REFERENCES
from server.errors import Refusal
from server.language import gettext as _


@dataclass(frozen=True)
class Standing:
    """Since when an account has a second step, and how many recovery codes are left."""

    since: datetime
    codes_left: int


def standing(db: Session, account_id: int) -> Standing | None:
    """What the account's second step is; None where it has none."""
    row = db.get(SecondFactor, account_id)
    left = select(func.count()).where(col(RecoveryCode.account_id) == account_id)
    return Standing(row.since, db.scalar(left) or 0) if row is not None else None


def is_on(db: Session, account_id: int) -> bool:
    """Whether the account has a second step."""
    return db.get(SecondFactor, account_id) is not None


def is_used(db: Session) -> bool:
    """Whether anybody here has a second step, so that the server's key is needed."""
    return db.scalar(select(col(SecondFactor.account_id)).limit(1)) is not None


def add(db: Session, account_id: int, secret: str, code: str, key: Path) -> tuple[str, ...]:
    """Demand the app's codes from now on; returns the recovery codes. Every browser is signed out.

    `key` is the file with the server's key.
    """
    account = db.get_one(Account, account_id, with_for_update=BESIDE_REFERENCES)
    if is_on(db, account_id):
        raise Refusal(_("This account has a second step already."))
    step = step_of(secret, code, now()) if is_secret(secret) else None
    if step is None:
        raise Refusal(_("The second step is not added yet."), {"code": _wrong()})
    db.add(
        SecondFactor(account_id=account_id, sealed_secret=sealed(secret, key), last_step=step, since=now())
    )
    end_sessions(db, account_id)
    record_of(db, account_id, "account.add_second_step", account.name)
    return _new_codes(db, account_id)


def _wrong() -> str:
    return _(
        "This is not the present code. Look whether the clock of your phone is right, and type the next one."
    )


def check(db: Session, account_id: int, typed: str, key: Path) -> None:
    """`Refusal` unless this is a code of the app or a recovery code; each of them works once."""
    refused = Refusal(_("The code is not right."), {"code": _wrong()})
    if spare := plain_recovery_code(typed):
        _use_recovery_code(db, account_id, spare, refused)
        return
    row = db.get(SecondFactor, account_id)
    step = step_of(opened(row.sealed_secret, key), typed, now()) if row is not None else None
    if step is None or not _use_step(db, account_id, step):
        raise refused


def _use_step(db: Session, account_id: int, step: int) -> bool:
    """Whether no code of this half minute or a later one was used. The database lets one of many through."""
    newer = update(SecondFactor).where(
        col(SecondFactor.account_id) == account_id, col(SecondFactor.last_step) < step
    )
    used = db.execute(newer.values(last_step=step).returning(col(SecondFactor.account_id)))
    return used.first() is not None


def _use_recovery_code(db: Session, account_id: int, code: str, refused: Refusal) -> None:
    used = delete(RecoveryCode).where(
        col(RecoveryCode.account_id) == account_id, col(RecoveryCode.code_hash) == hash_token(code)
    )
    if db.execute(used.returning(col(RecoveryCode.code_hash))).first() is None:
        raise refused
    record_of(db, account_id, "account.use_recovery_code", db.get_one(Account, account_id).name)


def renew_codes(db: Session, account_id: int) -> tuple[str, ...]:
    """New recovery codes; the earlier ones no longer count."""
    if not is_on(db, account_id):
        raise Refusal(_("This account has no second step."))
    record_of(db, account_id, "account.make_recovery_codes", db.get_one(Account, account_id).name)
    return _new_codes(db, account_id)


def _new_codes(db: Session, account_id: int) -> tuple[str, ...]:
    db.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    codes = new_recovery_codes()
    db.add_all(RecoveryCode(code_hash=hash_token(code), account_id=account_id) for code in codes)
    return codes


def remove(db: Session, actor_id: int | None, account_id: int) -> None:
    """Let the password suffice again. Every browser is signed out."""
    gone = delete(SecondFactor).where(col(SecondFactor.account_id) == account_id)
    if db.execute(gone.returning(col(SecondFactor.account_id))).first() is None:
        raise Refusal(_("This account has no second step."))
    db.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    end_sessions(db, account_id)
    record_of(db, actor_id, "account.remove_second_step", db.get_one(Account, account_id).name)
