"""Typed plain functions that put rows into a test's database, with defaults for what does not matter.

They write rows directly, so that the tests of one feature do not depend on the actions of another.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

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
from server.gold.models import Gold, GoldAnswer, StandingGold
from server.projects.access import Access
from server.projects.models import Member, Project
from server.projects.roles import Role
from server.rounds.models import Assignment, QueueSlot, Round, RoundAnnotator, RoundQueue

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
    row = Account(
        name=name,
        display_name=name.replace("_", " ").title(),
        is_admin=is_admin,
        may_create_projects=is_admin,
        is_active=is_active,
        created_at=MOMENT,
    )
    _add(db, row)
    return row


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
    person = account(db, f"{name}_{of.key}")
    number = db.scalar(select(func.count()).where(col(Member.project_id) == of.id)) or 0
    row = Member(
        project_id=id_of(of),
        account_id=id_of(person),
        number=number + 1,
        role=role,
        is_active=is_active,
        joined_at=MOMENT,
    )
    _add(db, row)
    return access(of, row)


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
    _entries(db, version, variables)
    for key, answers in (when or {}).items():
        _add(db, *(_condition(db, version, key, on, code) for on, code in answers))
    for key, above in (parents or {}).items():
        _nest(db, version, key, above)
    assert version.id is not None
    return codebook(db, version.id)


def _nest(db: Session, version: CodebookVersion, key: str, above: Mapping[str, str]) -> None:
    variable = select(Variable.id).where(Variable.project_id == version.project_id, Variable.key == key)
    codes = db.exec(select(Code).where(Code.variable_id == db.exec(variable).one())).all()
    ids = {code.key: id_of(code) for code in codes}
    entries = db.exec(select(CodeEntry).where(CodeEntry.version_id == version.id)).all()
    for entry in entries:
        for child, parent in above.items():
            if entry.code_id == ids[child]:
                entry.parent_id = ids[parent]
    _add(db, *entries)


def _condition(
    db: Session, version: CodebookVersion, key: str, on: str, code: str | None
) -> VariableCondition:
    rows = db.exec(select(Variable).where(Variable.project_id == version.project_id)).all()
    ids = {row.key: id_of(row) for row in rows}
    found = select(Code.id).where(Code.variable_id == ids[on], Code.key == code)
    return VariableCondition(
        version_id=id_of(version),
        variable_id=ids[key],
        on_variable_id=ids[on],
        code_id=None if code is None else db.exec(found).one(),
    )


def _entries(
    db: Session, version: CodebookVersion, variables: Mapping[str, tuple[str, tuple[str, ...]]]
) -> None:
    """All rows of a kind at once: thousands of tests begin with a codebook."""
    identities = _variables(db, version, variables)
    codes = _codes(db, {id_of(identities[key]): codes for key, (_kind, codes) in variables.items()})
    for position, (key, (kind, _codes_of)) in enumerate(variables.items()):
        of = id_of(identities[key])
        label = key.title()
        db.add(
            VariableEntry(
                version_id=id_of(version), variable_id=of, position=position, kind=kind, label=label
            )
        )
    for key, (kind, code_keys) in variables.items():
        of = id_of(identities[key])
        for place, code in enumerate(code_keys):
            value = float(place) if kind == "ordinal" else None
            db.add(_code_entry(version, of, codes[of, code], place, value))
    db.flush()


def _variables(db: Session, version: CodebookVersion, keys: Iterable[str]) -> dict[str, Variable]:
    """The variables with these keys: those of earlier versions, and new ones."""
    rows = db.exec(select(Variable).where(Variable.project_id == version.project_id)).all()
    known = {row.key: row for row in rows}
    found = {key: known.get(key) or Variable(project_id=version.project_id, key=key) for key in keys}
    _add(db, *found.values())
    return found


def _codes(db: Session, keys: Mapping[int, Sequence[str]]) -> dict[tuple[int, str], Code]:
    """The codes with these keys, by the id of their variable: those of earlier versions, and new ones."""
    rows = db.exec(select(Code).where(col(Code.variable_id).in_(keys))).all()
    known = {(row.variable_id, row.key): row for row in rows}
    wanted = [(of, key) for of, of_variable in keys.items() for key in of_variable]
    found = {(of, key): known.get((of, key)) or Code(variable_id=of, key=key) for of, key in wanted}
    _add(db, *found.values())
    return found


def _code_entry(
    version: CodebookVersion, variable_id: int, of: Code, position: int, value: float | None
) -> CodeEntry:
    return CodeEntry(
        version_id=id_of(version),
        variable_id=variable_id,
        code_id=id_of(of),
        position=position,
        value=value,
        label=of.key.title(),
        definition=f"What {of.key} means.",
    )


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
    rows = [_post(of, batch, number, authors) for number in range(first, first + count)]
    _add(db, *rows)
    return rows


def _post(of: Project, batch: ImportBatch, number: int, authors: int) -> Post:
    return Post(
        project_id=id_of(of),
        number=number,
        external_id=f"19555500000000{number:05d}",
        text=f"I miss the old one. Post {number} \N{BROKEN HEART} #Keep4o",
        author=f"user_{number % authors}",
        posted_at=MOMENT + timedelta(minutes=number),
        extra={"lang": "en"},
        content_hash=f"{number:064d}",
        import_batch_id=id_of(batch),
    )


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
    _add(
        db,
        *(
            RoundAnnotator(round_id=id_of(row), member_id=annotator.member_id, n_assigned=len(of_posts))
            for annotator in annotators
        ),
        *(
            Assignment(
                round_id=id_of(row), post_id=id_of(post), member_id=annotator.member_id, position=position
            )
            for annotator in annotators
            for position, post in enumerate(of_posts, start=1)
        ),
    )
    return row


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
    _add(
        db,
        RoundQueue(**{"round_id": id_of(row), "lease_minutes": 60, "n_slots": len(slots)} | rules),
        *(QueueSlot(round_id=id_of(row), post_id=id_of(post), rank=rank, n=n) for post, rank, n in slots),
        *(RoundAnnotator(round_id=id_of(row), member_id=one.member_id, n_assigned=0) for one in annotators),
    )
    return row


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
) -> Coding:
    """A submitted coding. `answers`: variable key → code key, list of code keys (empty: nothing
    applies), number or text; None leaves the variable out."""
    assignment = db.exec(
        select(Assignment).where(
            Assignment.round_id == of.id, Assignment.post_id == post.id, Assignment.member_id == by.member_id
        )
    ).one()
    row = Coding(
        assignment_id=id_of(assignment),
        revision=1,
        version_id=book.version_id,
        submitted_at=MOMENT,
        memo=memo,
        is_unsure=is_unsure,
        form_token=secrets.token_hex(8),
        body_hash="",
    )
    _add(db, row)
    for key, answer in answers.items():
        variable = book.variable_by_key[key]
        for cells in answer_cells(book, key, answer):
            db.add(CodingAnswer(coding_id=id_of(row), variable_id=id_of(variable), **cells))
    db.add_all(CodingSpan(coding_id=id_of(row), **vars(span)) for span in spans)
    assignment.state, assignment.coding_id, assignment.changed_at = "submitted", row.id, MOMENT
    counter = db.exec(
        select(RoundAnnotator).where(
            RoundAnnotator.round_id == of.id, RoundAnnotator.member_id == by.member_id
        )
    ).one()
    counter.n_submitted += 1
    _add(db, assignment, counter)
    return row


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
    _add(db, *(DecisionAnswer(decision_id=id_of(row), **cells) for cells in answer_cells(book, key, answer)))
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
    for key, answer in answers.items():
        of = id_of(book.variable_by_key[key])
        cells = answer_cells(book, key, answer)
        _add(db, *(GoldAnswer(gold_id=id_of(row), variable_id=of, **each) for each in cells))
    _add(db, StandingGold(post_id=id_of(post), project_id=post.project_id, gold_id=id_of(row)))
    return row
