"""Reading access tokens: whose they are, where they reach, and what can be told of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.accounts.queries import hash_token
from server.clock import now
from server.projects.access import Access
from server.projects.models import Member, Project
from server.tokens.models import AccessToken, AccessTokenBar, AccessTokenGuess
from server.tokens.scopes import Scope

PREFIX = "intercoder_"
MAX_GUESSES = 100
GUESS_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Holder:
    """Who asks by a token that works, and what for. `project_id` None: wherever the owner is a member."""

    token_id: int
    token_name: str
    account_id: int
    project_id: int | None
    scopes: frozenset[str]
    used_at: datetime | None


@dataclass(frozen=True)
class TokenRow:
    """A token as its list shows it. `project` is empty for one that reaches all projects of its owner."""

    handle: str
    name: str
    owner: str
    project: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    has_expired: bool


@dataclass(frozen=True)
class ReachedProject:
    """A project that a token reaches, and as what its owner is there."""

    key: str
    title: str
    description: str
    role: str
    is_synthetic: bool
    created_at: datetime
    archived_at: datetime | None


def holder_of(db: Session, token: str) -> Holder | None:
    """Who asks by this token; None where it works no longer or never was."""
    if not token.startswith(PREFIX):
        return None
    statement = select(AccessToken).join(Account, col(Account.id) == col(AccessToken.account_id))
    found = db.scalar(statement.where(col(AccessToken.token_hash) == hash_token(token), *_works()))
    if found is None:
        return None
    return Holder(
        found.id or 0,
        found.name,
        found.account_id,
        found.project_id,
        frozenset(found.scopes),
        found.used_at,
    )


def _works() -> tuple[ColumnElement[bool], ...]:
    return (
        col(AccessToken.revoked_at).is_(None),
        col(AccessToken.expires_at) > now(),
        col(Account.is_active).is_(True),
    )


def maker_of(db: Session, token: str) -> int | None:
    """Whose account this token was made for, even if it works no more; None where it never was."""
    found = select(col(AccessToken.account_id)).where(col(AccessToken.token_hash) == hash_token(token))
    maker: int | None = db.scalar(found)
    return maker


def has_guessed_too_often(db: Session, address: str) -> bool:
    """Whether this address has sent too many tokens of late that never were."""
    moment, at = now(), col(AccessTokenGuess.at)
    recent = (at > moment - GUESS_WINDOW, at <= moment + GUESS_WINDOW)
    of_address = select(func.count()).where(col(AccessTokenGuess.address) == address, *recent)
    return (db.scalar(of_address) or 0) >= MAX_GUESSES


def _reached_by(holder: Holder) -> tuple[ColumnElement[bool], ...]:
    """The projects that the token reaches at this moment."""
    is_shut_out = exists().where(
        col(AccessTokenBar.token_id) == holder.token_id,
        col(AccessTokenBar.project_id) == col(Project.id),
    )
    still_works = exists().where(
        col(AccessToken.id) == holder.token_id,
        col(Account.id) == col(AccessToken.account_id),
        *_works(),
    )
    of_project = () if holder.project_id is None else (col(Project.id) == holder.project_id,)
    is_member = (col(Member.account_id) == holder.account_id, col(Member.is_active))
    return (*is_member, ~is_shut_out, still_works, *of_project)


def reached_member(db: Session, holder: Holder, key: str) -> Any:
    """The owner as a member of the project with this key, as `projects.access.granted` wants it, or None."""
    columns: tuple[Any, ...] = (
        col(Member.account_id),
        col(Member.id).label("member_id"),
        col(Member.role),
        col(Project.id).label("project_id"),
        col(Project.title),
        col(Project.archived_at),
    )
    statement = select(*columns).join(Project, col(Project.id) == col(Member.project_id))
    return db.execute(statement.where(col(Project.key) == key, *_reached_by(holder))).first()


def reached_projects(db: Session, holder: Holder, key: str | None = None) -> tuple[ReachedProject, ...]:
    """The projects that a token reaches, the newest first; with a key that one, if it does."""
    statement = select(Project, col(Member.role)).join(Member, col(Member.project_id) == col(Project.id))
    statement = statement.where(*_reached_by(holder))
    if key is not None:
        statement = statement.where(col(Project.key) == key)
    rows = db.execute(statement.order_by(col(Project.created_at).desc(), col(Project.id).desc()))
    return tuple(
        ReachedProject(
            one.key,
            one.title,
            one.description,
            role,
            one.is_synthetic,
            one.created_at,
            one.archived_at,
        )
        for one, role in rows
    )


def own_tokens(db: Session, account_id: int) -> tuple[TokenRow, ...]:
    """The tokens of an account that nobody has revoked, the newest first."""
    return _rows(db, (col(AccessToken.account_id) == account_id,))


def tokens_reaching(db: Session, access: Access) -> tuple[TokenRow, ...]:
    """The tokens with which somebody reaches this project, the newest first."""
    return _rows(db, reaching(access))


def reaching(access: Access) -> tuple[ColumnElement[bool], ...]:
    """Whether a token reaches this project: made for it or for all of its owner's, and not shut out."""
    member = exists().where(
        col(Member.project_id) == access.project_id,
        col(Member.account_id) == col(AccessToken.account_id),
        col(Member.is_active),
    )
    barred = exists().where(
        col(AccessTokenBar.token_id) == col(AccessToken.id),
        col(AccessTokenBar.project_id) == access.project_id,
    )
    of_all = and_(col(AccessToken.project_id).is_(None), ~barred)
    return (member, or_(col(AccessToken.project_id) == access.project_id, of_all))


def n_working(db: Session, account_id: int) -> int:
    """How many tokens of an account still work."""
    own = (col(AccessToken.account_id) == account_id, col(AccessToken.revoked_at).is_(None))
    return db.scalar(select(func.count()).where(*own, col(AccessToken.expires_at) > now())) or 0


def _rows(db: Session, conditions: Iterable[ColumnElement[bool]]) -> tuple[TokenRow, ...]:
    statement = (
        select(AccessToken, col(Account.display_name), col(Project.title))
        .join(Account, col(Account.id) == col(AccessToken.account_id))
        .outerjoin(Project, col(Project.id) == col(AccessToken.project_id))
        .where(col(AccessToken.revoked_at).is_(None), *conditions)
        .order_by(col(AccessToken.id).desc())
    )
    moment = now()
    return tuple(
        TokenRow(
            row.handle,
            row.name,
            owner,
            title or "",
            frozenset(map(Scope, row.scopes)),
            row.created_at,
            row.expires_at,
            row.used_at,
            row.expires_at <= moment,
        )
        for row, owner, title in db.execute(statement)
    )
