import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from server.accounts.models import Account
from server.db.engine import Database
from server.projects import actions, queries
from server.projects.models import Invitation
from server.projects.roles import Role
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.projects.test_pages import coded, path_of
from tests.stock import on_one_database

PASSWORD = "a calm grey heron"
PERSON = {"name": "bert", "display_name": "Bert Berg", "password": PASSWORD}


def invited(client_of: ClientOf, cast: Cast, **fields: str) -> str:
    """The path of a new invitation."""
    typed = {"role": "annotator", "days": "7", **fields}
    page = post(client_of(cast.lead), path_of(cast, "/invitations"), typed)
    link = re.search(r'value="http://127\.0\.0\.1:8000(/invitations/[\w-]{40,})"', page.text)
    assert link is not None
    return link[1]


def roles(database: Database, cast: Cast) -> dict[int, Role]:
    with database.reading() as db:
        return {row.number: row.role for row in queries.members(db, cast.lead)}


@on_one_database
def test_members_are_listed_with_their_work(cast: Cast, client_of: ClientOf, database: Database) -> None:
    coded(database, cast)
    page = client_of(cast.lead).get(path_of(cast, "/members"))
    assert page.status_code == 200
    assert page.text.count('<th scope="row">') == 5
    rows = re.findall(r'<th scope="row"><bdi>(\w+).*?<td class="r num">(\d+)</td>', page.text, re.DOTALL)
    assert dict(rows)["Annotator"] == "1"
    assert dict(rows)["Other"] == "0"


@on_one_database
def test_a_role_is_changed(cast: Cast, client_of: ClientOf, database: Database) -> None:
    client = client_of(cast.lead)
    assert post(client, path_of(cast, "/members/3/role"), {"role": "adjudicator"}).status_code == 303
    assert roles(database, cast)[3] is Role.ADJUDICATOR
    assert client_of(cast.annotator).get(path_of(cast)).status_code == 200


@on_one_database
@pytest.mark.parametrize("role", ["admin", "", "LEAD"])
def test_a_role_that_does_not_exist_is_refused(
    cast: Cast, client_of: ClientOf, database: Database, role: str
) -> None:
    page = post(client_of(cast.lead), path_of(cast, "/members/3/role"), {"role": role})
    assert page.status_code == 422
    assert roles(database, cast)[3] is Role.ANNOTATOR


@on_one_database
def test_the_last_lead_stays(cast: Cast, client_of: ClientOf, database: Database) -> None:
    client = client_of(cast.lead)
    for path in ("/members/1/role", "/members/1/deactivate"):
        page = post(client, path_of(cast, path), {"role": "viewer"})
        assert (page.status_code, "This is the only lead." in page.text) == (422, True)
    assert roles(database, cast)[1] is Role.LEAD


