"""What is read of a study for its methods text, on both databases."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from server.corpora.models import Takedown
from server.history.actions import record
from server.methods.facts import Chosen
from server.methods.queries import facts_of
from server.projects.access import Access
from server.rounds.models import Round, RoundAnnotator
from tests import make
from tests.cast import Cast


@pytest.fixture
def study(db: Session, cast: Cast) -> Round:
    """Four posts by two authors: a training, and a revealed round in which three posts were coded."""
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, 4)
    two = [cast.annotator, cast.other_annotator]
    training = make.round_(db, cast.project, book, posts[:1], two, purpose="training", shows_gold=True)
    training.design = {"posts": "all", "shows_gold": True}
    for who in two:
        make.coding(db, book, training, posts[0], who, {"stance": "against"})
    passed = db.get(RoundAnnotator, _of(db, training, cast.annotator))
    assert passed is not None
    passed.training = "passed"
    design = {"posts": "sample", "sample_size": 3, "seed": 5, "k": None, "double_share": 0.5}
    round_ = make.round_(db, cast.project, book, posts[:3], [*two, cast.adjudicator], design=design)
    for post in posts[:3]:
        make.coding(db, book, round_, post, cast.annotator, {"stance": "against"})
    make.coding(db, book, round_, posts[0], cast.other_annotator, {"stance": "favour"})
    round_.locked_at = round_.revealed_at = make.MOMENT + timedelta(days=1)
    revealed = make.MOMENT - timedelta(days=1)
    later = make.round_(db, cast.project, book, posts[3:], two, purpose="pilot", revealed_at=revealed)
    make.coding(db, book, later, posts[3], cast.annotator, {"stance": "against"})
    make.coding(db, book, later, posts[3], cast.other_annotator, {"stance": "against"})
    make.decision(db, book, posts[0], "stance", "favour", cast.lead, reason="Read again.")
    make.decision(db, book, posts[1], "stance", "favour", cast.lead, basis="consensus")
    make.decision(db, book, posts[2], "stance", "against", cast.lead, basis="unanimous")
    db.flush()
    return round_


def _of(db: Session, round_: Round, who: Access) -> int:
    found = select(RoundAnnotator.id).where(
        RoundAnnotator.round_id == round_.id, RoundAnnotator.member_id == who.member_id
    )
    return db.exec(found).one() or 0


def test_rounds_decisions_and_late_codings_are_counted(db: Session, cast: Cast, study: Round) -> None:
    facts = facts_of(db, cast.lead)
    training, main, late = facts.rounds
    assert (training.has_gold, training.n_annotators, training.n_passed) == (True, 2, 1)
    assert (main.chosen, main.seed, main.double_share, main.is_open) == (Chosen.RANDOM, 5, 0.5, False)
    assert (main.n_posts, main.n_coded, main.n_double, main.n_codings) == (3, 3, 1, 4)
    assert (main.first, main.last) == (make.MOMENT, make.MOMENT)
    assert (late.chosen, facts.n_late) == (Chosen.FILE, 2)
    made = facts.decisions
    assert (made.n, made.n_posts, made.n_consensus, made.n_reasons) == (2, 2, 1, 1), "rules are no people"
    assert facts.n_pairable == 1, "late codings are in no coefficient"
    assert facts.trainings == (training,)
    assert facts.codings == (main, late)
    assert study.number == main.number


def test_posts_are_counted_with_what_was_left_out(db: Session, cast: Cast) -> None:
    posts = make.posts(db, cast.project, 4)
    record(
        db,
        project_id=cast.project.id,
        actor_id=None,
        action="posts.import",
        subject="import 1",
        details={"left_out": 7, "dropped": 2, "not_drawn": 3, "sample": "random", "seed": 9, "size": 4},
    )
    posts[0].author, posts[1].posted_at = "", None
    takedown = Takedown(
        project_id=make.id_of(cast.project),
        number=1,
        reason="asked",
        keeps_codings=False,
        n_posts=1,
        taken_down_by=None,
        taken_down_at=make.MOMENT,
    )
    db.add(takedown)
    db.flush()
    posts[3].takedown_id = takedown.id
    db.flush()
    facts = facts_of(db, cast.lead)
    [one] = facts.imports
    assert (one.n_new, one.n_nothing, one.n_repeats, one.n_undrawn) == (4, 7, 2, 3)
    assert (one.sample, one.seed, one.is_unequal) == ("random", 9, False)
    corpus = facts.corpus
    assert (corpus.n_posts, corpus.n_accounts, corpus.n_undated) == (4, 2, 1)
    assert (corpus.n_taken_down, corpus.n_erased) == (1, 1)
    assert corpus.first == make.MOMENT + timedelta(minutes=1)


def test_a_round_that_is_hidden_leaves_no_trace(db: Session, cast: Cast, study: Round) -> None:
    study.locked_at = study.revealed_at = None
    db.flush()
    facts = facts_of(db, cast.adjudicator)
    assert [sight.number for sight in facts.results.hidden] == [2]
    assert [one.number for one in facts.rounds] == [1, 3]
    assert facts.decisions.n == 0
    assert facts.results.n_coded == 1
