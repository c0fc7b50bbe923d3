from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from server.accounts import actions, queries
from server.accounts.models import Account, OneTimeLink, SignInSession
from server.accounts.passwords import is_right
from server.accounts.sessions import begin_session
from server.clock import now
from server.errors import NotFound, Refusal
from server.history.models import HistoryEvent
from tests import make
from tests.stock import on_one_database

PASSWORD = "a calm grey heron"


def attempt(db: Session, name: str = "anna", password: str = PASSWORD) -> str:
    counted = actions.count_attempt(db, name, "192.0.2.1")
    actions.prove(counted, password)
    return actions.admit(db, actions.proved(db, counted)).token


def test_an_account_is_made_with_a_lower_case_name(db: Session) -> None:
    actions.create_account(db, None, " Anna@Lab ", "Anna", PASSWORD)
    found = queries.account_by_name(db, "ANNA@LAB")
    assert found is not None
    assert found.name == "anna@lab"
    assert is_right(PASSWORD, found.password_hash)


def test_making_an_account_is_remembered_without_its_password(db: Session) -> None:
    actions.create_account(db, None, "anna", "Anna", PASSWORD)
    event = db.exec(select(HistoryEvent)).one()
    assert (event.action, event.subject) == ("account.create", "account anna")
    assert PASSWORD not in event.details


def test_two_accounts_cannot_have_one_name(db: Session) -> None:
    actions.create_account(db, None, "anna", "Anna")
    with pytest.raises(Refusal) as refused:
        actions.create_account(db, None, "Anna", "Another")
    assert set(refused.value.fields) == {"name"}


@on_one_database
@pytest.mark.parametrize("name", ["a", "..", "with space", "zoé", "x" * 61, "", "a/b"])
def test_names_that_cannot_stand_in_an_address_are_refused(db: Session, name: str) -> None:
    with pytest.raises(Refusal) as refused:
        actions.create_account(db, None, name, "Somebody")
    assert "name" in refused.value.fields


@pytest.mark.parametrize("password", ["short", "x" * 201, "aaaaaaaaaaaaaa", "password1234"])
def test_weak_passwords_are_explained_at_their_field(db: Session, password: str) -> None:
    with pytest.raises(Refusal) as refused:
        actions.create_account(db, None, "anna", "Anna", password)
    assert refused.value.fields["password"]
    assert queries.account_by_name(db, "anna") is None


def test_the_right_password_opens_a_session(db: Session) -> None:
    account_id = actions.create_account(db, None, "anna", "Anna", PASSWORD)
    token = attempt(db, "ANNA")
    db.flush()
    found = queries.viewer_by_token(db, token)
    assert found is not None
    assert found[0].account_id == account_id
    assert db.exec(select(SignInSession)).one().token_hash != token


def test_wrong_passwords_are_limited_and_the_right_one_no_longer_helps(db: Session) -> None:
    actions.create_account(db, None, "anna", "Anna", PASSWORD)
    for _ in range(queries.MAX_FAILURES):
        with pytest.raises(Refusal, match="not right"):
            attempt(db, password="a wrong password")
    with pytest.raises(Refusal, match="too many"):
        attempt(db)


