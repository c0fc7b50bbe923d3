"""Figure 21: what a request was allowed when it began is looked at again before it stores anything.

Somebody's rights end while requests of theirs are on the way: both stand before the same lock, the end first.
None of them may wait for the other meanwhile. SQLite has one writer, for whom this is no question.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from server.accounts import halves, identities, second_step
from server.accounts.actions import (
    Attempt,
    admit,
    change_password,
    create_account,
    deactivate,
    make_reset_link,
    proved,
    use_reset_link,
)
from server.accounts.codes import new_secret
from server.accounts.models import Account
from server.accounts.provider import Proof
from server.accounts.sessions import Browser
from server.db.engine import Database
from server.errors import Forbidden, NotFound, Refusal
from server.projects.access import Access
from server.projects.actions import change_role, hold_invitations_of, hold_project, invite, join
from server.projects.models import Member
from server.projects.roles import Role
from server.tokens.actions import hold_tokens_of, make_token
from server.tokens.scopes import Scope
from tests import make
from tests.cast import Cast
from tests.waiting import wait_until

pytestmark = pytest.mark.parametrize("stock", ["postgres"], indirect=True)
PROOF = Proof("https://provider.example", "subject", "late", "Late")
SECRET = new_secret()


@dataclass(frozen=True)
class Scene:
    """A lead and admin whose rights are about to end, and what they hold in their hands."""

    late: Access
    cast: Cast
    half: str
    link: str
    key: Path


@pytest.fixture
def scene(database: Database, cast: Cast, tmp_path: Path) -> Scene:
    with database.writing() as db:
        late = make.member(db, cast.project, Role.LEAD, "late")
        for access, is_admin in ((late, True), (cast.lead, True)):
            account = db.get_one(Account, access.account_id)
            account.is_admin, account.password_hash = is_admin, "a hash"
        identities.tie(db, None, late.account_id, PROOF)
        elsewhere = make.member(db, make.project(db, title="Another study"), Role.LEAD, "other_lead")
        invite(db, elsewhere, Role.ANNOTATOR, "", 7, "to join")
        half, link = halves.await_second_step(db, late.account_id), make_reset_link(db, None, _name(db, late))
    return Scene(late, cast, half, link, tmp_path / "secret.key")


def _name(db: Session, access: Access) -> str:
    return db.get_one(Account, access.account_id).name


def _second_step(db: Session, scene: Scene) -> None:
    halves.use_up(db, scene.half)
    second_step.add(db, scene.late.account_id, SECRET, pyotp.TOTP(SECRET).now(), scene.key)


def _by_provider(db: Session, scene: Scene) -> None:
    tied = identities.account_of(db, PROOF)
    assert tied is not None
    admit(db, tied.account_id)


def _invite(db: Session, scene: Scene) -> None:
    invite(db, scene.late, Role.LEAD, "", 7, "late invitation")


def _attempt(scene: Scene) -> Attempt:
    return Attempt("late", scene.late.account_id, "a hash")


def _prove(db: Session, scene: Scene) -> None:
    shown = db.get_one(Account, scene.late.account_id)
    proved(db, _attempt(scene))
    assert shown.is_active  # What was read before is not what counts.


LATE: dict[str, Callable[[Session, Scene], Any]] = {
    "a second step": _second_step,
    "a reset link": lambda db, scene: use_reset_link(db, scene.link, "another hash"),
    "a sign-in by the provider": _by_provider,
    "an invitation": _invite,
    "a link for somebody else": lambda db, scene: make_reset_link(
        db, scene.late.account_id, _name(db, scene.cast.viewer)
    ),
    "an access token": lambda db, scene: make_token(
        db, scene.late.account_id, "late", [Scope.PROJECTS_READ], 1
    ),
    "an account for somebody": lambda db, scene: create_account(db, scene.late.account_id, "new", "New"),
    "another password": lambda db, scene: change_password(db, _attempt(scene), "another hash", Browser()),
    "a password that was right": _prove,
    "an invitation that is accepted": lambda db, scene: join(db, "to join", scene.late.account_id),
}


@pytest.mark.parametrize("name", LATE)
def test_nothing_is_stored_for_an_account_that_was_deactivated(
    database: Database, scene: Scene, name: str
) -> None:
    def end(db: Session) -> None:
        endings = (hold_tokens_of, hold_invitations_of)
        deactivate(db, scene.cast.lead.account_id, _name(db, scene.late), endings)

    came = _one_after_the_other(
        database, lambda db: _hold_late(db, scene), end, lambda db: LATE[name](db, scene)
    )
    with pytest.raises((Refusal, NotFound, Forbidden)):
        came.result(timeout=10)


def test_an_invitation_that_is_accepted_twice_at_once_lets_in_both_times(
    database: Database, scene: Scene
) -> None:
    def accept(db: Session) -> None:
        join(db, "to join", scene.late.account_id)

    _one_after_the_other(database, lambda db: _hold_late(db, scene), accept, accept).result(timeout=10)


def _hold_late(db: Session, scene: Scene) -> None:
    of_late = select(Account).where(col(Account.id) == scene.late.account_id)
    db.execute(of_late.with_for_update(key_share=True))


def test_nobody_is_invited_by_who_leads_the_project_no_more(database: Database, scene: Scene) -> None:
    def end(db: Session) -> None:
        number = db.get_one(Member, scene.late.member_id).number
        change_role(db, scene.cast.lead, number, Role.ANNOTATOR)

    def hold(db: Session) -> None:
        hold_project(db, scene.late.project_id)

    came = _one_after_the_other(database, hold, end, lambda db: _invite(db, scene))
    with pytest.raises(Forbidden):
        came.result(timeout=10)


def _one_after_the_other(
    database: Database,
    hold: Callable[[Session], None],
    first: Callable[[Session], None],
    second: Callable[[Session], Any],
) -> "Future[None]":
    """Both wait for what is held, in this order, and then go on; the second of them, when it is over."""
    with ThreadPoolExecutor(2) as threads:
        with database.writing() as db:
            hold(db)
            goes = threads.submit(_written, database, first)
            wait_until(database, 1, goes)
            comes = threads.submit(_written, database, second)
            wait_until(database, 2, comes)
        goes.result(timeout=10)
    return comes


def _written(database: Database, change: Callable[[Session], Any]) -> None:
    with database.writing() as db:
        change(db)
