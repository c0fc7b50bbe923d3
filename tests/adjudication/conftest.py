"""A study with three annotators, and short ways to code a post and to open its pages."""

from dataclasses import dataclass, field

import pytest
from sqlmodel import Session

from server.adjudication.filters import Filters
from server.adjudication.queries import Selected, selected
from server.adjudication.scope import scope_of
from server.codebooks.queries import Codebook
from server.corpora.models import Post
from server.db.engine import Database
from server.projects.access import Access
from server.projects.roles import Role
from server.rounds.models import Round
from tests import make
from tests.cast import Cast

KINDS = {**make.CODEBOOK, "hours": ("number", ()), "remark": ("text", ())}


@dataclass
class Study:
    """What the tests of disagreements share."""

    cast: Cast
    third: Access
    book: Codebook
    posts: list[Post] = field(default_factory=list)
    main: Round | None = None

    @property
    def annotators(self) -> list[Access]:
        return [self.cast.annotator, self.cast.other_annotator, self.third]

    def open_round(self, db: Session, posts: list[Post], **fields: object) -> Round:
        return make.round_(db, self.cast.project, self.book, posts, self.annotators, **fields)

    def code(self, db: Session, number: int, *answers: make.Answers | None, **more: bool | str) -> None:
        """One annotator after the other codes the post; None leaves it to them."""
        assert self.main is not None
        for annotator, said in zip(self.annotators, answers, strict=False):
            if said is not None:
                make.coding(db, self.book, self.main, self.posts[number - 1], annotator, said, **more)  # type: ignore[arg-type]

    def queue(self, db: Session, access: Access, **filters: str) -> Selected:
        return selected(db, access, scope_of(db, access), Filters(**filters))

    def numbers(self, db: Session, access: Access, **filters: str) -> list[int]:
        numbers = {post.id: post.number for post in self.posts}
        return [numbers[each.post_id] for each in self.queue(db, access, **filters).queue.listed]

    def path(self, number: int | str = "", rest: str = "") -> str:
        place = f"/projects/{self.cast.project.key}/disagreements"
        return f"{place}/{number}{rest}" if number else place + rest


@pytest.fixture
def study(database: Database, cast: Cast) -> Study:
    """Eight posts in a locked main round of three annotators; nothing is coded yet."""
    with database.writing() as db:
        third = make.member(db, cast.project, Role.ANNOTATOR, "third")
        found = Study(cast, third, make.published(db, cast.project, KINDS))
        found.posts = make.posts(db, cast.project, 8)
        found.main = found.open_round(db, found.posts, locked_at=make.MOMENT)
    return found


@pytest.fixture
def disputed(database: Database, study: Study) -> Study:
    """Three disputed posts, lowest agreement first 3, 1, 2."""
    with database.writing() as db:
        one = {"stance": "against", "emotion": "2"}
        study.code(db, 1, one, {"stance": "favour", "emotion": "2"}, one)
        study.code(
            db, 2, {"expression": ["quality"], **one}, {"expression": ["quality", "dependency"], **one}, one
        )
        study.code(db, 3, {"stance": "against"}, {"stance": "favour"}, is_unsure=True, memo="work or bond?")
    return study