def test_wrong_tries_count_no_longer_where_the_clock_went_back(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.create_account(db, None, "anna", "Anna", PASSWORD)
    for _try in range(10):
        actions.count_attempt(db, "anna", "192.0.2.1")
    for module in (actions, queries):
        monkeypatch.setattr(module, "now", lambda: now() - timedelta(hours=1))
    assert attempt(db)


def test_the_limit_says_the_same_about_names_that_do_not_exist(db: Session) -> None:
    for _ in range(queries.MAX_FAILURES):
        with pytest.raises(Refusal, match="not right"):
            attempt(db, "nobody", "a wrong password")
    with pytest.raises(Refusal, match="too many"):
        attempt(db, "nobody")


def test_the_limit_ends_after_a_while(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    actions.create_account(db, None, "anna", "Anna", PASSWORD)
    for _ in range(queries.MAX_FAILURES):
        actions.count_attempt(db, "anna", "192.0.2.1")
    later = now() + queries.FAILURE_WINDOW + timedelta(seconds=1)
    monkeypatch.setattr(actions, "now", lambda: later)
    monkeypatch.setattr(queries, "now", lambda: later)
    assert attempt(db)


def test_signing_in_forgets_the_wrong_tries(db: Session) -> None:
    actions.create_account(db, None, "anna", "Anna", PASSWORD)
    for _ in range(2 * queries.MAX_FAILURES):
        assert attempt(db)


def test_one_address_cannot_try_many_names(db: Session) -> None:
    for number in range(10 * queries.MAX_FAILURES):
        actions.count_attempt(db, f"name{number}", "192.0.2.1")
    with pytest.raises(Refusal, match="too many"):
        actions.count_attempt(db, "fresh", "192.0.2.1")
    assert actions.count_attempt(db, "fresh", "192.0.2.2").account_id is None


def test_a_password_changed_while_signing_in_counts(db: Session) -> None:
    account_id = actions.create_account(db, None, "anna", "Anna", PASSWORD)
    counted = actions.count_attempt(db, "anna", "192.0.2.1")
    actions.prove(counted, PASSWORD)
    actions.set_password(db, None, account_id, actions.hashed("another grey heron", "anna"))
    with pytest.raises(Refusal):
        actions.proved(db, counted)


def test_nobody_signs_in_to_a_deactivated_account_or_one_without_a_password(db: Session) -> None:
    actions.create_account(db, None, "anna", "Anna", PASSWORD)
    actions.create_account(db, None, "bert", "Bert")
    actions.deactivate(db, None, "anna")
    for name in ("anna", "bert"):
        with pytest.raises(Refusal, match="not right"):
            attempt(db, name)


def test_deactivating_ends_sessions_and_links(db: Session) -> None:
    actions.create_account(db, None, "anna", "Anna", PASSWORD)
    token, link = attempt(db), actions.make_reset_link(db, None, "anna")
    actions.deactivate(db, None, "anna")
    assert queries.viewer_by_token(db, token) is None
    assert queries.open_link(db, "reset", link) is None
    with pytest.raises(Refusal):
        actions.make_reset_link(db, None, "anna")
    actions.activate(db, None, "anna")
    assert attempt(db)


def test_all_that_is_ended_is_held_before_anything_is_recorded(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others hold a token or an invitation when they come to the head of a history."""
    actions.create_account(db, None, "anna", "Anna")
    order: list[str] = []

    def hold(_db: Session, _account_id: int, _actor_id: int | None) -> Callable[[], None]:
        order.append("held")
        return lambda: order.append("ended")

    monkeypatch.setattr(actions, "record_of", lambda *_: order.append("recorded"))
    actions.deactivate(db, None, "anna", [hold, hold])
    assert order == ["held", "held", "recorded", "ended", "ended"]


@pytest.mark.parametrize("leaving", ["deactivated", "no admin any more"])
def test_links_that_an_admin_made_end_with_their_right(db: Session, leaving: str) -> None:
    actions.create_account(db, None, "root", "Root", PASSWORD, is_admin=True)
    ada = actions.create_account(db, None, "ada", "Ada", PASSWORD, is_admin=True)
    actions.create_account(db, None, "bob", "Bob", PASSWORD)
    link = actions.make_reset_link(db, ada, "bob")
    if leaving == "deactivated":
        actions.deactivate(db, None, "ada")
    else:
        actions.change_rights(db, None, "ada", is_admin=False, may_create=False)
    assert queries.open_link(db, "reset", link) is None


def test_a_reset_link_works_once_and_signs_every_browser_out(db: Session) -> None:
    account_id = actions.create_account(db, None, "anna", "Anna", PASSWORD)
    token, link = attempt(db), actions.make_reset_link(db, None, "anna")
    fresh = actions.hashed("another grey heron", "anna")
    assert actions.use_reset_link(db, link, fresh) == account_id
    assert queries.viewer_by_token(db, token) is None
    with pytest.raises(NotFound):
        actions.use_reset_link(db, link, fresh)
    with pytest.raises(Refusal):
        attempt(db)
    assert attempt(db, password="another grey heron")


def test_a_new_reset_link_replaces_the_one_before(db: Session) -> None:
    actions.create_account(db, None, "anna", "Anna")
    first, second = (actions.make_reset_link(db, None, "anna") for _ in range(2))
    assert queries.open_link(db, "reset", first) is None
    assert queries.open_link(db, "reset", second) is not None


def test_links_expire_and_have_one_purpose(db: Session) -> None:
    actions.create_account(db, None, "anna", "Anna")
    link = actions.make_reset_link(db, None, "anna")
    assert queries.open_link(db, "setup", link) is None
    row = db.exec(select(OneTimeLink)).one()
    row.expires_at = now() - timedelta(seconds=1)
    with pytest.raises(NotFound):
        actions.use_reset_link(db, link, "hash")


def test_the_setup_link_makes_the_first_admin_once(db: Session) -> None:
    link = actions.make_setup_link(db)
    password_hash = actions.hashed(PASSWORD, "root")
    actions.use_setup_link(db, link, "root", "Root", password_hash)
    assert queries.is_set_up(db)
    with pytest.raises(NotFound):
        actions.use_setup_link(db, link, "second", "Second", password_hash)
    with pytest.raises(Refusal):
        actions.make_setup_link(db)


def test_an_older_setup_link_counts_no_more_once_there_is_an_admin(db: Session) -> None:
    link = actions.make_setup_link(db)
    actions.create_account(db, None, "root", "Root", PASSWORD, is_admin=True)
    with pytest.raises(NotFound):
        actions.use_setup_link(db, link, "second", "Second", actions.hashed(PASSWORD, "second"))


def test_the_last_admin_stays(db: Session) -> None:
    actions.create_account(db, None, "root", "Root", PASSWORD, is_admin=True)
    actions.create_account(db, None, "link_only", "No password yet", is_admin=True)
    with pytest.raises(Refusal):
        actions.deactivate(db, None, "root")
    with pytest.raises(Refusal):
        actions.change_rights(db, None, "root", is_admin=False, may_create=True)
    actions.create_account(db, None, "second", "Second", PASSWORD, is_admin=True)
    actions.change_rights(db, None, "root", is_admin=False, may_create=True)
    row = db.exec(select(Account).where(col(Account.name) == "root")).one()
    assert (row.is_admin, row.may_create_projects) == (False, True)


def test_changing_nothing_is_not_recorded(db: Session) -> None:
    account_id = actions.create_account(db, None, "anna", "Anna")
    actions.change_rights(db, None, "anna", is_admin=False, may_create=False)
    actions.change_profile(db, account_id, "Anna", "fr")
    assert len(db.exec(select(HistoryEvent)).all()) == 1
    assert queries.own_account(db, account_id).language == "fr"


def test_sessions_that_expired_are_nobodys_and_are_cleared_away(db: Session) -> None:
    account = make.account(db, "anna")
    token = begin_session(db, account.id or 0)
    row = db.exec(select(SignInSession)).one()
    row.expires_at = now() - timedelta(seconds=1)
    db.flush()
    assert queries.viewer_by_token(db, token) is None
    begin_session(db, account.id or 0)
    assert len(db.exec(select(SignInSession)).all()) == 1
