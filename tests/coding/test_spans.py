"""Passages as evidence: places in code points, whatever the text is made of."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as some
from sqlmodel import col, select, update

from server.coding.models import Coding, CodingSpan
from server.coding.spans import Span, passages, spans_of
from server.corpora.models import Post
from server.db.engine import Database
from tests.browse import post
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, opened, study
from tests.coding.desk import stored as coding_of
from tests.coding.test_answers import BOOK
from tests.stock import on_one_database

# An emoji of several code points, an accent apart from its letter, a script from right to left.
TEXT = "Ich vermisse es 👩‍👩‍👧 so sehr, e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT}! أشتاق إليه"


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        found = study(db, cast)
        db.execute(update(Post).where(col(Post.id) == found.posts[0].id).values(text=TEXT))
        return found


def stored(database: Database) -> list[tuple[int, int, int]]:
    """Revision, start and end of all stored passages."""
    with database.reading() as db:
        rows = db.execute(
            select(col(Coding.revision), col(CodingSpan.start), col(CodingSpan.end))
            .join(CodingSpan, col(CodingSpan.coding_id) == col(Coding.id))
            .order_by(col(CodingSpan.id))
        )
        return sorted((revision, start, end) for revision, start, end in rows)


def submit(client: TestClient, here: Study, *passages: str, **changed: Any) -> Any:
    fields = opened(client, here.path(1)) | ANSWERS | {"s-expression": list(passages)} | changed
    return post(client, here.path(1), fields)


def test_passages_are_stored_and_shown_again(here: Study, client: TestClient, database: Database) -> None:
    family = TEXT.index("👩")
    assert submit(client, here, f"attachment:{family}-{family + 5}", "quality:4-15").status_code == 303
    assert stored(database) == [(1, 4, 15), (1, family, family + 5)]
    page = client.get(here.path(1)).text
    assert f'<q dir="auto">{TEXT[family : family + 5]}</q>' in page
    assert '<q dir="auto">vermisse es</q>' in page


def test_a_passage_taken_out_is_a_correction(here: Study, client: TestClient, database: Database) -> None:
    submit(client, here, "attachment:0-3", "attachment:4-12")
    submit(client, here, "attachment:4-12")
    submit(client, here, "attachment:4-12")
    assert stored(database) == [(1, 0, 3), (1, 4, 12), (2, 4, 12)]


def test_passages_may_overlap_and_each_counts_once(
    here: Study, client: TestClient, database: Database
) -> None:
    submit(client, here, "attachment:0-12", "attachment:4-20", "quality:4-20", "attachment:0-12")
    assert stored(database) == [(1, 0, 12), (1, 4, 20), (1, 4, 20)]


@on_one_database
@pytest.mark.parametrize(
    ("passage", "words"),
    [
        (f"attachment:0-{len(TEXT) + 1}", "does not lie in this post"),
        ("attachment:9-4", "does not lie in this post"),
        ("attachment:4-4", "does not lie in this post"),
        ("dependency:0-3", "which is not chosen"),
        ("no-such-code:0-3", "cannot be read"),
        ("attachment:-1-3", "cannot be read"),
        ("attachment", "cannot be read"),
        ("attachment:0-99999999999999", "cannot be read"),
        ("<script>", "cannot be read"),
    ],
)
def test_a_wrong_passage_is_refused_at_its_question(
    passage: str, words: str, here: Study, client: TestClient, database: Database, cast: Cast
) -> None:
    answer = submit(client, here, passage, memo="my thoughts")
    assert answer.status_code == 422
    assert words in answer.text
    assert "my thoughts" in answer.text
    assert stored(database) == []
    assert coding_of(database, here, 1, cast.annotator).revisions == []


def test_too_many_passages_are_refused(here: Study, client: TestClient) -> None:
    many = (f"attachment:{start}-{start + 1 + by}" for start in range(20) for by in range(11))
    answer = submit(client, here, *many)
    assert answer.status_code == 422
    assert "At most 200 passages" in answer.text


def test_a_draft_keeps_passages(here: Study, client: TestClient) -> None:
    fields = opened(client, here.path(1)) | ANSWERS | {"s-expression": ["attachment:4-12"]}
    assert client.post(here.path(1) + "/draft", data=fields).status_code == 204
    assert '<q dir="auto">vermisse</q>' in client.get(here.path(1)).text


def test_two_versions_show_their_passages(here: Study, client: TestClient) -> None:
    form = opened(client, here.path(1)) | ANSWERS | {"s-expression": ["attachment:0-3"]}
    submit(client, here, "attachment:4-12")
    conflict = client.post(here.path(1), data=form)
    assert conflict.status_code == 409
    assert "Attachment: “Ich”" in conflict.text
    assert "Attachment: “vermisse”" in conflict.text


@given(some.text(min_size=1), some.data())
def test_what_is_marked_comes_back(text: str, data: some.DataObject) -> None:
    variable = next(one for one in BOOK.variables if one.kind == "multiple")
    code = data.draw(some.sampled_from(variable.codes))
    start = data.draw(some.integers(0, len(text) - 1))
    end = data.draw(some.integers(start + 1, len(text)))
    typed = {f"s-{variable.key}": (f"{code.key}:{start}-{end}",)}
    assert spans_of(variable, typed, {code.id}, len(text)) == {Span(variable.id, code.id, start, end)}
    [passage] = passages(variable, typed, text)
    assert passage.quote == text[start:end]
