"""Quotations go wherever they stand in the project, and nothing else does."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from server.adjudication.models import CodebookProblem, Decision
from server.codebooks.models import CodebookVersion
from server.codebooks.queries import Codebook
from server.coding.models import Coding, CodingAnswer, Draft, PostQuestion, SentBack
from server.corpora.models import Post
from server.norming.models import PostComment, SecondAnswer, SecondCoding
from server.rounds.models import Assignment, Round
from server.takedown.erasing import Permit
from server.takedown.quoting import Quotes
from server.takedown.silencing import Quoted, Silenced, silence
from server.takedown.unsent import rewrite_drafts
from tests import make
from tests.cast import Cast
from tests.make import Answers
from tests.stock import on_one_database

SECRET = "I told it everything, and then they switched it off"
QUOTING = f"It answers “{SECRET.upper()}”.\nSad hope."
LEFT = "-\nSad hope."
KINDS = {**make.CODEBOOK, "remark": ("text", ())}


@dataclass(frozen=True)
class Study:
    """Two posts, of which the first is quoted in what is written about the second."""

    book: Codebook
    posts: list[Post]
    round: Round


@pytest.fixture
def study(db: Session, cast: Cast) -> Study:
    book, posts = make.published(db, cast.project, KINDS), make.posts(db, cast.project, 3)
    posts[0].text, posts[0].author = SECRET, "hope"
    round_ = make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
    return Study(book, posts, round_)


def silenced(db: Session, cast: Cast, study: Study) -> Silenced:
    """What a takedown of the first post takes out."""
    quotes = Quotes([(SECRET, "hope")])
    ids = [make.id_of(study.posts[0])]
    db.flush()
    with Permit(db, ids):
        found = silence(db, make.id_of(cast.project), ids, Quoted(quotes, quotes.elsewhere()), "-")
    db.expire_all()
    return found


def coded(db: Session, study: Study, cast: Cast, place: int, memo: str) -> Coding:
    return answered(db, study, cast, place, {"stance": "favour", "remark": QUOTING}, memo)


def answered(db: Session, study: Study, cast: Cast, place: int, answers: Answers, memo: str) -> Coding:
    post = study.posts[place]
    made = make.coding(db, study.book, study.round, post, cast.annotator, answers, memo=memo)
    return db.get_one(Coding, made.id)


def test_codings_and_decisions_about_other_posts_lose_it_and_are_named(
    db: Session, cast: Cast, study: Study
) -> None:
    both = [coded(db, study, cast, place, QUOTING) for place in (0, 1)]
    innocent = answered(db, study, cast, 2, {"remark": "hope"}, "Of hope.")
    ruled = make.decision(db, study.book, study.posts[1], "remark", QUOTING, cast.lead, reason=QUOTING)
    found = silenced(db, cast, study)
    assert found == Silenced(6, {make.id_of(row) for row in both}, {make.id_of(ruled)})
    # About the post itself its author is named by any word; elsewhere such a word is one.
    assert [row.memo for row in (*both, innocent)] == ["-\n-", LEFT, "Of hope."]
    answers = select(col(CodingAnswer.text)).where(col(CodingAnswer.text).is_not(None))
    assert set(db.scalars(answers)) == {"-\n-", LEFT, "hope"}
    assert ruled.reason == LEFT


@on_one_database
def test_so_do_gold_and_second_answers(db: Session, cast: Cast, study: Study) -> None:
    gold = make.gold(db, study.book, study.posts[1], {"remark": QUOTING}, cast.lead, note=QUOTING)
    second = SecondCoding(
        round_id=make.id_of(study.round),
        post_id=make.id_of(study.posts[1]),
        member_id=cast.annotator.member_id,
        version_id=study.book.version_id,
        submitted_at=make.MOMENT,
    )
    db.add(second)
    db.flush()
    remark = study.book.variable_by_key["remark"].id
    answer = SecondAnswer(second_coding_id=make.id_of(second), variable_id=remark, text=QUOTING)
    db.add(answer)
    assert silenced(db, cast, study) == Silenced(3)
    assert (gold.note, answer.text) == (LEFT, LEFT)


@on_one_database
def test_so_does_what_people_say_of_posts(db: Session, cast: Cast, study: Study) -> None:
    coding = make.coding(db, study.book, study.round, study.posts[1], cast.annotator, {"stance": "favour"})
    of_post: dict[str, Any] = {"project_id": cast.lead.project_id, "post_id": study.posts[1].id}
    of_round: dict[str, Any] = {"round_id": study.round.id, "member_id": cast.annotator.member_id}
    by, at = cast.lead.account_id, make.MOMENT
    lent = {"assignment_id": coding.assignment_id, "coding_id": make.id_of(coding)}
    back = SentBack(**of_post, **lent, note=QUOTING, sent_by=by, sent_at=at)
    question = PostQuestion(**of_post, **of_round, key="k", asked=QUOTING, answer=QUOTING, asked_at=at)
    remark = study.book.variable_by_key["remark"].id
    problem = CodebookProblem(**of_post, number=1, variable_id=remark, note=QUOTING, noted_by=by, noted_at=at)
    comment = PostComment(**of_round, post_id=study.posts[1].id or 0, number=1, text=QUOTING, said_at=at)
    db.add_all([back, question, problem, comment])
    assert silenced(db, cast, study) == Silenced(5)
    said = {back.note, question.asked, question.answer, problem.note, comment.text}
    assert said == {LEFT}


def test_so_do_drafts_words_of_a_skip_and_the_codebook(db: Session, cast: Cast, study: Study) -> None:
    seat = db.scalars(select(Assignment).where(col(Assignment.post_id) == study.posts[1].id)).first()
    assert seat is not None
    seat.state, seat.skip_reason = "skipped", f"other: {QUOTING}"
    typed = {"memo": [QUOTING], "v-stance": ["favour"]}
    draft = Draft(assignment_id=make.id_of(seat), typed=typed, saved_at=make.MOMENT)
    db.add(draft)
    version = db.get_one(CodebookVersion, study.book.version_id)
    version.note = QUOTING
    assert silenced(db, cast, study) == Silenced(3)
    assert seat.skip_reason == f"other: {LEFT}"
    assert draft.typed == {"memo": [LEFT], "v-stance": ["favour"]}
    assert version.note == LEFT


@on_one_database
def test_a_chosen_code_stays_chosen_though_a_post_says_its_key(db: Session, cast: Cast, study: Study) -> None:
    chosen = {
        "v-expression": ["attachment"],
        "s-expression": ["attachment:0-4"],
        "none-expression": ["attachment"],
        "reason": ["attachment"],
    }
    words = {name: ["attachment"] for name in ("memo", "v-remark", "question", "reason_words")}
    seat = db.scalars(select(Assignment).where(col(Assignment.post_id) == study.posts[1].id)).first()
    assert seat is not None
    draft = Draft(assignment_id=make.id_of(seat), typed=chosen | words, saved_at=make.MOMENT)
    db.add(draft)
    db.flush()
    quotes = Quotes([("Attachment", None)]).elsewhere()
    assert rewrite_drafts(db, make.id_of(cast.project), quotes, "-") == 1
    db.refresh(draft)
    assert draft.typed == chosen | {name: ["-"] for name in words}


def test_another_project_keeps_its_words(db: Session, cast: Cast, study: Study) -> None:
    coded(db, study, cast, 1, QUOTING)
    theirs = col(Coding.version_id) != study.book.version_id
    with Permit(db, [make.id_of(study.posts[0])]):
        db.execute(update(Coding).where(theirs).values(memo=QUOTING))
        db.execute(update(Decision).where(col(Decision.project_id) != cast.project.id).values(reason=QUOTING))
    silenced(db, cast, study)
    assert set(db.scalars(select(col(Coding.memo)).where(theirs))) == {QUOTING}
    of_others = select(col(Decision.reason)).where(col(Decision.project_id) != cast.project.id)
    assert set(db.scalars(of_others)) == {QUOTING}
