"""Changing an open round: annotators, posts and codings. What was coded stays, all of it is recorded."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from server.coding.models import Draft
from server.corpora.models import Post
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.roles import Role
from server.rounds import changing, queries, watching
from server.rounds.actions import lock_round, open_round
from server.rounds.design import Purpose, RoundDesign
from server.rounds.extending import extend
from server.rounds.models import Assignment, QueueSlot, Round, RoundAnnotator, RoundQueue
from server.rounds.picks import Picks
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf

DESIGN = RoundDesign("Main", Purpose.MAIN, (3, 4), seed=5, k=2, sample_size=8)


@pytest.fixture
def posts(cast: Cast, database: Database) -> list[Post]:
    """Twelve posts, eight of them in an open round of two annotators, and a third who could join."""
    with database.writing() as db:
        make.published(db, cast.project)
        found = make.posts(db, cast.project, 12)
        make.member(db, cast.project, Role.ANNOTATOR, "third")
        open_round(db, cast.lead, DESIGN)
        db.expunge_all()
    return found


def tasks(db: Session, state: str = "queued") -> list[Assignment]:
    of = select(Assignment).where(Assignment.state == state, Assignment.round_id == latest(db).id)
    return list(db.exec(of.order_by(col(Assignment.position))))


def latest(db: Session) -> Round:
    """The round of the test: the server has another project's, too."""
    return db.exec(select(Round).order_by(col(Round.id).desc())).all()[0]


def left(db: Session, cast: Cast) -> dict[int, int]:
    return {one.number: one.progress.n_left for one in queries.annotators(db, cast.lead, latest(db).id or 0)}


def at(cast: Cast, path: str = "") -> str:
    return f"/projects/{cast.project.key}/rounds/1{path}"


def consistent(db: Session) -> None:
    """Counters say what the assignments do, and positions count from 1."""
    for counter in db.exec(select(RoundAnnotator).where(RoundAnnotator.round_id == latest(db).id)):
        own = db.exec(select(Assignment).where(Assignment.member_id == counter.member_id)).all()
        assert counter.n_assigned == sum(one.state != "withdrawn" for one in own)
        assert sorted(one.position for one in own) == list(range(1, len(own) + 1))
        assert len({one.post_id for one in own}) == len(own)


