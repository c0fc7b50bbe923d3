"""Accounts, projects and their members."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from server.accounts.models import Account, SignInSession
from server.accounts.queries import hash_token
from server.projects.access import Access
from server.projects.models import Member, Project
from server.projects.roles import Role
from tests.make.rows import MOMENT, add, id_of, put


def account(db: Session, name: str, *, is_admin: bool = False, is_active: bool = True) -> Account:
    """An account without a password: tests sign in with `session`."""
    row = Account(**_account(name), is_admin=is_admin, may_create_projects=is_admin, is_active=is_active)
    add(db, row)
    return row


def _account(name: str) -> dict[str, Any]:
    return {"name": name, "display_name": name.replace("_", " ").title(), "created_at": MOMENT}


def session(db: Session, account_id: int) -> str:
    """A signed-in browser of this account; returns the token of its cookie."""
    token = secrets.token_urlsafe(32)
    expires = datetime.now(UTC) + timedelta(days=1)
    add(
        db,
        SignInSession(
            token_hash=hash_token(token),
            account_id=account_id,
            created_at=MOMENT,
            expires_at=expires,
            seen_at=datetime.now(UTC),
        ),
    )
    return token


def project(db: Session, title: str = "A study", *, is_synthetic: bool = False) -> Project:
    """An empty project."""
    row = Project(
        key=secrets.token_hex(6), title=title, is_synthetic=is_synthetic, created_by=None, created_at=MOMENT
    )
    add(db, row)
    return row


def member(db: Session, of: Project, role: Role, name: str, *, is_active: bool = True) -> Access:
    """A new account that is a member of the project, as the access it acts with."""
    [account_id] = put(db, Account, [_account(f"{name}_{of.key}")])
    number = db.scalar(select(func.count()).where(col(Member.project_id) == of.id)) or 0
    row = {
        "project_id": of.id,
        "account_id": account_id,
        "number": number + 1,
        "role": role,
        "is_active": is_active,
        "joined_at": MOMENT,
    }
    [member_id] = put(db, Member, [row])
    return Access(account_id, member_id, role, id_of(of), of.key, of.title)


def access(of: Project, row: Member) -> Access:
    """The access of a member."""
    assert of.id is not None
    assert row.id is not None
    return Access(row.account_id, row.id, Role(row.role), of.id, of.key, of.title)
