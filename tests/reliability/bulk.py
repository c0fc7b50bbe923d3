"""Many codings at once, as an import would leave them, faster than `make.coding` writes one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel import Session, col

from server.codebooks.queries import Codebook
from server.coding.models import Coding, CodingAnswer
from server.corpora.models import Post
from server.projects.access import Access
from server.projects.models import Member, Project
from server.projects.roles import Role
from server.rounds.models import Assignment, Round, RoundAnnotator
from tests import make

Answer = Sequence[str] | str | float


@dataclass
class Rated:
    """One annotator's answers about one post; a list of codes is a multiple choice."""

    post: str
    coder: str
    answers: Mapping[str, Answer]
    group: str | None = None


@dataclass
class Written:
    """What was written."""

    round: Round
    members: dict[str, Access] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)


def write(
    db: Session,
    of: Project,
    book: Codebook,
    rated: Sequence[Rated],
    authors: Mapping[str, str | None] | None = None,
    **round_fields: Any,
) -> Written:
    """A round with these codings. Posts without a known author have none."""
    posts = list(dict.fromkeys(one.post for one in rated))
    written = Written(make.round_(db, of, book, [], [], **round_fields))
    written.posts = _posts(db, of, posts, authors or {})
    groups = {one.coder: one.group for one in rated}
    written.members = {coder: _member(db, of, coder, group) for coder, group in groups.items()}
    _counters(db, written, rated)
    _codings(db, book, written, rated)
    return written


def _member(db: Session, of: Project, coder: str, group: str | None) -> Access:
    access = make.member(db, of, Role.ANNOTATOR, coder)
    db.get_one(Member, access.member_id).coder_group = group
    db.flush()
    return access


def _next(db: Session, table: Any) -> int:
    return 1 + (db.scalar(select(func.max(table.id))) or 0)


def _posts(
    db: Session, of: Project, posts: Sequence[str], authors: Mapping[str, str | None]
) -> dict[str, int]:
    [example] = make.posts(db, of, 1)
    rows: list[dict[str, Any]] = [
        {
            "project_id": of.id,
            "number": example.number + place,
            "external_id": post,
            "text": f"Post {post}",
            "author": authors.get(post),
            "extra": {},
            "content_hash": post,
            "import_batch_id": example.import_batch_id,
        }
        for place, post in enumerate(posts, start=1)
    ]
    ids: Any = db.scalars(insert(Post).returning(col(Post.id), sort_by_parameter_order=True), rows)
    return dict(zip(posts, ids, strict=True))


def _counters(db: Session, written: Written, rated: Sequence[Rated]) -> None:
    assert written.round.id is not None
    for coder, access in written.members.items():
        n = sum(one.coder == coder for one in rated)
        of, who = written.round.id, access.member_id
        db.add(RoundAnnotator(round_id=of, member_id=who, n_assigned=n, n_submitted=n))
    db.flush()


def _codings(db: Session, book: Codebook, written: Written, rated: Sequence[Rated]) -> None:
    first_assignment, first_coding = _next(db, Assignment), _next(db, Coding)
    assignments, codings, answers = [], [], []
    for place, one in enumerate(rated):
        coding_id = first_coding + place
        assignments.append(
            {
                "id": first_assignment + place,
                "round_id": written.round.id,
                "post_id": written.posts[one.post],
                "member_id": written.members[one.coder].member_id,
                "position": place + 1,
                "state": "submitted",
                "coding_id": coding_id,
                "changed_at": make.MOMENT,
            }
        )
        codings.append(
            {
                "id": coding_id,
                "assignment_id": first_assignment + place,
                "revision": 1,
                "version_id": book.version_id,
                "submitted_at": make.MOMENT,
                "form_token": f"bulk {coding_id}",
                "body_hash": "",
            }
        )
        for key, answer in one.answers.items():
            variable = book.variable_by_key[key]
            fixed = {"coding_id": coding_id, "variable_id": variable.id, **_EMPTY}
            answers += [fixed | cells for cells in make.answer_cells(book, key, answer)]
    db.execute(insert(Assignment), assignments)
    db.execute(insert(Coding), codings)
    db.execute(insert(CodingAnswer), answers)


_EMPTY: dict[str, Any] = {"code_id": None, "number": None, "text": None, "nothing_applies": False}


def revise(
    db: Session, book: Codebook, assignment: Assignment, answers: Mapping[str, Answer], at: Any
) -> None:
    """A second submission of an assignment, made at this moment."""
    assert assignment.coding_id is not None
    n = db.scalar(select(func.count()).where(col(Coding.assignment_id) == assignment.id)) or 0
    row = Coding(
        assignment_id=assignment.id or 0,
        revision=n + 1,
        version_id=book.version_id,
        submitted_at=at,
        form_token=f"revision {assignment.id} {n}",
        body_hash="",
    )
    db.add(row)
    db.flush()
    assert row.id is not None
    for key, answer in answers.items():
        for cells in make.answer_cells(book, key, answer):
            db.add(CodingAnswer(coding_id=row.id, variable_id=book.variable_by_key[key].id, **cells))
    assignment.coding_id = row.id
    db.flush()
