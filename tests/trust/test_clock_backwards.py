"""The server's clock goes back an hour while people work: nobody is thrown out, nothing is out of order."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
from sqlmodel import col, select

from server import clock
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.history.queries import check_chain
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.trust.finding import n_codings

ANSWERS = {"v-expression": ["attachment"], "v-emotion": "1", "v-stance": "favour"}


class _AnHourAgo(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) - timedelta(hours=1)


def test_work_goes_on_in_its_order(
    database: Database, cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as db:
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 3)
        make.shared_round(db, cast.project, book, posts, [cast.annotator])
        before = n_codings(db)
    client, code = client_of(cast.annotator), f"/projects/{cast.project.key}/rounds/1/code"
    for turn in range(3):
        page = client.get(code, follow_redirects=True)
        assert page.status_code == 200
        place = str(page.url).partition("8000")[2].partition("?")[0]
        if turn == 1:  # A post that was handed out before, and what is typed into it.
            monkeypatch.setattr(clock, "datetime", _AnHourAgo)
            assert (
                post(client, f"{place}/draft", form_fields(page, place) | {"memo": "Half"}).status_code == 204
            )
        assert post(client, place, form_fields(page, place) | ANSWERS).status_code == 303
    assert client.get("/me").status_code == 200
    with database.reading() as db:
        assert n_codings(db) == before + 3
        assert check_chain(db, cast.lead.project_id).found is None
        of_project = db.exec(
            select(HistoryEvent)
            .where(HistoryEvent.chain == cast.lead.project_id)
            .order_by(col(HistoryEvent.sequence))
        )
        subjects = [each.subject for each in of_project if each.action == "coding.submit"]
    assert subjects == [f"round 1 post {number}" for number in (1, 2, 3)]
