"""Figure 6: a form that is sent twice at once, and once more a day later, is carried out once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import text, update

from server import clock
from server.accounts.models import SignInSession
from server.db.engine import Database
from server.projects.roles import Role
from tests import make
from tests.browse import Fields, form_key
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.trust.reporting import report

ANSWERS = {"v-expression": ["attachment"], "v-emotion": "1", "v-stance": "favour"}
STANCES = ("favour", "against", "against")
CODE, DESK, NEW_ROUND = "/rounds/1/code", "/disagreements", "/rounds/new"
ROUND = "title=Pilot&purpose=pilot&posts=all&annotators=3&annotators=4&coders=several&k=2&order=random&seed=7"
A_DAY = timedelta(hours=24)
ACCEPTED, REFUSED = {204, 303}, {409, 422}


@dataclass(frozen=True)
class Form:
    """A form of a page: who sends it, where it stands, where it goes, and what is typed into it.

    It makes `n` rows in the table `makes`. Where `is_known` again it is answered as at first; the others
    come upon what they have done themselves, and say so.
    """

    who: str
    page: str
    sent_to: str
    makes: str
    typed: Mapping[str, Any] = field(default_factory=dict)
    n: int = 1
    is_known: bool = True


FORMS = {
    "a coding": Form("annotator", f"{CODE}/1", f"{CODE}/1", "coding", ANSWERS),
    "a correction": Form("annotator", f"{CODE}/1", f"{CODE}/1", "coding", {"memo": "On second thoughts."}),
    "a draft": Form("annotator", f"{CODE}/2", f"{CODE}/2/draft", "draft", {"memo": "Half of it"}),
    "a question": Form("annotator", f"{CODE}/2", f"{CODE}/2/ask", "post_question", {"question": "Irony?"}),
    "a skip": Form("annotator", f"{CODE}/3", f"{CODE}/3/skip", "history_event", {"reason": "distressing"}),
    "own keys": Form("annotator", "/rounds/1/keys", "/rounds/1/keys", "history_event", n=0),
    "a decision": Form("adjudicator", f"{DESK}/4", f"{DESK}/4", "decision", {"v-stance": "against"}),
    "a withdrawal": Form(
        "adjudicator", f"{DESK}/4", f"{DESK}/4/withdraw", "decision", {"why": "Hm."}, is_known=False
    ),
    "a problem": Form(
        "adjudicator",
        f"{DESK}/5",
        f"{DESK}/5/problem",
        "codebook_problem",
        {"where": "stance", "what": "Vague."},
    ),
    "a meeting": Form(
        "adjudicator", f"{DESK}/meeting", f"{DESK}/meeting", "meeting", {"present": ["1", "2"]}
    ),
    "a rule": Form("adjudicator", f"{DESK}/bulk?rule=majority", f"{DESK}/bulk", "decision_batch"),
    "an undoing": Form("adjudicator", f"{DESK}/bulk", f"{DESK}/bulk/1/undo", "history_event", is_known=False),
    "gold": Form("lead", "/gold/6", "/gold/6", "gold", ANSWERS),
    "a round": Form("lead", f"{NEW_ROUND}/preview?{ROUND}", "/rounds", "round"),
    "a code": Form(
        "lead",
        "/codebook/draft/variables/stance/add-code",
        "/codebook/draft/variables/stance/add-code",
        "code",
        {"key": "mixed", "label": "Mixed"},
        is_known=False,
    ),
    "a lock": Form("lead", "/rounds/1", "/rounds/1/lock", "history_event"),
}


@pytest.fixture
def base(database: Database, cast: Cast) -> str:
    """The address of a study with an open round, and a locked one whose annotators differ."""
    with database.writing() as db:
        third = make.member(db, cast.project, Role.ANNOTATOR, "third")
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 8)
        two, three = [cast.annotator, cast.other_annotator], [cast.annotator, cast.other_annotator, third]
        make.round_(db, cast.project, book, posts[:3], two)
        past = make.round_(db, cast.project, book, posts[3:], three, locked_at=make.MOMENT)
        for post in posts[3:]:
            for by, stance in zip(three, STANCES, strict=True):
                make.coding(db, book, past, post, by, {"stance": stance})
    return f"/projects/{cast.project.key}"


def test_every_form(
    database: Database, base: str, cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = {who: client_of(getattr(cast, who)) for who in ("annotator", "adjudicator", "lead")}
    with database.writing() as db:
        db.execute(update(SignInSession).values(expires_at=datetime.now(UTC) + A_DAY * 14))
    wrong = {}
    for name, form in FORMS.items():
        client, n_before = clients[form.who], counted(database, form.makes)
        fields = filled(client, base, form)
        answers = twice_at_once(client, base + form.sent_to, fields)
        with monkeypatch.context() as moved:
            moved.setattr(clock, "datetime", _Tomorrow)
            answers.append(client.post(base + form.sent_to, data=fields))
        said = [(answer.status_code, answer.headers.get("location")) for answer in answers]
        n_made = counted(database, form.makes) - n_before
        if n_made != form.n or not as_expected(form, said):
            wrong[name] = (n_made, said)
    assert wrong == {}
    n_known = sum(form.is_known for form in FORMS.values())
    report(6, f"{len(FORMS)} forms sent twice at once and a day later: 1 row each; {n_known} answered alike")


def as_expected(form: Form, said: list[tuple[int, str | None]]) -> bool:
    """Whether the form was accepted, and what followed was answered alike or refused in words."""
    if form.is_known:
        return len(set(said)) == 1 and said[0][0] in ACCEPTED
    first = [each for each in said[:2] if each[0] in ACCEPTED]
    return len(first) == 1 and sum(status in REFUSED for status, _place in said) == len(said) - 1


def filled(client: TestClient, base: str, form: Form) -> dict[str, Any]:
    """What the page would send, with what is typed."""
    page = client.get(base + form.page, follow_redirects=True)
    parser = Fields()
    parser.feed(page.text)
    sent = [each for each in parser.forms if each["method"] == "post"]
    actions = (base + form.sent_to, "")
    of_page: dict[str, Any] = next((each["fields"] for each in sent if each["action"] in actions), {})
    return {"form_key": [form_key(client)], **of_page, **form.typed}


def twice_at_once(client: TestClient, path: str, fields: dict[str, Any]) -> list[Response]:
    start = Barrier(2)

    def send(_time: int) -> Response:
        start.wait()
        answer: Response = client.post(path, data=fields)
        return answer

    with ThreadPoolExecutor(2) as both:
        return list(both.map(send, range(2)))


def counted(database: Database, table: str) -> int:
    with database.reading() as db:
        return int(db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


class _Tomorrow(datetime):
    """A clock that goes a day ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) + A_DAY
