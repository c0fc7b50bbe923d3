"""A takedown takes codes out of the history where the lead says so, and the history stays whole."""

import json
from collections.abc import Iterator
from hashlib import sha256

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select

from server.adjudication.actions import Sent as Ruled
from server.adjudication.actions import decide
from server.adjudication.scope import scope_of
from server.codebooks.editing import record_edit
from server.coding.actions import Sent, submit
from server.corpora.models import Post, Takedown
from server.db.engine import Database
from server.history import queries as history
from server.history.contents import erased, read
from server.history.models import HistoryEvent
from server.history.queries import check_chain
from server.projects.access import Access
from server.rebuilding.differences import Difference, Kind, Rebuilt
from server.rebuilding.queries import rebuild
from server.rounds.actions import lock_round
from server.takedown.actions import Order, take_down
from tests import make
from tests.cast import Cast
from tests.trust.test_history_rebuilds import in_the_hands_of_somebody, seen

SECRET = "I told it everything, and then they switched it off"
ALL = history.Wanted()
TYPED = {"v-expression": ("attachment",), "v-emotion": ("1",), "v-stance": ("favour",)}


@pytest.fixture
def lead(database: Database, cast: Cast) -> Access:
    """The lead of a study of two posts: each is coded with the same memo, and one is decided."""
    with database.writing() as db:
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 2)
        posts[0].text = SECRET
        make.round_(db, cast.project, book, posts, [cast.annotator])
        for position in (1, 2):
            form = TYPED | {"memo": (f"“{SECRET}”\nSad.",)}
            submit(db, cast.annotator, 1, position, Sent(f"token {position}", 0, 1, form))
        lock_round(db, cast.lead, 1)
        rule(db, cast.lead, 1, SECRET)
    return cast.lead


def rule(db: Session, lead: Access, number: int, reason: str) -> None:
    typed = {"v-stance": ("ambivalent",)}
    decide(db, lead, scope_of(db, lead), number, Ruled(typed, seen(db, lead, number), reason, False))


def down(db: Session, lead: Access, *, keeps_codings: bool) -> None:
    first = db.scalars(select(col(Post.id)).where(Post.project_id == lead.project_id, Post.number == 1)).one()
    take_down(db, Order(lead.project_id, lead.account_id, [first or 0], keeps_codings, "The author asked."))


def events(db: Session, lead: Access) -> Iterator[HistoryEvent]:
    yield from db.scalars(select(HistoryEvent).where(HistoryEvent.chain == lead.project_id))


def test_codes_go_and_the_chain_stays_whole(database: Database, lead: Access) -> None:
    with database.writing() as db:
        down(db, lead, keeps_codings=False)
        told = "\n".join(f"{event.details} {event.contents}" for event in events(db, lead))
        assert "favour" in told, "of the other post"
        assert "ambivalent" not in told, "of the post that is gone"
        assert SECRET not in told
        assert sum(line.said is None for event in events(db, lead) for line in read(event.contents)) == 3
        assert check_chain(db, lead.project_id).found is None
        assert rebuild(db, lead.project_id) == Rebuilt(n_codings=1, n_erased=3)


def test_an_emptied_event_is_found_where_nothing_was_taken_down(database: Database, lead: Access) -> None:
    with database.writing() as db:
        kept = {event.id: event.contents for event in events(db, lead)}
        down(db, lead, keeps_codings=False)
        gone = {event.id: event.contents for event in events(db, lead)}
        db.rollback()
    with in_the_hands_of_somebody(database) as db:
        for id_, contents in gone.items():
            if kept.get(id_, contents) != contents:
                db.get_one(HistoryEvent, id_).contents = contents
        db.flush()
        assert check_chain(db, lead.project_id).found is None
        found = rebuild(db, lead.project_id)
    assert {each.kind for each in found.named} == {Kind.ERASED, Kind.ADDED}
    assert {each.post for each in found.named} == {1}


def test_words_that_were_taken_out_are_told_anew(database: Database, lead: Access) -> None:
    with database.writing() as db:
        down(db, lead, keeps_codings=True)
        told = "\n".join(f"{event.details} {event.contents}" for event in events(db, lead))
        assert SECRET not in told, "in the reason of the decision"
        assert db.scalar(select(Takedown.is_in_history)), "so that its file is written anew"
        assert check_chain(db, lead.project_id).found is None
        assert rebuild(db, lead.project_id) == Rebuilt(n_codings=2, n_decisions=1)
    with in_the_hands_of_somebody(database) as db:
        db.execute(
            text("UPDATE coding SET memo = 'Glad.' WHERE memo LIKE '[[]taken%' OR memo LIKE '[taken%'")
        )
        found = rebuild(db, lead.project_id)
    by = found.named[0].account_id
    assert found.named == [Difference(Kind.CHANGED, "coding", post, 1, by, ("memo",)) for post in (1, 2)]


