"""A study to load: posts, a codebook of ten questions' worth of codes, annotators who are signed in."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from server.accounts.models import Account, SignInSession
from server.accounts.queries import hash_token
from server.codebooks.models import Code, CodebookVersion, CodeEntry, Variable, VariableEntry
from server.corpora.models import ImportBatch, Post
from server.projects.models import Member, Project
from server.rounds.models import Assignment, Round, RoundAnnotator

MOMENT = datetime(2025, 8, 8, 21, 14, tzinfo=UTC)
PROJECT_KEY = "benchmark"
TEXT = (
    "I used it every evening to plan my lessons and, honestly, to talk when nobody else was awake. "
    "The new one answers faster but it does not know me. #Keep4o https://example.org/{number}"
)
CODEBOOK: Mapping[str, tuple[str, Sequence[str]]] = {
    "expression": (
        "multiple",
        ("attachment", "dependency", "quality", "choice", "rights", "workaround"),
    ),
    "emotion": ("ordinal", ("0", "1", "2", "3")),
    "stance": ("single", ("against", "ambivalent", "favour", "unclear")),
}
ANSWERS = (
    ("v-expression", "attachment"),
    ("v-expression", "rights"),
    ("v-emotion", "2"),
    ("v-stance", "against"),
)


@dataclass(frozen=True)
class Annotator:
    """One who codes: the token of their session's cookie."""

    session: str


def add_rows(db: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Write rows as they are."""
    db.connection().execute(insert(cast(SqlTable, table.__table__)), rows)  # type: ignore[attr-defined]


def fill(db: Session, n_posts: int, n_annotators: int, share: int) -> list[Annotator]:
    """An open round over `n_posts` posts in which each annotator has `share` of them."""
    add_project(db)
    _posts(db, n_posts)
    people = [Annotator(secrets.token_urlsafe(16)) for _ in range(n_annotators)]
    _people(db, people)
    _round(db, n_posts, n_annotators, min(share, n_posts))
    return people


def add_project(db: Session) -> None:
    """The project, number 1, with its published codebook."""
    project = {"id": 1, "key": PROJECT_KEY, "title": "Load", "description": "", "created_at": MOMENT}
    add_rows(db, Project, [project])
    version = {"id": 1, "project_id": 1, "number": 1, "created_at": MOMENT, "published_at": MOMENT}
    add_rows(db, CodebookVersion, [version])
    code_id = 0
    for number, (key, (kind, codes)) in enumerate(CODEBOOK.items(), start=1):
        add_rows(db, Variable, [{"id": number, "project_id": 1, "key": key}])
        entry = {"version_id": 1, "variable_id": number, "position": number, "kind": kind}
        add_rows(db, VariableEntry, [entry | {"label": key.title(), "is_required": True}])
        for position, code in enumerate(codes):
            code_id += 1
            _code(db, code_id, number, position, code)


def _code(db: Session, code_id: int, variable_id: int, position: int, key: str) -> None:
    add_rows(db, Code, [{"id": code_id, "variable_id": variable_id, "key": key}])
    entry = {"version_id": 1, "variable_id": variable_id, "code_id": code_id, "position": position}
    words = {"label": key.title(), "definition": "What this code means, in a sentence or two. " * 2}
    more = {"value": float(position), "use_when": "The post says so.", "avoid_when": "It only hints at it."}
    add_rows(db, CodeEntry, [entry | words | more])


def _posts(db: Session, count: int) -> None:
    counts = dict.fromkeys(("n_new", "n_unchanged", "n_changed", "n_duplicates", "n_refused"), 0)
    batch = {"id": 1, "project_id": 1, "number": 1, "filename": "posts.csv", "file_hash": "", "mapping": {}}
    add_rows(db, ImportBatch, [batch | counts | {"imported_at": MOMENT}])
    posts = [
        {
            "id": number,
            "project_id": 1,
            "number": number,
            "external_id": str(10**18 + number),
            "text": TEXT.format(number=number),
            "author": f"user_{number % 381}",
            "posted_at": MOMENT,
            "extra": {},
            "content_hash": str(number),
            "import_batch_id": 1,
        }
        for number in range(1, count + 1)
    ]
    add_rows(db, Post, posts)


def _people(db: Session, people: list[Annotator]) -> None:
    numbered = list(enumerate(people, start=1))
    account = {"is_admin": False, "may_create_projects": False, "is_active": True, "created_at": MOMENT}
    add_rows(
        db,
        Account,
        [{"id": n, "name": f"annotator{n}", "display_name": f"Annotator {n}"} | account for n, _ in numbered],
    )
    expires = datetime.now(UTC) + timedelta(days=1)
    session = {"created_at": MOMENT, "expires_at": expires}
    add_rows(
        db,
        SignInSession,
        [{"token_hash": hash_token(person.session), "account_id": n} | session for n, person in numbered],
    )
    member = {"project_id": 1, "role": "annotator", "is_active": True, "joined_at": MOMENT}
    add_rows(db, Member, [{"id": n, "account_id": n, "number": n} | member for n, _ in numbered])


def _round(db: Session, n_posts: int, n_annotators: int, share: int) -> None:
    round_ = {"id": 1, "project_id": 1, "number": 1, "title": "Main round", "purpose": "main"}
    made = {"codebook_version_id": 1, "design": {}, "n_posts": n_posts, "opened_at": MOMENT}
    add_rows(db, Round, [round_ | made])
    counter = {"round_id": 1, "n_assigned": share, "n_submitted": 0, "n_skipped": 0}
    members = range(1, n_annotators + 1)
    add_rows(db, RoundAnnotator, [counter | {"member_id": member} for member in members])
    for member in members:
        add_rows(db, Assignment, _queue(member, n_posts, share))


def _queue(member: int, n_posts: int, share: int) -> list[dict[str, Any]]:
    """Every annotator begins elsewhere, so that they do not read the same pages of the file."""
    first = member * 997
    return [
        {
            "round_id": 1,
            "member_id": member,
            "post_id": 1 + (first + place) % n_posts,
            "position": place + 1,
            "state": "queued",
        }
        for place in range(share)
    ]
