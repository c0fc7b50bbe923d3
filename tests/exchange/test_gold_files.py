"""Gold answers by file: looked over first, and stored as if written by hand, or not at all."""

import csv
import json
from io import StringIO
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select
from sqlmodel import col

from server.corpora.models import Post, Upload
from server.corpora.parsing import read_table
from server.db.engine import Database
from server.exchange.gold import files, pages
from server.exchange.gold.storing import propose_gold
from server.gold.models import Gold, StandingGold
from server.history.models import HistoryEvent
from server.training.editions import gold_post
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

HEADER = "post,expression,emotion,stance,note\n"
GOOD = HEADER + "1,attachment; quality,2,favour,Read “bring it back”.\n2,none,0,against,\n"


@pytest.fixture
def posts(database: Database, cast: Cast) -> list[Post]:
    with database.writing() as db:
        make.published(db, cast.project)
        return make.posts(db, cast.project, 3)


@pytest.fixture
def lead(client_of: ClientOf, cast: Cast, posts: list[Post]) -> TestClient:
    return client_of(cast.lead)


def path(cast: Cast, rest: str = "") -> str:
    return f"/projects/{cast.project.key}/gold-file{rest}"


def upload(lead: TestClient, cast: Cast, content: str, name: str = "gold.csv") -> Response:
    return post(lead, path(cast), files={"file": (name, content.encode(), "text/csv")})


def preview(lead: TestClient, cast: Cast, content: str) -> Response:
    sent = upload(lead, cast, content)
    assert sent.status_code == 303, sent.text
    page: Response = lead.get(sent.headers["location"])
    assert page.status_code == 200
    return page


def confirm(lead: TestClient, page: Response) -> Response:
    fields = {name: values[-1] for name, values in form_fields(page, "/gold-file/").items()}
    return post(lead, str(page.url.path), fields)


def count(database: Database, table: Any) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def faults(page: Response) -> list[list[str]]:
    """Row, column and sentence of each fault that the page lists."""
    rows = page.text.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]
    plain = [cell.partition("</td>")[0] for row in rows for cell in row.split("<td")[1:]]
    words = [cell.partition(">")[2].replace("<code>", "").replace("</code>", "") for cell in plain]
    return [words[at : at + 3] for at in range(0, len(words), 3)]


def test_a_file_is_looked_over_and_then_stored(
    lead: TestClient, cast: Cast, database: Database, posts: list[Post]
) -> None:
    page = preview(lead, cast, GOOD)
    assert "Store the gold of 2 posts" in page.text
    assert "Attachment, Quality" in page.text
    assert count(database, Gold) == 0
    done = confirm(lead, page)
    assert (done.status_code, done.headers["location"]) == (303, f"/projects/{cast.project.key}/gold")
    with database.reading() as db:
        first, second = (gold_post(db, cast.lead, number).standing for number in (1, 2))
        events = db.scalars(select(HistoryEvent).order_by(col(HistoryEvent.id))).all()
    assert first is not None
    assert second is not None
    assert (first.note, second.note) == ("Read “bring it back”.", "")
    assert [len(answers) for answers in first.answers.values()] == [2, 1, 1]
    assert any(answer.nothing_applies for answers in second.answers.values() for answer in answers)
    said = [(event.subject, json.loads(event.details)) for event in events if event.action == "gold.write"]
    assert said == [(f"post {n}", {"edition": 1, "file": "gold.csv"}) for n in (1, 2)]
    assert count(database, Upload) == 0


def test_it_is_stored_once(lead: TestClient, cast: Cast, database: Database) -> None:
    page = preview(lead, cast, GOOD)
    assert [confirm(lead, page).status_code for _ in range(2)] == [303, 303]
    assert count(database, Gold) == 2
    again = preview(lead, cast, GOOD)
    assert "there is nothing to store" in again.text
    assert "Store the gold" not in again.text


def test_a_change_is_the_next_edition_and_takes_retired_gold_back(
    lead: TestClient, cast: Cast, database: Database
) -> None:
    confirm(lead, preview(lead, cast, GOOD))
    post(lead, f"/projects/{cast.project.key}/gold/2/retire", {})
    # No column of notes: each post keeps its own.
    page = preview(lead, cast, "post,expression,emotion,stance\n1,attachment,2,favour\n2,none,0,against\n")
    confirm(lead, page)
    with database.reading() as db:
        assert list(db.scalars(select(col(Gold.edition)).order_by(col(Gold.post_id), col(Gold.edition)))) == [
            1,
            2,
            1,
            2,
        ]
        assert list(db.scalars(select(col(StandingGold.retired_at)))) == [None, None]
        standing = gold_post(db, cast.lead, 1).standing
    assert standing is not None
    assert standing.note == "Read “bring it back”."


def test_posts_are_named_by_the_id_of_the_platform_too(
    lead: TestClient, cast: Cast, posts: list[Post], database: Database
) -> None:
    file = f"post_id,expression,emotion,stance\n{posts[2].external_id},none,1,favour\n"
    confirm(lead, preview(lead, cast, file))
    with database.reading() as db:
        assert gold_post(db, cast.lead, 3).standing is not None