@pytest.mark.parametrize("keeps_codings", [True, False])
def test_what_was_told_of_another_post_goes_and_any_other_line_is_missed(
    database: Database, lead: Access, keeps_codings: bool
) -> None:
    with database.writing() as db:
        rule(db, lead, 2, f"As in “{SECRET}”.")
        down(db, lead, keeps_codings=keeps_codings)
        told = "\n".join(f"{event.details} {event.contents}" for event in events(db, lead))
        assert SECRET not in told
        assert check_chain(db, lead.project_id).found is None
        whole = rebuild(db, lead.project_id)
        kept = Rebuilt(n_codings=2, n_decisions=2)
        assert whole == (kept if keeps_codings else Rebuilt(n_codings=1, n_decisions=1, n_erased=3))
    with in_the_hands_of_somebody(database) as db:
        of_post = [event for event in events(db, lead) if event.contents and event.subject.endswith("post 2")]
        n_lines = 0
        for event in of_post:
            held = (event.contents or "").split("\n")
            for place, line in enumerate(held):
                if erased(line) == line:
                    continue
                event.contents = "\n".join([*held[:place], erased(line), *held[place + 1 :]])
                db.flush()
                found = rebuild(db, lead.project_id)
                assert Difference(Kind.ERASED, "coding", 2) in found.named
                assert check_chain(db, lead.project_id).found is None
                event.contents = "\n".join(held)
                n_lines += 1
        db.flush()
        assert n_lines == 2, "the coding, and the decision beside what was told of it"
        assert rebuild(db, lead.project_id) == whole


def test_a_definition_that_quotes_goes_out_of_what_is_told_however_long_that_is(
    database: Database, lead: Access
) -> None:
    fields = {"definition": {"before": "", "after": f"As in “{SECRET}”."}, "hint": "." * 30_000}
    with database.writing() as db:
        record_edit(db, lead, "codebook.edit_code", "code stance.favour", {"fields": fields})
        assert any(SECRET in repr(event.details) for event in history.events(db, lead.project_id, ALL, 9))
        down(db, lead, keeps_codings=True)
        told = history.events(db, lead.project_id, ALL, 9)
        assert [event.action for event in told if event.is_erased] == [
            "codebook.edit_code",
            "adjudication.decide",
        ]
        assert SECRET not in "\n".join(f"{event.details} {event.contents}" for event in events(db, lead))
        assert rebuild(db, lead.project_id) == Rebuilt(n_codings=2, n_decisions=1)
        record_edit(db, lead, "codebook.edit_code", "code stance.favour", {"fields": fields})
    with in_the_hands_of_somebody(database) as db:
        edit = max(events(db, lead), key=lambda event: event.sequence)
        edit.contents = erased(edit.contents or "")
        db.flush()
        assert rebuild(db, lead.project_id).named == [Difference(Kind.ERASED, "coding", None)]


def test_nobody_but_a_takedown_may_change_what_events_hold(database: Database, lead: Access) -> None:
    statement = text("UPDATE history_event SET contents = NULL WHERE contents IS NOT NULL")
    with database.writing() as db, pytest.raises(DatabaseError, match="append-only"), db.begin_nested():
        db.execute(statement)
    moved = text("UPDATE history_event SET subject = 'another', contents = NULL")
    with database.writing() as db:
        db.execute(text("INSERT INTO erasure SELECT min(id) FROM post"))
        with pytest.raises(DatabaseError, match="append-only"), db.begin_nested():
            db.execute(moved)
        db.rollback()


def test_what_went_can_not_be_guessed_from_what_is_left(database: Database, lead: Access) -> None:
    """The same coding of two posts has another hash each time: its salt is gone with it."""
    with database.reading() as db:
        hashes = [
            json.loads(event.details)["contents"]
            for event in events(db, lead)
            if event.action == "coding.submit"
        ]
        lines = [line for event in events(db, lead) for line in read(event.contents)]
    assert len(set(hashes)) == 2
    assert len({line.said["salt"] for line in lines if line.said}) == len(lines)


def test_contents_can_be_checked_from_a_file_alone(database: Database, lead: Access) -> None:
    """As docs/downloads.md says it, without a word of the program."""
    with database.writing() as db:
        down(db, lead, keeps_codings=False)
        held = [(json.loads(each.details), each.contents) for each in events(db, lead) if each.contents]
    for details, contents in held:
        lines = [line.split(" ", 1) for line in contents.split("\n")]
        hashed = [
            f"{post} {sha256(said.encode()).hexdigest() if said.startswith('{') else said}"
            for post, said in lines
        ]
        assert sha256("\n".join(hashed).encode()).hexdigest() == details["contents"]
    assert len(held) == 4, "with what the takedown tells anew of the other post"
