"""Silent gold: posts that nobody can tell, and what they show the lead."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from server.db.engine import Database
from server.rounds.design import Sharing
from server.rounds.models import Assignment, QueueSlot, Round, SilentGold
from server.training.gold_actions import retire_gold
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.training.scene import RIGHT, WRONG, Study, main, study, submitted

BOTH = (3, 4)


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        return study(db, cast, n_gold=6, n_posts=42)


def test_the_share_is_of_all_posts_and_seeded(here: Study, database: Database) -> None:
    found = []
    with database.writing() as db:
        for seed in (1, 1, 2):
            number = main(db, here, annotators=BOTH, gold_share=0.1, seed=seed)
            row = db.scalars(select(Round).where(Round.project_id == here.cast.lead.project_id)).all()[-1]
            assert row.number == number
            assert row.n_posts == 40
            silent = select(SilentGold.post_id).where(SilentGold.round_id == row.id)
            found.append(sorted(db.scalars(silent)))
            assert set(found[-1]) <= {one.id for one in here.posts[:6]}
    assert [len(each) for each in found] == [4, 4, 4]
    assert found[0] == found[1] != found[2]


def test_gold_stands_in_a_shared_queue_like_any_post(here: Study, database: Database) -> None:
    with database.writing() as db:
        main(db, here, gold_share=0.1, sharing=Sharing(60))
        slots = db.scalars(select(QueueSlot.post_id).order_by(col(QueueSlot.rank))).all()
        silent = set(db.scalars(select(SilentGold.post_id)))
    assert len(slots) == 40
    assert set(slots[:4]) != silent != set(slots[-4:])


def test_the_lead_alone_reads_who_was_right(here: Study, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        main(db, here, annotators=(3,), gold_share=0.1)
        silent = select(SilentGold.post_id)
        own = select(Assignment.position).where(col(Assignment.post_id).in_(silent), Assignment.round_id == 2)
        positions = sorted(db.scalars(own))
    annotator = client_of(here.cast.annotator)
    for place, position in enumerate(positions):
        submitted(annotator, here.path(1, position), WRONG if place == 0 else RIGHT)
    path = here.path(1) + "/silent-gold"
    page = client_of(here.cast.lead).get(path).text
    assert "3 of 4" in page
    assert "19 % to 99 %" in page.replace("\xa0", " ").replace("%", " %").replace("  ", " ")
    assert "Where Annotator" in page
    for who in (here.cast.annotator, here.cast.adjudicator, here.cast.viewer):
        assert client_of(who).get(path).status_code == 403
    assert "Silent gold" not in client_of(here.cast.adjudicator).get(here.path(1)).text
    with database.writing() as db:
        for one in here.posts[:6]:
            retire_gold(db, here.cast.lead, one.number)
    assert "No post with gold coded yet" in client_of(here.cast.lead).get(path).text


def test_a_lead_who_codes_sees_nothing_yet(here: Study, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        main(db, here, annotators=(1, 3), gold_share=0.1)
    page = client_of(here.cast.lead).get(here.path(1) + "/silent-gold").text
    assert "You code in this round yourself" in page


def test_a_desk_with_gold_looks_like_any_other(here: Study, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        main(db, here, gold_share=0.1)
        silent = set(db.scalars(select(SilentGold.post_id)))
        rows = db.execute(select(Assignment.post_id, Assignment.position).where(Assignment.round_id == 2))
        positions = {post_id in silent: position for post_id, position in rows}
    client: TestClient = client_of(here.cast.annotator)
    gold, other = (client.get(here.path(1, positions[is_gold])).text for is_gold in (True, False))
    assert len(gold.splitlines()) == len(other.splitlines())
    assert "old answer" not in gold
