"""Figure 14: the id of another study in an address leads exactly as far as an id that does not exist.

Who may do what with their own is in `tests/test_access.py`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import product

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import Session

from server.db.engine import Database
from server.projects.access import Access
from server.projects.models import Project
from server.projects.roles import Role
from tests import make
from tests.access_table import ROUTES
from tests.browse import form_key, forms_of
from tests.browser.furnished import Furnished
from tests.browser.scenes import NO_PAGES, person_of, routes_by_name
from tests.conftest import ClientOf
from tests.trust import twins
from tests.trust.reporting import report
from tests.trust.sizes import IS_FULL, name_of, on_both_in_full
from tests.trust.unchanged import Watch, held, watching

# Who asks in the full form; the foreign lead is the one of the other study.
PEOPLE = (
    *("anonymous", "foreign lead", "viewer", "annotator", "other annotator", "adjudicator", "lead", "admin"),
    "deactivated",
)
# What is answered by the address or the form alone, before anything is looked for: ways to other pages, and
# forms whose file is gone or that lack an answer.
ANSWERED_BEFORE = {
    "accounts.end_session",  # It has ended, whoever ended it.
    *("adjudication.back_address", "adjudication.models_address", "adjudication.names"),
    *("adjudication.problem_address", "adjudication.problem_mark", "adjudication.take_address"),
    *("adjudication.take_over_address", "adjudication.withdrawal", "coding.signing_in", "coding.skipping"),
    *("norming.again_address", "norming.comments"),
    *("corpora.import_", "exchange.discard_gold", "exchange.discard_qdpx", "exchange.discard_ratings"),
    *("exchange.import_gold", "exchange.import_qdpx", "exchange.import_ratings"),
    *("adjudication.deal_with_problem", "codebooks.move_code", "codebooks.move_variable"),
    *("codebooks.restore_code", "codebooks.restore_variable", "coding.sign_in_again"),
}
_ONCE = re.compile(r'value="[\w-]{20,}"')  # Tokens that each page has its own of.

Fields = dict[str, list[str]]


@dataclass(frozen=True)
class World:
    """Two studies, the browsers of the people of the first, and the forms its pages offer them."""

    one: Furnished
    other: Furnished
    clients: dict[str, TestClient]
    forms: dict[tuple[str, str], Fields]

    def ask(self, person: str, name: str, parts: dict[str, str]) -> Response:
        """The page `name`, or its form as the first study offers it, at this address."""
        route, client = routes_by_name()[name], self.clients[person]
        client.cookies.delete("notice")  # What the last form was answered is said on the next page.
        path = route.path_format.format(**parts)
        if "GET" in (route.methods or ()):
            page: Response = client.get(path)
            return page
        offered = self.forms.get((person, route.path_format.format(**twins.own(self.one, name))), {})
        answer: Response = client.post(path, data=offered | {"form_key": [form_key(client)]})
        return answer


@pytest.fixture
def world(database: Database, client_of: ClientOf) -> World:
    with database.writing() as db:
        one, other = twins.twins(db)
        people = one.people | _more_people(db, one, other)
    clients = {name: client_of(who) for name, who in people.items()}
    return World(one, other, clients, dict(_forms(one, clients)))


def _more_people(db: Session, one: Furnished, other: Furnished) -> dict[str, Access | None]:
    """Those of `PEOPLE` that a furnished study has not."""
    lead = one.people["lead"]
    assert lead is not None
    project = db.get_one(Project, lead.project_id)
    return {
        "foreign lead": other.people["lead"],
        "other annotator": make.member(db, project, Role.ANNOTATOR, "without_a_post"),
        "deactivated": make.member(db, project, Role.LEAD, "who_left", is_active=False),
    }


def _forms(one: Furnished, clients: dict[str, TestClient]) -> Iterator[tuple[tuple[str, str], Fields]]:
    """Who is offered which form where, by its address."""
    for name, route in routes_by_name().items():
        person = person_of(name)
        if "GET" in (route.methods or ()) and name not in NO_PAGES:
            page = clients[person].get(route.path_format.format(**twins.own(one, name)))
            for form in forms_of(page):
                yield (person, form.action.partition("?")[0]), form.fields


def _replaced(name: str) -> Iterator[str]:
    """The parts of an address that name something of a study."""
    yield from sorted(set(routes_by_name()[name].param_convertors) - twins.OF_NO_STUDY)


def _persons(name: str) -> tuple[str, ...]:
    """Who asks: whoever the page is for, and all the others in the full form."""
    return tuple(dict.fromkeys((person_of(name), *PEOPLE))) if IS_FULL else (person_of(name),)


def _asked() -> Iterator[tuple[str, str, str]]:
    """Which page by which part of its address by whom; the other study is its own lead's."""
    for name in ROUTES:
        for part, person in product(_replaced(name), _persons(name)):
            if (part, person) != ("project_key", "foreign lead"):
                yield name, part, person


