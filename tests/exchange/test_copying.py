"""A project copied as a template: its codebook and settings, and nothing else."""

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.models import DeskSettings
from server.care.actions import WantedCare, settle
from server.care.models import ProjectCare, WarningTopic
from server.codebooks import actions as codebook_actions
from server.codebooks.queries import being_written, draft, latest_published, sheet_of
from server.codebooks.sheet import VariableSheet
from server.corpora.models import Post
from server.db.engine import Database
from server.history.queries import actions_done
from server.projects.models import Member, Project
from server.rounds.models import Round, SkipReason
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf


def path_of(cast: Cast, rest: str = "/settings/copy") -> str:
    return f"/projects/{cast.project.key}{rest}"


@pytest.fixture
def settled(database: Database, cast: Cast) -> None:
    """The lead may create projects; the project has all that can be copied, and a round."""
    with database.writing() as db:
        db.get_one(Account, cast.lead.account_id).may_create_projects = True
        book = make.published(
            db,
            cast.project,
            when={"stance": [("expression", "attachment")]},
            parents={"expression": {"dependency": "attachment"}},
        )
        make.round_(db, cast.project, book, make.posts(db, cast.project, 2), [cast.annotator])
        settle(db, cast.lead, WantedCare("Sad posts.", "topics", "topics", 20, True, True, (), ("Grief",)))
        among = [cast.lead.member_id, cast.adjudicator.member_id]
        db.add(
            DeskSettings(
                project_id=cast.lead.project_id,
                reasons="always",
                adjudicators=among,
                splits=True,
                double_percent=20,
                seed="9",
            )
        )
        db.add(SkipReason(project_id=cast.lead.project_id, key="own", label="Too sad", position=1))


def _copy_of(db: Session, title: str) -> Project:
    return db.scalars(select(Project).where(col(Project.title) == title)).one()


def _copied(client: TestClient, cast: Cast, **typed: str) -> Response:
    fields = form_fields(client.get(path_of(cast)), "/settings/copy")
    return post(client, path_of(cast), fields | {"title": ["The next"]} | typed)


def test_codebook_and_settings_are_copied_and_nothing_else(
    settled: None, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    client = client_of(cast.lead)
    assert _copied(client, cast).status_code == 303
    with database.reading() as db:
        new = _copy_of(db, "The next").id or 0
        old = latest_published(db, cast.lead.project_id)
        assert old is not None
        assert sheet_of(being_written(db, new)) == sheet_of(old)
        assert latest_published(db, new) is None
        care = db.get_one(ProjectCare, new)
        assert (care.warning, care.hides, care.pause_minutes, care.timed_since is None) == (
            "Sad posts.", "topics", 20, False,
        )  # fmt: skip
        desk = db.get_one(DeskSettings, new)
        assert (desk.reasons, desk.splits, desk.double_percent, desk.seed) == ("always", True, 20, "9")
        copier = select(col(Member.id)).where(col(Member.project_id) == new)
        assert desk.adjudicators == [db.scalar(copier)]
        for kind, label in ((WarningTopic, "Grief"), (SkipReason, "Too sad")):
            labels = select(col(kind.label)).where(col(kind.project_id) == new)
            assert db.scalars(labels).all() == [label]
        for table in (Post, Round):
            assert db.scalar(select(func.count()).where(col(table.project_id) == new)) == 0
        members = db.scalars(select(Member).where(col(Member.project_id) == new)).all()
        assert [(row.account_id, row.role) for row in members] == [(cast.lead.account_id, "lead")]
        assert "project.copy" in actions_done(db, cast.lead.project_id)
        assert {"project.begin_as_copy", "codebook.begin_as_copy"} <= set(actions_done(db, new))


def test_the_draft_is_copied_where_it_is_chosen(
    settled: None, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    with database.writing() as db:
        edition = being_written(db, cast.lead.project_id).edition
        codebook_actions.add_variable(db, cast.lead, edition, VariableSheet("mood", "text", "Mood"))
    client = client_of(cast.lead)
    assert form_fields(client.get(path_of(cast)), "/settings/copy")["book"] == ["published"]
    _copied(client, cast, book="draft")
    with database.reading() as db:
        found = draft(db, _copy_of(db, "The next").id or 0)
        assert found is not None
        assert "mood" in found.variable_by_key


def test_a_form_sent_twice_makes_one_copy(
    settled: None, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    client = client_of(cast.lead)
    fields = form_fields(client.get(path_of(cast)), "/settings/copy") | {"title": ["The next"]}
    answers = [post(client, path_of(cast), fields) for _time in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    with database.reading() as db:
        assert _copy_of(db, "The next").key in answers[1].headers["location"]


def test_an_archived_project_is_copied_and_one_without_a_codebook(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    with database.writing() as db:
        db.get_one(Account, cast.lead.account_id).may_create_projects = True
    client = client_of(cast.lead)
    post(client, path_of(cast, "/archive"))
    assert _copied(client, cast).status_code == 303
    with database.reading() as db:
        assert _copy_of(db, "The next").archived_at is None


def test_what_is_wrong_with_the_form_is_said_and_kept(
    settled: None, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    client = client_of(cast.lead)
    for typed, said in (
        ({"title": "", "description": "Kept"}, "Please fill this in."),
        ({"book": "draft", "description": "Kept"}, "There is no such state of the codebook any more."),
        ({"book": "none", "description": "Kept"}, "Please choose one of the answers offered."),
    ):
        page = post(client, path_of(cast), {"title": "Next", **typed})
        assert (page.status_code, said in page.text) == (422, True)
        assert form_fields(page, "/settings/copy")["description"] == ["Kept"]
    with database.reading() as db:
        assert db.scalar(select(func.count()).where(col(Project.title) == "Next")) == 0


def test_who_may_not_create_projects_reads_so(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    page = client.get(path_of(cast))
    assert "Your account may not create projects." in page.text
    assert 'name="title"' not in page.text
    assert post(client, path_of(cast), {"title": "Next"}).status_code == 403
