"""The annotator's pages over a shared queue."""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import col, func, select, update

from server.coding.actions import Sent, submit, take
from server.coding.models import Coding
from server.coding.queries import own_round, prospect_in
from server.db.engine import Database
from server.projects.access import Access
from server.projects.actions import archive
from server.projects.roles import Role
from server.rounds import actions
from server.rounds.models import Assignment, QueueSlot, RoundAnnotator
from server.rounds.queue import Ahead
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, coded, opened, stored
from tests.conftest import ClientOf


def shared(database: Database, cast: Cast, *, posts: int = 3, **rules: Any) -> Study:
    with database.writing() as db:
        book = make.published(db, cast.project)
        rows = make.posts(db, cast.project, posts)
        people = [cast.annotator, cast.other_annotator]
        round_ = make.shared_round(db, cast.project, book, rows, people, **rules)
        db.expunge_all()
    return Study(book, rows, round_, cast)


def run_out(database: Database) -> None:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    with database.writing() as db:
        leased = col(QueueSlot.state) == "leased"
        db.execute(update(QueueSlot).where(leased).values(lease_until=hour_ago))


def slots(database: Database, of: Study) -> dict[str, int]:
    with database.reading() as db:
        counted = select(QueueSlot.state, func.count()).where(QueueSlot.round_id == of.round.id)
        return dict(tuple(row) for row in db.execute(counted.group_by(col(QueueSlot.state))))


def counter(database: Database, of: Study, who: Access) -> RoundAnnotator:
    with database.reading() as db:
        found = db.exec(
            select(RoundAnnotator).where(
                RoundAnnotator.round_id == of.round.id, RoundAnnotator.member_id == who.member_id
            )
        ).one()
        db.expunge_all()
        return found


def came_to(client: TestClient, path: str) -> str:
    """Where one ends when one follows where a page leads."""
    page = client.get(path, follow_redirects=True)
    assert page.status_code == 200
    return str(page.url.path).rsplit("/code", 1)[1]


def heading(client: TestClient, path: str) -> str:
    page = client.get(path, follow_redirects=True)
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert found is not None
    return found[1]


def test_asking_twice_gives_the_same_post(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast)
    client = client_of(cast.annotator)
    assert [came_to(client, of.path()) for _ in range(2)] == ["/1", "/1"]
    assert slots(database, of) == {"leased": 1, "open": 2}


def test_submitting_leads_to_the_next_post_and_at_last_to_the_end(
    database: Database, cast: Cast, client_of: ClientOf
) -> None:
    of = shared(database, cast)
    client = client_of(cast.annotator)
    client.get(of.path())
    for position, following in enumerate(("/2", "/3", "/finished"), start=1):
        assert coded(client, of.path(position)).headers["location"].endswith(following)
    assert "No post is left for you in this round" in heading(client, of.path())
    assert slots(database, of) == {"done": 3}


def test_the_desk_says_what_a_shared_queue_is(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast)
    client = client_of(cast.annotator)
    page = client.get(of.path(), follow_redirects=True).text
    assert "kept for you for 60 minutes" in page
    coded(client, of.path(1))
    assert "kept for you" not in client.get(of.path(1)).text


def test_waiting_is_not_finished(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast, posts=1)
    client_of(cast.annotator).get(of.path())
    waiting = client_of(cast.other_annotator)
    assert came_to(waiting, of.path()) == "/waiting"
    page = waiting.get(of.path("waiting"))
    assert "All posts are with other annotators" in page.text
    assert "1 coding left" not in page.text
    assert "Refresh" not in page.headers
    run_out(database)
    assert came_to(waiting, of.path()) == "/1"


def test_who_asks_for_it_has_the_page_look_again(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast, posts=1)
    client_of(cast.annotator).get(of.path())
    waiting = client_of(cast.other_annotator)
    page = waiting.get(of.path("waiting") + "?watching=yes")
    seconds, _semicolon, where = page.headers["Refresh"].partition("; url=")
    assert (seconds, where) == ("30", of.path() + "?watching=yes")
    again = waiting.get(where)
    assert again.headers["location"] == of.path("waiting") + "?watching=yes"


def test_the_page_of_waiting_ends_with_the_round(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast, posts=1)
    client = client_of(cast.annotator)
    client.get(of.path())
    coded(client, of.path(1))
    assert came_to(client_of(cast.other_annotator), of.path("waiting")) == "/finished"


