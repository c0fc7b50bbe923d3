"""Accounts that are held until the transaction ends: the first lock of whoever changes something of theirs.

Everybody takes their locks in this order, so that nobody waits for somebody who waits for them: accounts (by
id), what they have opened (half sign-ins, sessions, links, tokens), a project, its invitations, and at last
the heads of histories. And what a request was allowed to do when it began is looked at again behind the lock.
"""

from sqlalchemy import or_, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.db.locks import BESIDE_REFERENCES
from server.errors import Forbidden, Refusal
from server.language import gettext as _


def hold(db: Session, account_id: int) -> Account:
    """The account as it is now; whoever else changes it waits for us."""
    db.flush()  # What we changed of it ourselves is not to be forgotten.
    return db.get_one(Account, account_id, with_for_update=BESIDE_REFERENCES, populate_existing=True)


def hold_active(db: Session, account_id: int) -> Account:
    """The same; `Refusal` where it was deactivated since the request began."""
    account = hold(db, account_id)
    if not account.is_active:
        raise Refusal(_("This account is deactivated. Ask the admin of this server."))
    return account


def hold_for_admin(db: Session, actor_id: int | None, account_id: int) -> Account:
    """The account for an admin who changes it (None: the shell), and all admins with it.

    What follows may have to look whether another admin is left.

    Raises:
        Forbidden: The actor is no admin any more.
    """
    held = select(Account).where(or_(col(Account.id) == account_id, col(Account.is_admin)))
    in_order = held.order_by(col(Account.id)).with_for_update(key_share=True)
    found = {row.id: row for row in db.scalars(in_order.execution_options(populate_existing=True))}
    actor = found.get(actor_id)
    if actor_id is not None and not (actor and actor.is_admin and actor.is_active):
        raise Forbidden(_("Only an admin of this server may do this."))
    return found[account_id]
