"""A rule for each question: previewed, accepted and undone as a whole; the model as a stated basis."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from server.adjudication.models import Decision, DecisionBatch
from server.db.engine import Database
from server.exchange.downloads.files import data_file
from server.exchange.downloads.wanted import Wanted, What
from server.history.models import HistoryEvent
from tests import make
from tests.adjudication.conftest import Study
from tests.browse import post
from tests.conftest import ClientOf
from tests.stock import on_one_database

RULES = {
    "rule-stance": "model",
    "threshold-stance": "0,9",
    "rule-expression": "majority",
    "minimum-expression": "3",
    "rule-remark": "single",
}


@pytest.fixture
def coded(database: Database, study: Study) -> Study:
    """Six posts, on one of which a single annotator of three says another stance; one coded once."""
    with database.writing() as db:
        for number in range(1, 7):
            said: make.Answers = {"stance": "against" if number % 2 else "favour", "expression": []}
            other: make.Answers = dict(said) | {"stance": "favour"} if number == 1 else said
            study.code(db, number, said, said, other)
        study.code(db, 7, {"stance": "against", "remark": "alone"})
    return study


def _accept(client: TestClient, study: Study, **changed: str) -> tuple[int, str]:
    page = client.get(study.path(rest="/bulk/by-question"), params={**RULES, **changed}).text
    found = re.search(r'name="fingerprint" value="(\w+)"', page)
    assert found
    sent = {**RULES, **changed, "fingerprint": found[1]}
    answer = post(client, study.path(rest="/bulk/by-question"), sent)
    return answer.status_code, page


def test_accepted_and_undone_as_a_whole(database: Database, coded: Study, client_of: ClientOf) -> None:
    client = client_of(coded.cast.lead)
    status, page = _accept(client, coded)
    assert status == 303
    for words in ("probability at least 90.0", "majority of at least 3", "annotator model", "single coding"):
        assert words in page
    assert page.count("Would be decided") == 1
    project_id = coded.cast.lead.project_id
    with database.reading() as db:
        made = db.exec(
            select(Decision.basis, Decision.variable_id).where(Decision.project_id == project_id)
        ).all()
        batch = db.exec(select(DecisionBatch).where(DecisionBatch.project_id == project_id)).one()
        said = db.exec(
            select(HistoryEvent.details)
            .where(HistoryEvent.chain == project_id)
            .order_by(col(HistoryEvent.sequence).desc())
        ).first()
        with data_file(db, coded.cast.lead, Wanted(What.FINAL)) as taken:
            file = taken.read().decode()
    counts = {basis: sum(each == basis for each, _variable in made) for basis, _variable in made}
    # The stance of the post of a single annotator is not the model's business.
    assert counts == {"model": 6, "unanimous": 6, "single": 1}
    assert batch.rule == "each"
    assert (batch.rules or {})["stance"] == {"rule": "model", "model": "dawid_skene", "threshold": 0.9}
    assert "dawid_skene" in (said or "")
    assert "0.9" in (said or "")
    # What all annotators said stays unanimous in the dataset; what they did not rests on the model.
    assert file.count("model") == 1
    results = client.get(f"/projects/{coded.cast.project.key}/results").text
    assert "annotator model" in results
    assert "Dawid–Skene model" in client.get(coded.path(rest="/bulk")).text
    # One is decided anew since: it stays, and the page says so.
    seen = dict(re.findall(r'name="(stands-[a-z]+)" value="(\w+)"', client.get(coded.path(1)).text))
    assert (
        post(client, coded.path(1), {"v-stance": "ambivalent", "none-expression": "on", **seen}).status_code
        == 303
    )
    post(client, coded.path(rest="/bulk/1/undo"), {})
    page = client.get(coded.path(rest="/bulk")).text
    assert "1 was replaced or withdrawn since and stays as it is." in page
    assert "0 of 13 stand" not in page


@on_one_database
@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"minimum-expression": "1"}, "minimum-expression", "a whole number from 2 on"),
        ({"threshold-stance": "0.5"}, "threshold-stance", "above 0.5 and up to 1"),
        ({"threshold-stance": "sure"}, "threshold-stance", "above 0.5 and up to 1"),
        ({"rule-hours": "model"}, "rule-hours", "about choices between codes"),
        ({"rule-stance": "coin"}, "rule-stance", "one of the answers offered"),
    ],
)
def test_refused_at_the_field(
    coded: Study, client_of: ClientOf, changed: dict[str, str], field: str, sentence: str
) -> None:
    client = client_of(coded.cast.lead)
    for answer in (
        client.get(coded.path(rest="/bulk/by-question"), params={**RULES, **changed}),
        post(client, coded.path(rest="/bulk/by-question"), {**RULES, **changed}),
    ):
        assert answer.status_code == 422
        error = re.search(rf'id="f-{field}-error">([^<]+)', answer.text)
        assert error
        assert sentence in error[1]
        assert 'value="0,9"' in answer.text or "threshold-stance" in changed
