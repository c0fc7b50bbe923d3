"""What is read of rounds, and what is kept from whom."""

from datetime import timedelta
from functools import partial
from unittest.mock import patch

import pytest
from sqlmodel import Session, select

from server.errors import NotFound
from server.history.actions import record
from server.projects.access import Access
from server.projects.models import Member
from server.rounds import queries
from server.rounds.models import Assignment, Round, RoundAnnotator
from server.rounds.progress import Progress
from tests import make
from tests.cast import Cast

LATER = make.MOMENT + timedelta(days=1)
EARLIER = make.MOMENT - timedelta(hours=1)
ANSWERS = {"expression": ["attachment"], "emotion": "2", "stance": "against"}


def id_of(row: Round) -> int:
    assert row.id is not None
    return row.id


def seen(db: Session, access: Access) -> list[int]:
    """The numbers of the rounds whose codings this member may see."""
    return [sight.number for sight in queries.visible_rounds(db, access) if not sight.why_no_codings]


def rounds_of_annotators(db: Session, cast: Cast) -> list[Round]:
    """Rounds 1 to 3, open, locked and revealed, coded in by the two annotators."""
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 2)
    coders = [cast.annotator, cast.other_annotator]
    return [
        make.round_(db, cast.project, book, posts, coders),
        make.round_(db, cast.project, book, posts, coders, locked_at=LATER),
        make.round_(db, cast.project, book, posts, coders, locked_at=LATER, revealed_at=LATER),
    ]


def skip(db: Session, of: Round, by: Access, reason: str) -> None:
    row = db.exec(
        select(Assignment).where(Assignment.round_id == of.id, Assignment.member_id == by.member_id)
    ).first()
    assert row is not None
    row.state, row.skip_reason, row.changed_at = "skipped", reason, LATER
    counter = counters(db, of, by)
    counter.n_skipped += 1
    db.flush()


def counters(db: Session, of: Round, by: Access) -> RoundAnnotator:
    return db.exec(
        select(RoundAnnotator).where(
            RoundAnnotator.round_id == of.id, RoundAnnotator.member_id == by.member_id
        )
    ).one()


def test_who_sees_the_codings_of_rounds_they_do_not_code_in(cast: Cast, db: Session) -> None:
    rounds_of_annotators(db, cast)
    assert seen(db, cast.lead) == [1, 2, 3]
    assert seen(db, cast.adjudicator) == [1, 2, 3]
    assert seen(db, cast.viewer) == [3]


def test_annotators_see_the_rounds_they_code_in_once_revealed(cast: Cast, db: Session) -> None:
    rounds_of_annotators(db, cast)
    third = make.member(db, cast.project, cast.annotator.role, "third")
    assert seen(db, cast.annotator) == [3]
    assert seen(db, third) == []


@pytest.mark.parametrize("who", ["lead", "adjudicator"])
def test_reviewers_who_code_see_their_round_when_it_is_locked(cast: Cast, db: Session, who: str) -> None:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 1)
    reviewer: Access = getattr(cast, who)
    row = make.round_(db, cast.project, book, posts, [reviewer, cast.annotator])
    assert seen(db, reviewer) == []
    assert queries.figured_round_ids(db, reviewer) == ()
    row.locked_at = LATER
    db.flush()
    assert seen(db, reviewer) == [1]


def test_a_round_without_posts_of_ones_own_is_not_coded_in(cast: Cast, db: Session) -> None:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 1)
    row = make.round_(db, cast.project, book, posts, [cast.lead, cast.annotator])
    counters(db, row, cast.lead).n_assigned = 0
    db.flush()
    assert seen(db, cast.lead) == [1]


def test_a_change_of_role_does_not_open_a_round_one_codes_in(cast: Cast, db: Session) -> None:
    rounds_of_annotators(db, cast)
    row = db.get_one(Member, cast.annotator.member_id)
    row.role = "adjudicator"
    db.flush()
    assert seen(db, make.access(cast.project, row)) == [2, 3]


