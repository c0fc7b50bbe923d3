"""A study with gold: what most tests of training start from."""

from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import Session

from server.codebooks.queries import Codebook
from server.corpora.models import Post
from server.projects.access import Access
from server.rounds.actions import open_round
from server.rounds.design import Purpose, RoundDesign
from server.rounds.pass_rules import PassRule
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast

GOLD = {"expression": ["attachment"], "emotion": "2", "stance": "favour"}
RIGHT = {"v-expression": ["attachment"], "v-emotion": "2", "v-stance": "favour"}
WRONG = RIGHT | {"v-stance": "against"}


@dataclass(frozen=True)
class Study:
    """Posts of which the first ones have gold. Rounds are numbered as they are opened."""

    cast: Cast
    book: Codebook
    posts: list[Post]

    def path(self, number: int, position: int | str = "") -> str:
        base = f"/projects/{self.cast.project.key}/rounds/{number}"
        return f"{base}/code/{position}" if position else base


def study(db: Session, cast: Cast, *, n_gold: int = 3, n_posts: int = 10) -> Study:
    book, posts = make.published(db, cast.project), make.posts(db, cast.project, n_posts)
    for one in posts[:n_gold]:
        make.gold(db, book, one, GOLD, cast.lead)
    return Study(cast, book, posts)


def number_of(who: Access) -> int:
    """The casts of the tests have the lead first, then adjudicator, annotator and the other one."""
    return {"lead": 1, "adjudicator": 2, "annotator": 3}[who.role]


def train(db: Session, of: Study, rule: PassRule | None = None, **fields: Any) -> int:
    """Open a training round with the gold of the study for its annotator."""
    design: dict[str, Any] = {
        "title": "Training",
        "purpose": Purpose.TRAINING,
        "annotators": (3,),
        "seed": 1,
        "shows_gold": True,
        "pass_rule": rule,
    }
    return open_round(db, of.cast.lead, RoundDesign(**(design | fields)))


def main(db: Session, of: Study, **fields: Any) -> int:
    """Open a main round for the annotator."""
    design: dict[str, Any] = {"title": "Main", "purpose": Purpose.MAIN, "annotators": (3,), "seed": 1}
    return open_round(db, of.cast.lead, RoundDesign(**(design | fields)))


def submitted(client: TestClient, path: str, answers: dict[str, Any] = RIGHT, **headers: str) -> Response:
    """Open the coding form and submit these answers."""
    fields = form_fields(client.get(path), "/code/")
    return post(client, path, fields | answers, headers=headers)
