"""Typed plain functions that put rows into a test's database, with defaults for what does not matter.

They write rows directly, so that the tests of one feature do not depend on the actions of another.
"""

from tests.make.answers import Answers, answer_cells, coding, decision, gold
from tests.make.codebooks import CODEBOOK, published
from tests.make.corpora import posts
from tests.make.people import access, account, member, project, session
from tests.make.rounds import round_, shared_round
from tests.make.rows import MOMENT, id_of

__all__ = [
    "CODEBOOK",
    "MOMENT",
    "Answers",
    "access",
    "account",
    "answer_cells",
    "coding",
    "decision",
    "gold",
    "id_of",
    "member",
    "posts",
    "project",
    "published",
    "round_",
    "session",
    "shared_round",
]
