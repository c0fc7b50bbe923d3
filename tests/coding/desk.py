"""A round on the desk: what most tests of coding start from."""

from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import Session, col, select

from server.codebooks.queries import Codebook
from server.coding.models import Coding, CodingAnswer, Draft
from server.corpora.models import Post
from server.db.engine import Database
from server.projects.access import Access
from server.rounds.models import Assignment, Round, RoundAnnotator
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast

ANSWERS = {"v-expression": ["attachment", "quality"], "v-emotion": "2", "v-stance": "against"}


@dataclass(frozen=True)
class Study:
    """An open round of three posts with two annotators."""

    book: Codebook
    posts: list[Post]
    round: Round
    cast: Cast

    def path(self, position: int | str = "", number: int | None = None) -> str:
        base = f"/projects/{self.cast.project.key}/rounds/{number or self.round.number}/code"
        return f"{base}/{position}" if position else base


def study(db: Session, cast: Cast, *, posts: int = 3, book: Codebook | None = None) -> Study:
    book = book or make.published(db, cast.project)
    rows = make.posts(db, cast.project, posts)
    round_ = make.round_(db, cast.project, book, rows, [cast.annotator, cast.other_annotator])
    return Study(book, rows, round_, cast)


def opened(client: TestClient, path: str) -> dict[str, Any]:
    """The fields of the coding form at `path`, as the browser would send them unchanged."""
    page = client.get(path)
    assert page.status_code == 200, page.status_code
    return dict(form_fields(page, "/code/"))


def coded(client: TestClient, path: str, **answers: Any) -> Response:
    """Open the form at `path`, answer everything, and submit it."""
    changed = {name.replace("_", "-"): value for name, value in answers.items()}
    return post(client, path, opened(client, path) | ANSWERS | changed)


@dataclass(frozen=True)
class Stored:
    """All that the database holds of one assignment."""

    state: str
    skip_reason: str | None
    revisions: list[Coding]
    answers: list[tuple[str, Any]]
    draft: Draft | None
    counters: tuple[int, int]


def stored(database: Database, of: Study, position: int, by: Access) -> Stored:
    with database.reading() as db:
        assignment = db.exec(
            select(Assignment).where(
                Assignment.round_id == of.round.id,
                Assignment.member_id == by.member_id,
                Assignment.position == position,
            )
        ).one()
        counter = db.exec(
            select(RoundAnnotator).where(
                RoundAnnotator.round_id == of.round.id, RoundAnnotator.member_id == by.member_id
            )
        ).one()
        revisions = db.exec(
            select(Coding).where(Coding.assignment_id == assignment.id).order_by(col(Coding.revision))
        ).all()
        rows = db.exec(
            select(CodingAnswer)
            .where(CodingAnswer.coding_id == assignment.coding_id)
            .order_by(col(CodingAnswer.id))
        ).all()
        draft = db.get(Draft, assignment.id)
        db.expunge_all()
    answers = [_said(of.book, row) for row in rows]
    counters = (counter.n_submitted, counter.n_skipped)
    return Stored(assignment.state, assignment.skip_reason, list(revisions), answers, draft, counters)


def _said(book: Codebook, row: CodingAnswer) -> tuple[str, Any]:
    variable = book.variable_by_id[row.variable_id]
    if row.code_id is not None:
        return variable.key, variable.code_by_id[row.code_id].key
    return variable.key, "nothing" if row.nothing_applies else row.number if row.text is None else row.text
