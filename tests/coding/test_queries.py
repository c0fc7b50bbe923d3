import pytest
from sqlmodel import Session

from server.coding.desk import desk
from server.coding.queries import own_codings, own_round, own_rounds
from server.coding.seat import next_position
from server.errors import NotFound
from tests import make
from tests.cast import Cast
from tests.coding.desk import study


def test_the_desk_holds_ones_own_assignment_only(cast: Cast, db: Session) -> None:
    here = study(db, cast)
    make.coding(
        db, here.book, here.round, here.posts[0], cast.other_annotator, {"stance": "favour"}, memo="theirs"
    )

    found = desk(db, cast.annotator, 1, 1)

    assert (found.state, found.coding_id, found.memo, found.revision) == ("queued", None, "", 0)
    assert (found.progress.n_assigned, found.progress.done) == (3, 0)
    for outsider in (cast.lead, cast.adjudicator):
        with pytest.raises(NotFound):
            desk(db, outsider, 1, 1)


def test_the_desk_of_another_project_is_not_found(cast: Cast, db: Session) -> None:
    study(db, cast)
    elsewhere = make.member(db, make.project(db), cast.annotator.role, "elsewhere")

    with pytest.raises(NotFound):
        desk(db, elsewhere, 1, 1)
    assert own_rounds(db, elsewhere) == ()


def test_the_queue_begins_at_the_lowest_open_position(cast: Cast, db: Session) -> None:
    here = study(db, cast)
    make.coding(db, here.book, here.round, here.posts[1], cast.annotator, {"stance": "favour"})
    round_id = own_round(db, cast.annotator, 1).id

    assert next_position(db.connection(), round_id, cast.annotator.member_id) == 1
    make.coding(db, here.book, here.round, here.posts[0], cast.annotator, {"stance": "favour"})
    assert next_position(db.connection(), round_id, cast.annotator.member_id) == 3


def test_own_codings_come_in_pages(cast: Cast, db: Session) -> None:
    here = study(db, cast, posts=60)
    for post in here.posts:
        make.coding(db, here.book, here.round, post, cast.annotator, {"stance": "favour"})
    of = own_round(db, cast.annotator, 1)

    first = own_codings(db, cast.annotator, of)
    second = own_codings(db, cast.annotator, of, page=2)

    assert (len(first.rows), len(second.rows), first.total) == (50, 10, 60)
    assert (first.has_next, second.has_next) == (True, False)
    assert {row.position for row in first.rows} | {row.position for row in second.rows} == set(range(1, 61))
    assert own_codings(db, cast.other_annotator, own_round(db, cast.other_annotator, 1)).total == 0
