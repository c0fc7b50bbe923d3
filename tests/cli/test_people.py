"""Accounts and projects through the shell."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from server.accounts.models import Account
from server.accounts.passwords import is_right
from server.cli.people import lead_of, new_password
from server.db.engine import Database
from server.errors import Refusal
from server.projects.models import Project
from server.projects.roles import Role
from tests import make
from tests.cli.shell import Shell
from tests.stock import on_one_database


def test_an_account_is_made_with_a_password_that_is_right(shell: Shell, database: Database) -> None:
    answer = shell("user", "add", "Anna", "--shown", "Anna B.", "--lead")

    assert (answer.code, answer.err) == (0, "")
    with database.reading() as db:
        account = db.scalars(select(Account)).one()
    assert (account.name, account.display_name) == ("anna", "Anna B.")
    assert (account.is_admin, account.may_create_projects) == (False, True)
    assert is_right(answer.out.strip(), account.password_hash)


def test_passwords_differ() -> None:
    assert len({new_password() for _time in range(100)}) == 100


@on_one_database
@pytest.mark.parametrize(
    ("name", "part"),
    [("anna", "has this name already"), ("two words", "spaces"), ("ä", "accents")],
)
def test_a_name_that_cannot_be_used_says_why(shell: Shell, name: str, part: str) -> None:
    shell("user", "add", "anna")

    assert part in shell("user", "add", name).refusal
    assert shell("user", "list").out.count("\n") == 1


def test_accounts_are_listed_with_what_they_are(shell: Shell, database: Database) -> None:
    shell("user", "add", "anna", "--admin")
    shell("user", "add", "ben", "--shown", "Ben")
    with database.writing() as db:
        make.account(db, "gone", is_active=False)

    assert shell("user", "list").out.splitlines() == [
        "anna\tanna\tadmin lead\t1",
        "ben\tBen\t\t2",
        "gone\tGone\tdeactivated\t3",
    ]


def test_a_project_is_made_for_its_lead(shell: Shell, database: Database) -> None:
    shell("user", "add", "anna")

    key = shell("project", "create", "  A study ", "--lead", "ANNA").out.strip()

    assert shell("project", "list").out == f"{key}\tA study\n"
    with database.reading() as db:
        access = lead_of(db, key)
        assert (access.role, access.project_key, access.project_title) == (Role.LEAD, key, "A study")
        assert lead_of(db, "A study") == access


@on_one_database
@pytest.mark.parametrize(
    ("title", "lead", "part"),
    [
        ("A study", "nobody", "no account called nobody"),
        (" ", "anna", "title"),
        ("A study", "gone", "deactivated"),
    ],
)
def test_a_project_needs_a_title_and_a_lead(
    shell: Shell, database: Database, title: str, lead: str, part: str
) -> None:
    shell("user", "add", "anna")
    with database.writing() as db:
        make.account(db, "gone", is_active=False)

    assert part in shell("project", "create", title, "--lead", lead).refusal
    assert shell("project", "list").out == ""


def test_a_project_is_found_by_its_key_even_where_a_title_is_the_same(database: Database) -> None:
    with database.writing() as db:
        first, second = make.project(db, "Twice"), make.project(db, "Twice")
        namesake = make.project(db, first.key)
        for project in (first, second, namesake):
            make.member(db, project, Role.LEAD, "lead")

        assert lead_of(db, first.key).project_id == first.id
        with pytest.raises(Refusal, match="Give the key"):
            lead_of(db, "Twice")
        with pytest.raises(Refusal, match="no project"):
            lead_of(db, "twice")


def test_the_first_active_lead_stands_for_the_shell(database: Database) -> None:
    with database.writing() as db:
        project = make.project(db)
        make.member(db, project, Role.LEAD, "left", is_active=False)
        make.member(db, project, Role.ANNOTATOR, "annotator")
        with pytest.raises(Refusal, match="has no lead"):
            lead_of(db, project.key)
        lead = make.member(db, project, Role.LEAD, "lead")
        make.member(db, project, Role.LEAD, "second")

        assert lead_of(db, project.key) == lead


def test_an_archived_project_is_read_but_not_changed(shell: Shell, database: Database) -> None:
    shell("user", "add", "anna")
    key = shell("project", "create", "A study", "--lead", "anna").out.strip()
    with database.writing() as db:
        db.scalars(select(Project).where(col(Project.key) == key)).one().archived_at = make.MOMENT

    assert shell("project", "list").out == f"{key}\tA study\tarchived\n"
    assert shell("results", "--project", key).code == 0
    with database.reading() as db, pytest.raises(Refusal, match="archived"):
        lead_of(db, key, to_change=True)
