"""Filters of the queue beyond questions and people: entropy, marks, samples; and its orders."""

from math import log2

import pytest

from server.coding.models import PostQuestion
from server.db.engine import Database
from tests import make
from tests.adjudication.conftest import Study
from tests.browse import post
from tests.conftest import ClientOf

ONE, TWO, THREE = ({"stance": code} for code in ("against", "ambivalent", "favour"))


@pytest.fixture
def sifted(database: Database, study: Study) -> Study:
    """Disputed in the order of agreement: 2 (all three differ), 5 (two of two), then 1, 3, 4."""
    with database.writing() as db:
        study.code(db, 1, ONE, TWO, ONE, is_unsure=True)
        study.code(db, 2, ONE, TWO, THREE)
        study.code(db, 3, ONE, TWO, ONE, memo="work or bond?")
        study.code(db, 4, {**ONE, "emotion": "1"}, {**TWO, "emotion": "2"}, {**ONE, "emotion": "2"})
        study.code(db, 5, ONE, TWO)
        assert study.main is not None
        question = PostQuestion(
            key="q",
            project_id=make.id_of(study.cast.project),
            round_id=make.id_of(study.main),
            post_id=make.id_of(study.posts[4]),
            member_id=study.annotators[0].member_id,
            asked="Whose?",
            asked_at=make.MOMENT,
        )
        db.add(question)
    return study


def test_the_entropy_is_that_of_the_question_they_differ_on_most(database: Database, sifted: Study) -> None:
    with database.reading() as db:
        found = sifted.queue(db, sifted.cast.lead).queue.disputes
    numbers = {each.id: each.number for each in sifted.posts}
    by_number = {numbers[each.post_id]: each.entropy for each in found}
    third = -(log2(1 / 3) / 3 + 2 * log2(2 / 3) / 3)
    assert by_number == pytest.approx({1: third, 2: log2(3), 3: third, 4: third, 5: 1.0})


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"entropy": "0,95"}, [2, 5]),
        ({"flagged": "unsure"}, [1]),
        ({"flagged": "memo"}, [3]),
        ({"flagged": "question"}, [5]),
        ({"flagged": "any"}, [5, 1, 3]),
        ({"flagged": "back"}, []),
        ({"order": "entropy"}, [2, 5, 4, 1, 3]),
        ({"order": "post"}, [1, 2, 3, 4, 5]),
    ],
)
def test_what_is_listed(database: Database, sifted: Study, asked: dict[str, str], numbers: list[int]) -> None:
    with database.reading() as db:
        found = sifted.numbers(db, sifted.cast.lead, **asked)
    if "order" in asked or len(numbers) < 2:
        assert found == numbers
    assert sorted(found) == sorted(numbers)


def test_a_sample_stays_the_same_while_one_decides(
    database: Database, sifted: Study, client_of: ClientOf
) -> None:
    lead = sifted.cast.lead
    with database.reading() as db:
        drawn = sifted.numbers(db, lead, sample="3", seed="7")
        samples = {tuple(sifted.numbers(db, lead, sample="3", seed=str(seed))) for seed in range(12)}
        shuffled = {tuple(sifted.numbers(db, lead, order="random", seed=str(seed))) for seed in range(12)}
    assert len(drawn) == 3
    assert len(samples) > 3
    assert len(shuffled) > 3
    client, path = client_of(lead), sifted.path(drawn[0])
    page = client.get(path, params={"sample": "3", "seed": "7"})
    stands = page.text.partition('name="stands-stance" value="')[2].partition('"')[0]
    sent = post(client, f"{path}?sample=3&seed=7", {"v-stance": "favour", "stands-stance": stands})
    assert sent.status_code == 303
    assert f"/{drawn[1]}?sample=3&seed=7" in sent.headers["location"]
    with database.reading() as db:
        assert sifted.numbers(db, lead, sample="3", seed="7") == drawn[1:]
        assert sorted(sifted.numbers(db, lead, sample="3", seed="7", state="all")) == sorted(drawn)


def test_what_cannot_be_used_is_said_and_kept(sifted: Study, client_of: ClientOf) -> None:
    asked = {"entropy": "nan", "sample": "-3", "flagged": "red", "order": "none"}
    page = client_of(sifted.cast.lead).get(sifted.path(), params=asked)
    assert page.status_code == 200
    for sentence in ("An entropy is a number of bits", "A random sample has a whole number", "no such mark"):
        assert sentence in page.text
    assert 'value="nan"' in page.text
    assert 'value="-3"' in page.text