def test_everything_that_is_wrong_is_listed_and_nothing_is_stored(
    lead: TestClient, cast: Cast, posts: list[Post], database: Database
) -> None:
    rows = [
        "1,,attachment,2,favour,",
        "9,,attachment,2,favour,",
        ",nowhere,attachment,2,favour,",
        f"2,{posts[2].external_id},attachment,2,favour,",
        "1,,attachment,2,favour,",
        ",,attachment,2,favour,",
        "2,,attachment;nonsense,,,",
        "3,,attachment;none,7,against,",
        "3,,attachment,2,against," + "x" * 5001,
    ]
    page = preview(lead, cast, "post,post_id,expression,emotion,stance,note\n" + "\n".join(rows) + "\n")
    assert [(row, column) for row, column, _said in faults(page)] == [
        ("3", "post"),
        ("4", "post_id"),
        ("5", "post_id"),
        ("6", ""),
        ("7", ""),
        ("8", "expression"),
        ("8", "emotion"),
        ("8", "stance"),
        ("9", "expression"),
        ("9", "emotion"),
        ("10", ""),
        ("10", "note"),
    ]
    said = [sentence for _row, _column, sentence in faults(page)]
    assert said[0] == "There is no post 9."
    assert said[2] == "This is post 3."
    assert said[3] == "Post 1 stands in row 2 already."
    assert said[5] == "“nonsense” is no code here. The codes: attachment, dependency, quality."
    assert said[7] == "This needs an answer."
    assert "Store the gold" not in page.text
    sent = post(lead, str(page.url.path), {"fingerprint": "of another page"})
    assert sent.status_code == 409
    assert count(database, Gold) == 0
    assert count(database, Upload) == 1


def test_the_right_word_of_agreement_stores_no_faulty_file(
    lead: TestClient, cast: Cast, database: Database
) -> None:
    file = HEADER + "1,none,2,favour,\n2,none,2,nonsense,\n"
    with database.reading() as db:
        seen = propose_gold(db, cast.lead, read_table(file.encode(), "gold.csv")).fingerprint
    page = preview(lead, cast, file)
    sent = post(lead, str(page.url.path), {"fingerprint": seen})
    assert sent.status_code == 409
    assert "so nothing of it was stored" in sent.text
    assert count(database, Gold) == 0


def test_columns_are_checked_once(lead: TestClient, cast: Cast) -> None:
    page = preview(lead, cast, "post,expression,emotion,stanse\n1,none,2,favour\n2,none,2,favour\n")
    assert [(row, column) for row, column, _said in faults(page)] == [("1", "stanse"), ("1", "stance")]


def test_the_list_of_faults_is_bounded(lead: TestClient, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SHOWN", 2)
    page = preview(lead, cast, HEADER + "7,none,2,favour,\n8,none,2,favour,\n9,none,2,favour,\n")
    assert len(faults(page)) == 2
    assert "The first 2 of 3." in page.text


@on_one_database
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        (HEADER, "no rows"),
        ("stance,note\nfavour,\n", "needs a column post"),
        (HEADER + "1,none,2,favour,\n2,none,2,favour,\n", "more than 1 rows"),
    ],
)
def test_what_cannot_be_read_is_refused_where_another_file_can_be_chosen(
    lead: TestClient, cast: Cast, monkeypatch: pytest.MonkeyPatch, content: str, said: str
) -> None:
    monkeypatch.setattr(files, "MAX_ROWS", 1)
    answer = upload(lead, cast, content)
    assert answer.status_code == 422
    assert said in answer.text


def test_what_has_changed_meanwhile_is_shown_anew(
    lead: TestClient, cast: Cast, posts: list[Post], database: Database
) -> None:
    page = preview(lead, cast, GOOD)
    confirm(lead, preview(lead, cast, HEADER + "1,none,0,against,Mine.\n"))
    late = confirm(lead, page)
    assert late.status_code == 409
    assert "have changed since this was shown" in late.text
    assert count(database, Gold) == 1
    assert confirm(lead, late).status_code == 303
    assert count(database, Gold) == 3


def test_the_empty_file_has_the_columns(lead: TestClient, cast: Cast, client_of: ClientOf) -> None:
    file = lead.get(path(cast, "/template.csv"))
    assert file.headers["content-type"].startswith("text/csv")
    [columns] = csv.reader(StringIO(file.text.lstrip("\ufeff")))
    assert columns == ["post", "post_id", "expression", "emotion", "stance", "note"]
    assert client_of(cast.annotator).get(path(cast, "/template.csv")).status_code == 403


def test_without_a_codebook_the_page_says_what_to_do_first(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    assert "No codebook is published yet" in client.get(path(cast)).text
    assert client.get(path(cast, "/template.csv")).status_code == 303
    assert upload(client, cast, GOOD).status_code == 422


def test_a_file_is_discarded(lead: TestClient, cast: Cast, database: Database) -> None:
    page = preview(lead, cast, GOOD)
    assert post(lead, f"{page.url.path}/discard", {}).status_code == 303
    assert count(database, Upload) == 0
    assert lead.get(str(page.url.path)).status_code == 404


def test_a_question_named_like_another_column_has_a_column_of_its_own(
    database: Database, cast: Cast, client_of: ClientOf
) -> None:
    with database.writing() as db:
        keys = ("note", "post")
        make.published(db, cast.project, dict.fromkeys(keys, ("single", ("yes", "no"))))
        make.posts(db, cast.project, 1)
    lead = client_of(cast.lead)
    template = lead.get(path(cast, "/template.csv")).text
    assert "<code>question:note</code>" in lead.get(path(cast)).text
    assert "post,post_id,question:note,question:post,note" in template
    page = preview(lead, cast, "post,question:note,question:post,note\n1,yes,perhaps,Why\n")
    assert [fault[:2] for fault in faults(page)] == [["2", "question:post"]]
    confirm(lead, preview(lead, cast, "post,question:note,question:post,note\n1,yes,no,Why\n"))
    with database.reading() as db:
        found = gold_post(db, cast.lead, 1).standing
    assert found is not None
    assert (found.note, len(found.answers)) == ("Why", 2)
