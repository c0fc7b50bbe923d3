"""Rows from before the history held what was stored: counted, and missed or told apart where possible."""

import pytest
from sqlmodel import Session

from server.codebooks.queries import Codebook
from server.corpora.models import Post
from server.db.engine import Database
from server.history.actions import record
from server.projects.access import Access
from server.rebuilding.differences import Kind, Rebuilt
from server.rebuilding.queries import rebuild
from server.rebuilding.words import remarks, result_words
from server.rounds.models import Round
from tests import make
from tests.cast import Cast


def said(db: Session, by: Access, action: str, subject: str, **details: object) -> None:
    record(
        db,
        project_id=by.project_id,
        actor_id=by.account_id,
        action=action,
        subject=subject,
        details=details,
    )


def code(db: Session, cast: Cast, book: Codebook, of: Round, post: Post) -> None:
    make.coding(db, book, of, post, cast.annotator, {"stance": "favour"})


def test_earlier_codings_and_decisions_are_counted(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 3)
        own = make.round_(db, cast.project, book, posts, [cast.annotator])
        imported = make.round_(db, cast.project, book, posts, [cast.annotator], is_imported=True)
        code(db, cast, book, own, posts[0])
        said(db, cast.annotator, "coding.submit", "round 1 post 1", revision=1)
        for post in posts[:2]:
            code(db, cast, book, imported, post)
        said(db, cast.lead, "ratings.import", "round 2", codings=2)
        make.decision(db, book, posts[0], "stance", "against", cast.lead)
        change = {"before": [], "after": ["against"]}
        said(db, cast.lead, "adjudication.decide", "post 1", decided={"stance": change})
        found = rebuild(db, cast.lead.project_id)
        assert found == Rebuilt(n_codings_before=3, n_decisions_before=1)
        assert result_words(found).startswith("0 codings and 0 decisions rebuilt")
        assert [each.partition(":")[0] for each in remarks(found)] == [
            "3 codings cannot be rebuilt",
            "1 decision cannot be rebuilt",
        ]
        # One more of each, that no event tells of.
        code(db, cast, book, own, posts[1])
        code(db, cast, book, imported, posts[2])
        make.decision(db, book, posts[1], "stance", "against", cast.lead)
        added = rebuild(db, cast.lead.project_id).named
        assert [(each.kind, each.what, each.post) for each in added] == [
            (Kind.ADDED, "coding", 2),
            (Kind.ADDED, "coding", 3),
            (Kind.ADDED, "decision", 2),
        ]


@pytest.mark.parametrize("subject", ["round 1 post 2", "round 7 post 1"])
def test_an_earlier_coding_that_is_gone_is_missed(database: Database, cast: Cast, subject: str) -> None:
    with database.writing() as db:
        book, posts = make.published(db, cast.project), make.posts(db, cast.project, 2)
        make.round_(db, cast.project, book, posts, [cast.annotator])
        said(db, cast.annotator, "coding.correct", subject, revision=2)
        [missing] = rebuild(db, cast.lead.project_id).named
    assert missing.kind is Kind.MISSING
