"""Figure 20: a link for one person lets in one of however many open it at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from server.accounts import actions
from server.accounts.models import Account
from server.db.engine import Database
from server.projects.actions import invite
from server.projects.roles import Role
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.trust.reporting import report
from tests.trust.sizes import name_of, size

AT_ONCE = 50
ROUNDS = size(1, 20)
PASSWORD = "a calm grey heron"


def _person(link: str, number: int) -> dict[str, str]:
    """Somebody whose name no earlier link has let in."""
    name = f"{link.rpartition('/')[2][:20].strip('-_')}.{number}".lower()
    return {"name": name, "display_name": f"Person {number}", "password": PASSWORD}


def _invitation(database: Database, cast: Cast, number: int) -> str:
    with database.writing() as db:
        invite(db, cast.lead, Role.ANNOTATOR, "", 7, f"invitation-{number}")
    return f"/invitations/invitation-{number}"


def _reset(database: Database, _cast: Cast, number: int) -> str:
    with database.writing() as db:
        actions.create_account(db, None, f"reset{number}", "Reset")
        return f"/reset/{actions.make_reset_link(db, None, f'reset{number}')}"


def _setup(database: Database, _cast: Cast, _number: int) -> str:
    with database.writing() as db:
        for account in db.scalars(select(Account).where(Account.is_admin)):  # type: ignore[arg-type]
            account.is_admin = False
        return f"/set-up/{actions.make_setup_link(db)}"


@pytest.mark.parametrize("link", [_invitation, _reset, _setup])
def test_a_link_for_one_lets_in_one(
    database: Database, cast: Cast, client_of: ClientOf, link: Callable[[Database, Cast, int], str]
) -> None:
    successes, accounts = [], []
    clients = [client_of(None) for _ in range(AT_ONCE)]
    for number in range(ROUNDS):
        path, before = link(database, cast, number), _accounts(database)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            statuses = list(pool.map(lambda each, to=path: _open(clients[each], to, each), range(AT_ONCE)))
        assert set(statuses) <= {303, 404, 409, 503}  # Told in words; never broken.
        successes.append(statuses.count(303))
        accounts.append(_accounts(database) - before)
    kind = name_of(database)
    report(
        20, f"{kind}, {link.__name__[1:]}: {sum(successes)} of {AT_ONCE * ROUNDS} let in by {ROUNDS} links"
    )
    assert successes == [1] * ROUNDS
    assert accounts == [0 if link is _reset else 1] * ROUNDS


def _open(client: TestClient, path: str, number: int) -> int:
    client.cookies.clear()
    return int(post(client, path, _person(path, number)).status_code)


def _accounts(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(Account)) or 0