def test_nothing_that_was_typed_is_lost_when_the_time_is_over(
    database: Database, cast: Cast, client_of: ClientOf
) -> None:
    of = shared(database, cast, posts=1)
    late, quick = client_of(cast.annotator), client_of(cast.other_annotator)
    late.get(of.path())
    form = opened(late, of.path(1)) | ANSWERS
    post(late, of.path(1) + "/draft", form)
    run_out(database)
    quick.get(of.path())
    assert "Your time for this post ran out" in late.get(of.path(1)).text
    mine = late.get(f"/projects/{cast.project.key}/rounds/{of.round.number}/mine").text
    assert "time ran out, not submitted yet" in mine
    assert post(late, of.path(1), opened(late, of.path(1))).status_code == 303
    assert coded(quick, of.path(1)).status_code == 303
    with database.reading() as db:
        extras = db.execute(
            select(col(Assignment.member_id), col(Assignment.is_extra)).order_by(
                col(Assignment.is_extra), col(Assignment.id)
            )
        ).all()
    own = [(cast.other_annotator.member_id, False), (cast.annotator.member_id, True)]
    assert [tuple(row) for row in extras][-2:] == own
    assert counter(database, of, cast.annotator).n_extra == 1
    assert slots(database, of) == {"done": 1}
    assert stored(database, of, 1, cast.annotator).state == "submitted"


def test_an_extra_that_is_corrected_stays_one_extra(
    database: Database, cast: Cast, client_of: ClientOf
) -> None:
    of = shared(database, cast, posts=1)
    late = client_of(cast.annotator)
    late.get(of.path())
    run_out(database)
    client_of(cast.other_annotator).get(of.path())
    coded(late, of.path(1))
    coded(late, of.path(1), v_emotion="3")
    assert counter(database, of, cast.annotator).n_extra == 1
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Coding).where(Coding.revision == 2)) == 1


def test_typing_keeps_a_post(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast, posts=1)
    client = client_of(cast.annotator)
    client.get(of.path())
    run_out(database)
    assert post(client, of.path(1) + "/draft", opened(client, of.path(1)) | ANSWERS).status_code == 204
    assert came_to(client_of(cast.other_annotator), of.path()) == "/waiting"


def test_a_skipped_post_is_for_the_others(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast, posts=2)
    client = client_of(cast.annotator)
    client.get(of.path())
    skipped = post(client, of.path(1) + "/skip", {"reason": "off_topic"})
    assert skipped.headers["location"].endswith("/2")
    assert slots(database, of) == {"leased": 1, "open": 1}
    assert stored(database, of, 1, cast.annotator).counters == (0, 1)


def test_a_skipped_post_can_still_be_coded(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast, posts=1)
    client = client_of(cast.annotator)
    client.get(of.path())
    post(client, of.path(1) + "/skip", {"reason": "off_topic"})
    coded(client, of.path(1))
    assert slots(database, of) == {"done": 1}
    assert counter(database, of, cast.annotator).n_extra == 0


def test_a_correction_takes_no_post(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast, cap=1)
    client = client_of(cast.annotator)
    client.get(of.path())
    assert coded(client, of.path(1)).headers["location"].endswith("/finished")
    assert "as many posts as one may" in heading(client, of.path())
    with database.writing() as db:
        db.connection().execute(text("UPDATE round_queue SET cap = 5"))
    coded(client, of.path(1), v_emotion="3")
    assert slots(database, of) == {"done": 1, "open": 2}
    assert "There are posts left to code" in heading(client, of.path("finished"))


def test_the_same_form_twice_takes_one_post(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast)
    client = client_of(cast.annotator)
    client.get(of.path())
    form = opened(client, of.path(1)) | ANSWERS
    answers = [post(client, of.path(1), form) for _ in range(2)]
    assert {answer.headers["location"] for answer in answers} == {of.path(2)}
    assert slots(database, of) == {"done": 1, "leased": 1, "open": 1}


def test_nobody_takes_posts_of_a_locked_round(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast)
    client = client_of(cast.annotator)
    client.get(of.path())
    form = opened(client, of.path(1)) | ANSWERS
    with database.writing() as db:
        actions.lock_round(db, cast.lead, of.round.number)
    assert post(client, of.path(1), form).status_code == 409
    assert came_to(client, of.path()) == "/finished"
    assert came_to(client, of.path("waiting")) == "/finished"
    with database.writing() as db:
        actions.reopen_round(db, cast.lead, of.round.number)
    assert coded(client, of.path(1)).headers["location"].endswith("/2")


