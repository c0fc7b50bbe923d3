"""What the database refuses by itself, whatever the program forgets."""

import sqlite3

import pytest
from sqlalchemy import delete, insert, inspect
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from server.coding.models import Coding
from server.corpora.models import Post
from server.db.engine import Database
from server.keeping.files import sqlite_file
from server.rounds.models import Assignment, QueueSlot
from tests import make
from tests.cast import Cast
from tests.stock import on_one_database


def test_a_form_is_stored_once(cast: Cast, db: Session) -> None:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 1)
    of = make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
    first, second = (
        make.coding(db, book, of, posts[0], by, {"stance": "against"})
        for by in (cast.annotator, cast.other_annotator)
    )
    more = {"assignment_id": second.assignment_id, "revision": 2}
    again = insert(Coding).values(**db.get_one(Coding, first.id).model_dump(exclude={"id"}) | more)
    with pytest.raises(IntegrityError, match="form_token"), db.begin_nested():
        db.execute(again)


def test_a_slot_is_there_once(cast: Cast, db: Session) -> None:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 1)
    queue = make.shared_round(db, cast.project, book, posts, [cast.annotator], k=2)
    slot = db.exec(select(QueueSlot).where(QueueSlot.round_id == queue.id, QueueSlot.n == 1)).one()
    same = insert(QueueSlot).values(**slot.model_dump(exclude={"id"}))
    with pytest.raises(IntegrityError, match="queue_slot"), db.begin_nested():
        db.execute(same)


def test_a_post_takes_nothing_with_it(cast: Cast, db: Session) -> None:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 1)
    of = make.round_(db, cast.project, book, posts, [cast.annotator])
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(delete(Post).where(col(Post.id) == posts[0].id))
    make.coding(db, book, of, posts[0], cast.annotator, {"stance": "against"})
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(delete(Assignment).where(col(Assignment.round_id) == of.id))
    looked_at = inspect(db.connection())
    keys = [key for name in SQLModel.metadata.tables for key in looked_at.get_foreign_keys(name)]
    assert keys
    loose = [key["name"] for key in keys if key["options"].get("ondelete") not in {None, "NO ACTION"}]
    # What was read in a file that waited: its pieces are let go of, and removed some at a time.
    assert loose == ["fk_parcel_upload_id_upload"]


@on_one_database
def test_whoever_may_write_keeps_others_out_before_the_first_statement(database: Database) -> None:
    other = sqlite3.connect(str(sqlite_file(database.url)), timeout=0, isolation_level=None)
    with database.writing(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()
