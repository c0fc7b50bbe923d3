"""Making and revoking access tokens, and noting that they are used."""

import secrets
from collections.abc import Callable, Collection
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from server.accounts.holding import hold, hold_active
from server.accounts.queries import hash_token
from server.clock import now
from server.db.locks import clear_distant
from server.errors import Conflict, NotFound, Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.projects.queries import own_projects
from server.tokens.models import AccessToken, AccessTokenBar, AccessTokenGuess
from server.tokens.queries import GUESS_WINDOW, PREFIX, Holder, n_working, reaching
from server.tokens.scopes import Scope

MAX_DAYS = 365
MAX_TOKENS = 50
_USE_NOTED_EVERY = timedelta(minutes=1)


def make_token(
    db: Session,
    account_id: int,
    name: str,
    scopes: Collection[Scope],
    days: int,
    project_key: str = "",
    secret: str = "",
) -> str:
    """A new token for this account, which nobody can read again; without a project for all of theirs.

    The same `secret` again, of a form that was sent twice, is the same token.

    Raises:
        Refusal: The project is none of theirs, or they have too many tokens.
    """
    hold_active(db, account_id)
    project_id = _own_project(db, account_id, project_key) if project_key else None
    if n_working(db, account_id) >= MAX_TOKENS:
        raise Refusal(_("You have %d tokens, which is the most. Revoke one first.") % MAX_TOKENS)
    token, handle, moment = PREFIX + (secret or secrets.token_urlsafe(32)), secrets.token_hex(8), now()
    row = AccessToken(
        handle=handle,
        token_hash=hash_token(token),
        name=name,
        account_id=account_id,
        project_id=project_id,
        scopes=sorted(scopes),
        created_at=moment,
        expires_at=moment + timedelta(days=days),
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        return _made_before(db, account_id, token)
    details = {"name": name, "scopes": sorted(scopes), "days": days}
    _record(db, project_id, account_id, "token.create", handle, details)
    return token


def _made_before(db: Session, account_id: int, token: str) -> str:
    is_own = (col(AccessToken.account_id) == account_id, col(AccessToken.revoked_at).is_(None))
    same = col(AccessToken.token_hash) == hash_token(token)
    if db.scalar(select(col(AccessToken.id)).where(same, *is_own)) is None:
        raise Conflict
    return token


def _own_project(db: Session, account_id: int, key: str) -> int:
    found = [one.id for one in own_projects(db, account_id) if one.key == key]
    if not found:
        raise Refusal(_("Nothing was made yet."), {"project": _("Please choose one of the answers offered.")})
    return found[0]


def revoke_token(db: Session, account_id: int, handle: str) -> None:
    """End a token of one's own at once."""
    hold(db, account_id)
    own = (col(AccessToken.handle) == handle, col(AccessToken.account_id) == account_id)
    row: AccessToken | None = db.scalar(select(AccessToken).where(*own).with_for_update())
    if row is None:
        raise NotFound
    _revoke(db, row, account_id)


def revoke_here(db: Session, access: Access, handle: str) -> None:
    """Keep a token out of this project at once: one made for it ends, one made for several loses it alone."""
    wanted = (col(AccessToken.handle) == handle, *reaching(access))
    row: AccessToken | None = db.scalar(select(AccessToken).where(*wanted).with_for_update())
    if row is None:
        raise NotFound
    if row.project_id is not None:
        _revoke(db, row, access.account_id)
        return
    db.add(AccessTokenBar(token_id=row.id or 0, project_id=access.project_id, barred_at=now()))
    _record(db, access.project_id, access.account_id, "token.shut_out", handle, {"name": row.name})


def hold_tokens_of(db: Session, account_id: int, actor_id: int | None) -> Callable[[], None]:
    """Hold all tokens of an account; what comes back ends them for good."""
    is_open = (
        col(AccessToken.account_id) == account_id,
        col(AccessToken.revoked_at).is_(None),
        col(AccessToken.expires_at) > now(),
    )
    in_order = select(AccessToken).where(*is_open).order_by(col(AccessToken.id))
    rows = db.scalars(in_order.with_for_update()).all()

    def end() -> None:
        for row in rows:
            _revoke(db, row, actor_id)

    return end


def _revoke(db: Session, row: AccessToken, actor_id: int | None) -> None:
    if row.revoked_at is None:
        row.revoked_at = now()
        _record(db, row.project_id, actor_id, "token.revoke", row.handle, {"name": row.name})


def _record(
    db: Session,
    project_id: int | None,
    actor_id: int | None,
    action: str,
    handle: str,
    details: dict[str, object],
) -> None:
    record(
        db,
        project_id=project_id,
        actor_id=actor_id,
        action=action,
        subject=f"access token {handle}",
        details=details,
    )


def is_use_to_be_noted(holder: Holder) -> bool:
    """Whether the last use that was noted is long enough ago."""
    return holder.used_at is None or holder.used_at <= now() - _USE_NOTED_EVERY


def note_use(db: Session, holder: Holder) -> None:
    """Write down that a token is used, at most once a minute."""
    before = or_(col(AccessToken.used_at).is_(None), col(AccessToken.used_at) <= now() - _USE_NOTED_EVERY)
    db.execute(
        update(AccessToken).where(col(AccessToken.id) == holder.token_id, before).values(used_at=now())
    )


def count_guess(db: Session, address: str) -> None:
    """Count a token that never was. What is too old to count is cleared away."""
    clear_distant(db, col(AccessTokenGuess.id), col(AccessTokenGuess.at), now(), GUESS_WINDOW)
    db.add(AccessTokenGuess(address=address, at=now()))
