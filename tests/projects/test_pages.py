import re

import pytest
from sqlmodel import Session, select

from server.accounts.models import Account
from server.db.engine import Database
from server.projects import actions, queries
from server.projects.access import Access
from server.projects.models import Project
from server.projects.roles import Role
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database


def path_of(cast: Cast, rest: str = "") -> str:
    return f"/projects/{cast.project.key}{rest}"


def allow(database: Database, access: Access) -> Access:
    """Let this member's account create projects."""
    with database.writing() as db:
        make_creator(db, access)
    return access


def make_creator(db: Session, access: Access) -> None:
    account = db.get_one(Account, access.account_id)
    account.may_create_projects = True


def coded(database: Database, cast: Cast, n_posts: int = 3) -> None:
    """A round in which the annotator has coded one post."""
    with database.writing() as db:
        project = db.get_one(Project, cast.lead.project_id)
        book, posts = make.published(db, project), make.posts(db, project, n_posts)
        round_ = make.round_(db, project, book, posts, [cast.annotator, cast.other_annotator])
        make.coding(db, book, round_, posts[0], cast.annotator, {"expression": [], "emotion": "1"})


@on_one_database
def test_the_first_page_asks_who_one_is(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(None).get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2F")


@on_one_database
def test_the_first_page_lists_ones_own_projects_alone(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.viewer).get("/")
    assert page.status_code == 200
    assert re.findall(r'href="/projects/(\w+)"', page.text) == [cast.project.key]


@on_one_database
def test_the_first_page_says_what_to_do_next(cast: Cast, client_of: ClientOf, database: Database) -> None:
    assert "No posts yet." in client_of(cast.lead).get("/").text
    coded(database, cast)
    assert "1 of 3 posts coded" in client_of(cast.annotator).get("/").text
    assert f'href="{path_of(cast, "/code")}"' in client_of(cast.annotator).get("/").text
    assert "posts coded" not in client_of(cast.viewer).get("/").text
    assert "Next: Codings." in client_of(cast.lead).get("/").text


@on_one_database
def test_who_is_in_no_project_is_told_what_to_do(database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        account = make.account(db, "fresh")
        token = make.session(db, account.id or 0)
    client = client_of(None)
    client.cookies.set("session", token, domain="127.0.0.1")
    page = client.get("/")
    assert "Ask the lead of the study for an invitation link" in page.text
    assert "/projects/new" not in page.text
    assert "intercoder setup-link" in page.text


@on_one_database
def test_a_project_is_made_once_however_often_the_form_comes(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    client = client_of(allow(database, cast.viewer))
    fields = {**form_fields(client.get("/projects/new"), "/projects"), "title": "A new  study"}
    first, second = (post(client, "/projects", fields) for _ in range(2))
    assert (first.status_code, first.headers["location"]) == (303, second.headers["location"])
    page = client.get(first.headers["location"])
    assert "A new study" in page.text
    assert "Import posts" in page.text
    assert client.get("/").text.count("A new study") == 1


@on_one_database
def test_a_step_is_offered_to_those_who_may_take_it(cast: Cast, client_of: ClientOf) -> None:
    offered = ("Import posts", "Go to the codebook", "Open a round", "Write it here")
    others = {
        "No posts yet. The lead imports them.": (cast.viewer, cast.adjudicator),
        "No round yet. The lead plans": (cast.viewer, cast.adjudicator),
        "No codebook yet. You can read it here": (cast.viewer, cast.adjudicator, cast.annotator),
    }
    address = f"/projects/{cast.project.key}"
    lead = client_of(cast.lead).get(address).text
    assert all(words in lead for words in offered)
    for words, readers in others.items():
        assert words not in lead
        for reader in readers:
            page = client_of(reader).get(address).text
            assert words in page
            assert not [step for step in offered if step in page]


@on_one_database
def test_who_may_not_create_projects_is_told(cast: Cast, client_of: ClientOf, database: Database) -> None:
    client = client_of(cast.lead)
    for answer in (client.get("/projects/new"), post(client, "/projects", {"title": "Mine"})):
        assert answer.status_code == 403
        assert "An admin of this server can allow it." in answer.text
    assert _n_projects(database) == 2


@on_one_database
@pytest.mark.parametrize("title", ["", "  ", "x" * 201, "\x00"])
def test_a_project_needs_a_title(cast: Cast, client_of: ClientOf, database: Database, title: str) -> None:
    client = client_of(allow(database, cast.lead))
    page = post(client, "/projects", {"title": title, "description": "Kept", "form_token": "t"})
    assert page.status_code == 422
    assert form_fields(page, "/projects")["description"] == ["Kept"]
    assert form_fields(page, "/projects")["form_token"] == ["t"]
    assert _n_projects(database) == 2


def _n_projects(database: Database) -> int:
    with database.reading() as db:
        return len(db.exec(select(Project)).all())


@on_one_database
def test_the_overview_leads_the_lead(cast: Cast, client_of: ClientOf, database: Database) -> None:
    def next_step() -> str:
        page = client_of(cast.lead).get(path_of(cast))
        found = re.search(r'aria-current="step">.*?<h3>([\w ]+)', page.text, re.DOTALL)
        assert found is not None
        return found[1].strip()

    assert next_step() == "Posts"
    coded(database, cast)
    assert next_step() == "Codings"
    page = client_of(cast.lead).get(path_of(cast)).text
    assert "3 posts." in page
    assert "Version 1 is published." in page
    assert "1 round, 1 of them open." in page
    assert "1 of 6" in page


@on_one_database
def test_the_overview_takes_the_annotator_to_work(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    assert "Nothing is assigned to you yet" in client_of(cast.annotator).get(path_of(cast)).text
    coded(database, cast)
    page = client_of(cast.annotator).get(path_of(cast)).text
    assert "Continue coding" in page
    assert "2 posts are left." in page
    assert f'<a href="{path_of(cast)}/rounds/1/code">' in page
    assert "See the posts" not in page
    assert "See the progress of each annotator" not in page


@on_one_database
def test_outsiders_see_no_project(cast: Cast, client_of: ClientOf, database: Database) -> None:
    with database.writing() as db:
        outsider = make.member(db, make.project(db), Role.LEAD, "outsider")
    client = client_of(outsider)
    for rest in ("", "/settings", "/members", "/history"):
        assert client.get(path_of(cast, rest)).status_code == 404
        assert client_of(None).get(path_of(cast, rest)).status_code == 303
    for rest in _WRITES:
        assert post(client, path_of(cast, rest), _FIELDS).status_code == 404
        assert post(client_of(None), path_of(cast, rest), _FIELDS).status_code == 303


_WRITES = (
    "/settings",
    "/archive",
    "/restore",
    "/members/3/role",
    "/members/3/deactivate",
    "/members/3/reactivate",
    "/invitations",
    "/invitations/0123456789abcdef/revoke",
)
_FIELDS = {"role": "lead", "title": "Taken over", "days": "7"}


@on_one_database
@pytest.mark.parametrize("who", ["adjudicator", "annotator", "viewer"])
def test_only_leads_manage_a_project(cast: Cast, client_of: ClientOf, database: Database, who: str) -> None:
    client = client_of(getattr(cast, who))
    assert client.get(path_of(cast)).status_code == 200
    for rest in ("/settings", "/members", "/history"):
        assert client.get(path_of(cast, rest)).status_code == 403
    for rest in _WRITES:
        assert post(client, path_of(cast, rest), _FIELDS).status_code == 403
    with database.reading() as db:
        assert queries.project_info(db, cast.lead).title == "When a model is retired"
        assert len([row for row in queries.members(db, cast.lead) if row.role == "lead"]) == 1


@on_one_database
def test_an_admin_sees_no_project_by_that(cast: Cast, client_of: ClientOf, database: Database) -> None:
    with database.writing() as db:
        admin = make.account(db, "root", is_admin=True)
        token = make.session(db, admin.id or 0)
    client = client_of(None)
    client.cookies.set("session", token, domain="127.0.0.1")
    assert client.get(path_of(cast)).status_code == 404


@on_one_database
def test_the_settings_are_changed(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    fields = form_fields(client.get(path_of(cast, "/settings")), "/settings")
    assert fields["title"] == ["When a model is retired"]
    answer = post(client, path_of(cast, "/settings"), {"title": "Grief & code", "description": "One\n\nTwo"})
    assert answer.status_code == 303
    page = client.get(path_of(cast)).text
    assert "Grief &amp; code" in page
    assert '<p dir="auto">Two</p>' in page


@on_one_database
def test_a_title_that_cannot_be_used_changes_nothing(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    page = post(client_of(cast.lead), path_of(cast, "/settings"), {"title": " ", "description": "Kept"})
    assert page.status_code == 422
    assert form_fields(page, "/settings")["description"] == ["Kept"]
    with database.reading() as db:
        assert queries.project_info(db, cast.lead).title == "When a model is retired"


@on_one_database
def test_an_archived_project_is_read_and_not_changed(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    assert post(client, path_of(cast, "/archive")).status_code == 303
    assert "archived" in client.get(path_of(cast)).text
    assert "1 archived project" in client.get("/").text
    refused = post(client, path_of(cast, "/invitations"), {"role": "viewer"})
    assert (refused.status_code, "is archived" in refused.text) == (422, True)
    assert post(client, path_of(cast, "/restore")).status_code == 303
    assert post(client, path_of(cast, "/invitations"), {"role": "viewer"}).status_code == 200


@on_one_database
def test_a_member_who_left_finds_nothing(cast: Cast, client_of: ClientOf, database: Database) -> None:
    client = client_of(cast.annotator)
    assert client.get(path_of(cast)).status_code == 200
    with database.writing() as db:
        actions.deactivate_member(db, cast.lead, 3)
    assert client.get(path_of(cast)).status_code == 404
    assert client.get("/").status_code == 200
    assert cast.project.key not in client.get("/").text