def test_viewers_see_figures_of_every_round(cast: Cast, db: Session) -> None:
    found = rounds_of_annotators(db, cast)
    assert queries.figured_round_ids(db, cast.viewer) == tuple(id_of(row) for row in found)
    assert queries.figured_round_ids(db, cast.annotator) == (id_of(found[2]),)


def test_hidden_rounds_say_why(cast: Cast, db: Session) -> None:
    rounds_of_annotators(db, cast)
    words = [sight.why_no_codings for sight in queries.visible_rounds(db, cast.viewer)]
    assert [bool(why) for why in words] == [True, True, False]
    assert "reveal" in words[0]


def test_rounds_are_listed_newest_first_with_their_progress(cast: Cast, db: Session) -> None:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 3)
    coders = [cast.annotator, cast.other_annotator]
    first = make.round_(db, cast.project, book, posts, coders)
    make.coding(db, book, first, posts[0], cast.annotator, ANSWERS)
    skip(db, first, cast.other_annotator, "unreadable")
    make.round_(db, cast.project, book, posts[:1], [], locked_at=LATER)
    newest, oldest = queries.rounds(db, cast.viewer)
    assert (newest.number, newest.state, newest.n_annotators, newest.progress.n_assigned) == (
        2,
        "locked",
        0,
        0,
    )
    assert (oldest.number, oldest.state, oldest.n_posts, oldest.n_annotators) == (1, "open", 3, 2)
    assert oldest.progress == Progress(n_assigned=6, n_submitted=1, n_skipped=1)
    assert oldest.progress.n_left == 4
    assert oldest.progress.share == pytest.approx(1 / 3)
    assert newest.progress.share is None


def test_another_projects_rounds_are_not_found(cast: Cast, db: Session) -> None:
    assert queries.rounds(db, cast.lead) == ()
    with pytest.raises(NotFound):
        queries.round_numbered(db, cast.lead, 1)
    assert queries.visible_rounds(db, cast.lead) == ()


def test_another_projects_round_shows_nothing_by_its_id(cast: Cast, db: Session) -> None:
    foreign = db.exec(select(Round)).one()
    assert queries.annotators(db, cast.lead, id_of(foreign)) == ()
    assert queries.posts_by_codings(db, cast.lead, id_of(foreign)) == ()
    assert queries.n_unsure(db, cast.lead, id_of(foreign)) == 0
    assert queries.skips(db, cast.lead, id_of(foreign)) == ()


def test_progress_by_annotator_and_by_post(cast: Cast, db: Session) -> None:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 3)
    row = make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
    make.coding(db, book, row, posts[0], cast.annotator, ANSWERS)
    make.coding(db, book, row, posts[0], cast.other_annotator, ANSWERS)
    make.coding(db, book, row, posts[1], cast.annotator, ANSWERS)
    lines = queries.annotators(db, cast.lead, id_of(row))
    assert [(line.number, line.progress.n_submitted, line.is_withdrawn) for line in lines] == [
        (3, 2, False),
        (4, 1, False),
    ]
    assert queries.posts_by_codings(db, cast.lead, id_of(row)) == ((0, 1), (1, 1), (2, 1))


