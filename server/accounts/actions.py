"""Changing accounts: making them, signing in and out, passwords, rights and one-time links."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from server.accounts.holding import hold, hold_active, hold_for_admin
from server.accounts.models import Account, OneTimeLink, SignInFailure
from server.accounts.names import is_name, plain_name
from server.accounts.passwords import MAX_LENGTH, MIN_LENGTH, hash_password, is_right, weakness
from server.accounts.queries import (
    FAILURE_WINDOW,
    account_by_name,
    has_a_way_in,
    hash_token,
    is_set_up,
    open_link,
    too_many_failures,
)
from server.accounts.sessions import Browser, NewSession, begin_session, end_sessions, sign_out
from server.clock import now
from server.db.locks import BESIDE_REFERENCES, clear_distant
from server.errors import NotFound, Refusal
from server.history.actions import record
from server.language import gettext as _

# Holds something that an account (its id) has opened. What comes back ends it in the name of somebody, and
# records that.
Ending = Callable[[Session, int, int | None], Callable[[], None]]

LINK_LIFETIME = timedelta(hours=24)
FIRST_LINK_LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class Attempt:
    """A try to sign in that was counted and has yet to prove itself."""

    name: str
    account_id: int | None
    password_hash: str | None


def name_rule() -> str:
    """What a name may consist of."""
    return _(
        "Use 2 to 60 small letters, digits and . _ - @, without spaces or accents. "
        "Begin with a letter or a digit."
    )


def create_account(
    db: Session,
    actor_id: int | None,
    name: str,
    display_name: str,
    password: str | None = None,
    is_admin: bool = False,
    may_create_projects: bool = False,
) -> int:
    """Make an account and return its id; without a password nobody can sign in as it yet."""
    if actor_id is not None:
        hold_for_admin(db, actor_id, actor_id)  # Before the history's head: that is everybody's order.
    wanted = plain_name(name)
    if not is_name(wanted):
        raise Refusal(_("This name cannot be used."), {"name": name_rule()})
    row = Account(
        name=wanted,
        display_name=display_name.strip() or wanted,
        password_hash=hashed(password, wanted) if password is not None else None,
        is_admin=is_admin,
        may_create_projects=may_create_projects or is_admin,
        created_at=now(),
    )
    account_id = _add_account(db, row)
    details = {"is_admin": is_admin, "may_create_projects": row.may_create_projects}
    record_of(db, actor_id, "account.create", wanted, details)
    return account_id


def _add_account(db: Session, row: Account) -> int:
    taken = Refusal(
        _("Nothing was saved yet."), {"name": _("Somebody has this name already. Choose another one.")}
    )
    if account_by_name(db, row.name):
        raise taken
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError as collision:
        raise taken from collision
    return row.id or 0


def password_fault(password: str, name: str) -> str:
    """What is wrong with a new password, and what to do about it; empty where it can be used."""
    found = weakness(password, plain_name(name))
    sentences = {
        "short": _("Use at least %d characters; a few words in a row are easy to remember.") % MIN_LENGTH,
        "long": _("Use at most %d characters.") % MAX_LENGTH,
        "common": _("This is easy to guess. Use words that have nothing to do with your name."),
    }
    return sentences[found] if found else ""


def hashed(password: str, name: str) -> str:
    """The hash of a new password; `Refusal` where it is too weak."""
    fault = password_fault(password, name)
    if fault:
        raise Refusal(_("Please choose another password."), {"password": fault})
    return hash_password(password)


def count_attempt(db: Session, name: str, address: str) -> Attempt:
    """Count a try before its password is looked at, so that many at once are counted too.

    `Refusal` where there were too many; `sign_in` forgets the tries again.
    """
    wanted = plain_name(name) if is_name(plain_name(name)) else ""
    account = db.scalar(select(Account).where(col(Account.name) == wanted).with_for_update())
    clear_distant(db, col(SignInFailure.id), col(SignInFailure.at), now(), FAILURE_WINDOW)
    if too_many_failures(db, wanted, address):
        raise Refusal(
            _(
                "There were too many wrong tries. Wait 15 minutes, or ask the admin of this server "
                "for a link that sets a new password."
            )
        )
    db.add(SignInFailure(name=wanted, address=address, at=now()))
    usable = account if account is not None and account.is_active else None
    return Attempt(wanted, usable.id if usable else None, usable.password_hash if usable else None)


def prove(attempt: Attempt, password: str) -> None:
    """`Refusal` unless the password is right. Slow by intent: call it outside of a transaction."""
    if not is_right(password, attempt.password_hash):
        raise Refusal(_("The name or the password is not right."))


def proved(db: Session, attempt: Attempt) -> int:
    """The id of the account whose password was right, after `prove`; nobody is signed in yet."""
    account = db.get(Account, attempt.account_id, with_for_update=BESIDE_REFERENCES, populate_existing=True)
    if account is None or not account.is_active or account.password_hash != attempt.password_hash:
        raise Refusal(_("The name or the password is not right."))
    return account.id or 0


def admit(db: Session, account_id: int, browser: Browser | None = None) -> NewSession:
    """A new session for who has proved everything; the one that the browser had ends."""
    account = hold_active(db, account_id)
    forget_attempts(db, account.name)
    if browser is not None and browser.token:
        sign_out(db, browser.token)
    return NewSession(begin_session(db, account_id, browser), account_id)


def forget_attempts(db: Session, name: str) -> None:
    """Count from none again."""
    db.execute(delete(SignInFailure).where(col(SignInFailure.name) == name))


def set_password(db: Session, actor_id: int | None, account_id: int, password_hash: str) -> None:
    """Store a new password; every browser of the account is signed out."""
    account = db.get_one(Account, account_id)
    account.password_hash = password_hash
    end_sessions(db, account_id)
    forget_attempts(db, account.name)
    record_of(db, actor_id, "account.set_password", account.name)


def change_password(db: Session, attempt: Attempt, password_hash: str, browser: Browser) -> NewSession:
    """Replace the password after `prove`; returns the one session that goes on."""
    account_id = attempt.account_id
    if account_id is None or hold_active(db, account_id).password_hash != attempt.password_hash:
        raise Refusal(_("Your password was changed in the meantime. Sign in again."))
    set_password(db, account_id, account_id, password_hash)
    return NewSession(begin_session(db, account_id, browser), account_id)


def change_profile(db: Session, account_id: int, display_name: str, language: str | None) -> None:
    """Change the name shown to others and the language of the pages (None: the browser's)."""
    account = db.get_one(Account, account_id, with_for_update=BESIDE_REFERENCES, populate_existing=True)
    before = account.display_name
    account.display_name, account.language = display_name, language
    if before != display_name:
        details = {"display_name": {"before": before, "after": display_name}}
        record_of(db, account_id, "account.rename", account.name, details)


def make_setup_link(db: Session) -> str:
    """The token of a link that makes the first admin; an earlier one no longer counts."""
    if is_set_up(db):
        raise Refusal(_("This server has an admin already. Make a reset link for that account instead."))
    return _make_link(db, "setup", None, None, LINK_LIFETIME)


def use_setup_link(db: Session, token: str, name: str, display_name: str, password_hash: str) -> int:
    """Make the first admin with the link, and use the link up."""
    _use_link(db, "setup", token)
    if is_set_up(db):
        raise NotFound(setup_link_gone())
    account_id = create_account(db, None, name, display_name, None, is_admin=True)
    db.get_one(Account, account_id).password_hash = password_hash
    return account_id


def setup_link_gone() -> str:
    """Why a set-up link does nothing, and how to come by a new one."""
    return _("This link has been used or has expired; run “intercoder setup-link” to make a new one.")


def make_reset_link(db: Session, actor_id: int | None, name: str, lifetime: timedelta = LINK_LIFETIME) -> str:
    """The token of a link that sets the account's password; an earlier one no longer counts."""
    account = _held_account(db, actor_id, name)
    if not account.is_active:
        raise Refusal(_("This account is deactivated. Activate it first."))
    token = _make_link(db, "reset", account.id, actor_id, lifetime)
    record_of(db, actor_id, "account.make_link", account.name)
    return token


def use_reset_link(db: Session, token: str, password_hash: str) -> int:
    """Set the password of the link's account, use the link up, and return the account's id."""
    account_id = _use_link(db, "reset", token).account_id or 0
    set_password(db, account_id, account_id, password_hash)
    return account_id


def use_link_for_identity(db: Session, token: str) -> int:
    """Use a reset link up for another way in than a password, and return the account's id."""
    return _use_link(db, "reset", token).account_id or 0


def reset_link_gone() -> str:
    """Why a reset link does nothing, and how to come by a new one."""
    return _("This link has been used or has expired. Ask the admin of this server for a new one.")


def _make_link(
    db: Session, purpose: str, account_id: int | None, actor_id: int | None, lifetime: timedelta
) -> str:
    _drop_links(db, purpose, account_id)
    token = secrets.token_urlsafe(32)
    db.add(
        OneTimeLink(
            token_hash=hash_token(token),
            purpose=purpose,
            account_id=account_id,
            created_by=actor_id,
            created_at=now(),
            expires_at=now() + lifetime,
        )
    )
    return token


def _drop_links(db: Session, purpose: str, account_id: int | None) -> None:
    db.execute(
        delete(OneTimeLink).where(
            col(OneTimeLink.purpose) == purpose,
            col(OneTimeLink.account_id).is_not_distinct_from(account_id),
            col(OneTimeLink.used_at).is_(None),
        )
    )


def _drop_links_made_by(db: Session, account_id: int | None) -> None:
    """No link goes on that somebody has made who may not make any now."""
    made = (col(OneTimeLink.created_by) == account_id, col(OneTimeLink.used_at).is_(None))
    db.execute(delete(OneTimeLink).where(*made))


def _use_link(db: Session, purpose: str, token: str) -> OneTimeLink:
    """The link, used up: of many at once, the database lets one through."""
    link = open_link(db, purpose, token)
    gone = NotFound(setup_link_gone() if purpose == "setup" else reset_link_gone())
    if link is None:
        raise gone
    if link.account_id is not None:
        hold(db, link.account_id)
    claim = update(OneTimeLink).where(col(OneTimeLink.id) == link.id, col(OneTimeLink.used_at).is_(None))
    if db.execute(claim.values(used_at=now()).returning(col(OneTimeLink.id))).first() is None:
        raise gone
    return link


def demand_account(db: Session, name: str) -> Account:
    """The account with this name; `NotFound` where there is none."""
    account = account_by_name(db, name) if is_name(plain_name(name)) else None
    if account is None:
        raise NotFound(_("There is no account with this name."))
    return account


def _held_account(db: Session, actor_id: int | None, name: str) -> Account:
    """The account as it is now; whoever else changes it waits for us."""
    return hold_for_admin(db, actor_id, demand_account(db, name).id or 0)


def change_rights(db: Session, actor_id: int | None, name: str, is_admin: bool, may_create: bool) -> None:
    """Say whether an account is an admin and whether it may create projects."""
    account = _held_account(db, actor_id, name)
    if account.is_admin and not is_admin:
        _keep_an_admin(db, account)
        _drop_links_made_by(db, account.id)
    before = {"is_admin": account.is_admin, "may_create_projects": account.may_create_projects}
    account.is_admin, account.may_create_projects = is_admin, may_create or is_admin
    after = {"is_admin": account.is_admin, "may_create_projects": account.may_create_projects}
    if before != after:
        record_of(db, actor_id, "account.change_rights", account.name, {"before": before, "after": after})


def deactivate(db: Session, actor_id: int | None, name: str, also: Iterable[Ending] = ()) -> None:
    """Let nobody sign in as this account; its work stays where it is.

    What it has opened to itself or others ends for good, so that nothing of it lives again when the account
    is activated: sessions, half sign-ins, links, and what `also` ends of the parts above this one.
    """
    account = _held_account(db, actor_id, name)
    if not account.is_active:
        return
    _keep_an_admin(db, account)
    account.is_active = False
    end_sessions(db, account.id or 0)
    _drop_links(db, "reset", account.id)
    _drop_links_made_by(db, account.id)
    # All that is held comes before the heads of histories: see `server.accounts.holding`.
    ends = [hold_some(db, account.id or 0, actor_id) for hold_some in also]
    record_of(db, actor_id, "account.deactivate", account.name)
    for end in ends:
        end()


def activate(db: Session, actor_id: int | None, name: str) -> None:
    """Let the person sign in again."""
    account = _held_account(db, actor_id, name)
    if not account.is_active:
        account.is_active = True
        record_of(db, actor_id, "account.activate", account.name)


def _keep_an_admin(db: Session, leaving: Account) -> None:
    """`Refusal` where nobody else could look after the server; `_held_account` holds whoever could."""
    admins = db.scalars(
        select(col(Account.id)).where(col(Account.is_admin), col(Account.is_active), has_a_way_in())
    )
    if set(admins) == {leaving.id}:
        raise Refusal(
            _("This is the only admin of this server. Make another account an admin first, then come back.")
        )


def record_of(
    db: Session, actor_id: int | None, action: str, name: str, details: Mapping[str, object] | None = None
) -> None:
    """Record what was done to the account `name`."""
    record(db, project_id=None, actor_id=actor_id, action=action, subject=f"account {name}", details=details)