def test_nobody_takes_posts_in_an_archived_project(
    database: Database, cast: Cast, client_of: ClientOf
) -> None:
    of = shared(database, cast)
    with database.writing() as db:
        archive(db, cast.lead)
    assert came_to(client_of(cast.annotator), of.path()) == "/finished"
    with database.reading() as db:
        assert not db.exec(select(Assignment).where(Assignment.round_id == of.round.id)).all()


def test_who_is_withdrawn_gets_nothing_more(database: Database, cast: Cast, client_of: ClientOf) -> None:
    of = shared(database, cast, posts=1)
    client, other = client_of(cast.annotator), client_of(cast.other_annotator)
    client.get(of.path())
    with database.writing() as db:
        assert actions.withdraw_annotator(db, cast.lead, of.round.number, 3) == 1
    assert came_to(client, of.path()) == "/finished"
    assert post(client, of.path(1), opened_closed(client, of)).status_code == 409
    assert came_to(other, of.path()) == "/1"
    assert coded(other, of.path(1)).status_code == 303


def opened_closed(client: TestClient, of: Study) -> dict[str, Any]:
    return ANSWERS | {"form_token": "x", "revision": "0", "codebook": str(of.book.number)}


@pytest.mark.parametrize("page", ["", "/code", "/rounds/{number}/mine"])
def test_pages_say_what_is_left_for_all(
    database: Database, cast: Cast, client_of: ClientOf, page: str
) -> None:
    of = shared(database, cast, k=2)
    client = client_of(cast.annotator)
    client.get(of.path())
    coded(client, of.path(1))
    with database.writing() as db:  # A second round, so that there is something to choose from.
        make.round_(db, cast.project, of.book, of.posts, [cast.annotator])
    shown = client.get(f"/projects/{cast.project.key}{page.format(number=of.round.number)}").text
    assert "1 post coded or skipped" in shown
    assert "5 codings left for all" in shown


def worked(database: Database, of: Study, who: Access) -> None:
    """Take and submit until nothing is left; leases run out meanwhile."""
    typed = {name: tuple([value] if isinstance(value, str) else value) for name, value in ANSWERS.items()}
    while True:
        with database.writing() as db:
            position = take(db, who, of.round.number)
        if position is None:
            with database.reading() as db:
                here = own_round(db, who, of.round.number)
                if prospect_in(db, who, here).ahead == Ahead.NOTHING:
                    return
            continue
        with database.writing() as db:
            sent = Sent(secrets.token_hex(8), 0, of.book.number, typed)
            submit(db, who, of.round.number, position, sent)


def test_leases_that_run_out_among_many_lose_and_double_nothing(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        workers = [make.member(db, cast.project, Role.ANNOTATOR, f"worker{n}") for n in range(6)]
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 20)
        round_ = make.shared_round(db, cast.project, book, posts, workers, k=2, seed=3)
        db.expunge_all()
    of = Study(book, posts, round_, cast)
    with ThreadPoolExecutor(len(workers)) as pool:
        working = [pool.submit(worked, database, of, who) for who in workers]
        while not all(each.done() for each in working):
            run_out(database)
            wait(working, timeout=0.02)
    for each in working:
        each.result()  # Raises what went wrong there: nobody was in anybody's way.
    assert slots(database, of) == {"done": 40}
    with database.reading() as db:
        is_coded = (Assignment.round_id == round_.id, Assignment.state == "submitted")
        wanted = select(func.count()).where(*is_coded, ~col(Assignment.is_extra))
        assert list(db.scalars(wanted.group_by(col(Assignment.post_id)))) == [2] * 20
        counted = db.execute(
            select(
                func.sum(RoundAnnotator.n_submitted),
                func.sum(RoundAnnotator.n_extra),
                select(func.count()).where(*is_coded).scalar_subquery(),
                select(func.count()).where(*is_coded, col(Assignment.is_extra)).scalar_subquery(),
            ).where(RoundAnnotator.round_id == round_.id)
        ).one()
    assert tuple(counted[:2]) == tuple(counted[2:])
