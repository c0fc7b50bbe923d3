"""Figure 7: of those who edit the same thing at once one is stored, and the others keep what they typed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import col, select

from server.adjudication.models import Decision
from server.coding.models import Coding
from server.db.engine import Database
from server.rounds.models import Assignment, Round
from tests import make
from tests.browse import Fields, form_key
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.trust.reporting import report
from tests.trust.sizes import name_of, size

ANSWERS = {"v-expression": ["attachment"], "v-emotion": "1", "v-stance": "favour"}
TABS = 4
EDITS_OF_CODING = size(24, 5_000)
# A desk page shows every decision there was on its post, so many of them take several posts.
DECIDED, EDITS_OF_POST = size(1, 25), size(16, 200)
# Each is another answer than those beside it, and than the one that stands since the edit before.
CHOICES: tuple[tuple[list[str], ...], ...] = (
    (["attachment"], ["dependency"], ["quality"], ["attachment", "dependency"]),
    (["attachment", "quality"], ["dependency", "quality"], ["attachment", "dependency", "quality"], []),
)
Typed = Callable[[int, int], dict[str, Any]]


@pytest.fixture
def base(database: Database, cast: Cast) -> str:
    """The address of a study with a post to code, and others whose annotators differ."""
    with database.writing() as db:
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 1 + DECIDED)
        make.round_(db, cast.project, book, posts[:1], [cast.annotator])
        two = [cast.annotator, cast.other_annotator]
        past = make.round_(db, cast.project, book, posts[1:], two, locked_at=make.MOMENT)
        for post, (by, code) in product(posts[1:], zip(two, ("attachment", "quality"), strict=True)):
            make.coding(db, book, past, post, by, {"expression": [code]})
    return f"/projects/{cast.project.key}"


def test_corrections_of_one_coding(database: Database, base: str, cast: Cast, client_of: ClientOf) -> None:
    tabs = [client_of(cast.annotator) for _tab in range(TABS)]

    def typed(edit: int, tab: int) -> dict[str, Any]:
        return ANSWERS | {"memo": f"memo {edit}:{tab}."}

    won = edited(tabs, f"{base}/rounds/1/code/1", EDITS_OF_CODING, typed)
    with database.reading() as db:
        mine = (
            select(Coding.memo)
            .join(Assignment, col(Assignment.id) == col(Coding.assignment_id))
            .join(Round, col(Round.id) == col(Assignment.round_id))
            .where(Round.project_id == cast.project.id, Round.number == 1)
        )
        assert db.exec(mine.order_by(col(Coding.revision))).all() == won
    tell(database, EDITS_OF_CODING, "coding", won)


def test_decisions_on_one_post(database: Database, base: str, cast: Cast, client_of: ClientOf) -> None:
    people = [client_of((cast.lead, cast.adjudicator)[tab % 2]) for tab in range(TABS)]

    def typed(edit: int, tab: int) -> dict[str, Any]:
        codes = CHOICES[edit % 2][tab]
        nothing = [] if codes else ["on"]
        return {"v-expression": codes, "none-expression": nothing, "reason": f"reason {edit}:{tab}."}

    won: list[str] = []
    for number in range(2, 2 + DECIDED):
        won += edited(people, f"{base}/disagreements/{number}", EDITS_OF_POST, typed, text="reason")
    with database.reading() as db:
        made = select(Decision.reason).where(Decision.project_id == cast.project.id)
        assert db.exec(made.order_by(col(Decision.id))).all() == won
    tell(database, DECIDED * EDITS_OF_POST, "decision", won)


def tell(database: Database, n_edits: int, what: str, won: list[str]) -> None:
    said = f"{len(won)} stored, 0 lost, each other got 409 and its text"
    report(7, f"{name_of(database)}: {n_edits} edits of a {what}, {TABS} at once: {said}")


def edited(
    clients: list[TestClient], path: str, n_edits: int, typed: Typed, *, text: str = "memo"
) -> list[str]:
    """Edit at once from every client, again and again; returns what was stored, in order.

    Each time one is told that it was stored; each other gets 409 and its own words back.
    """
    won = []
    for edit in range(n_edits // len(clients)):
        page = clients[0].get(path)
        forms = [fields_of(page, path) | typed(edit, tab) for tab in range(len(clients))]
        answers = at_once(clients, path, forms)
        words = [form[text] for form in forms]
        stored = [said for said, answer in zip(words, answers, strict=True) if answer.status_code == 303]
        assert len(stored) == 1, [answer.status_code for answer in answers]
        for said, answer in zip(words, answers, strict=True):
            if said not in stored:
                assert answer.status_code == 409
                assert said in answer.text
        won += stored
    return won


def fields_of(page: Response, path: str) -> dict[str, Any]:
    """The form as it stands, which each client sends under its own sign-in."""
    parser = Fields()
    parser.feed(page.text)
    return next(
        dict(each["fields"])
        for each in parser.forms
        if each["method"] == "post" and each["action"] in (path, "")
    )


def at_once(clients: list[TestClient], path: str, forms: list[dict[str, Any]]) -> list[Response]:
    start = Barrier(len(clients))

    def send(client: TestClient, form: dict[str, Any]) -> Response:
        own = form | {"form_key": form_key(client)}
        start.wait()
        answer: Response = client.post(path, data=own)
        return answer

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(send, clients, forms))
