"""What is done with a post besides deciding it: problems of the codebook, sending back, reasons."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import Session, select

from server.adjudication.models import CodebookProblem
from server.coding.models import Coding, SentBack
from server.db.engine import Database
from server.projects.access import Access
from server.reliability.codings import Selection, codings
from server.reliability.queries import questions_of, rounds_of
from server.rounds.models import Assignment, RoundAnnotator
from tests import make
from tests.adjudication.conftest import Study
from tests.browse import form_fields, post
from tests.conftest import ClientOf

AGAINST, FAVOUR = {"stance": "against"}, {"stance": "favour"}


@pytest.fixture
def disputed(database: Database, study: Study) -> Study:
    """Two disputed posts of an open round."""
    with database.writing() as db:
        study.main = study.open_round(db, study.posts[:4])
        for number in (1, 2):
            study.code(db, number, AGAINST, FAVOUR, AGAINST)
    return study


def decide(client: TestClient, study: Study, number: int, **fields: str) -> Response:
    page = client.get(study.path(number)).text
    seen = dict(re.findall(r'name="(stands-[a-z]+)" value="(\w+)"', page))
    return post(client, study.path(number), {**seen, **fields})


def letters(page: str) -> list[str]:
    return re.findall(r'class="who"><strong>(\w+)', page)


def test_reasons_are_asked_for_as_the_lead_settled(disputed: Study, client_of: ClientOf) -> None:
    lead, other = client_of(disputed.cast.lead), client_of(disputed.cast.adjudicator)
    assert post(other, disputed.path(rest="/settings"), {"reasons": "always"}).status_code == 403
    assert post(lead, disputed.path(rest="/settings"), {"reasons": "never"}).status_code == 422
    assert post(lead, disputed.path(rest="/settings"), {"reasons": "overruling"}).status_code == 303
    refused = decide(other, disputed, 1, **{"v-stance": "favour", "unclear": "on"})
    assert refused.status_code == 422
    assert "You decide otherwise than most annotators on “Stance”. Write why." in refused.text
    assert re.search(r'value="favour"[^>]* checked', refused.text)
    assert decide(other, disputed, 2, **{"v-stance": "against"}).status_code == 303
    assert decide(other, disputed, 1, **{"v-stance": "favour", "reason": "Read again."}).status_code == 303
    assert post(lead, disputed.path(rest="/settings"), {"reasons": "always"}).status_code == 303
    refused = decide(lead, disputed, 2, **{"v-stance": "favour"})
    assert refused.status_code == 422
    assert "In this project each decision says why." in refused.text
    token = re.search(r'name="stands" value="(\w+)"', lead.get(disputed.path(2)).text)
    assert token is not None
    silent = post(lead, disputed.path(2, "/withdraw"), {"variable": "stance", "stands": token[1]})
    assert silent.status_code == 422
    assert "In this project each decision says why." in silent.text


def test_problems_of_the_codebook_are_collected_and_dealt_with(
    database: Database, disputed: Study, client_of: ClientOf
) -> None:
    lead, other = client_of(disputed.cast.lead), client_of(disputed.cast.adjudicator)
    for fields, sentence in (
        ({"where": "stance"}, "Say what is unclear"),
        ({"where": "nowhere", "what": "=kept"}, "This is not in the codebook."),
    ):
        refused = post(other, disputed.path(1, "/problem"), fields)
        assert refused.status_code == 422
        assert sentence in refused.text
    assert ">=kept</textarea>" in refused.text
    said = {"where": "stance:favour", "what": "=Favour of whom?"}
    assert post(other, disputed.path(1, "/problem"), said).status_code == 303
    decided = decide(other, disputed, 2, **{"v-stance": "against", "unclear": "on", "reason": "Irony?"})
    assert decided.status_code == 303
    listed = other.get(disputed.path(rest="/codebook-problems")).text
    assert listed.index("Irony?") < listed.index("=Favour of whom?")
    assert "Codebook problem 1" in other.get(disputed.path(1)).text
    assert "/codebook-problems" in lead.get(f"/projects/{disputed.cast.project.key}/codebook/draft").text
    deal = disputed.path(rest="/codebook-problems/1")
    assert post(other, deal, {"version": "1"}).status_code == 403
    assert "no such version" in post(lead, deal, {"version": "9"}).text
    assert post(lead, disputed.path(rest="/codebook-problems/9"), {"version": "1"}).status_code == 404
    assert post(lead, deal, {"version": "1"}).status_code == 303
    assert "Favour of whom?" not in lead.get(disputed.path(rest="/codebook-problems")).text
    file = other.get(disputed.path(rest="/codebook-problems/csv?state=done")).text.splitlines()
    assert len(file) == 2
    assert file[1].startswith("1,dealt with,1,1,stance,favour,'=Favour of whom?,")
    assert post(lead, deal, {"version": "0"}).status_code == 303
    with database.writing() as db:
        assert [row.dealt_with_in for row in db.exec(select(CodebookProblem))] == [None, None]
        make.round_(db, disputed.cast.project, disputed.book, disputed.posts[:1], [disputed.cast.lead])
    # Who still codes the post themselves reads nothing about it.
    assert "Favour of whom?" not in lead.get(disputed.path(rest="/codebook-problems")).text


def read_for_agreement(db: Session, access: Access) -> list[tuple[int, ...]]:
    rounds = rounds_of(db, access)
    asked = questions_of(db, access.project_id, rounds)
    question = next(each for each in asked if each.key == "stance")
    found = codings(db, question, Selection(access.project_id, tuple(each.id for each in rounds)))
    keys = {code.id: place for place, code in enumerate(question.codes)}
    return sorted((int(m), keys[int(a[0])]) for m, a in zip(found.member, found.answer, strict=True))


def test_a_post_goes_back_and_comes_back(database: Database, disputed: Study, client_of: ClientOf) -> None:
    client, cast = client_of(disputed.cast.adjudicator), disputed.cast
    with database.writing() as db:
        before = read_for_agreement(db, cast.lead)
    by_name = post(client, disputed.path(1, "/names"), {}).text
    first = re.search(r"<strong>(\w+): <bdi>([^<]+)</bdi>", by_name)
    assert first is not None
    for fields, sentence in (
        ({"to": first[1]}, "Say what they shall look at"),
        ({"to": "Q", "note": "kept"}, "no annotator with this letter"),
    ):
        refused = post(client, disputed.path(1, "/back"), fields)
        assert refused.status_code == 422
        assert sentence in refused.text
    assert ">kept</textarea>" in refused.text
    sent = post(client, disputed.path(1, "/back"), {"to": letters(by_name), "note": "Whose <stance>?"})
    assert sent.status_code == 303
    listed = client.get(disputed.path()).text
    assert "Sent back and waiting for annotators:" in listed
    again = client.get(disputed.path(1))
    assert again.status_code == 200
    assert "waiting for A, B, C" in again.text
    assert post(client, disputed.path(1, "/back"), {"note": "Again."}).status_code == 422
    answer_again(database, disputed, client_of)
    assert "Sent back and waiting" not in client.get(disputed.path()).text
    with database.reading() as db:
        # What was said after the note is not independent; what was said before it still counts.
        assert read_for_agreement(db, cast.lead) == before
        assert all(row.n_submitted == 2 for row in counters(db, disputed))
        assert disputed.numbers(db, cast.lead) == [2]


def counters(db: Session, study: Study) -> list[Any]:
    assert study.main is not None
    return list(db.exec(select(RoundAnnotator).where(RoundAnnotator.round_id == study.main.id)))


def answer_again(database: Database, study: Study, client_of: ClientOf) -> None:
    """All say what most said, one of them by submitting the same again."""
    assert study.main is not None
    for annotator in study.annotators:
        with database.reading() as db:
            mine = db.exec(
                select(Assignment).where(
                    Assignment.round_id == study.main.id,
                    Assignment.post_id == study.posts[0].id,
                    Assignment.member_id == annotator.member_id,
                )
            ).one()
            assert mine.state == "queued"
        client = client_of(annotator)
        path = f"/projects/{study.cast.project.key}/rounds/{study.main.number}/code/{mine.position}"
        page = client.get(path)
        assert "Whose &lt;stance&gt;?" in page.text
        fields = form_fields(page, path)
        said = {"v-stance": "against", "v-emotion": "0", "none-expression": "on"}
        sent = post(client, path, {**fields, **said, "v-hours": "1", "v-remark": "none"})
        assert sent.status_code == 303, sent.text
        with database.reading() as db:
            revisions = db.exec(select(Coding.revision).where(Coding.assignment_id == mine.id)).all()
            assert sorted(revisions) == [1, 2]


def test_a_locked_round_takes_nothing_back(database: Database, disputed: Study, client_of: ClientOf) -> None:
    with database.writing() as db:
        assert disputed.main is not None
        db.merge(disputed.main).locked_at = make.MOMENT
    refused = post(client_of(disputed.cast.lead), disputed.path(1, "/back"), {"note": "Look again."})
    assert refused.status_code == 422
    assert "is locked. A lead can open it again" in refused.text
    with database.reading() as db:
        assert not db.exec(select(SentBack)).all()
