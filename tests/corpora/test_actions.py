"""Importing posts: what is written, what is left, and what nobody may do at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from server.clock import now
from server.corpora import actions, writing
from server.corpora.mapping import DraftedPosts, Mapping, PostDraft
from server.corpora.models import ImportBatch, Post, Upload
from server.corpora.planning import plan_import
from server.corpora.stored import StoredPosts
from server.corpora.storing import ImportOutcome, Source
from server.db.engine import Database
from server.errors import Conflict, NotFound, Refusal
from server.history.models import HistoryEvent
from tests import make
from tests.cast import Cast
from tests.corpora.files import content_hash, csv

SOURCE = Source("posts.csv", "0" * 64)


def drafts(*ids: int, text: str = "hello") -> DraftedPosts:
    made = [PostDraft(number, f"id {number}", f"{text} {number}", author="mara") for number in ids]
    return DraftedPosts(made, [], [], [])


def of_project(db: Session, cast: Cast, table: Any = Post) -> list[Any]:
    return list(
        db.exec(select(table).where(table.project_id == cast.project.id).order_by(table.number)).all()
    )


def sizes(outcome: ImportOutcome) -> tuple[int | None, int, int, int, int]:
    plan = outcome.plan
    return (outcome.batch, len(plan.new), len(plan.unchanged), len(plan.changed), len(plan.locked))


def test_a_file_is_imported_with_guessed_columns(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        assert sizes(actions.import_posts(db, cast.lead, "posts.csv", csv(1, 2))) == (1, 2, 0, 0, 0)
        stored = of_project(db, cast)
        batch = of_project(db, cast, ImportBatch)[0]
    assert [post.external_id for post in stored] == ["1955550000000000001", "1955550000000000002"]
    assert stored[0].posted_at_text == "2025-08-08T21:14:00Z"
    assert batch.mapping["text"] == "text"
    assert (batch.n_new, batch.imported_by, len(batch.file_hash)) == (2, cast.lead.account_id, 64)


def test_a_given_mapping_is_used(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        mapping = Mapping(id="post_id", text="author")
        actions.import_posts(db, cast.lead, "posts.csv", csv(1), mapping)
        assert of_project(db, cast)[0].text == "mara"
        assert "text" in of_project(db, cast)[0].extra


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"x,y\n1,1\n1,1\n", "cannot be told"), (b"", "is empty")],
)
def test_a_file_that_cannot_be_told_apart_writes_nothing(
    database: Database, cast: Cast, content: bytes, message: str
) -> None:
    with database.writing() as db:
        with pytest.raises(Refusal, match=message):
            actions.import_posts(db, cast.lead, "posts.csv", content)
        assert not of_project(db, cast, ImportBatch)


def test_the_same_posts_again_write_nothing(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        actions.store_drafts(db, cast.lead, drafts(1, 2), SOURCE)
        events = db.scalar(select(func.count()).select_from(HistoryEvent))
        assert sizes(actions.store_drafts(db, cast.lead, drafts(1, 2), SOURCE)) == (None, 0, 2, 0, 0)
        assert len(of_project(db, cast, ImportBatch)) == 1
        assert db.scalar(select(func.count()).select_from(HistoryEvent)) == events


def test_numbers_go_on_where_they_ended(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        actions.store_drafts(db, cast.lead, drafts(5, 3), SOURCE)
        outcome = actions.store_drafts(db, cast.lead, drafts(3, 1, 4), SOURCE)
        stored = {post.number: post.external_id for post in of_project(db, cast)}
    assert sizes(outcome) == (2, 2, 1, 0, 0)
    assert stored == {1: "id 5", 2: "id 3", 3: "id 1", 4: "id 4"}


def test_the_same_ids_in_another_project_are_other_posts(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        other = make.project(db)
        stranger = make.member(db, other, cast.lead.role, "stranger")
        actions.store_drafts(db, stranger, drafts(1, text="theirs"), SOURCE)
        assert sizes(actions.store_drafts(db, cast.lead, drafts(1), SOURCE)) == (1, 1, 0, 0, 0)
        actions.store_drafts(db, cast.lead, drafts(1, text="mine"), SOURCE)
        theirs = db.exec(select(Post.text).where(Post.project_id == other.id)).one()
    assert theirs == "theirs 1"


def test_changed_posts_keep_their_number(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        actions.store_drafts(db, cast.lead, drafts(1, 2), SOURCE)
        outcome = actions.store_drafts(db, cast.lead, drafts(2, text="altered"), SOURCE)
    with database.reading() as db:
        first, second = of_project(db, cast)
        batches = of_project(db, cast, ImportBatch)
    assert sizes(outcome) == (2, 0, 0, 1, 0)
    assert (first.text, second.text, second.number) == ("hello 1", "altered 2", 2)
    assert (first.import_batch_id, second.import_batch_id) == (batches[0].id, batches[1].id)
    assert second.content_hash == content_hash(drafts(2, text="altered").drafts[0])


def test_coded_posts_stay_and_assigned_ones_do_not(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        actions.store_drafts(db, cast.lead, drafts(1, 2), SOURCE)
        book = make.published(db, cast.project)
        coded, assigned = of_project(db, cast)
        round_ = make.round_(db, cast.project, book, [coded, assigned], [cast.annotator])
        make.coding(db, book, round_, coded, cast.annotator, {"emotion": "2"})
        outcome = actions.store_drafts(db, cast.lead, drafts(1, 2, text="altered"), SOURCE)
    with database.reading() as db:
        assert [post.text for post in of_project(db, cast)] == ["hello 1", "altered 2"]
    assert sizes(outcome) == (2, 0, 0, 1, 1)


def test_a_stale_fingerprint_is_a_conflict(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        key = actions.receive_file(db, cast.lead, "posts.csv", b"")
    with pytest.raises(Conflict), database.writing() as db:
        actions.import_file(db, cast.lead, key, drafts(1), SOURCE, "what was seen before")
    with database.reading() as db:
        assert not of_project(db, cast)
        assert db.exec(select(Upload.key).where(Upload.project_id == cast.project.id)).all() == [key]


def test_a_hundred_clicks_import_once(database: Database, cast: Cast) -> None:
    posts = drafts(*range(40))
    with database.writing() as db:
        key = actions.receive_file(db, cast.lead, "posts.csv", b"")
        seen = plan_import(posts, StoredPosts(db, cast.lead)).fingerprint

    def click(_turn: int) -> ImportOutcome | None:
        with database.writing() as session:
            return actions.import_file(session, cast.lead, key, posts, SOURCE, seen)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(click, range(8)))
    assert sum(outcome is not None for outcome in outcomes) == 1
    with database.reading() as db:
        assert len(of_project(db, cast)) == 40


def test_imports_at_once_number_the_posts_without_gaps(database: Database, cast: Cast) -> None:
    def bring(part: int) -> None:
        with database.writing() as session:
            actions.store_drafts(session, cast.lead, drafts(*range(part * 30, part * 30 + 30)), SOURCE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(bring, range(6)))
    with database.reading() as db:
        assert [post.number for post in of_project(db, cast)] == list(range(1, 181))
        assert [batch.number for batch in of_project(db, cast, ImportBatch)] == list(range(1, 7))


def test_files_that_nobody_imported_are_forgotten(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        old = actions.receive_file(db, cast.lead, "old.csv", b"")
        row_ = db.exec(select(Upload).where(Upload.key == old)).one()
        row_.uploaded_at = now() - timedelta(days=actions.KEPT_DAYS + 1)
        db.add(row_)
        db.flush()
        new = actions.receive_file(db, cast.lead, "new.csv", b"")
        assert db.exec(select(Upload.key).order_by(col(Upload.id))).all() == [new]
        with pytest.raises(NotFound):
            actions.discard_file(db, cast.lead, old)
        actions.discard_file(db, cast.lead, new)
        assert not db.exec(select(Upload)).all()


def test_more_posts_than_are_written_at_once(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns that are empty, or the same for all posts, in some statements and not in others."""
    monkeypatch.setattr(writing, "_IN_A_BLOCK", 4)
    monkeypatch.setattr(writing, "_BLOCKS_IN_A_STATEMENT", 2)
    given = [
        PostDraft(
            at, f"id {at}", "same", "mara" if at < 13 else None, thread_key=f"t {at}" if at > 20 else None
        )
        for at in range(30)
    ]
    with database.writing() as db:
        actions.store_drafts(db, cast.lead, DraftedPosts(given, [], [], []), SOURCE)
        stored = of_project(db, cast)
    assert [post.number for post in stored] == list(range(1, 31))
    kept = [
        PostDraft(at, post.external_id, post.text, post.author, thread_key=post.thread_key)
        for at, post in enumerate(stored)
    ]
    assert kept == given


def test_posts_are_stored_as_any_other_row(db: Session, cast: Cast) -> None:
    moment = datetime(2025, 8, 6, 12, 0, 0, 5, tzinfo=UTC)
    draft = PostDraft(
        1, "one", 'A\ttab, a \\ and "\n\\.\n', "zoë", moment, "then", extra={"b": "ä", "a": "\\N"}
    )
    actions.store_drafts(db, cast.lead, DraftedPosts([draft], [], [], []), SOURCE)
    stored = of_project(db, cast)[0]
    written = {name: getattr(stored, name) for name in Post.model_fields if name != "id"}
    assert (stored.text, stored.posted_at, stored.extra) == (draft.text, moment, draft.extra)
    db.add(Post(**written | {"external_id": "two", "number": 2}))
    db.flush()
    plain = "SELECT posted_at, extra, text FROM post WHERE external_id = '{}'"
    one, two = (db.connection().exec_driver_sql(plain.format(name)).one() for name in ("one", "two"))
    assert one == two
