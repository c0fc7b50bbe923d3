"""Publishing a version that gives older codings another meaning: the page that asks what becomes of them."""

import json
import re
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import Session, col, select

from server.codebooks import actions, succession
from server.codebooks.models import EntryChange
from server.codebooks.queries import Codebook, being_written, latest_published, sheet_of
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.results.final import final_rows
from server.rounds.models import Assignment, Round
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.recoding.scene import FIRST, SAID
from tests.stock import on_one_database

SHEET = CodebookSheet(
    tuple(
        VariableSheet(key, kind, key.title(), codes=tuple(CodeSheet(code, code.title()) for code in codes))
        for key, (kind, codes) in FIRST.items()
    )
)


@dataclass(frozen=True)
class Lead:
    """The lead's browser before a draft of a study that was coded under its first version."""

    browser: TestClient
    base: str
    cast: Cast
    database: Database

    def publishes(self, **more: object) -> Response:
        """Press Publish on the draft, and then with these fields on the page that asks."""
        fields = dict(form_fields(self.browser.get(f"{self.base}/codebook/draft"), "/draft/publish"))
        answer = post(self.browser, f"{self.base}/codebook/draft/publish", fields)
        if not more:
            return answer
        asked = dict(form_fields(answer, "/draft/publish")) | more
        return post(self.browser, f"{self.base}/codebook/draft/publish", asked)

    def stances(self) -> list[object]:
        """The final stance of each post."""
        with self.database.reading() as db:
            found = final_rows(db, self.cast.lead)
            return [dict(zip(found.columns, row, strict=True))["stance"] for row in found.rows]


@pytest.fixture
def lead(cast: Cast, database: Database, client_of: ClientOf) -> Lead:
    with database.writing() as db:
        actions.publish_sheet(db, cast.lead, SHEET)
        book = being_written(db, cast.lead.project_id)
        posts = make.posts(db, cast.project, len(SAID))
        coders = [cast.annotator, cast.other_annotator]
        version = _published(db, cast)
        round_ = make.round_(db, cast.project, version, posts, coders, locked_at=make.MOMENT)
        for each, said in zip(posts, SAID, strict=True):
            for coder, (expression, stance) in zip(coders, said.values(), strict=True):
                make.coding(db, version, round_, each, coder, {"expression": expression, "stance": stance})
        succession.merge_code(db, cast.lead, book.edition, "stance", "wary", "against")
    return Lead(client_of(cast.lead), f"/projects/{cast.project.key}", cast, database)


def _published(db: Session, cast: Cast) -> Codebook:
    found = latest_published(db, cast.lead.project_id)
    assert found is not None
    return found


def test_it_asks_first_and_publishes_nothing(lead: Lead) -> None:
    page = lead.publishes()
    assert page.status_code == 200
    assert "“Wary” was merged into “Against”" in page.text
    assert re.search(r"3\s+codings.*2\s+posts.*2\s+annotators", page.text, re.DOTALL)
    again = lead.publishes(shows_earlier="on")
    assert again.status_code == 422
    assert "Say what becomes of these codings." in again.text
    assert lead.stances() == [None, "favour", "wary"]


def test_read_as_the_heir(lead: Lead) -> None:
    answer = lead.publishes(**{"fate-stance=wary": "map"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{lead.base}/codebook")
    assert lead.stances() == ["against", "favour", "against"]
    with lead.database.reading() as db:
        events = db.exec(select(HistoryEvent).where(HistoryEvent.chain == lead.cast.project.id)).all()
        told = next(event for event in events if event.action == "codebook.decide_on_codings")
    changed = lead.browser.get(f"{lead.base}/codebook/versions/2/since/1")
    assert "older codings are read as the code that took it up" in changed.text
    results = " ".join(lead.browser.get(f"{lead.base}/results").text.split())
    assert "“Wary” is read as “Against” since they were merged." in results
    assert 'version 1</a> <span class="num">6</span>.' in results
    with lead.database.reading():
        assert json.loads(told.details) == {"fates": {"stance=wary": "map"}}


def test_what_a_code_took_up_changes_with_it(lead: Lead) -> None:
    lead.publishes(**{"fate-stance=wary": "map"})
    with lead.database.writing() as db:
        draft = being_written(db, lead.cast.lead.project_id)
        code = sheet_of(draft).variables[1].codes[0]
        value = CodeSheet(code.key, code.label, definition="Regrets that it is gone.")
        actions.edit_code(db, lead.cast.lead, draft.edition, "stance", code.key, value)
    page = lead.publishes().text
    assert "The meaning of “Against” has changed" in page
    assert re.search(r"4\s+codings.*2\s+posts.*2\s+annotators", page, re.DOTALL)


def test_coded_again(lead: Lead) -> None:
    answer = lead.publishes(**{"fate-stance=wary": "recode", "shows_earlier": "on"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{lead.base}/rounds/2"
    with lead.database.reading() as db:
        places = select(Assignment).join(Round, col(Round.id) == col(Assignment.round_id))
        assert (
            len(db.exec(places.where(Round.number == 2, Round.project_id == lead.cast.project.id)).all()) == 3
        )
        fates = db.exec(select(EntryChange.fate).where(col(EntryChange.fate) != "")).all()
        assert fates == ["recode"]
    page = lead.browser.get(f"{lead.base}/rounds/2")
    assert "coded again: stance" in page.text


@on_one_database
def test_what_is_wrong_is_said(lead: Lead) -> None:
    answer = lead.publishes(**{"fate-stance=wary": "recode_all!"})
    assert answer.status_code == 422
    stale = lead.publishes(**{"fate-stance=wary": "keep", "edition": "0"})
    assert stale.status_code == 409
    assert lead.stances() == [None, "favour", "wary"]


@on_one_database
def test_a_change_of_wording_asks_nothing(lead: Lead) -> None:
    with lead.database.writing() as db:
        draft = being_written(db, lead.cast.lead.project_id)
        actions.discard_draft(db, lead.cast.lead, draft.edition)
        draft = being_written(db, lead.cast.lead.project_id)
        code = sheet_of(draft).variables[1].codes[0]
        value = CodeSheet(code.key, code.label, value=code.value, example="“Bring it back!”")
        actions.edit_code(db, lead.cast.lead, draft.edition, "stance", code.key, value)
    assert lead.publishes().status_code == 303
