"""The models of annotators on their page: who is right how often, and which posts are doubtful."""

import pytest
from sqlmodel import Session

from server.adjudication.modelled import Asked, askable, evidence_on, modelled
from server.adjudication.modelled_screen import ModelledPage, modelled_page
from server.db.engine import Database
from server.estimation import dawid_skene
from server.estimation.mace import TWO_ANNOTATORS
from server.rounds.models import Round
from tests import make
from tests.adjudication.conftest import Study
from tests.conftest import ClientOf
from tests.make import Answers

# What the three say on each of the eight posts: the third is of another mind on half of them.
STANCE = "against against favour, against against against, favour favour against, favour favour favour"
SAID = [*STANCE.split(", "), *STANCE.split(", ")]


@pytest.fixture
def coded(database: Database, study: Study) -> Study:
    with database.writing() as db:
        for number, said in enumerate(SAID, 1):
            answers: list[Answers] = [
                {"stance": each, "expression": ["quality"] if each == "favour" else []}
                for each in said.split()
            ]
            study.code(db, number, *answers)
    return study


def asked(db: Session, study: Study, key: str) -> Asked:
    return next(each for each in askable(db, study.cast.lead) if each.key == key)


def page_of(database: Database, study: Study, on: str) -> ModelledPage:
    with database.reading() as db:
        return modelled_page(db, study.cast.lead, on, 1)


def test_as_from_codings_one_by_one(database: Database, coded: Study) -> None:
    with database.reading() as db:
        question = asked(db, coded, "stance")
        evidence = evidence_on(db, coded.cast.lead, question)
    assert evidence is not None
    found = modelled(evidence)
    place = {code.key: at for at, code in enumerate(question.question.codes)}
    rows = [(at, by, place[each]) for at, said in enumerate(SAID) for by, each in enumerate(said.split())]
    post_, annotator, code = zip(*rows, strict=True)
    whole = dawid_skene(post_, annotator, code, len(place))
    assert len(evidence.alike) == 4
    assert found.dawid_skene.posteriors[evidence.pattern] == pytest.approx(whole.posteriors)
    believed = [whole.posteriors[at, given] for at, by, given in rows if by == 2]
    assert found.believed_right[2] == pytest.approx(sum(believed) / 8)


def test_the_page_says_who_is_relied_on(database: Database, coded: Study, client_of: ClientOf) -> None:
    page = page_of(database, coded, "stance")
    assert [line.n_codings for line in page.annotators] == [8, 8, 8]
    assert page.annotators[-1].right == pytest.approx(0.5, abs=0.01)
    assert page.annotators[-1].competence < page.annotators[0].competence
    seen = client_of(coded.cast.lead).get(coded.path(rest="/models"), params={"on": "stance"})
    assert seen.status_code == 200
    for line in page.annotators:
        assert line.name in seen.text


def test_each_code_of_a_multiple_choice_is_asked_for_itself(database: Database, coded: Study) -> None:
    page = page_of(database, coded, "expression:quality")
    assert page.asked is not None
    assert page.asked.label == "Quality"
    assert [name for name, _share in page.shares] == ["Not chosen", "Chosen"]
    assert page.n_posts == 8
    unknown = page_of(database, coded, "nothing of the kind")
    assert unknown.asked == unknown.askable[0]


def test_posts_of_which_the_model_is_not_sure_are_listed(
    database: Database, study: Study, client_of: ClientOf
) -> None:
    with database.writing() as db:
        study.code(db, 1, {"stance": "against"}, {"stance": "favour"})
        study.code(db, 2, {"stance": "against"}, {"stance": "against"})
        study.code(db, 3, {"stance": "favour"}, {"stance": "favour"})
    page = page_of(database, study, "stance")
    assert [each.number for each in page.doubtful] == [1]
    assert sorted(page.doubtful[0].votes) == [("Against", 1), ("Favour", 1)]
    assert TWO_ANNOTATORS in page.notes
    seen = client_of(study.cast.lead).get(study.path(rest="/models"), params={"on": "stance"})
    assert study.path(1) in seen.text


def test_decisions_taken_one_by_one_are_what_all_are_held_against(database: Database, coded: Study) -> None:
    assert page_of(database, coded, "stance").checked == ()
    with database.writing() as db:
        for number, said, basis in (
            (1, "against", "adjudicated"),
            (3, "against", "adjudicated"),
            (2, "favour", "unanimous"),
        ):
            make.decision(
                db, coded.book, coded.posts[number - 1], "stance", said, coded.cast.lead, basis=basis
            )
    vote, _dawid_skene, mace = page_of(database, coded, "stance").checked
    assert (vote.n_right, vote.n, mace.n) == (1, 2, 2)
    assert vote.low < 0.5 < vote.high


def test_what_the_reader_may_not_see_is_no_evidence(database: Database, coded: Study) -> None:
    assert coded.main is not None
    with database.writing() as db:
        db.get_one(Round, coded.main.id).purpose = "training"
    assert page_of(database, coded, "stance").askable == ()
    with database.writing() as db:
        row = db.get_one(Round, coded.main.id)
        row.purpose, row.locked_at = "main", None
        # The lead codes here, too, and has not finished.
        coded.main = make.round_(db, coded.cast.project, coded.book, coded.posts, [coded.cast.lead])
    page = page_of(database, coded, "stance")
    assert page.n_posts == 0


def test_corrections_and_new_codings_are_seen(database: Database, study: Study) -> None:
    with database.writing() as db:
        study.code(db, 1, {"stance": "against"}, {"stance": "against"})
    assert page_of(database, study, "stance").n_posts == 1
    with database.writing() as db:
        study.code(db, 2, {"stance": "favour"}, {"stance": "favour"})
    assert page_of(database, study, "stance").n_posts == 2