def test_posts_by_codings_follow_what_is_submitted_sent_back_and_corrected(cast: Cast, db: Session) -> None:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 3)
    row = make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
    first = make.coding(db, book, row, posts[0], cast.annotator, ANSWERS)
    read = partial(queries.posts_by_codings, db, cast.lead, id_of(row))
    assert read() == ((0, 2), (1, 1))
    make.coding(db, book, row, posts[0], cast.other_annotator, ANSWERS)
    make.coding(db, book, row, posts[1], cast.annotator, ANSWERS)
    with patch("server.rounds.coded_posts._counted", side_effect=AssertionError("counted anew")):
        assert read() == ((0, 1), (1, 1), (2, 1))
    # One coding is sent back while another one arrives: there are as many as before. The clock has gone back.
    sent_back = db.exec(select(Assignment).where(Assignment.id == first.assignment_id)).one()
    counter = db.exec(
        select(RoundAnnotator).where(RoundAnnotator.member_id == cast.annotator.member_id)
    ).one()
    sent_back.state, sent_back.changed_at = "queued", EARLIER
    counter.n_submitted -= 1
    third = make.coding(db, book, row, posts[2], cast.annotator, ANSWERS)
    arrived = db.exec(select(Assignment).where(Assignment.id == third.assignment_id)).one()
    arrived.changed_at = EARLIER
    db.flush()
    assert read() == ((1, 3),)
    # It is answered while the third one is sent back, of which only the history tells.
    sent_back.state, sent_back.changed_at = "submitted", EARLIER
    arrived.state = "queued"
    db.flush()
    project_id, actor_id = cast.lead.project_id, cast.lead.account_id
    record(db, project_id=project_id, actor_id=actor_id, action="coding.send_back", subject="post 3")
    assert read() == ((0, 1), (1, 1), (2, 1))


def test_doubts_and_skips_are_the_leads_while_the_round_is_not_theirs(cast: Cast, db: Session) -> None:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 2)
    row = make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
    make.coding(db, book, row, posts[0], cast.annotator, ANSWERS, is_unsure=True)
    make.coding(db, book, row, posts[1], cast.annotator, ANSWERS)
    skip(db, row, cast.other_annotator, "unreadable")
    assert queries.n_unsure(db, cast.lead, id_of(row)) == 1
    assert queries.n_unsure(db, cast.viewer, id_of(row)) == 0
    (skipped,) = queries.skips(db, cast.lead, id_of(row))
    assert (skipped.post_number, skipped.reason) == (1, "Cannot be read or understood")
    assert queries.skips(db, cast.adjudicator, id_of(row)) == ()


def test_doubts_and_skips_are_hidden_from_a_lead_who_codes(cast: Cast, db: Session) -> None:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 2)
    row = make.round_(db, cast.project, book, posts, [cast.lead, cast.annotator])
    make.coding(db, book, row, posts[1], cast.annotator, ANSWERS, is_unsure=True)
    skip(db, row, cast.annotator, "unreadable")
    assert queries.n_unsure(db, cast.lead, id_of(row)) == 0
    assert queries.skips(db, cast.lead, id_of(row)) == ()


def test_doubts_and_skips_on_posts_that_the_lead_codes_again_are_hidden(cast: Cast, db: Session) -> None:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 2)
    row = make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
    make.coding(db, book, row, posts[0], cast.annotator, ANSWERS, is_unsure=True)
    skip(db, row, cast.other_annotator, "unreadable")
    assert (queries.n_unsure(db, cast.lead, id_of(row)), len(queries.skips(db, cast.lead, id_of(row)))) == (
        1,
        1,
    )
    make.round_(db, cast.project, book, posts[:1], [cast.lead])
    assert (queries.n_unsure(db, cast.lead, id_of(row)), queries.skips(db, cast.lead, id_of(row))) == (0, ())


def test_without_hidden_rounds_the_database_is_asked_nothing_about_posts(cast: Cast, db: Session) -> None:
    rounds_of_annotators(db, cast)
    assert queries.swaying(queries.visible_rounds(db, cast.lead)) == ()
    assert str(queries.in_none_of((), Assignment.post_id)) == "true"
    assert queries.swaying(queries.visible_rounds(db, cast.annotator)) == tuple(
        sight.round_id for sight in queries.visible_rounds(db, cast.annotator)[:1]
    )


def test_open_rounds_of_a_member(cast: Cast, db: Session) -> None:
    rounds_of_annotators(db, cast)
    (own,) = queries.open_rounds_of(db, cast.annotator)
    assert (own.number, own.progress.n_assigned) == (1, 2)
    assert queries.open_rounds_of(db, cast.lead) == ()