@on_one_database
def test_a_lead_who_steps_down_lands_where_they_may_be(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    post(client, path_of(cast, "/members/2/role"), {"role": "lead"})
    stepped = post(client, path_of(cast, "/members/1/role"), {"role": "viewer"})
    assert stepped.headers["location"] == path_of(cast)
    assert client.get(path_of(cast, "/members")).status_code == 403
    other = client_of(cast.adjudicator)
    post(other, path_of(cast, "/members/1/role"), {"role": "lead"})
    assert post(other, path_of(cast, "/members/2/deactivate")).headers["location"] == "/"


@on_one_database
@pytest.mark.parametrize("number", ["0", "99", "99999999999999999999", "x", "-1"])
def test_a_member_that_does_not_exist_is_not_found(cast: Cast, client_of: ClientOf, number: str) -> None:
    client = client_of(cast.lead)
    for rest in ("role", "deactivate", "reactivate"):
        answer = post(client, path_of(cast, f"/members/{number}/{rest}"), {"role": "viewer"})
        assert answer.status_code == 404


@on_one_database
def test_a_member_is_deactivated_and_comes_back_with_their_work(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    coded(database, cast)
    lead, annotator = client_of(cast.lead), client_of(cast.annotator)
    assert post(lead, path_of(cast, "/members/3/deactivate")).status_code == 303
    assert annotator.get(path_of(cast)).status_code == 404
    page = lead.get(path_of(cast, "/members")).text
    assert page.count(">deactivated<") == 1
    assert '<td class="r num">1</td>' in page
    assert post(lead, path_of(cast, "/members/3/reactivate")).status_code == 303
    assert "1 of 3" in annotator.get(path_of(cast)).text


@on_one_database
def test_deactivating_is_asked_before_it_is_done(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.lead).get(path_of(cast, "/members")).text
    asked = re.findall(r'<details class="asks">(.*?)</details>', page, re.DOTALL)
    assert len(asked) == page.count('/deactivate"') == 5
    assert sum("until another lead reactivates you" in each for each in asked) == 1
    assert any(re.search(r"Annotator \w+ can then no longer open the project\.", each) for each in asked)


@on_one_database
def test_an_invitation_is_shown_once_and_can_be_withdrawn(cast: Cast, client_of: ClientOf) -> None:
    path = invited(client_of, cast, role="viewer", note="for <i>Bert</i>", days="30")
    lead = client_of(cast.lead)
    page = lead.get(path_of(cast, "/members"))
    assert "for &lt;i&gt;Bert" in page.text
    assert path not in page.text
    revoke = re.search(r'action="([^"]+/revoke)"', page.text)
    assert revoke is not None
    assert post(lead, revoke[1]).status_code == 303
    gone = client_of(None).get(path)
    assert (gone.status_code, "was withdrawn" in gone.text) == (404, True)
    assert post(client_of(None), path, PERSON).status_code == 404
    again = post(lead, revoke[1])
    assert (again.status_code, "not open any more" in again.text) == (404, True)


@on_one_database
def test_one_form_makes_one_invitation(cast: Cast, client_of: ClientOf, database: Database) -> None:
    client = client_of(cast.lead)
    fields = form_fields(client.get(path_of(cast, "/members")), "/invitations")
    links = {
        re.findall(r"/invitations/[\w-]{40,}", post(client, path_of(cast, "/invitations"), fields).text)[0]
        for _ in range(2)
    }
    assert len(links) == 1
    with database.reading() as db:
        assert len(queries.open_invitations(db, cast.lead)) == 1


@on_one_database
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"days": "0"}, "This must be at least 1."),
        ({"days": "31"}, "This must be at most 30."),
        ({"days": "soon"}, "Please write a whole number."),
        ({"role": "god"}, "Please choose one of the answers offered."),
        ({"note": "x" * 81}, "This is too long"),
    ],
)
def test_a_wrong_invitation_is_explained_at_its_field(
    cast: Cast, client_of: ClientOf, database: Database, wrong: dict[str, str], sentence: str
) -> None:
    fields = {"role": "viewer", "note": "Bert", "days": "7", "form_token": "t"} | wrong
    page = post(client_of(cast.lead), path_of(cast, "/invitations"), fields)
    assert page.status_code == 422
    assert sentence in page.text
    kept = form_fields(page, "/invitations")
    assert (kept["note"], kept["days"]) == ([fields["note"]], [fields["days"]])
    with database.reading() as db:
        assert queries.open_invitations(db, cast.lead) == ()


@on_one_database
def test_a_new_person_joins_with_a_new_account(cast: Cast, client_of: ClientOf, database: Database) -> None:
    path, client = invited(client_of, cast, role="adjudicator"), client_of(None)
    page = client.get(path, follow_redirects=True)
    assert "When a model is retired" in page.text
    assert "as adjudicator" in page.text
    joined = post(client, path, PERSON)
    assert (joined.status_code, joined.headers["location"]) == (303, path_of(cast))
    assert "Welcome to the project." in client.get(path_of(cast)).text
    assert roles(database, cast)[6] is Role.ADJUDICATOR
    assert client.get(path).headers["location"] == path_of(cast)
    assert client.get("/projects/new").status_code == 403


