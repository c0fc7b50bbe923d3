"""Posts that programs bring, and pages of what there is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from server.api import routing
from server.api.models import ApiAnswer
from server.corpora.models import ImportBatch, Post
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.actions import archive
from tests.api.scene import Programs
from tests.cast import Cast
from tests.stock import on_one_database

FIRST = {"id": "1955550000000099001", "text": "hello", "author": "ada", "posted_at": "2025-08-08T10:00:00Z"}


def _bring(programs: Programs, *posts: dict[str, Any], **options: Any) -> Any:
    return programs.ask("lead", "posts", "POST", json={"posts": list(posts)}, **options)


def _n_posts(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(Post)) or 0


def test_posts_are_stored_with_all_that_came_with_them(programs: Programs, database: Database) -> None:
    extra = {"link": "https://example.org/1", "thread": "t1", "parent": "p1", "fields": {"lang": "en"}}
    answer = _bring(programs, FIRST | extra, {"id": "2", "text": "two\r\nlines"})
    assert (answer.status_code, answer.json()) == (
        201,
        {"batch": 2, "new": 2, "changed": 0, "unchanged": 0, "left_as_coded": 0, "taken_down": 0}
        | {"duplicates": 0, "refused": [], "notices": []},
    )
    [one, two] = programs.ask("lead", "posts?after=6").json()["posts"]
    assert one == FIRST | extra | {"number": 7, "taken_down": False, "posted_at_text": "2025-08-08T10:00:00Z"}
    assert two["text"] == "two\nlines"
    with database.reading() as db:
        event = db.execute(
            select(col(HistoryEvent.details)).where(col(HistoryEvent.action) == "posts.import")
        ).scalar_one()
        assert "hello" not in str(event)
        assert db.scalars(select(col(ImportBatch.filename))).all()[-1] == "API"


def test_the_same_again_changes_nothing_and_new_content_changes_the_post(programs: Programs) -> None:
    _bring(programs, FIRST)
    again = _bring(programs, FIRST)
    assert (again.status_code, again.json()["unchanged"], again.json()["batch"]) == (200, 1, None)
    changed = _bring(programs, FIRST | {"text": "hello again"})
    assert (changed.status_code, changed.json()["changed"]) == (201, 1)
    coded = programs.ask("lead", "posts?limit=1").json()["posts"][0]
    other = _bring(programs, {"id": coded["id"], "text": "another text"}, {"id": "x", "text": "y"})
    assert other.json()["left_as_coded"] == 1


@on_one_database
def test_each_row_that_cannot_be_taken_is_refused_with_its_reason(programs: Programs) -> None:
    answer = _bring(
        programs,
        FIRST,
        {"id": " ", "text": "no id"},
        {"id": "3", "text": ""},
        {"id": "1.9E+18", "text": "rounded"},
    )
    told = answer.json()
    assert (answer.status_code, told["new"]) == (201, 1)
    assert [one["row"] for one in told["refused"]] == [2, 3, 4]
    assert told["refused"][0]["reason"] == "The row has no id."


def test_where_nothing_can_be_taken_nothing_is_done(programs: Programs, database: Database) -> None:
    before = _n_posts(database)
    answer = _bring(programs, {"id": "1", "text": "one"}, {"id": "1", "text": "another"})
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/posts/0", "/posts/1"]
    assert _n_posts(database) == before


def test_a_key_makes_a_request_safe_to_repeat(programs: Programs, database: Database) -> None:
    key = {"headers": {"Idempotency-Key": "crawl-1"}}
    first = _bring(programs, FIRST, {"id": "", "text": "none"}, **key)
    again = _bring(programs, FIRST, {"id": "", "text": "none"}, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() | {"refused": []} == first.json() | {"refused": []}
    assert [one["row"] for one in again.json()["refused"]] == [2]
    other = _bring(programs, FIRST | {"text": "other"}, **key)
    assert other.status_code == 409
    assert programs.ask("lead", "posts?after=6").json()["posts"][0]["text"] == "hello"
    with database.reading() as db:
        kept = db.scalars(select(ApiAnswer)).one()
    assert "hello" not in str(kept.answer)
    assert FIRST["id"] not in str(kept.answer)


@on_one_database
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"posts": [{"id": 7, "text": "a number"}]}, "/posts/0/id"),
        ({"posts": [{"id": "7"}]}, "/posts/0/text"),
        ({"posts": []}, "/posts"),
        ({"posts": [{"id": "7", "text": "t", "auther": "ada"}]}, "/posts/0/auther"),
        ({"posts": [{"id": "7", "text": "t", "fields": {"id": "8"}}]}, "/posts/0/fields"),
        ({"posts": [{"id": "7", "text": "a\0b"}]}, "/posts/0/text"),
        ({"posts": [{"id": "7", "text": "\ud800"}]}, "/posts/0/text"),
        (
            {"posts": [{"id": "7", "text": "t", "fields": {"\udc00": "x"}}]},
            "/posts/0/fields/\ufffd\ufffd\ufffd/[key]",
        ),
    ],
)
def test_what_is_no_post_is_told_by_its_place(programs: Programs, body: Any, pointer: str) -> None:
    said = {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}
    answer = programs.ask("lead", "posts", "POST", **said)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert answer.headers["content-type"] == "application/problem+json"


@on_one_database
def test_bodies_that_are_not_read(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    json_said = {"Content-Type": "application/json"}
    monkeypatch.setattr(routing, "MAX_BODY_BYTES", 1_000)
    answers = {
        "form": programs.ask("lead", "posts", "POST", data={"posts": "x"}),
        "large": programs.ask("lead", "posts", "POST", content=b" " * 1_001, headers=json_said),
        "in pieces": programs.ask("lead", "posts", "POST", content=iter([b" " * 600] * 2), headers=json_said),
        "no JSON": programs.ask("lead", "posts", "POST", content=b'{"posts": [', headers=json_said),
        "no UTF-8": programs.ask("lead", "posts", "POST", content=b'{"\xff": 1}', headers=json_said),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "form": 415,
        "large": 413,
        "in pieces": 413,
        "no JSON": 422,
        "no UTF-8": 400,
    }
    assert {answer.headers["content-type"] for answer in answers.values()} == {"application/problem+json"}


@on_one_database
def test_nothing_is_added_to_what_is_archived(programs: Programs, cast: Cast, database: Database) -> None:
    with database.writing() as db:
        archive(db, cast.lead)
    assert _bring(programs, FIRST).status_code == 422
    assert programs.ask("lead", "posts").status_code == 200


def test_pages_follow_one_another_to_the_end(programs: Programs) -> None:
    for path in ("posts", "codings", "decisions"):
        whole = programs.ask("lead", path).json()
        assert whole["next"] is None
        pages = list(_pages(programs, path))
        assert [one for page in pages for one in page] == whole[path]
        assert len(pages) > 1


def _pages(programs: Programs, path: str) -> Iterator[list[Any]]:
    after: int | None = 0
    while after is not None:
        page = programs.ask("lead", f"{path}?limit=2&after={after}").json()
        yield page[path]
        after = page["next"]


@on_one_database
def test_codings_and_decisions_are_chosen(programs: Programs) -> None:
    of_round = programs.ask("lead", "codings?round=2").json()["codings"]
    assert {one["round"] for one in of_round} == {2}
    assert {one["post"]["number"] for one in of_round} == {3, 4}
    assert programs.ask("lead", "codings?round=99").json()["codings"] == []
    one = programs.ask("lead", "codings?variable=expression").json()["codings"]
    assert {answer["variable"] for each in one for answer in each["answers"]} == {"expression"}
    assert programs.ask("lead", "decisions?variable=emotion").json()["decisions"] == []
    for wrong in ("codings?rounds=1", "posts?limit=0", "posts?after=-1", "final?rule=none", "results?rule=9"):
        assert programs.ask("lead", wrong).status_code == 422, wrong
