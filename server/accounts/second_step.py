"""The second step of a sign-in by password: the code of an authenticator app, or a recovery code."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from server.accounts.actions import record_of
from server.accounts.codes import is_secret, new_recovery_codes, plain_recovery_code, present_step, step_of
from server.accounts.holding import hold_active, hold_for_admin
from server.accounts.models import Account, RecoveryCode, SecondFactor, UsedStep
from server.accounts.queries import hash_token
from server.accounts.sealing import opened, sealed
from server.accounts.sessions import end_sessions
from server.clock import now
from server.db.locks import BESIDE_REFERENCES
from server.errors import Refusal
from server.language import gettext as _

# So many half minutes are a day.
_REMEMBERED = 2_880


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
    account = hold_active(db, account_id)
    if is_on(db, account_id):
        raise Refusal(_("This account has a second step already."))
    step = step_of(secret, code, now()) if is_secret(secret) else None
    if step is None:
        raise Refusal(_("The second step is not added yet."), {"code": _wrong()})
    row = SecondFactor(account_id=account_id, sealed_secret=sealed(secret, key), since=now())
    db.add(row)
    _use_step(db, row, step)
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
    # Of many at once, one goes first.
    row = db.get(SecondFactor, account_id, with_for_update=BESIDE_REFERENCES, populate_existing=True)
    step = step_of(opened(row.sealed_secret, key), typed, now()) if row is not None else None
    if row is None or step is None or not _is_unused(db, row, step):
        raise refused
    _use_step(db, row, step)


def _is_unused(db: Session, row: SecondFactor, step: int) -> bool:
    """Whether neither the code of this half minute nor a later one was used.

    Where the last one lies ahead of us, the clock went back since. It then suffices that just this code was
    not used, of which a day is remembered; else nobody could sign in until the clock is where it was.
    """
    if step > row.last_step:
        return True
    went_back = row.last_step > present_step(now()) + 1
    is_remembered = step > row.last_step - _REMEMBERED
    return went_back and is_remembered and db.get(UsedStep, (row.account_id, step)) is None


def _use_step(db: Session, row: SecondFactor, step: int) -> None:
    row.last_step = max(row.last_step, step)
    db.add(UsedStep(account_id=row.account_id, step=step))
    of_account = col(UsedStep.account_id) == row.account_id
    db.execute(delete(UsedStep).where(of_account, col(UsedStep.step) <= row.last_step - _REMEMBERED))


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
    """Let the password suffice again, as the owner or as an admin. Every browser is signed out."""
    is_own = actor_id == account_id
    account = hold_active(db, account_id) if is_own else hold_for_admin(db, actor_id, account_id)
    gone = delete(SecondFactor).where(col(SecondFactor.account_id) == account_id)
    if db.execute(gone.returning(col(SecondFactor.account_id))).first() is None:
        raise Refusal(_("This account has no second step."))
    for table in (RecoveryCode, UsedStep):
        db.execute(delete(table).where(col(table.account_id) == account_id))
    end_sessions(db, account_id)
    record_of(db, actor_id, "account.remove_second_step", account.name)