def test_each_part_of_each_address_is_of_a_known_kind() -> None:
    known = twins.COUNTED | twins.NAMED | twins.KEPT | twins.OF_NO_STUDY
    found = {part for route in routes_by_name().values() for part in route.param_convertors}
    assert found == known


def _answered(answer: Response, there: str, nowhere: str) -> tuple[int, str, str]:
    """All that an answer tells, but for the id that was sent."""
    said, where = (
        each.replace(nowhere, "…").replace(there, "…")
        for each in (_ONCE.sub("", answer.text), answer.headers.get("location", ""))
    )
    return answer.status_code, said, where


def _is_denied(answer: Response) -> bool:
    """Refused, or asked to sign in."""
    is_unknown = answer.status_code == 401 or answer.headers.get("location", "").startswith("/sign-in")
    return answer.status_code in {403, 404} or is_unknown


def _leaks(world: World, watch: Watch | None, person: str, name: str, part: str) -> Iterator[str]:
    """What somebody learns or changes with an id of the other study."""
    mine, there = twins.own(world.one, name), twins.foreign(world.other, name, part)
    nowhere = twins.absent(there, part)
    theirs = world.ask(person, name, mine | {part: there})
    nobodys = world.ask(person, name, mine | {part: nowhere})
    if _answered(theirs, there, nowhere) != _answered(nobodys, there, nowhere):
        yield f"{theirs.status_code} where nothing is there {nobodys.status_code}, or other words"
    if not _is_denied(theirs) and name not in ANSWERED_BEFORE:
        yield f"answered with {theirs.status_code}"
    if watch and watch.has_changed():
        yield "changed something"


def _missing(world: World, client_of: ClientOf) -> Iterator[str]:
    """Pages of the other study that its own people do not get at the addresses that the test asks for."""
    clients = {name: client_of(who) for name, who in world.other.people.items()}
    for name in sorted(routes_by_name().keys() - NO_PAGES - {"coding.waiting"}):
        route, parts = routes_by_name()[name], set(_replaced(name))
        if "GET" in (route.methods or ()) and len(parts) > 1:
            there = {part: twins.foreign(world.other, name, part) for part in parts}
            path = route.path_format.format(**twins.own(world.other, name) | there)
            status = clients[person_of(name)].get(path).status_code
            yield from [f"{name}: {status}"] if status != 200 else []


@on_both_in_full
@pytest.mark.timeout(7200)
def test_a_foreign_id_is_as_good_as_none(database: Database, world: World, client_of: ClientOf) -> None:
    assert list(_missing(world, client_of)) == []
    before, asked, found = held(database), Counter[str](), []
    # Which request has changed something is seen on SQLite; that one has, on both.
    with watching(database) if database.is_sqlite else nullcontext() as watch:
        for name, part, person in _asked():
            leaks = _leaks(world, watch, person, name, part)
            found += [f"{name} by {part} for the {person}: {leak}" for leak in leaks]
            asked[person] += 1
    assert found == []
    assert held(database) == before
    told = f"{asked.total()} foreign ids in addresses, asked by {len(asked)} kinds of people"
    report(14, f"{name_of(database)}: {told}: each answered as if it did not exist, database unchanged")
