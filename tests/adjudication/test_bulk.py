"""A rule over many posts at once accepts what the same rule accepts post by post."""

import random
from collections import Counter

import pytest
from sqlmodel import Session, select

from server.adjudication.answers import table_of
from server.adjudication.batches import accept, undo
from server.adjudication.bulk import propose
from server.adjudication.models import Decision
from server.adjudication.rules import Rule
from server.adjudication.scope import scope_of
from server.coding.answers import Answer
from tests import make
from tests.adjudication.conftest import Study
from tests.adjudication.slow import every_code, one_answer

CODES = make.CODEBOOK["expression"][1]
STANCES = make.CODEBOOK["stance"][1]
_Given = list[dict[str, object]]


@pytest.fixture
def given(study: Study, db: Session) -> dict[int, _Given]:
    """What up to three annotators said about each post."""
    dice = random.Random(7)
    said: dict[int, _Given] = {}
    for number, post in enumerate(study.posts, start=1):
        answers: _Given = [_answers(dice) for _annotator in range(dice.randint(0, 3))]
        study.code(db, number, *answers)  # type: ignore[arg-type]
        said[post.id or 0] = answers
    return said


def _answers(dice: random.Random) -> dict[str, object]:
    expression = [code for code in CODES if dice.random() < 0.3]
    return {"expression": expression, "stance": dice.choice(STANCES[:2]), "remark": dice.choice("ab")}


@pytest.mark.parametrize("name", ["unanimous", "majority"])
@pytest.mark.parametrize("minimum", [1, 2, 3])
def test_as_post_by_post(
    study: Study, given: dict[int, _Given], db: Session, name: str, minimum: int
) -> None:
    found = propose(db, scope_of(db, study.cast.lead), Rule(name, minimum)).accepted
    wanted = {
        (post_id, key): verdict
        for post_id, answers in given.items()
        for key, verdict in _verdicts(study, answers, minimum).items()
        if verdict and (verdict[1] or name == "majority")
    }
    assert {
        (each.post_id, each.variable_id): (each.answers, each.basis == "unanimous") for each in found
    } == wanted
    assert [(each.post_id, each.variable_id) for each in found] == sorted(wanted)
    assert list(found[1:3]) == list(found)[1:3]


def test_single_codings_by_a_rule_of_their_own(study: Study, given: dict[int, _Given], db: Session) -> None:
    scope, lead = scope_of(db, study.cast.lead), study.cast.lead
    rule = Rule("single", 1)
    found = propose(db, scope, rule)
    alone = {post_id for post_id, answers in given.items() if len(answers) == 1}
    assert {each.post_id for each in found.accepted} == alone
    n = accept(db, lead, scope, rule, found.fingerprint)
    assert n == len(found.accepted) > 0
    made = db.exec(select(Decision.basis).where(Decision.project_id == lead.project_id)).all()
    assert set(made) == {"single"}
    number = next(post.number for post in study.posts if post.id in alone)
    of_post = next(post.id for post in study.posts if post.number == number)
    assert all(each.settled for each in table_of(db, lead, scope, number).questions)
    # Somebody else codes it since, and says otherwise: the question is open again.
    study.code(db, number, None, {"stance": STANCES[2]})
    assert [each.variable.key for each in table_of(db, lead, scope, number).disputed] == ["stance"]
    assert of_post in {each.post_id for each in study.queue(db, lead).queue.open}
    assert undo(db, lead, 1).n_withdrawn == n


def _verdicts(
    study: Study, answers: _Given, minimum: int
) -> dict[int, tuple[frozenset[Answer], bool] | None]:
    expression, stance, remark = (
        study.book.variable_by_key[key] for key in ("expression", "stance", "remark")
    )
    yes = Counter(code for each in answers for code in each["expression"])  # type: ignore[attr-defined]
    ids = {code.key: code.id for code in expression.codes}
    several = every_code(
        {ids[key]: n for key, n in yes.items()}, dict.fromkeys(ids.values(), len(answers)), minimum
    )
    codes = several and frozenset(Answer(expression.id, code_id=code) for code in several.value)
    nothing = frozenset({Answer(expression.id, nothing_applies=True)})
    stances = Counter(
        Answer(stance.id, code_id=stance.code_by_key[str(each["stance"])].id) for each in answers
    )
    remarks = Counter(Answer(remark.id, text=str(each["remark"])) for each in answers)
    one, words = one_answer(stances, minimum), one_answer(remarks, minimum)
    return {
        expression.id: (codes or nothing, several.is_unanimous) if several else None,
        stance.id: (frozenset({one.value}), one.is_unanimous) if one else None,
        remark.id: (frozenset({words.value}), words.is_unanimous) if words else None,
    }
