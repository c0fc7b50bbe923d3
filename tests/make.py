"""Typed plain functions that put rows into a test's database, with defaults for what does not matter.

They write rows directly, so that the tests of one feature do not depend on the actions of another.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, func, select

from server.accounts.models import Account, SignInSession
from server.accounts.queries import hash_token
from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.codebooks.models import (
    Code,
    CodebookVersion,
    CodeEntry,
    Variable,
    VariableCondition,
    VariableEntry,
)
from server.codebooks.queries import Codebook, codebook
from server.coding.models import Coding, CodingAnswer, CodingSpan
from server.coding.spans import Span
from server.corpora.models import ImportBatch, Post
from server.db.prepared import Prepared
from server.gold.models import Gold, GoldAnswer, StandingGold
from server.projects.access import Access
from server.projects.models import Member, Project
from server.projects.roles import Role
from server.rounds.models import Assignment, QueueSlot, Round, RoundAnnotator, RoundQueue
from tests.rows import put

MOMENT = datetime(2025, 8, 8, 21, 14, tzinfo=UTC)

# variable key → (kind, codes); the codes of an ordinal variable are its numbers.
CODEBOOK: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "expression": ("multiple", ("attachment", "dependency", "quality")),
    "emotion": ("ordinal", ("0", "1", "2", "3")),
    "stance": ("single", ("against", "ambivalent", "favour")),
}

Answers = Mapping[str, Sequence[str] | str | float | None]


def id_of(row: Any) -> int:
    """The id of a row that is in the database."""
    assert isinstance(row.id, int)
    return row.id


def _add(db: Session, *rows: Any) -> None:
    db.add_all(rows)
    db.flush()


def account(db: Session, name: str, *, is_admin: bool = False, is_active: bool = True) -> Account:
    """An account without a password: tests sign in with `session`."""
    row = Account(**_account(name), is_admin=is_admin, may_create_projects=is_admin, is_active=is_active)
    _add(db, row)
    return row


def _account(name: str) -> dict[str, Any]:
    return {"name": name, "display_name": name.replace("_", " ").title(), "created_at": MOMENT}


def session(db: Session, account_id: int) -> str:
    """A signed-in browser of this account; returns the token of its cookie."""
    token = secrets.token_urlsafe(32)
    expires = datetime.now(UTC) + timedelta(days=1)
    _add(
        db,
        SignInSession(
            token_hash=hash_token(token),
            account_id=account_id,
            created_at=MOMENT,
            expires_at=expires,
            seen_at=datetime.now(UTC),
        ),
    )
    return token


def project(db: Session, title: str = "A study", *, is_synthetic: bool = False) -> Project:
    """An empty project."""
    row = Project(
        key=secrets.token_hex(6), title=title, is_synthetic=is_synthetic, created_by=None, created_at=MOMENT
    )
    _add(db, row)
    return row


def member(db: Session, of: Project, role: Role, name: str, *, is_active: bool = True) -> Access:
    """A new account that is a member of the project, as the access it acts with."""
    [account_id] = put(db, Account, [_account(f"{name}_{of.key}")])
    number = db.scalar(select(func.count()).where(col(Member.project_id) == of.id)) or 0
    row = {
        "project_id": of.id,
        "account_id": account_id,
        "number": number + 1,
        "role": role,
        "is_active": is_active,
        "joined_at": MOMENT,
    }
    [member_id] = put(db, Member, [row])
    return Access(account_id, member_id, role, id_of(of), of.key, of.title)


def access(of: Project, row: Member) -> Access:
    """The access of a member."""
    assert of.id is not None
    assert row.id is not None
    return Access(row.account_id, row.id, Role(row.role), of.id, of.key, of.title)


def published(
    db: Session,
    of: Project,
    variables: Mapping[str, tuple[str, tuple[str, ...]]] = CODEBOOK,
    when: Mapping[str, Sequence[tuple[str, str | None]]] | None = None,
    parents: Mapping[str, Mapping[str, str]] | None = None,
) -> Codebook:
    """A published codebook with these variables. `when`: variable → after which codes of others (or None).

    `parents`: variable → code → the code above it.
    """
    numbers = select(func.count()).where(col(CodebookVersion.project_id) == of.id)
    version = CodebookVersion(
        project_id=id_of(of), number=(db.scalar(numbers) or 0) + 1, created_at=MOMENT, published_at=MOMENT
    )
    _add(db, version)
    ids = _identities(db, version, {key: codes for key, (_kind, codes) in variables.items()})
    put(db, VariableEntry, _variable_entries(version, ids, variables))
    put(db, CodeEntry, _code_entries(version, ids, variables, parents or {}))
    put(db, VariableCondition, _conditions(version, ids, when or {}))
    return codebook(db, id_of(version))


@dataclass(frozen=True)
class _Identity:
    """The id of a variable, and the ids of its codes by their keys."""

    id: int
    codes: dict[str, int] = field(default_factory=dict)


_Identities = Mapping[str, _Identity]


def _identities(db: Session, version: CodebookVersion, codes: Mapping[str, Sequence[str]]) -> _Identities:
    """The variables with these keys and codes: those of earlier versions, and new ones."""
    found = _known(db, version.project_id) if version.number > 1 else {}
    keys = [key for key in codes if key not in found]
    new = put(db, Variable, ({"project_id": version.project_id, "key": key} for key in keys))
    found |= {key: _Identity(of) for key, of in zip(keys, new, strict=True)}
    missing = [(found[key], code) for key in codes for code in codes[key] if code not in found[key].codes]
    new = put(db, Code, ({"variable_id": variable.id, "key": code} for variable, code in missing))
    for (variable, code), of in zip(missing, new, strict=True):
        variable.codes[code] = of
    return found


def _known(db: Session, project_id: int) -> dict[str, _Identity]:
    variables = db.exec(select(Variable).where(Variable.project_id == project_id)).all()
    found = {id_of(row): _Identity(id_of(row)) for row in variables}
    for code in db.exec(select(Code).where(col(Code.variable_id).in_(found))):
        found[code.variable_id].codes[code.key] = id_of(code)
    return {row.key: found[id_of(row)] for row in variables}


def _variable_entries(
    version: CodebookVersion, ids: _Identities, variables: Mapping[str, tuple[str, tuple[str, ...]]]
) -> Iterator[dict[str, Any]]:
    for position, (key, (kind, _codes)) in enumerate(variables.items()):
        yield {
            "version_id": version.id,
            "variable_id": ids[key].id,
            "position": position,
            "kind": kind,
            "label": key.title(),
        }


def _code_entries(
    version: CodebookVersion,
    ids: _Identities,
    variables: Mapping[str, tuple[str, tuple[str, ...]]],
    parents: Mapping[str, Mapping[str, str]],
) -> Iterator[dict[str, Any]]:
    for key, (kind, codes) in variables.items():
        above = parents.get(key, {})
        for position, code in enumerate(codes):
            yield {
                "version_id": version.id,
                "variable_id": ids[key].id,
                "code_id": ids[key].codes[code],
                "parent_id": ids[key].codes[above[code]] if code in above else None,
                "position": position,
                "value": float(position) if kind == "ordinal" else None,
                "label": code.title(),
                "definition": f"What {code} means.",
            }


def _conditions(
    version: CodebookVersion, ids: _Identities, when: Mapping[str, Sequence[tuple[str, str | None]]]
) -> Iterator[dict[str, Any]]:
    for key, answers in when.items():
        for on, code in answers:
            yield {
                "version_id": version.id,
                "variable_id": ids[key].id,
                "on_variable_id": ids[on].id,
                "code_id": None if code is None else ids[on].codes[code],
            }


def posts(db: Session, of: Project, count: int = 3, *, authors: int = 2) -> list[Post]:
    """`count` posts by `authors` authors."""
    batch = ImportBatch(
        project_id=id_of(of),
        number=1 + (db.scalar(select(func.count()).where(ImportBatch.project_id == of.id)) or 0),
        filename="posts.csv",
        file_hash="0" * 64,
        mapping={},
        n_new=count,
        n_unchanged=0,
        n_changed=0,
        n_duplicates=0,
        n_refused=0,
        imported_by=None,
        imported_at=MOMENT,
    )
    _add(db, batch)
    first = 1 + (db.scalar(select(func.count()).where(Post.project_id == of.id)) or 0)
    put(db, Post, (_post(of, batch, number, authors) for number in range(first, first + count)))
    return [*db.exec(select(Post).where(Post.import_batch_id == batch.id).order_by(col(Post.number)))]


def _post(of: Project, batch: ImportBatch, number: int, authors: int) -> dict[str, Any]:
    return {
        "project_id": of.id,
        "number": number,
        "external_id": f"19555500000000{number:05d}",
        "text": f"I miss the old one. Post {number} \N{BROKEN HEART} #Keep4o",
        "author": f"user_{number % authors}",
        "posted_at": MOMENT + timedelta(minutes=number),
        "extra": {"lang": "en"},
        "content_hash": f"{number:064d}",
        "import_batch_id": batch.id,
    }


def round_(
    db: Session,
    of: Project,
    book: Codebook,
    of_posts: Sequence[Post],
    annotators: Sequence[Access],
    **fields: Any,
) -> Round:
    """An open round in which every annotator has every post, in the order given."""
    values: dict[str, Any] = {"purpose": "main", "title": "Main round", "opened_at": MOMENT, "design": {}}
    number = 1 + (db.scalar(select(func.count()).where(Round.project_id == of.id)) or 0)
    row = Round(
        project_id=id_of(of),
        number=number,
        codebook_version_id=book.version_id,
        n_posts=len(of_posts),
        opened_by=None,
        **(values | fields),
    )
    _add(db, row)
    _let_in(db, row, annotators, n_assigned=len(of_posts))
    put(
        db,
        Assignment,
        (
            {"round_id": row.id, "post_id": post.id, "member_id": annotator.member_id, "position": position}
            for annotator in annotators
            for position, post in enumerate(of_posts, start=1)
        ),
    )
    return row


def _let_in(db: Session, of: Round, annotators: Iterable[Access], n_assigned: int) -> None:
    ids = [annotator.member_id for annotator in annotators]
    rows = ({"round_id": of.id, "member_id": one, "n_assigned": n_assigned} for one in ids)
    put(db, RoundAnnotator, rows)


def shared_round(
    db: Session,
    of: Project,
    book: Codebook,
    of_posts: Sequence[Post],
    annotators: Sequence[Access],
    *,
    k: int = 1,
    **rules: Any,
) -> Round:
    """An open round whose posts are handed out from a shared queue, in the order given."""
    row = round_(db, of, book, of_posts, [], title="Shared round")
    slots = [(post, rank, n) for rank, post in enumerate(of_posts, start=1) for n in range(1, k + 1)]
    _add(db, RoundQueue(**{"round_id": id_of(row), "lease_minutes": 60, "n_slots": len(slots)} | rules))
    put(
        db,
        QueueSlot,
        ({"round_id": row.id, "post_id": post.id, "rank": rank, "n": n} for post, rank, n in slots),
    )
    _let_in(db, row, annotators, n_assigned=0)
    return row


_IN_ROUND = (Assignment.round_id == bindparam("of_round"), Assignment.member_id == bindparam("of_member"))
_assigned = Prepared(select(col(Assignment.id)).where(*_IN_ROUND, Assignment.post_id == bindparam("of_post")))
_submitted = Prepared(
    update(Assignment)
    .where(col(Assignment.id) == bindparam("of_assignment"))
    .values(state="submitted", coding_id=bindparam("of_coding"), changed_at=MOMENT)
)
_counted = Prepared(
    update(RoundAnnotator)
    .where(
        col(RoundAnnotator.round_id) == bindparam("of_round"),
        col(RoundAnnotator.member_id) == bindparam("of_member"),
    )
    .values(n_submitted=RoundAnnotator.n_submitted + 1)
)


@dataclass(frozen=True)
class Coded:
    """The ids of a coding and of what it answers."""

    id: int
    assignment_id: int


def coding(
    db: Session,
    book: Codebook,
    of: Round,
    post: Post,
    by: Access,
    answers: Answers,
    *,
    is_unsure: bool = False,
    memo: str = "",
    spans: Iterable[Span] = (),
) -> Coded:
    """A submitted coding. `answers`: variable key → code key, list of code keys (empty: nothing
    applies), number or text; None leaves the variable out."""
    db.flush()
    connection, place = db.connection(), {"of_round": of.id, "of_member": by.member_id}
    assignment_id = _assigned.all(connection, {**place, "of_post": post.id})[0].id
    row = {
        "assignment_id": assignment_id,
        "revision": 1,
        "version_id": book.version_id,
        "submitted_at": MOMENT,
        "memo": memo,
        "is_unsure": is_unsure,
        "form_token": secrets.token_hex(8),
        "body_hash": "",
    }
    [coding_id] = put(db, Coding, [row])
    put(db, CodingAnswer, ({"coding_id": coding_id, **cells} for cells in _answer_rows(book, answers)))
    put(db, CodingSpan, ({"coding_id": coding_id, **vars(span)} for span in spans))
    _submitted.run(connection, {"of_assignment": assignment_id, "of_coding": coding_id})
    _counted.run(connection, place)
    for known in db.identity_map.values():
        if isinstance(known, Assignment | RoundAnnotator):
            db.expire(known)
    return Coded(coding_id, assignment_id)


def _answer_rows(book: Codebook, answers: Answers) -> Iterator[dict[str, Any]]:
    for key, answer in answers.items():
        for cells in answer_cells(book, key, answer):
            yield {"variable_id": book.variable_by_key[key].id, **cells}


def answer_cells(book: Codebook, key: str, answer: Any) -> list[dict[str, Any]]:
    """The value columns of an answer, a dict a row."""
    variable = book.variable_by_key[key]
    if answer is None:
        return []
    if variable.kind == "number":
        return [{"number": float(answer)}]
    if variable.kind == "text":
        return [{"text": str(answer)}]
    if variable.kind == "multiple" and not answer:
        return [{"nothing_applies": True}]
    keys = [answer] if isinstance(answer, str) else list(answer)
    return [{"code_id": variable.code_by_key[code_key].id} for code_key in keys]


def decision(
    db: Session,
    book: Codebook,
    post: Post,
    key: str,
    answer: Any,
    by: Access,
    *,
    basis: str = "adjudicated",
    reason: str = "",
) -> Decision:
    """A standing decision of one variable of one post."""
    variable = book.variable_by_key[key]
    row = Decision(
        project_id=post.project_id,
        post_id=id_of(post),
        variable_id=id_of(variable),
        basis=basis,
        reason=reason,
        decided_by=by.account_id,
        decided_at=MOMENT,
    )
    _add(db, row)
    put(db, DecisionAnswer, ({"decision_id": row.id, **cells} for cells in answer_cells(book, key, answer)))
    _add(
        db,
        StandingDecision(
            post_id=id_of(post),
            variable_id=id_of(variable),
            project_id=post.project_id,
            decision_id=id_of(row),
        ),
    )
    return row


def gold(
    db: Session, book: Codebook, post: Post, answers: Answers, by: Access, *, note: str = "Read it twice."
) -> Gold:
    """The first edition of a post's gold answers."""
    row = Gold(
        post_id=id_of(post),
        edition=1,
        version_id=book.version_id,
        note=note,
        written_by=by.account_id,
        written_at=MOMENT,
    )
    _add(db, row)
    put(db, GoldAnswer, ({"gold_id": row.id, **cells} for cells in _answer_rows(book, answers)))
    _add(db, StandingGold(post_id=id_of(post), project_id=post.project_id, gold_id=id_of(row)))
    return row
