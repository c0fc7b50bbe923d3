"""A revealed round side by side: who sees it, what is on it, and what stays away from it."""

import pytest

from server.db.engine import Database
from server.projects.models import Member
from server.projects.roles import Role
from server.rounds.models import Round
from tests import make
from tests.adjudication.conftest import Study
from tests.conftest import ClientOf
from tests.norming.conftest import MEMO, path


def test_before_reveal_nobody_sees_it(database: Database, study: Study, client_of: ClientOf) -> None:
    with database.writing() as db:
        study.code(db, 1, {"stance": "against"}, {"stance": "favour"})
    cast = study.cast
    for member in (cast.annotator, cast.viewer, cast.lead, cast.adjudicator):
        for rest in ("", "/1"):
            page = client_of(member).get(path(study, rest))
            assert page.status_code == 403
            assert "Favour" not in page.text
    assert "This round is blind" in client_of(cast.annotator).get(path(study)).text


def test_annotators_of_the_round_see_names_and_answers(revealed: Study, client_of: ClientOf) -> None:
    client = client_of(revealed.cast.annotator)
    page = client.get(path(revealed, "/1")).text
    assert all(said in page for said in ("Against", "Favour", "Other Annotator", "(you)", "unsure"))
    assert MEMO not in page
    assert "Third</bdi>" not in page
    assert "did not get to it." in page


def test_others_see_letters_and_strangers_nothing(
    database: Database, revealed: Study, client_of: ClientOf
) -> None:
    cast = revealed.cast
    with database.writing() as db:
        late = make.member(db, cast.project, Role.ANNOTATOR, "late")
        stranger = make.member(db, make.project(db, "Another study"), Role.LEAD, "outsider")
    for member in (cast.viewer, cast.lead, cast.adjudicator):
        page = client_of(member).get(path(revealed, "/1")).text
        assert "Favour" in page
        assert "Other Annotator" not in page
        assert MEMO not in page
    for rest in ("", "/1"):
        assert client_of(late).get(path(revealed, rest)).status_code == 403
        assert client_of(stranger).get(path(revealed, rest)).status_code == 404


def test_a_reviewer_who_coded_sees_letters_too(
    database: Database, revealed: Study, client_of: ClientOf
) -> None:
    with database.writing() as db:
        db.get_one(Member, revealed.cast.annotator.member_id).role = Role.ADJUDICATOR
    page = client_of(revealed.cast.annotator).get(path(revealed, "/1")).text
    assert "Other Annotator" not in page
    assert "(you)" in page


def test_the_list_names_what_they_differ_on(revealed: Study, client_of: ClientOf) -> None:
    client = client_of(revealed.cast.annotator)
    everything = client.get(path(revealed)).text
    assert "4 posts" in everything
    assert "coded once" in everything
    differing = client.get(path(revealed, "?show=differing")).text
    assert "2 posts" in differing
    assert revealed.posts[0].text in differing
    assert revealed.posts[1].text not in differing
    assert client.get(path(revealed, "?page=999999")).status_code == 200


def test_back_and_next_keep_to_the_filter(revealed: Study, client_of: ClientOf) -> None:
    client = client_of(revealed.cast.annotator)
    assert f'rel="next" href="{path(revealed, "/2")}"' in client.get(path(revealed, "/1")).text
    filtered = client.get(path(revealed, "/1?show=differing")).text
    assert f'rel="next" href="{path(revealed, "/3?show=differing")}"' in filtered
    between = client.get(path(revealed, "/2?show=differing")).text
    assert f'rel="prev" href="{path(revealed, "/1?show=differing")}"' in between
    assert 'rel="next"' not in client.get(path(revealed, "/4")).text


def test_what_one_still_codes_is_left_out(database: Database, revealed: Study, client_of: ClientOf) -> None:
    with database.writing() as db:
        cast = revealed.cast
        make.round_(db, cast.project, revealed.book, revealed.posts[:1], [cast.annotator])
    client = client_of(revealed.cast.annotator)
    listed = client.get(path(revealed)).text
    assert "Posts of round 2 are left out." in listed
    assert revealed.posts[0].text not in listed
    assert client.get(path(revealed, "/1")).status_code == 403
    assert client_of(revealed.cast.other_annotator).get(path(revealed, "/1")).status_code == 200


@pytest.mark.parametrize("rest", ["/5", "/99", "/x"])
def test_posts_without_codings_are_not_there(revealed: Study, client_of: ClientOf, rest: str) -> None:
    assert client_of(revealed.cast.annotator).get(path(revealed, rest)).status_code == 404


def test_a_round_that_is_not_there(revealed: Study, client_of: ClientOf) -> None:
    address = path(revealed).replace("rounds/1", "rounds/7")
    assert client_of(revealed.cast.annotator).get(address).status_code == 404


def test_practice_is_discussed_too(database: Database, revealed: Study, client_of: ClientOf) -> None:
    with database.writing() as db:
        assert revealed.main is not None
        db.get_one(Round, revealed.main.id).purpose = "training"
    assert "Favour" in client_of(revealed.cast.annotator).get(path(revealed, "/1")).text


def test_overview_and_round_lead_there(revealed: Study, client_of: ClientOf) -> None:
    project = f"/projects/{revealed.cast.project.key}"
    assert path(revealed) in client_of(revealed.cast.annotator).get(project).text
    for reader in (revealed.cast.viewer, revealed.cast.lead):
        assert path(revealed) in client_of(reader).get(f"{project}/rounds/1").text
