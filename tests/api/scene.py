"""A study that programs ask about, and the programs: everybody's token, for everything there is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import Session

from server.projects.access import Access
from server.projects.roles import Role
from server.tokens.actions import make_token
from server.tokens.scopes import Scope
from tests import make
from tests.cast import Cast

BASE = "/api/v1"
CODED: Mapping[str, Any] = {"stance": "against", "emotion": "2", "expression": ["attachment"]}


@dataclass(frozen=True)
class Programs:
    """A client without cookies, and a token of each person (empty for nobody)."""

    client: TestClient
    tokens: Mapping[str, str]
    key: str
    foreign_key: str

    def ask(self, person: str, path: str, method: str = "GET", **options: Any) -> Response:
        """What the program of this person is told; a path without a slash is the project’s."""
        where = path if path.startswith("/") else f"/projects/{self.key}/{path}".rstrip("/")
        headers = {**bearer(self.tokens[person]), **options.pop("headers", {})}
        answer: Response = self.client.request(method, BASE + where, headers=headers, **options)
        return answer


def bearer(token: str) -> dict[str, str]:
    """The header that a token is sent in."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def furnish(db: Session, cast: Cast) -> None:
    """Six posts. Round 1 is open, 2 locked, 3 revealed; in 4, which is open, the lead codes post 6.

    Everybody who codes has coded; the lead has decided on the stance of all posts but the fifth.
    """
    book = make.published(db, cast.project)
    posts = make.posts(db, cast.project, 6)
    both = (cast.annotator, cast.other_annotator)
    states: list[dict[str, Any]] = [
        {},
        {"locked_at": make.MOMENT},
        {"locked_at": make.MOMENT, "revealed_at": make.MOMENT},
    ]
    for state, some in zip(states, (posts[:2], posts[2:4], posts[4:5]), strict=True):
        _round(db, cast, book, some, both, state)
    _round(db, cast, book, posts[5:], (cast.lead, cast.annotator), {})
    for post in (*posts[:4], posts[5]):
        make.decision(db, book, post, "stance", "favour", cast.adjudicator, reason="Read again.")


def _round(
    db: Session, cast: Cast, book: Any, posts: Any, people: tuple[Access, ...], state: dict[str, Any]
) -> None:
    round_ = make.round_(db, cast.project, book, posts, people, **state)
    for post in posts:
        for person in people:
            make.coding(db, book, round_, post, person, CODED, memo=f"memo of {person.member_id}")


def people_of(db: Session, cast: Cast) -> dict[str, Access | None]:
    """The persons of the access table."""
    other = make.project(db, "Another study")
    admin = make.account(db, "server_admin", is_admin=True)
    return {
        "anonymous": None,
        "outsider": make.member(db, other, Role.LEAD, "outsider"),
        "viewer": cast.viewer,
        "annotator": cast.annotator,
        "other annotator": cast.other_annotator,
        "adjudicator": cast.adjudicator,
        "lead": cast.lead,
        "admin": replace(cast.lead, account_id=make.id_of(admin)),
        "deactivated": make.member(db, cast.project, Role.LEAD, "left", is_active=False),
    }


def tokens_of(
    db: Session, people: Mapping[str, Access | None], scopes: tuple[Scope, ...] = tuple(Scope)
) -> dict[str, str]:
    """A token of everybody, for all of their projects."""
    return {
        name: "" if person is None else make_token(db, person.account_id, "script", scopes, 30)
        for name, person in people.items()
    }
