"""Gold answers: written as on the desk, kept edition by edition, seen by the lead alone."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from server.codebooks.queries import Codebook
from server.corpora.models import Post
from server.corpora.uses import has_codings
from server.db.engine import Database
from server.gold.models import Gold, GoldAnswer, StandingGold
from server.training.editions import gold_lines, gold_post
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf

ANSWERS = {"v-expression": ["attachment"], "v-emotion": "2", "v-stance": "favour"}


@pytest.fixture
def book(database: Database, cast: Cast) -> Codebook:
    with database.writing() as db:
        make.posts(db, cast.project, 3)
        return make.published(db, cast.project)


@pytest.fixture
def lead(client_of: ClientOf, cast: Cast) -> TestClient:
    return client_of(cast.lead)


def path(cast: Cast, number: int | str = "") -> str:
    return f"/projects/{cast.project.key}/gold" + (f"/{number}" if number else "")


def written(client: TestClient, of: str, **more: object) -> int:
    fields = form_fields(client.get(of), "/gold/")
    if "edition" not in fields:  # The first form retires what stands.
        fields = {"edition": more.pop("edition", 1), "codebook": 1}  # type: ignore[dict-item]
    return post(client, of, {**fields, **ANSWERS, "note": "Read “bring it back”.", **more}).status_code


def test_gold_is_written_as_on_the_desk(
    lead: TestClient, cast: Cast, book: Codebook, database: Database
) -> None:
    assert written(lead, path(cast, 2)) == 303
    with database.reading() as db:
        found, lines = gold_post(db, cast.lead, 2), gold_lines(db, cast.lead)
    assert found.standing is not None
    said = {book.variable_by_id[key].key: len(answers) for key, answers in found.standing.answers.items()}
    assert said == {"expression": 1, "emotion": 1, "stance": 1}
    assert found.standing.note == "Read “bring it back”."
    assert [(line.post_number, line.edition) for line in lines] == [(2, 1)]


def test_a_change_is_a_new_edition(lead: TestClient, cast: Cast, book: Codebook, database: Database) -> None:
    written(lead, path(cast, 2))
    assert written(lead, path(cast, 2), **{"v-stance": "against"}) == 303
    with database.reading() as db:
        assert list(db.scalars(select(Gold.edition).order_by(col(Gold.edition)))) == [1, 2]
        assert len(db.exec(select(GoldAnswer)).all()) == 6
    assert "2 editions so far" in lead.get(path(cast, 2)).text


def test_two_leads_at_once_lose_nothing(lead: TestClient, cast: Cast, book: Codebook) -> None:
    written(lead, path(cast, 2))
    late = post(lead, path(cast, 2), {**ANSWERS, "edition": 0, "codebook": 1, "note": "Mine"})
    assert late.status_code == 409
    assert "changed meanwhile" in late.text
    assert "Mine" in late.text


def test_what_cannot_be_taken_is_said_at_its_place(lead: TestClient, cast: Cast, book: Codebook) -> None:
    answer = post(
        lead, path(cast, 2), {"v-stance": "nonsense", "edition": 0, "codebook": 1, "note": "x" * 6000}
    )
    assert answer.status_code == 422
    assert "This answer is not in the codebook" in answer.text


def test_a_long_note_is_refused(lead: TestClient, cast: Cast, book: Codebook) -> None:
    assert written(lead, path(cast, 2), note="x" * 5001) == 422


def test_gold_is_retired_and_taken_back(
    lead: TestClient, cast: Cast, book: Codebook, database: Database
) -> None:
    written(lead, path(cast, 2))
    assert post(lead, path(cast, 2) + "/retire").status_code == 303
    assert "retired" in lead.get(path(cast)).text
    assert written(lead, path(cast, 2)) == 303
    with database.reading() as db:
        assert db.scalars(select(StandingGold.retired_at)).all() == [None]


def test_without_a_codebook_there_is_nothing_to_answer(
    lead: TestClient, cast: Cast, database: Database
) -> None:
    with database.writing() as db:
        make.posts(db, cast.project, 1)
    assert lead.get(path(cast, 1)).status_code == 303
    assert lead.get(path(cast, 9)).status_code == 404


def test_a_post_with_gold_keeps_its_text(cast: Cast, book: Codebook, db: Session) -> None:
    with_gold, without = make.posts(db, cast.project, 2)
    make.gold(db, book, with_gold, {"stance": "favour"}, cast.lead)
    kept = select(Post.number).where(Post.project_id == cast.lead.project_id, has_codings())
    assert list(db.scalars(kept)) == [with_gold.number]
    assert without.number not in db.scalars(kept)