def test_an_annotator_is_added_with_posts_that_nobody_began(
    posts: list[Post], cast: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        begun = [one for one in tasks(db) if one.position > 4]
        db.add_all(Draft(assignment_id=make.id_of(one), typed={}, saved_at=make.MOMENT) for one in begun[:2])
        kept = {one.id for one in begun[:2]}
    lead = client_of(cast.lead)
    page = lead.get(at(cast, "/change"))
    assert "Third" in page.text
    answer = post(lead, at(cast, "/change/annotator"), {"newcomer": "6"})
    assert answer.status_code == 303
    assert "with 5 posts" in lead.get(answer.headers["location"]).text
    with database.reading() as db:
        assert sorted(left(db, cast).values()) == [5, 5, 6]
        assert kept <= {one.id for one in tasks(db)}
        consistent(db)
        assert set(Counter(one.post_id for one in tasks(db)).values()) == {2}
        assert db.exec(select(HistoryEvent).where(HistoryEvent.action == "round.add_annotator")).one()
    again = post(lead, at(cast, "/change/annotator"), {"newcomer": "6"})
    reviewer = post(lead, at(cast, "/change/annotator"), {"newcomer": "2"})
    assert (again.status_code, reviewer.status_code) == (422, 422)
    assert "choose one of the list" in again.text
    assert "would not code on their own" in reviewer.text


def test_what_is_left_goes_to_others_as_it_was_previewed(
    posts: list[Post], cast: Cast, database: Database, client_of: ClientOf
) -> None:
    lead = client_of(cast.lead)
    both = lead.get(at(cast, "/change"), params={"source": "3", "to": "4"})
    assert "8 posts stay: each of these annotators has them" in both.text
    assert post(lead, at(cast, "/change/annotator"), {"newcomer": "6"}).status_code == 303
    page = lead.get(at(cast, "/change"), params={"source": "3", "to": ["4", "6"]})
    form = form_fields(page, at(cast, "/change/reassign"))
    stale = post(lead, at(cast, "/change/reassign"), form | {"seen": ["6:1"]})
    assert stale.status_code == 422
    assert "another plan now" in stale.text
    answer = post(lead, at(cast, "/change/reassign"), form)
    assert answer.status_code == 303
    with database.reading() as db:
        consistent(db)
        assert set(Counter(one.post_id for one in tasks(db)).values()) <= {1, 2}
        event = db.exec(select(HistoryEvent).where(HistoryEvent.action == "round.reassign")).one()
        assert '"annotator":3' in event.details.replace(" ", "")
    nobody = lead.get(at(cast, "/change"), params={"source": "3"})
    assert nobody.status_code == 422
    assert "Choose at least one other annotator" in nobody.text


def test_posts_and_codings_are_added(
    posts: list[Post], cast: Cast, database: Database, client_of: ClientOf
) -> None:
    lead = client_of(cast.lead)
    unseen = post(lead, at(cast, "/change/posts"), {"more_posts": "3"})
    assert (unseen.status_code, "Look first at which posts" in unseen.text) == (409, True)
    preview = lead.get(at(cast, "/change"), params={"more_posts": "3"})
    assert "The 8 posts that are in the round stay" in preview.text
    announced = {int(one) for one in re.findall(r'/posts/(\d+)">\d', preview.text)}
    assert len(announced) == 3
    with database.reading() as db:
        assert latest(db).n_posts == 8
        before = {one.post_id for one in tasks(db)}
    added = form_fields(preview, "/change/posts")
    assert post(lead, at(cast, "/change/posts"), added).status_code == 303
    again = post(lead, at(cast, "/change/posts"), added)
    assert (again.status_code, "Only 1 further post fulfils" in again.text) == (422, True)
    with database.reading() as db:
        came = {one.post_id for one in tasks(db)} - before
        assert {each.number for each in db.exec(select(Post)) if each.id in came} == announced
        told = db.exec(select(HistoryEvent).where(HistoryEvent.action == "round.extend")).one().details
        assert '"seed"' in told
    with database.reading() as db:
        assert latest(db).n_posts == 11
        assert len({one.post_id for one in tasks(db)}) == 11
        assert sorted(left(db, cast).values()) == [11, 11]
        consistent(db)
    for path, form, said in (
        ("/change/posts", {"more_posts": "2"}, "Only 1 further post fulfils"),
        ("/change/posts", {"more_posts": "0"}, "at least 1"),
        ("/change/codings", {"of": "all", "seen": "0"}, "have, or had, each of them already"),
        (
            "/change/codings",
            {"of": "disputed", "seen": "0"},
            "No post of this round is in such a disagreement",
        ),
        ("/change/codings", {"of": "all", "coder": "6", "seen": "0"}, "gets no posts in this round"),
    ):
        refused = post(lead, at(cast, path), form)
        assert refused.status_code == 422
        assert said in refused.text
    with database.writing() as db:
        row, book = latest(db), make.published(db, cast.project)
        by_post = {one.post_id for one in tasks(db)}
        first = next(each for each in posts if each.id in by_post)
        make.coding(db, book, row, first, cast.annotator, {"stance": "favour"}, is_unsure=True)
        make.coding(db, book, row, first, cast.other_annotator, {"stance": "against"})
    assert post(lead, at(cast, "/change/annotator"), {"newcomer": "6"}).status_code == 303
    answer = post(lead, at(cast, "/change/codings"), {"of": "disputed", "disputed_on": "stance", "seen": "0"})
    assert answer.status_code == 303
    assert "1 coding was added." in lead.get(answer.headers["location"]).text
    shown = lead.get(at(cast)).text
    assert "3 posts; one more coding of 1 post" in shown
    with database.reading() as db:
        assert [one.post_id for one in tasks(db) if one.post_id == first.id] == [first.id]
        consistent(db)


def test_a_shared_queue_is_joined_and_extended(cast: Cast, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        book, of = make.published(db, cast.project), make.posts(db, cast.project, 4)
        third = make.member(db, cast.project, Role.ANNOTATOR, "third")
        design = {"seed": 1, "k": 1, "queue": {"lease_minutes": 60, "cap": None}, "order": "random"}
        annotators = [cast.annotator, cast.other_annotator]
        make.shared_round(db, cast.project, book, of[:3], annotators).design = design
    lead = client_of(cast.lead)
    joined = post(lead, at(cast, "/change/annotator"), {"newcomer": "6"})
    added = form_fields(lead.get(at(cast, "/change"), params={"more_posts": "1"}), "/change/posts")
    more = post(lead, at(cast, "/change/posts"), added)
    form = form_fields(lead.get(at(cast, "/change")), "/change/codings") | {"of": "all"}
    codings, again = (post(lead, at(cast, "/change/codings"), form) for _twice in range(2))
    assert [answer.status_code for answer in (joined, more, codings, again)] == [303, 303, 303, 422]
    assert "Codings were added to this round meanwhile" in again.text
    with database.reading() as db:
        assert db.exec(select(RoundQueue.n_slots)).one() == 8
        slots = db.exec(select(QueueSlot).order_by(col(QueueSlot.rank))).all()
        assert Counter(slot.post_id for slot in slots) == {make.id_of(each): 2 for each in of}
        members = db.exec(select(RoundAnnotator.member_id)).all()
        assert third.member_id in members
    refused = lead.get(at(cast, "/change"), params={"source": "3", "to": "4"})
    assert "what is left is everybody" in refused.text


def test_a_locked_round_is_not_changed(
    posts: list[Post], cast: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        lock_round(db, cast.lead, 1)
    lead = client_of(cast.lead)
    for path, form in (
        ("/annotator", {"newcomer": "6"}),
        ("/reassign", {"source": "3", "to": "4"}),
        ("/posts", {"more_posts": "1"}),
        ("/codings", {"of": "all"}),
    ):
        refused = post(lead, at(cast, f"/change{path}"), form)
        assert refused.status_code == 422
        assert "The round is locked" in refused.text


def test_the_lead_follows_an_open_round(
    posts: list[Post], cast: Cast, database: Database, client_of: ClientOf
) -> None:
    now = datetime.now(UTC)
    with database.writing() as db:
        row, book = latest(db), make.published(db, cast.project)
        row.ends_on = (now - timedelta(days=1)).date()
        here = {one.post_id for one in tasks(db)}
        coded = [each for each in posts if each.id in here][:2]
        for each in coded:
            make.coding(db, book, row, each, cast.annotator, {"stance": "favour"}, is_unsure=each is coded[0])
        for one in tasks(db, "submitted"):
            one.changed_at = now
    with database.reading() as db:
        of = make.id_of(latest(db))
        found = watching.pace(db, of, 14, now)
        assert (found.days[-1][1], found.ends_on) == (2, (now + timedelta(days=49)).date())
        waiting = watching.lagging(db, cast.lead, of, 1)
        assert [(each.n_done, each.n_waiting) for each in waiting] == [(0, 2)] * 6 + [(1, 1)] * 2
        assert [each.number for each in watching.doubted(db, cast.lead, of)] == [coded[0].number]
        assert dict(queries.posts_by_codings(db, cast.lead, of)) == {0: 6, 1: 2}
    page = client_of(cast.lead).get(at(cast, "/watch"))
    assert page.status_code == 200
    assert "At this pace the round ends on" in page.text
    assert "1 coding flagged unsure" in page.text
    assert client_of(cast.adjudicator).get(at(cast, "/watch")).status_code == 403
    # A lead who codes here sees the pace, and nobody's doubts.
    with database.writing() as db:
        db.add(RoundAnnotator(round_id=of, member_id=cast.lead.member_id, n_assigned=1))
    hidden = client_of(cast.lead).get(at(cast, "/watch")).text
    assert "You code in this round yourself" in hidden
    assert "flagged unsure" not in hidden


def test_a_stratified_round_is_extended_in_proportion(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        make.published(db, cast.project)
        for at_, row in enumerate(make.posts(db, cast.project, 20)):
            row.extra = {"lang": "en" if at_ < 10 else "fr"}
        design = RoundDesign(
            "Main", Purpose.MAIN, (3, 4), 5, k=2, picks=Picks(strata_field="lang", per_stratum=2)
        )
        open_round(db, cast.lead, design)
        assert extend(db, cast.lead, 1, 4, lambda *_: ()) == 8
        chosen = {one.post_id for one in tasks(db)}
        languages = Counter(row.extra["lang"] for row in db.exec(select(Post)) if row.id in chosen)
        assert languages == {"en": 4, "fr": 4}
        assert changing.coders(db, cast.lead, latest(db).id or 0)[0].n_left == 8


def test_a_question_that_is_coded_again_gets_no_other_posts(
    posts: list[Post], cast: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        latest(db).design = {"again": {"variable": "stance"}}
    refused = client_of(cast.lead).get(at(cast, "/change"), params={"more_posts": "1"})
    assert "has no draw to go on with" in refused.text
