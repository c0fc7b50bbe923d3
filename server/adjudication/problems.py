"""Problems of the codebook that reviewers found at posts, collected for its next version."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.answers import table_of
from server.adjudication.models import CodebookProblem
from server.adjudication.scope import Scope, not_hidden
from server.adjudication.sharing import not_owed, owed
from server.adjudication.writing import one_at_a_time
from server.clock import now
from server.codebooks.models import CodebookVersion
from server.corpora.models import Post
from server.errors import NotFound, Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access

PAGE = 50
OPEN, DEALT_WITH = "open", "done"
STATES = (OPEN, DEALT_WITH, "all")


@dataclass(frozen=True)
class Problem:
    """A problem with the words of the newest codebook; `version` is None while it is open."""

    number: int
    post_number: int
    variable_key: str
    variable: str
    code_key: str
    code: str
    note: str
    by: str
    at: datetime
    version: int | None
    dealt_with_by: str
    dealt_with_at: datetime | None


def mark(db: Session, access: Access, scope: Scope, number: int, where: str, note: str) -> None:
    """Note a problem at a post. `where` is the key of a variable, or `variable:code`.

    The same words of the same person, as from a double click, are one problem until it is dealt with.

    Raises:
        Refusal: Nothing is said about it, or the codebook has no such question or code.
    """
    one_at_a_time(db, access)
    post = table_of(db, access, scope, number).post
    variable_key, _colon, code_key = where.partition(":")
    variable = scope.variable_by_key.get(variable_key)
    code = variable.code_by_key.get(code_key) if variable else None
    errors = {}
    if variable is None or (code_key and code is None):
        errors["where"] = _("This is not in the codebook. Choose one of those offered.")
    if not note.strip():
        errors["what"] = _("Say what is unclear, so that the next version can be better.")
    if errors or variable is None:
        raise Refusal(_("Nothing was noted yet."), errors)
    code_id = code.id if code else None
    if _is_noted(db, access, post.id, variable.id, code_id, note):
        return
    add(db, access, post.id, [(variable.id, code_id)], note)
    _record(db, access, f"post {number}", {"variable": variable_key, "code": code_key})


def _is_noted(
    db: Session, access: Access, post_id: int, variable_id: int, code_id: int | None, note: str
) -> bool:
    of = CodebookProblem
    found = exists().where(
        col(of.post_id) == post_id,
        col(of.variable_id) == variable_id,
        col(of.code_id).is_not_distinct_from(code_id),
        col(of.note) == note,
        col(of.noted_by) == access.account_id,
        col(of.dealt_with_in).is_(None),
    )
    return bool(db.scalar(select(found)))


def add(db: Session, access: Access, post_id: int, at: Iterable[tuple[int, int | None]], note: str) -> None:
    """Note problems of a post, each at a variable and perhaps one of its codes."""
    last = db.scalar(
        select(func.max(col(CodebookProblem.number))).where(
            col(CodebookProblem.project_id) == access.project_id
        )
    )
    for place, (variable_id, code_id) in enumerate(at, start=(last or 0) + 1):
        row = CodebookProblem(
            project_id=access.project_id,
            number=place,
            post_id=post_id,
            variable_id=variable_id,
            code_id=code_id,
            note=note,
            noted_by=access.account_id,
            noted_at=now(),
        )
        db.add(row)
    db.flush()


def problems(db: Session, access: Access, scope: Scope, state: str, page: int | None) -> tuple[Problem, ...]:
    """A page of the problems at posts that this reader may see, newest first; all of them without a page."""
    statement = _seen(db, access, scope, state).order_by(col(CodebookProblem.number).desc())
    if page is not None:
        statement = statement.limit(PAGE).offset((page - 1) * PAGE)
    return tuple(_problem(scope, *row) for row in db.execute(statement))


def n_problems(db: Session, access: Access, scope: Scope, state: str) -> int:
    """How many there are."""
    return db.scalar(select(func.count()).select_from(_seen(db, access, scope, state).subquery())) or 0


def problems_at(db: Session, access: Access, scope: Scope, post_id: int) -> tuple[Problem, ...]:
    """What was noted at one post."""
    statement = _seen(db, access, scope, "all").where(col(CodebookProblem.post_id) == post_id)
    return tuple(_problem(scope, *row) for row in db.execute(statement.order_by(col(CodebookProblem.number))))


def _seen(db: Session, access: Access, scope: Scope, state: str) -> Select[*tuple[Any, ...]]:
    dealer = aliased(Account)
    of = CodebookProblem
    columns = (
        of.number,
        of.variable_id,
        of.code_id,
        of.note,
        of.noted_at,
        of.dealt_with_in,
        of.dealt_with_at,
    )
    statement = (
        select(
            *(col(column) for column in columns),
            col(Post.number).label("post_number"),
            col(Account.display_name).label("noted_by"),
            col(dealer.display_name).label("dealt_by"),
        )
        .join(Post, col(Post.id) == col(of.post_id))
        .outerjoin(Account, col(Account.id) == col(of.noted_by))
        .outerjoin(dealer, col(dealer.id) == col(of.dealt_with_by))
        .where(col(of.project_id) == access.project_id, not_hidden(scope, col(of.post_id)))
        .where(not_owed(owed(db, access), col(of.post_id)))
    )
    if state == OPEN:
        return statement.where(col(of.dealt_with_in).is_(None))
    return statement.where(col(of.dealt_with_in).is_not(None)) if state == DEALT_WITH else statement


def _problem(scope: Scope, *row: Any) -> Problem:
    number, variable_id, code_id, note, at, version, done_at, post_number, by, done_by = row
    variable = scope.variable_by_id.get(variable_id)
    code = variable.code_by_id.get(code_id) if variable and code_id else None
    return Problem(
        number,
        post_number,
        variable.key if variable else "",
        variable.label if variable else "",
        code.key if code else "",
        code.label if code else "",
        note,
        by or "",
        at,
        version,
        done_by or "",
        done_at,
    )


def versions(db: Session, access: Access) -> tuple[int, ...]:
    """The versions of the codebook in which a problem can be dealt with, the draft and the newest first."""
    rows = db.scalars(
        select(col(CodebookVersion.number))
        .where(col(CodebookVersion.project_id) == access.project_id)
        .order_by(col(CodebookVersion.number).desc())
    )
    return tuple(rows)


def deal_with(db: Session, access: Access, scope: Scope, number: int, version: int) -> None:
    """Say in which version a problem is dealt with; 0 opens it again.

    Raises:
        NotFound: There is no such problem, or it is at a post that the reader may not see.
        Refusal: The codebook has no such version.
    """
    row = db.scalars(
        select(CodebookProblem)
        .where(
            col(CodebookProblem.project_id) == access.project_id,
            col(CodebookProblem.number) == number,
            not_hidden(scope, col(CodebookProblem.post_id)),
        )
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound
    if version and version not in versions(db, access):
        raise Refusal(_("The codebook has no such version. Nothing was changed."))
    before = row.dealt_with_in
    if (before or 0) == version:
        return
    row.dealt_with_in = version or None
    row.dealt_with_by, row.dealt_with_at = (access.account_id, now()) if version else (None, None)
    db.flush()
    details = {"before": before, "after": version or None}
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="adjudication.deal_with_problem",
        subject=f"codebook problem {number}",
        details=details,
    )


def _record(db: Session, access: Access, subject: str, details: dict[str, object]) -> None:
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="adjudication.mark_problem",
        subject=subject,
        details=details,
    )
