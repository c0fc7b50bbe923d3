"""Two adjudicators: a split queue, and posts decided twice by people who do not see each other's decision."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from server.adjudication.filters import Filters
from server.adjudication.models import Decision, SecondDecision
from server.adjudication.queries import selected
from server.adjudication.scope import scope_of
from server.adjudication.sharing import Sharing
from server.db.engine import Database
from server.exchange.downloads.files import data_file
from server.exchange.downloads.wanted import Wanted, What
from server.projects.access import Access
from server.projects.roles import Role
from tests import make
from tests.adjudication.conftest import Study
from tests.browse import post
from tests.conftest import ClientOf

REASON = "ONLY-THE-FIRST-SAYS-SO"


def test_shares_are_stable_and_as_large_as_asked() -> None:
    posts = range(1, 4001)
    sharing = Sharing((3, 5, 8), splits=True, double_percent=20, seed="x")
    owners = [sharing.owner(each) for each in posts]
    assert all(1200 < owners.count(member) < 1470 for member in (3, 5, 8))
    doubles = [each for each in posts if sharing.is_double(each)]
    assert 700 < len(doubles) < 900
    assert all(len(set(sharing.pair(each))) == 2 for each in posts)
    counts = [int(sharing.mine(posts, member).sum()) for member in (3, 5, 8)]
    assert sum(counts) == 4000 + len(doubles)
    assert [sharing.is_mine(each, 3) for each in (1, 2, 3)] == sharing.mine((1, 2, 3), 3).tolist()
    taken = Sharing((3, 5, 8), splits=True, seed="x", taken={1: 8, 2: 3})
    assert (taken.pair(1)[0], taken.pair(2)[0], len({*taken.pair(1)})) == (8, 3, 2)
    assert Sharing().owner(1) is None
    assert not Sharing((3,), splits=True, double_percent=100).is_double(1)


@pytest.fixture
def disputed(database: Database, study: Study) -> Study:
    """Eight posts on whose stance one of three annotators differs."""
    with database.writing() as db:
        for number in range(1, 9):
            study.code(db, number, {"stance": "against"}, {"stance": "favour"}, {"stance": "against"})
    return study


def _settle(client: TestClient, study: Study, **more: object) -> int:
    sent = {"reasons": "optional", "adjudicators": ["2", "1"], "seed": "1", **more}
    return post(client, study.path(rest="/settings"), sent).status_code


def _decide(client: TestClient, study: Study, number: int, stance: str, reason: str = "") -> int:
    page = client.get(study.path(number)).text
    seen = dict(re.findall(r'name="(stands-[a-z]+)" value="(\w+)"', page))
    sent = {"v-stance": stance, "reason": reason, **seen}
    return post(client, study.path(number), {k: v for k, v in sent.items() if v}).status_code


def _open(database: Database, access: Access, share: str = "") -> set[int]:
    with database.reading() as db:
        found = selected(db, access, scope_of(db, access), Filters(share=share))
        return {each.post_id for each in found.queue.open}


def test_the_second_sees_nothing_of_the_first_until_they_have_decided(
    database: Database, disputed: Study, client_of: ClientOf
) -> None:
    cast, study = disputed.cast, disputed
    lead, other = client_of(cast.lead), client_of(cast.adjudicator)
    assert _settle(lead, study, double_percent="100") == 303
    assert _decide(other, study, 1, "favour", REASON) == 303
    assert _decide(other, study, 2, "against", REASON) == 303
    project = f"/projects/{cast.project.key}"
    places = [
        study.path(1),
        study.path(2),
        study.path(3),
        study.path(rest="?state=decided&share=all"),
        study.path(rest="/codebook-problems?state=all"),
        study.path(rest="/adjudicators"),
        f"{project}/history",
    ]
    for place in places:
        answer = lead.get(place)
        assert (answer.status_code, REASON in answer.text) == (200, False), place
    taken = post(lead, f"{project}/history/download", {"format": "jsonl"})
    assert (taken.status_code, REASON in taken.text) == (200, False)
    page = lead.get(study.path(1)).text
    assert "Decided so far" not in page
    assert "2 posts wait for your own decision" in lead.get(study.path(rest="/adjudicators")).text
    with database.reading() as db, data_file(db, cast.lead, Wanted(What.FINAL)) as file:
        assert "adjudicated" not in file.read().decode()
    first, second = (study.posts[at].id for at in (0, 1))
    assert {first, second} <= _open(database, cast.lead)
    assert not {first, second} & _open(database, cast.adjudicator)
    # Half a decision would show the rest.
    assert post(lead, study.path(1), {"reason": "later"}).status_code == 422
    # They differ on the first post and agree on the second.
    assert _decide(lead, study, 1, "against") == 303
    assert _decide(lead, study, 2, "against") == 303
    with database.reading() as db:
        kept = db.exec(select(SecondDecision.is_alike).order_by(col(SecondDecision.decision_id))).all()
    assert kept == [False, True]
    for client in (lead, other):
        page = client.get(study.path(1)).text
        assert REASON in page
        assert "second adjudicator" in page
        assert "Two adjudicators differ on" in page
    for access in (cast.lead, cast.adjudicator):
        found = _open(database, access)
        assert first in found
        assert second not in found
    page = lead.get(study.path(rest="/adjudicators")).text
    assert "50.0" in page
    assert "One post on which adjudicators differ is open." in page
    assert "Post 1" in lead.get(study.path(1)).text
    assert ">1<" in lead.get(study.path(rest="?flagged=apart")).text
    # A rule does not settle it; a person does, by consensus.
    assert lead.get(study.path(rest="/bulk?rule=majority&minimum=2")).text.count('disagreements/1"') == 0
    assert _decide(other, study, 1, "ambivalent") == 303
    with database.reading() as db:
        last = db.exec(
            select(Decision.basis).where(Decision.post_id == first).order_by(col(Decision.id))
        ).all()
    assert last == ["adjudicated", "second", "withdrawn", "consensus"]
    assert first not in _open(database, cast.lead)
    assert "differ is open" not in lead.get(study.path(rest="/adjudicators")).text


def test_a_split_queue_and_taking_over(database: Database, disputed: Study, client_of: ClientOf) -> None:
    cast, study = disputed.cast, disputed
    lead, other = client_of(cast.lead), client_of(cast.adjudicator)
    for wrong in (
        {"adjudicators": ["1"], "splits": "on"},
        {"adjudicators": ["1", "3"]},
        {"double_percent": "101"},
    ):
        answer = post(
            lead, study.path(rest="/settings"), {"reasons": "optional", "adjudicators": ["1", "2"], **wrong}
        )
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    assert "there is nothing to take over" in post(lead, study.path(1, "/take-over"), {}).text
    assert _settle(lead, study, splits="on") == 303
    mine, others = _open(database, cast.lead), _open(database, cast.adjudicator)
    everything = {each.id for each in study.posts}
    assert (mine & others, mine | others) == (set(), everything)
    assert mine
    assert others
    assert _open(database, cast.lead, "all") == everything
    number = next(each.number for each in study.posts if each.id in others)
    page = lead.get(study.path(number)).text
    assert "This post belongs to" in page
    assert post(lead, study.path(number, "/take-over"), {}).status_code == 303
    assert len(_open(database, cast.lead)) == len(mine) + 1
    assert "This post belongs to" in other.get(study.path(number)).text
    assert (
        "took over a post from another adjudicator" in lead.get(f"/projects/{cast.project.key}/history").text
    )
    assert _decide(lead, study, number, "favour") == 303
    refused = post(other, study.path(number, "/take-over"), {})
    assert refused.status_code == 422
    assert "Somebody has begun to decide this post" in refused.text
    assert _settle(lead, study) == 303
    with database.writing() as db:
        make.member(db, cast.project, Role.ADJUDICATOR, "late")
    assert _open(database, cast.lead) == everything - {study.posts[number - 1].id}
