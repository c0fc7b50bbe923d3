"""A small study whose agreement can be counted by hand."""

from dataclasses import dataclass

from server.codebooks.queries import Codebook
from server.corpora.models import Post
from server.db.engine import Database
from server.projects.access import Access
from server.rounds.models import Round
from tests import make
from tests.cast import Cast

# What two annotators said of six posts: expression, emotion, stance.
SAID: tuple[tuple[tuple[list[str], str, str], tuple[list[str], str, str]], ...] = (
    ((["attachment"], "3", "against"), (["attachment"], "3", "against")),
    ((["attachment"], "2", "against"), (["attachment", "quality"], "1", "against")),
    ((["attachment", "dependency"], "3", "favour"), (["attachment"], "3", "favour")),
    (([], "0", "ambivalent"), ([], "0", "favour")),
    ((["quality"], "1", "favour"), ([], "0", "favour")),
    ((["quality"], "0", "against"), (["quality"], "0", "ambivalent")),
)


@dataclass(frozen=True)
class Scene:
    """A round coded by both annotators of the cast, still open."""

    book: Codebook
    round: Round
    posts: list[Post]
    coders: tuple[Access, Access]


def coded(database: Database, cast: Cast, *, authors: int = 10, **fields: object) -> Scene:
    """The six posts, coded in a round with these fields."""
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, len(SAID), authors=authors)
        coders = (cast.annotator, cast.other_annotator)
        round_ = make.round_(db, cast.project, book, posts, coders, **fields)
        for post, said in zip(posts, SAID, strict=True):
            for coder, (expression, emotion, stance) in zip(coders, said, strict=True):
                answers = {"expression": expression, "emotion": emotion, "stance": stance}
                make.coding(db, book, round_, post, coder, answers)
    return Scene(book, round_, posts, coders)
