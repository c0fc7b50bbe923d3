"""A random sample of a small corpus, and what its results say."""

from sqlmodel import Session

from server.codebooks.queries import Codebook
from server.results.choices import Ways
from server.results.report import results_report
from server.results.shares import Share
from tests import make
from tests.cast import Cast


def drawn(db: Session, cast: Cast) -> tuple[Cast, Codebook]:
    book = make.published(db, cast.project)
    posts = make.posts(db, cast.project, 8)
    round_ = make.round_(db, cast.project, book, posts[::2], [cast.annotator])
    round_.design = {"posts": "sample", "sample_size": 4, "seed": 7, "order": "random"}
    for number, post in enumerate(posts[::2]):
        answers = {"stance": "favour" if number else "against", "emotion": "1"}
        make.coding(db, book, round_, post, cast.annotator, answers)
    return cast, book


def against(db: Session, people: Cast, ways: Ways) -> Share:
    found = results_report(db, people.lead, ways)
    return next(one for one in found.variables if one.key == "stance").codes[0].share
