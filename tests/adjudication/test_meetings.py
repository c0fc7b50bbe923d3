"""Consensus meetings: who is present is kept with each decision, and names stand nowhere on the screen."""

import re

from fastapi.testclient import TestClient
from sqlmodel import col, select

from server.adjudication.models import Decision, MeetingDecision
from server.db.engine import Database
from server.history.models import HistoryEvent
from tests.adjudication.conftest import Study
from tests.browse import post
from tests.conftest import ClientOf


def _screen(client: TestClient, study: Study, number: int) -> str:
    answer = client.get(study.path(rest=f"/meeting/1/posts/{number}"))
    assert answer.status_code == 200
    return str(answer.text)


def _agree(client: TestClient, study: Study, number: int, key: str, **fields: str) -> tuple[int, str]:
    seen = dict(re.findall(r'name="(stands-[a-z]+)" value="(\w+)"', _screen(client, study, number)))
    sent = {f"stands-{key}": seen.get(f"stands-{key}", ""), **fields}
    answer = post(client, study.path(rest=f"/meeting/1/posts/{number}"), sent)
    return answer.status_code, answer.headers.get("location", answer.text)


def test_a_meeting(database: Database, study: Study, client_of: ClientOf) -> None:
    cast, client = study.cast, client_of(study.cast.lead)
    with database.writing() as db:
        one = {"stance": "against", "expression": [], "hours": 2, "remark": "a"}
        other = {"stance": "favour", "expression": ["quality"], "hours": 3, "remark": "a"}
        for number in (1, 2):
            study.code(db, number, one, other)  # type: ignore[arg-type]
    for wrong in (
        {},
        {"present": ["1"]},
        {"present": ["1", "99"]},
        {"present": ["one"]},
        {"present": ["1", "3000000000"]},
    ):
        answer = post(client, study.path(rest="/meeting"), wrong)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    begun = post(client, study.path(rest="/meeting"), {"present": ["1", "2"]})
    assert begun.headers["location"].endswith("/meeting/1/posts/1")
    page = _screen(client, study, 1)
    main = page.split("<main")[1]
    assert not any(name in main for name in ("annotator_", "third_"))
    assert 'data-key="1"' in main
    status, text = _agree(client, study, 1, "hours", **{"v-hours": "many"})
    assert status == 422
    assert 'value="many"' in text
    for key, fields in (
        ("stance", {"v-stance": "favour", "reason": "As Kim said."}),
        ("expression", {"none-expression": "on"}),
    ):
        status, place = _agree(client, study, 1, key, **fields)
        assert (status, place.partition("?")[0].rpartition("/posts/")[2]) == (303, "1")
    assert "decided" in _screen(client, study, 1)
    # The last question: on to the next post.
    status, place = _agree(client, study, 1, "hours", **{"v-hours": "2.5"})
    assert (status, place.partition("?")[0].rpartition("/posts/")[2]) == (303, "2")
    assert "Nothing is left to decide" in _screen(client, study, 1)
    # Sent twice is stored once; from an old page it is refused.
    assert _agree(client, study, 1, "stance", **{"v-stance": "favour"})[0] == 303
    assert _agree(client, study, 1, "stance", **{"v-stance": "against"})[0] == 409
    with database.reading() as db:
        statement = select(Decision.basis).join(
            MeetingDecision, col(MeetingDecision.decision_id) == col(Decision.id)
        )
        assert db.exec(statement).all() == ["consensus"] * 3
        details = db.exec(
            select(HistoryEvent.details)
            .where(HistoryEvent.chain == cast.lead.project_id)
            .order_by(col(HistoryEvent.sequence).desc())
        ).first()
    assert '"present":[1,2]' in (details or "").replace(" ", "")
    page = client.get(study.path(1)).text
    assert "meeting 1, present: " in page
    assert "As Kim said." in page
    assert "3 decisions" in client.get(study.path(rest="/meeting")).text
    assert client.get(study.path(rest="/meeting/2")).status_code == 404


def test_a_meeting_leaves_out_what_somebody_present_has_still_to_decide_alone(
    database: Database, study: Study, client_of: ClientOf
) -> None:
    lead, other = client_of(study.cast.lead), client_of(study.cast.adjudicator)
    with database.writing() as db:
        study.code(db, 1, {"stance": "against"}, {"stance": "favour"})
    settings = {"reasons": "optional", "adjudicators": ["1", "2"], "double_percent": "100", "seed": "1"}
    assert post(lead, study.path(rest="/settings"), settings).status_code == 303
    seen = dict(re.findall(r'name="(stands-[a-z]+)" value="(\w+)"', lead.get(study.path(1)).text))
    assert post(lead, study.path(1), {"v-stance": "favour", **seen}).status_code == 303
    begun = post(lead, study.path(rest="/meeting"), {"present": ["1", "2"]})
    assert begun.headers["location"].partition("?")[0].endswith("/meeting")
    assert lead.get(study.path(rest="/meeting/1/posts/1")).status_code == 403
    assert other.get(study.path(rest="/meeting/1/posts/1")).status_code == 403