@on_one_database
def test_somebody_with_an_account_signs_in_first_and_comes_back(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    path = invited(client_of, cast)
    page = client_of(None).get(path, follow_redirects=True)
    assert f"/sign-in?next={page.url.path.replace('/', '%2F')}" in page.text
    with database.writing() as db:
        bert = make.member(db, make.project(db), Role.LEAD, "bert")
    client = client_of(bert)
    assert "Join as Bert" in client.get(path, follow_redirects=True).text
    assert post(client, path).headers["location"] == path_of(cast)
    assert post(client, path).headers["location"] == path_of(cast)
    assert roles(database, cast)[6] is Role.ANNOTATOR


@on_one_database
def test_a_refused_account_leaves_the_invitation_open(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    path, client = invited(client_of, cast), client_of(None)
    with database.writing() as db:
        make.account(db, "taken")
    for fields in (
        {**PERSON, "name": "taken"},
        {**PERSON, "name": "no spaces"},
        {**PERSON, "password": "short"},
        {**PERSON, "display_name": ""},
    ):
        page = post(client, path, fields)
        assert page.status_code == 422
        assert form_fields(page, path)["name"] == [fields["name"]]
        assert PASSWORD not in page.text
    page = post(client, path, {**PERSON, "name": "no spaces", "password": "short"})
    for sentence in ("Use 2 to 60 small letters", "Use at least 12 characters"):
        assert page.text.count(sentence) == 2, "in the list at the top and at the field"
    with database.reading() as db:
        assert db.exec(select(Account).where(Account.name == "bert")).first() is None
    assert post(client, path, PERSON).status_code == 303


@on_one_database
def test_a_member_is_told_at_once_and_does_not_use_the_invitation_up(cast: Cast, client_of: ClientOf) -> None:
    path = invited(client_of, cast)
    looked = client_of(cast.viewer).get(path, follow_redirects=True)
    assert (looked.status_code, "member of this project already" in looked.text) == (200, True)
    assert "Join as" not in looked.text
    page = post(client_of(cast.viewer), path)
    assert (page.status_code, "member of this project already" in page.text) == (422, True)
    assert client_of(None).get(path).status_code == 303


@on_one_database
def test_a_former_member_is_told_whom_to_ask(cast: Cast, client_of: ClientOf) -> None:
    path = invited(client_of, cast)
    post(client_of(cast.lead), path_of(cast, "/members/3/deactivate"))
    client = client_of(cast.annotator)
    for page, status in ((client.get(path, follow_redirects=True), 200), (post(client, path), 422)):
        assert (page.status_code, "Ask the lead to reactivate you" in page.text) == (status, True)
        assert "Join as" not in page.text


@on_one_database
def test_a_used_or_expired_or_unknown_invitation_says_so(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    used, expired = invited(client_of, cast), invited(client_of, cast)
    post(client_of(None), used, PERSON)
    with database.writing() as db:
        row = db.exec(select(Invitation).where(Invitation.used_at == None)).one()  # noqa: E711
        row.expires_at = row.created_at
    for path, sentence in (
        (used, "has been used"),
        (expired, "has expired"),
        ("/invitations/nothing", "no such invitation"),
    ):
        for answer in (client_of(None).get(path), post(client_of(None), path, PERSON | {"name": "carl"})):
            assert (answer.status_code, sentence in answer.text) == (404, True)
            assert ('href="/sign-in"' in answer.text) is (path == used)


def test_an_invitation_used_fifty_times_at_once_admits_one(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    path = invited(client_of, cast)
    with database.writing() as db:
        people = [make.member(db, make.project(db), Role.LEAD, f"guest{number}") for number in range(10)]
    clients = [client_of(person) for person in people]

    def join(number: int) -> int:
        return post(clients[number % 10], path).status_code

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(join, range(50)))
    # The one who was let in is led on each time; everybody else is told that the link is used.
    assert sorted(answers) == [303] * 5 + [404] * 45
    assert len(roles(database, cast)) == 6


def test_two_leads_cannot_leave_at_the_same_moment(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    first, second = client_of(cast.lead), client_of(cast.adjudicator)
    post(first, path_of(cast, "/members/2/role"), {"role": "lead"})
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda one: post(one[0], path_of(cast, f"/members/{one[1]}/role"), {"role": "viewer"}),
                ((first, 1), (second, 2)),
            )
        )
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert list(roles(database, cast).values()).count(Role.LEAD) == 1


@on_one_database
def test_nobody_joins_an_archived_project(database: Database, cast: Cast, client_of: ClientOf) -> None:
    with database.writing() as db:
        actions.invite(db, cast.lead, Role.ANNOTATOR, "", 7, "the-token")
        actions.archive(db, cast.lead)
        bert = make.member(db, make.project(db, "Another study"), Role.LEAD, "bert")
    answer = post(client_of(bert), "/invitations/the-token")
    assert (answer.status_code, "is archived" in answer.text) == (404, True)
    with database.reading() as db:
        assert queries.member_of(db, cast.lead.project_id, bert.account_id) is None
