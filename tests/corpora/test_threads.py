"""The thread around a post: what is found of it, in which order, and that an index finds it."""

import json

import pytest
from sqlmodel import Session, col, select, text

from server.corpora import actions
from server.corpora.mapping import DraftedPosts, PostDraft
from server.corpora.models import Post
from server.corpora.storing import Source
from server.corpora.threads import NEAR, Thread, around, stands_in_thread, thread_in
from server.db.engine import Database
from server.history.models import HistoryEvent
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf


def thread(db: Session, post: Post) -> Thread:
    db.flush()
    return thread_in(db.execute(around(make.id_of(post))).all())


def in_thread(db: Session, post: Post) -> bool:
    db.flush()
    columns = Post.__table__.c  # type: ignore[attr-defined]
    return bool(db.scalar(select(stands_in_thread(columns)).where(col(Post.id) == post.id)))


def numbers(found: Thread) -> list[int]:
    return [post.number for post in found.posts]


@pytest.fixture
def posts(db: Session, cast: Cast) -> list[Post]:
    """Post 2 answers 1, 3 answers 2; 4 and 5 stand alone. Another project has a thread of the same name."""
    found = make.posts(db, cast.project, 5)
    noise = make.posts(db, make.project(db, "Noise"), 3)
    for post in (*found[:3], *noise):
        post.thread_key = found[0].external_id
    for post, parent in zip((*found[1:3], *noise[1:]), (*found[:2], *noise[:2]), strict=True):
        post.parent_key = parent.external_id
    db.flush()
    return found


def test_a_post_stands_between_the_others_below_the_one_it_answers(db: Session, posts: list[Post]) -> None:
    found = thread(db, posts[2])
    assert found.parent is not None
    assert (found.parent.number, numbers(found)) == (2, [1, 3])
    assert [post.number for post in found.posts if post.is_here] == [3]
    assert (found.n_before, found.n_after, found.lacks_parent) == (0, 0, False)


def test_posts_of_a_thread_come_by_date_and_those_without_one_last(db: Session, posts: list[Post]) -> None:
    posts[0].posted_at, posts[2].posted_at = None, make.MOMENT
    assert numbers(thread(db, posts[0])) == [3, 2, 1]


def test_a_post_without_thread_is_alone(db: Session, posts: list[Post]) -> None:
    found = thread(db, posts[3])
    assert found.is_one
    assert not in_thread(db, posts[3])
    assert [in_thread(db, post) for post in posts[:3]] == [True] * 3


def test_a_thread_of_one_with_a_name_is_alone(db: Session, posts: list[Post]) -> None:
    posts[3].thread_key = posts[3].parent_key = posts[3].external_id
    assert thread(db, posts[3]).is_one
    assert not in_thread(db, posts[3])


def test_the_first_post_belongs_to_the_thread_that_has_its_id(db: Session, posts: list[Post]) -> None:
    posts[0].thread_key = None
    for post in posts[:3]:
        found = thread(db, post)
        parents = [found.parent.number] if found.parent else []
        assert 1 in (*parents, *numbers(found))
        assert in_thread(db, post)
    assert numbers(thread(db, posts[0])) == [1, 2, 3]


def test_an_answer_to_a_post_elsewhere_says_so(db: Session, posts: list[Post]) -> None:
    posts[3].parent_key = "not imported"
    found = thread(db, posts[3])
    assert (found.parent, found.lacks_parent, found.is_one) == (None, True, False)
    assert in_thread(db, posts[3])


def test_of_a_long_thread_the_nearest_are_shown_and_the_others_counted(db: Session, cast: Cast) -> None:
    posts = make.posts(db, cast.project, 40)
    for post in posts:
        post.thread_key = "long"
    found = thread(db, posts[19])
    assert numbers(found) == list(range(20 - NEAR, 20 + NEAR + 1))
    assert (found.n_before, found.n_after) == (19 - NEAR, 20 - NEAR)


def test_long_texts_are_cut(db: Session, posts: list[Post]) -> None:
    posts[0].text = "\N{BROKEN HEART}" * 2_001
    [first] = [post for post in thread(db, posts[0]).posts if post.is_here]
    assert (len(first.text), first.is_cut) == (2_000, True)


def test_the_thread_is_found_by_its_index(db: Session, cast: Cast, posts: list[Post]) -> None:
    statement = around(make.id_of(posts[1]))
    sql = str(statement.compile(db.connection(), compile_kwargs={"literal_binds": True}))
    if db.connection().dialect.name == "sqlite":
        plan = "\n".join(str(row) for row in db.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
        assert "ix_post_thread" in plan
        assert "SCAN post" not in plan
    else:
        make.posts(db, cast.project, 500)
        db.flush()
        db.execute(text("ANALYZE post"))  # A plan for a few posts may take any index.
        db.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(str(row) for row in db.execute(text(f"EXPLAIN {sql}")))
        assert "ix_post_thread" in plan
        assert "Seq Scan" not in plan


def _imported(db: Session, cast: Cast, **fields: str | None) -> None:
    draft = PostDraft(2, "1", "hello", **fields)  # type: ignore[arg-type]
    actions.store_drafts(db, cast.lead, DraftedPosts([draft], [], [], []), Source("posts.csv", "0"))


def test_another_thread_in_the_file_changes_a_post_and_is_recorded(db: Session, cast: Cast) -> None:
    _imported(db, cast)
    _imported(db, cast, thread_key="t", parent_key="p")
    row = db.exec(select(Post).where(Post.project_id == cast.project.id)).one()
    assert (row.thread_key, row.parent_key) == ("t", "p")
    recorded = db.exec(select(HistoryEvent).where(HistoryEvent.action == "posts.import")).all()
    assert [json.loads(event.details)["changed"] for event in recorded] == [0, 1]


def test_the_page_of_a_post_shows_its_thread(client_of: ClientOf, cast: Cast, database: Database) -> None:
    with database.writing() as db:
        first, second, _alone = make.posts(db, cast.project, 3)
        second.thread_key, second.parent_key = "the-thread", first.external_id
    base, lead = f"/projects/{cast.project.key}/posts", client_of(cast.lead)
    said = lead.get(f"{base}/2").text
    assert "In its thread" in said
    assert "the-thread" in said
    assert said.count(f'{base}/1"') == 2  # As the post before, too.
    assert "What it answers" in said
    assert "In its thread" not in lead.get(f"{base}/3").text
    assert "the-thread" not in client_of(cast.annotator).get(f"{base}/2").text
