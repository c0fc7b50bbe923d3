"""Where somebody is signed in: sessions that begin, go on while they are used, and end."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from server.accounts.browser_key import new_secret
from server.accounts.models import Account, HalfSignIn, SignInSession
from server.accounts.queries import hash_token
from server.clock import now
from server.db.locks import BESIDE_REFERENCES, clear_away
from server.web.once import as_secret

SESSION_LIFETIME = timedelta(days=14)
# Between two clicks on the same button lies less.
_SAME_CLICK = timedelta(minutes=1)


@dataclass(frozen=True)
class Browser:
    """Where a session begins: what it is, after how long idle its sessions end, and the one it has now.

    `form_token`: of the form that begins it; empty where it carries none.
    """

    family: str = ""
    system: str = ""
    idle: timedelta = SESSION_LIFETIME
    token: str = ""
    form_token: str = ""


@dataclass(frozen=True)
class NewSession:
    """A session that has just begun, and whose it is."""

    token: str
    account_id: int


@dataclass(frozen=True)
class SessionRow:
    """A browser that is signed in, as its owner sees it. `handle` names it and opens nothing."""

    handle: str
    family: str
    system: str
    since: datetime
    seen_at: datetime
    is_here: bool


def begin_session(db: Session, account_id: int, browser: Browser | None = None) -> str:
    """The token of a new session of this account, or of the one that the same form has begun already.

    Sessions that have expired are cleared away.
    """
    moment, where = now(), browser or Browser()
    _give_secret(db, account_id)
    tokens = _tokens_of(db, account_id, where.form_token, moment)
    clear_away(db, col(SignInSession.token_hash), col(SignInSession.expires_at) < moment)
    for made in tokens:
        if db.get(SignInSession, hash_token(made)) is not None:
            return made
    token = tokens[0] if tokens else secrets.token_urlsafe(32)
    db.add(
        SignInSession(
            token_hash=hash_token(token),
            account_id=account_id,
            created_at=moment,
            expires_at=moment + min(SESSION_LIFETIME, where.idle),
            seen_at=moment,
            browser=where.family,
            system=where.system,
        )
    )
    return token


def _give_secret(db: Session, account_id: int) -> None:
    """While versions change, a server of the older one makes accounts without a secret for their browsers."""
    has_none = (col(Account.id) == account_id, col(Account.browser_secret).is_(None))
    db.execute(update(Account).where(*has_none).values(browser_secret=new_secret()))


def _tokens_of(db: Session, account_id: int, form_token: str, moment: datetime) -> list[str]:
    """The tokens of a form in this minute and the last; none without a form, or of who has no password.

    So a second click gets the session of the first. A form that is sent again after more than two minutes
    gets another one. Nobody knows a token without the form and the stored hash.
    """
    account = db.get_one(Account, account_id, with_for_update=BESIDE_REFERENCES) if form_token else None
    if account is None or account.password_hash is None:
        return []
    key = account.password_hash.encode()
    minutes = (f"{at:%Y-%m-%d %H:%M}" for at in (moment, moment - _SAME_CLICK))
    return [as_secret(hmac.digest(key, f"session\0{form_token}\0{at}".encode(), "sha256")) for at in minutes]


def note_seen(db: Session, token: str, idle: timedelta) -> None:
    """Let a session that is in use go on: until it was idle for so long, or its lifetime is over.

    Its end only ever gets later, so that neither a clock that goes back nor a setting ends it early.
    """
    moment = now()
    is_open = (col(SignInSession.token_hash) == hash_token(token), col(SignInSession.expires_at) > moment)
    row: SignInSession | None = db.scalar(select(SignInSession).where(*is_open).with_for_update())
    if row is not None:
        row.seen_at = moment
        row.expires_at = max(row.expires_at, min(row.created_at + SESSION_LIFETIME, moment + idle))


def own_sessions(db: Session, account_id: int, token: str) -> tuple[SessionRow, ...]:
    """Where this account is signed in: here (the session of `token`) first, then the one seen last."""
    rows = [_row(one, hash_token(token)) for one in _open_sessions(db, account_id)]
    return tuple(sorted(rows, key=lambda row: (row.is_here, row.seen_at), reverse=True))


def _open_sessions(db: Session, account_id: int) -> list[SignInSession]:
    own = (col(SignInSession.account_id) == account_id, col(SignInSession.expires_at) > now())
    return list(db.scalars(select(SignInSession).where(*own)))


def _row(one: SignInSession, here: str) -> SessionRow:
    return SessionRow(
        handle=_handle(one),
        family=one.browser,
        system=one.system,
        since=one.created_at,
        seen_at=one.seen_at or one.created_at,
        is_here=one.token_hash == here,
    )


def _handle(one: SignInSession) -> str:
    """What names the session on pages: nothing that is stored can be told from it."""
    return hashlib.sha256(b"handle\0" + one.token_hash.encode()).hexdigest()[:16]


def end_session(db: Session, account_id: int, handle: str) -> bool:
    """Sign a browser of the account out; whether there was one with this handle."""
    found = [one for one in _open_sessions(db, account_id) if _handle(one) == handle]
    for one in found:
        db.execute(delete(SignInSession).where(col(SignInSession.token_hash) == one.token_hash))
    return bool(found)


def end_other_sessions(db: Session, account_id: int, token: str) -> None:
    """Sign every browser of the account out but that of `token`, and those that are half way in."""
    db.execute(delete(HalfSignIn).where(col(HalfSignIn.account_id) == account_id))
    others = (col(SignInSession.account_id) == account_id, col(SignInSession.token_hash) != hash_token(token))
    db.execute(delete(SignInSession).where(*others))


def end_sessions(db: Session, account_id: int) -> None:
    """Sign every browser of the account out, and those that are half way in."""
    db.execute(delete(HalfSignIn).where(col(HalfSignIn.account_id) == account_id))
    db.execute(delete(SignInSession).where(col(SignInSession.account_id) == account_id))


def sign_out(db: Session, token: str) -> None:
    """End the session with this token."""
    db.execute(delete(SignInSession).where(col(SignInSession.token_hash) == hash_token(token)))
