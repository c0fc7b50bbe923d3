"""Figure 6: a form that is sent twice at once, and once more a day later, is carried out once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from io import BytesIO
from threading import Barrier
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import text, update
from sqlmodel import Session

from server import clock
from server.accounts.models import SecondFactor, SignInSession
from server.corpora.actions import keep_upload, receive_file
from server.corpora.uploads import packed
from server.db.engine import Database
from server.projects.models import Member, Project
from server.projects.roles import Role
from tests import make
from tests.access_table import ROUTES
from tests.browse import FormOnPage, form_key, forms_of
from tests.browser.furnished import Furnished, furnish
from tests.browser.scenes import address, person_of, routes_by_name
from tests.conftest import ClientOf
from tests.trust.doubling import ALIKE, ELSEWHERE, FORMS, LISTED, TOLD, Form
from tests.trust.reporting import report
from tests.trust.sizes import IS_FULL, name_of

Files = dict[str, tuple[str, str]]
A_DAY = timedelta(hours=24)
ACCEPTED, REFUSED = {200, 204, 303}, {403, 404, 409, 422}


@dataclass(frozen=True)
class World:
    """The furnished study, and the browsers of its people."""

    database: Database
    study: Furnished
    clients: dict[str, TestClient]

    def counted(self, table: str) -> int:
        with self.database.reading() as db:
            return int(db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def filled(self, name: str, form: Form) -> tuple[str, dict[str, Any]]:
        """Where the form goes, and what its page would send with what is typed."""
        client, parts = self.clients[person(name, form)], self.study.parts
        at = {part: value.format(**parts) for part, value in form.at.items()}
        query = {asked: value.format(**parts) for asked, value in form.query.items()}
        typed = {"form_key": [form_key(client)]} | {
            field: value.format(**parts) if isinstance(value, str) else value
            for field, value in form.typed.items()
        }
        place = address(self.study, name, {}, **at)
        if not form.page:
            return place, typed
        page = client.get(address(self.study, form.page, query or None, **at), follow_redirects=True)
        found = _form_for(page, name, place)
        return (found.action, found.fields | typed) if found else (place, typed)


def _form_for(page: Response, name: str, place: str) -> FormOnPage | None:
    """The form that goes there, or to another such address."""
    matches = routes_by_name()[name].path_regex.match
    sent = [each for each in forms_of(page) if each.method == "post"]
    exact = [each for each in sent if urlsplit(each.action).path == place]
    alike = [each for each in sent if matches(urlsplit(each.action).path)]
    return next(iter(exact or alike), None)


@pytest.fixture
def world(database: Database, client_of: ClientOf) -> World:
    with database.writing() as db:
        study = furnish(db)
        study.parts.update(_spare(db, study))
    clients = {who: client_of(access) for who, access in study.people.items()}
    for _browser in range(2):
        client_of(study.people["lead"])
    with database.writing() as db:
        db.execute(update(SignInSession).values(expires_at=datetime.now(UTC) + A_DAY * 14))
    return World(database, study, clients)


def _spare(db: Session, study: Furnished) -> dict[str, str]:
    """What the forms use up besides: files to discard, somebody to join a round, a second step."""
    lead, annotator = study.people["lead"], study.people["annotator"]
    assert lead is not None
    assert annotator is not None
    project = db.get_one(Project, lead.project_id)
    newcomer = make.member(db, project, Role.ANNOTATOR, "newcomer")
    db.add(SecondFactor(account_id=annotator.account_id, sealed_secret=b"", since=make.MOMENT))
    purposes: tuple[Literal["ratings", "gold", "qdpx"], ...] = ("ratings", "gold", "qdpx")
    files = {
        f"spare_{each}": keep_upload(db, lead, each, "a.csv", packed(BytesIO(b"a"))) for each in purposes
    }
    files["spare_posts"] = receive_file(db, lead, "a.csv", packed(BytesIO(b"post_id\n")))
    files["good_posts"] = receive_file(db, lead, "posts.csv", packed(BytesIO(b"post_id,text\n1,hello\n")))
    return files | {"newcomer": str(db.get_one(Member, newcomer.member_id).number)}


def person(name: str, form: Form) -> str:
    """Who sends it."""
    return form.who or person_of(name)


def test_every_route_that_changes_something_is_sent_twice_or_says_why_not() -> None:
    changing = {name for name in ROUTES if "POST" in (routes_by_name()[name].methods or ())}
    assert changing == set(FORMS) | set(ELSEWHERE)
    assert not set(FORMS) & set(ELSEWHERE)


def test_every_form(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    forms = _sent_to(world.database)
    assert dict(_wrong(world, forms, monkeypatch)) == {}
    of = f"{name_of(world.database)}: {len(forms)} forms sent twice at once and a day later"
    n_each = sum(form.n_each > 0 for form in forms.values())
    again = Counter(form.again for form in forms.values())
    carried = f"{len(forms) - n_each} carried out once, {n_each} (looks at names, files that wait) each time"
    answered = f"{again[ALIKE]} answered alike, {again[TOLD]} told that it is done, {again[LISTED]} led to it"
    report(6, f"{of}: {carried}; {answered}")


def _sent_to(database: Database) -> dict[str, Form]:
    """On SQLite writers come one after the other; codings alone are written in groups.

    Each file is read by a process, which takes long.
    """
    if IS_FULL:
        return FORMS
    some = "coding." if database.is_sqlite else ""
    return {name: form for name, form in FORMS.items() if name.startswith(some) and not form.file}


def _wrong(
    world: World, forms: dict[str, Form], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Any]]:
    """The forms that were carried out more than once or not at all, and what they were answered."""
    for name, form in forms.items():
        client, n_before = world.clients[person(name, form)], world.counted(form.makes)
        place, fields = world.filled(name, form)
        sent = {"file": form.file} if form.file else None
        answers = twice_at_once(client, place, fields, sent)
        with monkeypatch.context() as moved:
            moved.setattr(clock, "datetime", _Tomorrow)
            answers.append(client.post(place, data=fields, files=sent))
        said = [(answer.status_code, answer.headers.get("location")) for answer in answers]
        n_made = world.counted(form.makes) - n_before
        if n_made != form.n_made or not as_expected(form, said):
            yield name, (n_made, said)


def as_expected(form: Form, said: list[tuple[int, str | None]]) -> bool:
    """Whether the form was accepted, and what followed was answered alike or refused in words."""
    first = [each for each in said[:2] if each[0] in ACCEPTED]
    if form.again == TOLD:
        return len(first) == 1 and sum(status in REFUSED for status, _place in said) == len(said) - 1
    n_answers = len(set(said)) if form.again == ALIKE else len({status for status, _place in said})
    return len(first) == 2 and n_answers == 1


def twice_at_once(
    client: TestClient, path: str, fields: dict[str, Any], files: Files | None = None
) -> list[Response]:
    start = Barrier(2)

    def send(_time: int) -> Response:
        start.wait()
        answer: Response = client.post(path, data=fields, files=files)
        while files and answer.status_code == 503:  # Another file was being read: sent again, as people do.
            answer = client.post(path, data=fields, files=files)
        return answer

    with ThreadPoolExecutor(2) as both:
        return list(both.map(send, range(2)))


class _Tomorrow(datetime):
    """A clock that goes a day ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) + A_DAY
