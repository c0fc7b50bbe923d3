"""Having a question coded again: who is asked what, what counts meanwhile, and what it takes back."""

from sqlmodel import Session, col, select

from server.adjudication.models import Decision, StandingDecision
from server.db.engine import Database
from server.recoding.affected import Affected, Touched, affected
from server.recoding.again import Again, open_again
from server.results.final import final_rows
from server.rounds.models import Assignment, Round, RoundAnnotator
from server.takedown.actions import Order, take_down
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.recoding.scene import Scene, coded_study


def _touched(db: Session, scene: Scene, *codes: str) -> Touched:
    variable = scene.second.variable_by_key["expression"].id
    return Touched(variable, tuple(scene.code(db, "expression", key) for key in codes))


def _again(db: Session, scene: Scene, *codes: str, shows_earlier: bool = True) -> int | None:
    of = Again(scene.second.variable_by_key["expression"], _touched(db, scene, *codes), shows_earlier)
    return open_again(db, scene.cast.lead, scene.second, of)


def _places(db: Session, number: int | None) -> set[tuple[int, int, int]]:
    rows = db.execute(
        select(col(Assignment.member_id), col(Assignment.post_id), col(Assignment.position))
        .join(Round, col(Round.id) == col(Assignment.round_id))
        .where(col(Round.number) == number)
    )
    return {tuple(row) for row in rows}


def test_who_chose_the_code_codes_again(db: Session, cast: Cast) -> None:
    scene = coded_study(db, cast)
    assert affected(db, cast.lead, _touched(db, scene, "longing")) == Affected(2, 2, 1, 0)
    assert affected(db, cast.lead, _touched(db, scene)) == Affected(6, 3, 2, 0)
    number = _again(db, scene, "longing")
    me, (first, second, _third) = cast.annotator.member_id, scene.posts
    assert _places(db, number) == {(me, first.id, 1), (me, second.id, 2)}


def test_who_has_left_is_not_asked(db: Session, cast: Cast) -> None:
    scene = coded_study(db, cast)
    left = select(RoundAnnotator).where(RoundAnnotator.member_id == cast.annotator.member_id)
    db.exec(left).one().is_withdrawn = True
    db.flush()
    assert affected(db, cast.lead, _touched(db, scene, "longing")) == Affected(2, 2, 1, 2)
    assert _again(db, scene, "longing") is None


def test_a_post_that_was_taken_down_is_handed_to_nobody(db: Session, cast: Cast) -> None:
    scene = coded_study(db, cast)
    first, second, _third = map(make.id_of, scene.posts)
    take_down(db, Order(make.id_of(cast.project), None, [first], True, "asked for"))
    assert _places(db, _again(db, scene, "longing")) == {(cast.annotator.member_id, second, 1)}


def test_decisions_on_these_posts_are_taken_back(db: Session, cast: Cast) -> None:
    scene = coded_study(db, cast)
    for each in scene.posts:
        make.decision(db, scene.first, each, "expression", ["quality"], cast.lead)
        make.decision(db, scene.first, each, "stance", "favour", cast.lead)
    _again(db, scene, "longing")
    stands = col(StandingDecision.decision_id) == col(Decision.id)
    of_project = col(StandingDecision.project_id) == cast.project.id
    standing = db.execute(select(col(Decision.basis)).join(StandingDecision, stands).where(of_project))
    assert sorted(standing.scalars()) == ["adjudicated"] * 4 + ["withdrawn"] * 2


def test_the_last_answer_counts(cast: Cast, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        scene = coded_study(db, cast)
        number = _again(db, scene, "longing")
    path = f"/projects/{cast.project.key}/rounds/{number}/code"
    browser = client_of(cast.annotator)
    page = browser.get(f"{path}/1")
    assert page.status_code == 200
    assert "Your answer to “Expression” under version 1 of the codebook" in page.text
    assert "<bdi>Longing</bdi>" in page.text
    assert "v-expression" in page.text
    assert "v-stance" not in page.text
    sent = dict(form_fields(page, "/code/")) | {"v-expression": ["quality"]}
    assert post(browser, f"{path}/1", sent).status_code == 303
    with database.reading() as db:
        found = final_rows(db, cast.lead)
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    assert rows[0]["expression_quality"] is None, "one of two now"
    assert rows[0]["stance"] is None, "the other question keeps its first answers"
    assert rows[0]["expression_codings"] == 2


def test_earlier_answers_can_be_left_out(cast: Cast, database: Database, client_of: ClientOf) -> None:
    with database.writing() as db:
        number = _again(db, coded_study(db, cast), "longing", shows_earlier=False)
    page = client_of(cast.annotator).get(f"/projects/{cast.project.key}/rounds/{number}/code/1")
    assert page.status_code == 200
    assert "Your answer to" not in page.text
