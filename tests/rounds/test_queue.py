"""A shared queue: who gets which post, and how many."""

from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, func, select

from server.corpora.models import Post
from server.db.engine import Database, connection_of
from server.projects.access import Access
from server.projects.roles import Role
from server.rounds import slots
from server.rounds.models import Assignment, Round, RoundAnnotator
from server.rounds.queue import Ahead
from tests import make
from tests.cast import Cast
from tests.rounds.queue_table import Table, laid


def test_posts_come_in_their_order_and_nobody_gets_one_twice(cast: Cast, db: Session) -> None:
    table = laid(db, cast, k=2)
    ranks = []
    while position := table.take(table.one):
        ranks.append(table.rank(table.post_at(table.one, position)))
        table.submit(table.one, position)
    assert ranks == [1, 2, 3]
    assert table.ahead(table.one) == Ahead.NOTHING
    assert table.states() == {"done": 3, "open": 3}


def test_who_has_a_post_gets_the_same_one_again(cast: Cast, db: Session) -> None:
    table = laid(db, cast)
    assert [table.take(table.one), table.take(table.one)] == [1, 1]
    assert table.states() == {"leased": 1, "open": 2}


def test_one_slot_goes_to_one_annotator(cast: Cast, db: Session) -> None:
    table = laid(db, cast)
    assert {table.taken(table.one), table.taken(table.other)} == {1, 2}


def test_nobody_hears_that_all_is_done_while_a_post_is_with_another(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=1)
    table.take(table.one)
    assert table.take(table.other) is None
    assert table.ahead(table.other) == Ahead.WAITING
    assert table.ahead(table.one) == Ahead.POST
    table.submit(table.one, 1)
    assert [table.ahead(table.other), table.ahead(table.one)] == [Ahead.NOTHING, Ahead.NOTHING]


def test_who_coded_a_post_does_not_wait_for_the_other_coding_of_it(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=1, k=2)
    table.take(table.one)
    table.take(table.other)
    table.submit(table.one, 1)
    assert table.ahead(table.one) == Ahead.NOTHING


def test_a_skipped_post_goes_to_others_and_not_back(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=1)
    table.take(table.one)
    table.skip(table.one, 1)
    assert table.take(table.one) is None
    assert table.ahead(table.one) == Ahead.NOTHING
    assert table.taken(table.other) == 1


@pytest.mark.parametrize(("cap", "quota"), [(1, None), (None, 1), (2, 1), (1, 2)])
def test_a_cap_or_a_quota_ends_an_annotators_part(
    cast: Cast, db: Session, cap: int | None, quota: int | None
) -> None:
    table = laid(db, cast, cap=cap)
    counter = db.exec(select(RoundAnnotator).where(RoundAnnotator.member_id == table.one.member_id)).one()
    counter.quota = quota
    db.flush()
    table.take(table.one)
    table.submit(table.one, 1)
    assert table.take(table.one) is None
    assert table.ahead(table.one) == Ahead.CAPPED
    assert table.ahead(table.other) == Ahead.POST


def test_the_search_goes_round(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=4)
    counter = db.exec(select(RoundAnnotator).where(RoundAnnotator.member_id == table.one.member_id)).one()
    counter.cursor = 2
    db.flush()
    ranks = []
    while position := table.take(table.one):
        ranks.append(table.rank(table.post_at(table.one, position)))
        table.submit(table.one, position)
    assert ranks == [3, 4, 1, 2]


def test_with_a_seed_everybody_has_an_order_of_their_own(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=30, k=2, seed=5)
    orders: dict[int, list[int]] = {}
    for who in (table.one, table.other):
        ranks = orders.setdefault(who.member_id, [])
        while position := table.take(who):
            ranks.append(table.rank(table.post_at(who, position)))
            table.submit(who, position)
    one, other = orders.values()
    assert sorted(one) == sorted(other) == list(range(1, 31))
    assert one != other
    assert one not in [sorted(one)[n:] + sorted(one)[:n] for n in range(30)]


def _explained(db: Session, statement: Any, table: Table) -> str:
    connection = connection_of(db)
    compiled = statement._compile(connection.dialect)
    values = table.place(table.one).whose | {"minutes": 60, "cursor": 0}
    word = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    cursor = compiled.cursor(connection)
    cursor.execute(word + compiled.sql, compiled.bound(values))
    return "\n".join(str(row) for row in cursor.fetchall())


@pytest.mark.parametrize("statement", [slots.take_after, slots.take_up_to])
def test_taking_reads_the_open_slots_by_their_index_alone(cast: Cast, db: Session, statement: Any) -> None:
    table = laid(db, cast, posts=400, k=3)
    posts = list(db.exec(select(Post).where(Post.project_id == cast.lead.project_id)))
    make.round_(db, cast.project, make.published(db, cast.project), posts, [cast.lead, cast.adjudicator])
    if connection_of(db).dialect.name == "postgresql":
        db.connection().execute(text("ANALYZE queue_slot, assignment"))
        # A generic plan knows no values, as a statement has it that was run often.
        db.connection().execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
    plan = _explained(db, statement, table)
    assert "ix_queue_slot_open" in plan
    assert not any(word in plan for word in ("SCAN", "Seq Scan", "Sort", "TEMP B-TREE")), plan
    assert "ix_assignment_post_id" in plan


def people(db: Session, cast: Cast, count: int) -> list[Access]:
    return [make.member(db, cast.project, Role.ANNOTATOR, f"worker{n}") for n in range(count)]


def everybody(database: Database, cast: Cast, round_: Round, workers: list[Access]) -> dict[int, Ahead]:
    """Everybody takes and submits until they hear that nothing is left; returns what each heard last.

    With a connection for each: whoever waited too long for one would give up, and keep what they took.
    """
    heard: dict[int, Ahead] = {}
    roomy = Database(database.url, len(workers))

    def work(who: Access) -> None:
        while heard.get(who.member_id) != Ahead.NOTHING:
            with roomy.writing() as db:
                table = Table(db, round_, cast)
                position = table.take(who)
            if position is None:
                with roomy.reading() as db:
                    heard[who.member_id] = Table(db, round_, cast).ahead(who)
                continue
            with roomy.writing() as db:
                assert Table(db, round_, cast).submit(who, position)

    threads = [Thread(target=work, args=(who,)) for who in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    roomy.dispose()
    return heard


@pytest.fixture
def crowd(database: Database, cast: Cast) -> tuple[Round, list[Access]]:
    with database.writing() as db:
        workers = people(db, cast, 8)
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, 60)
        round_ = make.shared_round(db, cast.project, book, posts, workers, k=3, seed=1)
        db.expunge_all()
    return round_, workers


def test_eight_at_once_code_each_post_exactly_three_times(
    database: Database, cast: Cast, crowd: tuple[Round, list[Access]]
) -> None:
    round_, workers = crowd
    heard = everybody(database, cast, round_, workers)
    assert set(heard.values()) == {Ahead.NOTHING}
    with database.reading() as db:
        by_post = select(func.count(func.distinct(Assignment.member_id)), func.count()).where(
            Assignment.round_id == round_.id, Assignment.state == "submitted"
        )
        counted = db.execute(by_post.group_by(col(Assignment.post_id))).all()
        assert Table(db, round_, cast).states() == {"done": 180}
    assert [tuple(row) for row in counted] == [(3, 3)] * 60
