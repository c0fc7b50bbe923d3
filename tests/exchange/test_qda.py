"""Whole projects of REFI-QDA: ours go out and come back the same, those of others are read leniently."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from server.codebooks.actions import publish_sheet
from server.codebooks.queries import latest_published, sheet_of
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.codebooks.when import ConditionSheet
from server.coding.spans import Span
from server.corpora.actions import Source
from server.corpora.models import Post
from server.exchange.downloads import CODING_COLUMNS, coding_rows
from server.exchange.qda.outward import project_file
from server.exchange.qda.storing import import_project, read_file
from server.projects.access import Access
from server.projects.roles import Role
from tests import make
from tests.cast import Cast

FORMATS = Path(__file__).parents[3] / "shared/data/formats/refi-qda"
needs_formats = pytest.mark.skipif(not FORMATS.exists(), reason="the real files are not there")
HEART = "\N{BROKEN HEART}"
TEXT = f"I miss {HEART} the old one\nand <its> & warmth {HEART}"
SHEET = CodebookSheet(
    (
        VariableSheet(
            "expression",
            "multiple",
            "What is said?",
            "Mark the words.",
            codes=(
                CodeSheet(
                    "attachment", "Attachment", definition="Bound to it.", use_when="Value: it says so."
                ),
                CodeSheet("grief", "Grief", parent_key="attachment"),
                CodeSheet("quality", "Quality"),
            ),
        ),
        VariableSheet(
            "emotion",
            "ordinal",
            "How strong?",
            codes=(CodeSheet("low", "Low", 0.0), CodeSheet("high", "High", 1.5)),
        ),
        VariableSheet("years", "number", "How many years?", "", False, 0.0, 99.0),
        VariableSheet("why", "text", "Why?", when=frozenset({ConditionSheet("expression", "grief")})),
    )
)
# What a file cannot bring back: which round it was, and what was corrected before it.
APART = {"round", "codebook_version"}


def study(db: Session, cast: Cast) -> None:
    """Three posts, two rounds, two annotators, and every kind of answer."""
    publish_sheet(db, cast.lead, SHEET)
    book = latest_published(db, cast.project.id or 0)
    assert book is not None
    posts = make.posts(db, cast.project, 3)
    posts[0].text, posts[1].link, posts[1].posted_at = TEXT, "https://example.org/1", None
    posts[1].posted_at_text, posts[2].extra = "last summer", {"author": "another", "note": "a\r\nb\t<c>"}
    db.flush()
    expression = book.variable_by_key["expression"]
    grief = expression.code_by_key["grief"]
    spans = [Span(expression.id, grief.id, *place) for place in ((7, 8), (21, 42))]
    first = make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
    second = make.round_(db, cast.project, book, posts[:1], [cast.annotator])
    for post in posts:
        said: dict[str, Any] = {"expression": ["grief", "quality"], "emotion": "high", "years": 2.5}
        marked = spans if post is posts[0] else []
        memo = f"Question years: a memo\nof two lines {HEART}" if post is posts[0] else ""
        said["why"] = "Unsure: for\n\nreasons"
        make.coding(db, book, first, post, cast.annotator, said, is_unsure=True, memo=memo, spans=marked)
    for post in posts[:2]:
        make.coding(db, book, first, post, cast.other_annotator, {"expression": [], "emotion": "low"})
    make.coding(db, book, second, posts[0], cast.annotator, {"expression": ["attachment"]}, spans=())


def project(db: Session, access: Access, *, with_names: bool = False) -> bytes:
    with project_file(db, access, with_names=with_names) as file:
        return file.read()


def take(db: Session, access: Access, content: bytes, name: str = "study.qdpx") -> Any:
    return import_project(db, access, read_file(BytesIO(content), name), Source(name, "0" * 64))


def codings(db: Session, access: Access, *, with_names: bool) -> list[tuple[tuple[str, Any], ...]]:
    rows = (dict(zip(CODING_COLUMNS, row, strict=True)) for row in coding_rows(db, access, with_names))
    return sorted(tuple((name, cell) for name, cell in row.items() if name not in APART) for row in rows)


def posts_of(db: Session, access: Access) -> list[tuple[Any, ...]]:
    found = db.query(Post).filter_by(project_id=access.project_id).order_by(Post.number)
    return [
        (
            one.external_id,
            one.text,
            one.author,
            one.posted_at,
            (one.posted_at and "") or one.posted_at_text,
            one.link,
        )
        for one in found
    ]


def empty(db: Session) -> Access:
    other = make.project(db, title="Elsewhere")
    return make.member(db, other, Role.LEAD, "other_lead")


def test_a_project_goes_out_and_comes_back_the_same(db: Session, cast: Cast) -> None:
    study(db, cast)
    there = empty(db)

    outcome = take(db, there, project(db, cast.lead))

    book = latest_published(db, there.project_id)
    assert book is not None
    assert sheet_of(book) == SHEET
    assert codings(db, there, with_names=True) == codings(db, cast.lead, with_names=False)
    assert posts_of(db, there) == posts_of(db, cast.lead)
    assert (outcome.n_posts, outcome.n_codings, outcome.version, len(outcome.rounds)) == (3, 6, 1, 2)
