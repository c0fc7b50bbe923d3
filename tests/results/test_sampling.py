"""Whether the coded posts are a random sample of all, and which of those that were drawn are missing."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from server.codebooks.queries import Codebook
from server.corpora.models import ImportBatch
from server.errors import Refusal
from server.estimation import (
    drawn_interval,
    wilson_interval,
)
from server.results.captions import of_drawing
from server.results.choices import Reach, Ways
from server.results.printed import as_json
from server.results.report import results_report
from server.results.sampling import Drawing, Sampling
from server.rounds.models import Assignment
from tests import make
from tests.cast import Cast
from tests.make.rows import put
from tests.stock import on_one_database


@on_one_database
@pytest.mark.parametrize(
    ("design", "why"),
    [
        ({"posts": "sample", "filter": {"field": "lang", "values": ["en"]}}, "chosen by what they are"),
        ({"posts": "sample", "disputed": "open"}, "chosen by what they are"),
        ({"posts": "strata", "strata_field": "lang"}, "within groups"),
        ({"fingerprint": "a"}, "came from a file"),
        ({"again": "stance"}, "coded posts again"),
        ({"posts": "all", "added_posts": 3}, "was given more posts later"),
    ],
)
def test_what_is_no_random_sample_is_refused_in_words(
    db: Session, cast: Cast, design: dict[str, object], why: str
) -> None:
    book = make.published(db, cast.project)
    [post] = make.posts(db, cast.project, 1)
    round_ = make.round_(db, cast.project, book, [post], [cast.annotator])
    round_.design = {"order": "random", **design}
    make.coding(db, book, round_, post, cast.annotator, {"stance": "favour"})
    with pytest.raises(Refusal, match=why):
        results_report(db, cast.lead, Ways(reach=Reach.CORPUS))


def test_a_round_that_posts_were_imported_after_has_no_sample_of_all(
    db: Session, sample: tuple[Cast, Codebook]
) -> None:
    make.posts(db, sample[0].project, 8)
    assert results_report(db, sample[0].lead).sampling.is_random, "they came at the same moment"
    batch = db.exec(select(ImportBatch).order_by(col(ImportBatch.id).desc())).first()
    assert batch
    batch.imported_at = make.MOMENT + timedelta(seconds=1)
    db.flush()
    with pytest.raises(Refusal, match="was opened before more posts were imported"):
        results_report(db, sample[0].lead, Ways(reach=Reach.CORPUS))
    batch.n_new = 0
    db.flush()
    assert results_report(db, sample[0].lead).sampling.is_random, "the file had nothing new"


def test_posts_that_were_skipped_are_said_to_be_missing(db: Session, cast: Cast) -> None:
    """Of three posts one was skipped by both, one by one of two; that one is coded."""
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 3)
    two = [cast.annotator, cast.other_annotator]
    round_ = make.round_(db, cast.project, book, posts, two)
    round_.design = {"posts": "all", "order": "random"}
    for post in posts[:2]:
        make.coding(db, book, round_, post, cast.annotator, {"stance": "favour"})
    left = select(Assignment).where(Assignment.round_id == round_.id, Assignment.state == "queued")
    for assignment in db.exec(left.where(col(Assignment.post_id).in_([posts[1].id, posts[2].id]))):
        assignment.state = "skipped"
    db.flush()
    report = results_report(db, cast.lead, Ways(reach=Reach.CORPUS))
    assert (report.sampling.n_skipped, as_json(report)["posts_skipped"]) == (1, 1)
    assert "1 drawn post was skipped and is missing from the sample" in " ".join(of_drawing(report.sampling))
    share = next(one for one in report.variables if one.key == "stance").codes[0].share
    assert share.interval == drawn_interval(0, 2, 2 / 3, wilson_interval)
    make.decision(db, book, posts[2], "stance", "favour", cast.lead)
    assert results_report(db, cast.lead).sampling.n_skipped == 0


def test_skipped_posts_that_others_still_have_before_them_are_not_missing(db: Session, cast: Cast) -> None:
    """One of two skipped the first post of a plan and of a queue, of whose second both did."""
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 3)
    two = [cast.annotator, cast.other_annotator]
    planned = make.round_(db, cast.project, book, posts[:1], two)
    queue = make.shared_round(db, cast.project, book, posts[1:], two)
    skipped = db.exec(select(Assignment).where(Assignment.round_id == planned.id)).first()
    assert skipped
    skipped.state = "skipped"
    passed = [(posts[1], two[0]), (posts[2], two[0]), (posts[2], two[1])]
    rows = [
        {"round_id": queue.id, "post_id": post.id, "member_id": who.member_id, "position": place}
        for place, (post, who) in enumerate(passed, start=1)
    ]
    put(db, Assignment, [{**row, "state": "skipped"} for row in rows])
    assert results_report(db, cast.lead).sampling.n_skipped == 1
    queue.locked_at = make.MOMENT
    db.flush()
    assert results_report(db, cast.lead).sampling.n_skipped == 2
    planned.locked_at = make.MOMENT
    db.flush()
    assert results_report(db, cast.lead).sampling.n_skipped == 3


def test_the_same_reason_is_said_once() -> None:
    found = Sampling((Drawing(1, None, "came late"), Drawing(2, 7, ""), Drawing(4, None, "came late")))
    assert found.why_not == "Rounds 1, 4: each came late."
