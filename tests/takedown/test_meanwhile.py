"""What others store while a takedown goes on is kept, and nothing about its posts is. On PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlmodel import Session, col

from server.codebooks.queries import published_numbered
from server.coding.actions import Closed, Sent, save_draft, skip
from server.coding.models import Draft, PostQuestion
from server.coding.own_questions import ask
from server.coding.seat import seat
from server.corpora.models import Post
from server.db.engine import Database, connection_of
from server.gold.models import Gold
from server.rounds.models import Assignment, RoundAnnotator
from server.rounds.queue import held_place_in, take
from server.takedown.actions import Order, take_down
from server.takedown.erasing import Permit, hold_assignments
from server.takedown.quoting import Quotes
from server.takedown.silencing import Quoted, Silenced, silence
from server.training.gold_actions import hold_post
from tests import make
from tests.cast import Cast
from tests.waiting import wait_until

pytestmark = pytest.mark.parametrize("stock", ["postgres"], indirect=True)
SECRET = "I told it everything, and then they switched it off"


@pytest.fixture
def posts(database: Database, cast: Cast) -> list[Post]:
    with database.writing() as db:
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 2)
        make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
        posts[0].text = SECRET
    return posts


class Slow(Quotes):
    """While a text is looked at for the first time, something else is stored."""

    def __init__(self, meanwhile: dict[str, Callable[[], Any]]) -> None:
        super().__init__([(SECRET, None)])
        self._meanwhile = meanwhile

    def without(self, text: str, instead: str) -> str:
        self._meanwhile.pop(text, lambda: None)()
        return super().without(text, instead)


def test_what_is_stored_while_a_text_is_looked_at_is_not_overwritten(
    database: Database, cast: Cast, posts: list[Post]
) -> None:
    def stored(table: type[Any], **values: Any) -> Callable[[], None]:
        def store() -> None:
            with database.writing() as other:
                other.execute(update(table).where(col(table.__table__.c[key]) == ids[table]).values(values))

        key = "assignment_id" if table is Draft else "id"
        return store

    with database.writing() as db:
        ids = _quoting(db, cast, posts[1])
    newer = {"memo": [f"typed: {SECRET}\nMore."], "v-emotion": ["2"]}
    meanwhile = {
        f"asked: {SECRET}": stored(PostQuestion, answer="Yes."),
        f"skipped: {SECRET}": stored(Assignment, skip_reason="unreadable"),
        f"typed: {SECRET}": stored(Draft, typed=newer),
    }
    assert _silenced(database, cast, posts[0], Slow(meanwhile)) == Silenced(2)
    with database.reading() as db:
        question, draft = db.scalars(select(PostQuestion)).one(), db.scalars(select(Draft)).one()
        assert (question.asked, question.answer) == ("-", "Yes.")
        assert draft.typed == {"memo": ["-\nMore."], "v-emotion": ["2"]}
        assert db.get_one(Assignment, ids[Assignment]).skip_reason == "unreadable"


def _quoting(db: Session, cast: Cast, post: Post) -> dict[type[Any], int]:
    """A question, a draft and the words of a skip."""
    assignments = db.scalars(
        select(Assignment).where(col(Assignment.post_id) == post.id).order_by(col(Assignment.id))
    ).all()
    drafted, skipped = map(make.id_of, assignments)
    question = PostQuestion(
        key="k",
        project_id=cast.lead.project_id,
        round_id=assignments[0].round_id,
        post_id=make.id_of(post),
        member_id=cast.annotator.member_id,
        asked=f"asked: {SECRET}",
        asked_at=make.MOMENT,
    )
    typed = {"memo": [f"typed: {SECRET}"]}
    db.add_all([question, Draft(assignment_id=drafted, typed=typed, saved_at=make.MOMENT)])
    assignments[1].skip_reason = f"other: skipped: {SECRET}"
    db.flush()
    return {PostQuestion: make.id_of(question), Draft: drafted, Assignment: skipped}


def _silenced(database: Database, cast: Cast, post: Post, quotes: Quotes) -> Silenced:
    with database.writing() as db, Permit(db, [make.id_of(post)]):
        quoted = Quoted(quotes, quotes)
        return silence(db, cast.lead.project_id, [make.id_of(post)], quoted, "-")


def test_what_waits_for_it_finds_the_post_gone_though_its_codings_stay(
    database: Database, cast: Cast, posts: list[Post]
) -> None:
    def save() -> None:
        with database.writing() as db:
            save_draft(db, cast.annotator, 1, 1, Sent("token", 0, 1, {"memo": (SECRET,)}))

    with database.writing() as db:
        skip(db, cast.annotator, 1, 1, "unreadable", "")
    with ThreadPoolExecutor(1) as threads:
        with database.writing() as db:
            take_down(db, Order(cast.lead.project_id, None, [make.id_of(posts[0])], True, "asked for"))
            saved = threads.submit(save)
            wait_until(database, 1, saved)
        with pytest.raises(Closed):
            saved.result(timeout=10)


def test_what_is_being_stored_about_the_post_goes_with_it(
    database: Database, cast: Cast, posts: list[Post]
) -> None:
    with ThreadPoolExecutor(1) as threads:
        with database.writing() as db:
            for access in (cast.annotator, cast.other_annotator):
                seat(connection_of(db), access, 1, 1)
            taken = threads.submit(_taken_down, database, cast, posts[0])
            wait_until(database, 1, taken)
            ask(db, cast.annotator, 1, 1, f"Is “{SECRET}” one?")
            skip(db, cast.annotator, 1, 1, "unreadable", "")
            save_draft(db, cast.other_annotator, 1, 1, Sent("token", 0, 1, {"memo": (SECRET,)}))
        taken.result(timeout=10)
    with database.reading() as db:
        assert not db.scalars(select(PostQuestion)).all()
        assert not db.scalars(select(Draft)).all()
        mine = select(func.sum(col(RoundAnnotator.n_skipped)), func.sum(col(RoundAnnotator.n_assigned)))
        of_round = col(RoundAnnotator.member_id).in_(
            [cast.annotator.member_id, cast.other_annotator.member_id]
        )
        assert tuple(db.execute(mine.where(of_round)).one()) == (0, 2)


def _taken_down(database: Database, cast: Cast, post: Post) -> None:
    with database.writing() as db:
        take_down(db, Order(cast.lead.project_id, None, [make.id_of(post)], False, "asked for"))


def test_so_does_what_is_known_in_advance(database: Database, cast: Cast, posts: list[Post]) -> None:
    with ThreadPoolExecutor(1) as threads:
        with database.writing() as db:
            hold_post(db, cast.lead, posts[0].number)
            taken = threads.submit(_taken_down, database, cast, posts[0])
            wait_until(database, 1, taken)
            book = published_numbered(db, cast.lead.project_id, 1)
            assert book is not None
            make.gold(db, book, posts[0], {"stance": "favour"}, cast.lead, note=SECRET)
        taken.result(timeout=10)
    with database.reading() as db:
        assert not db.scalars(select(Gold)).all()


def test_a_shared_queue_hands_nothing_out_that_is_about_to_go(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 2)
        make.shared_round(db, cast.project, book, posts, [cast.annotator], k=1)
    with database.writing() as db:
        hold_assignments(db, [make.id_of(posts[0])])
        with database.writing() as other:
            place = held_place_in(other, cast.annotator, 1)
            assert place is not None
            assert take(connection_of(other), place) == 1
    with database.reading() as db:
        mine = col(Assignment.member_id) == cast.annotator.member_id
        assert db.scalars(select(col(Assignment.post_id)).where(mine)).all() == [make.id_of(posts[1])]
