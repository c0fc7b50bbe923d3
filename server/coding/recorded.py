"""A coding as the history holds it: codes and questions by their keys, passages by offsets, texts as hashes.

The same facts come from a form that is being stored and from the rows of the database, so that what is stored
can be compared with what was recorded.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from server.codebooks.models import Code, CodebookVersion, Variable
from server.codebooks.queries import Codebook
from server.coding.answers import Coded
from server.coding.models import Coding, CodingAnswer, CodingSpan
from server.corpora.models import Post
from server.db.tables import sql_table
from server.history.contents import Facts, Text, line
from server.projects.models import Member
from server.rounds.models import Assignment, Round

_AT_ONCE = 500
# What no codebook has: no key is written so.
UNKNOWN = "?"


class Keys(Protocol):
    """What questions and codes are called."""

    def question(self, variable_id: int) -> str:
        """The key of a question."""

    def code(self, variable_id: int, code_id: int) -> str:
        """The key of a code of this question, and of no other."""


@dataclass(frozen=True)
class ProjectKeys:
    """Every question and code that a project ever had: by id, and by question and id."""

    questions: Mapping[int, str]
    codes: Mapping[tuple[int, int], str]

    def question(self, variable_id: int) -> str:
        """The key of a question."""
        return self.questions.get(variable_id, UNKNOWN)

    def code(self, variable_id: int, code_id: int) -> str:
        """The key of a code of this question, and of no other."""
        return self.codes.get((variable_id, code_id), UNKNOWN)


@dataclass(frozen=True)
class _BookKeys:
    """Those of one version, which is in memory."""

    book: Codebook

    def question(self, variable_id: int) -> str:
        return self.book.variable_by_id[variable_id].key

    def code(self, variable_id: int, code_id: int) -> str:
        return self.book.variable_by_id[variable_id].code_by_id[code_id].key


class Head(NamedTuple):
    """What a coding is besides its answers and passages."""

    id: int
    post_number: int
    account_id: int
    round_number: int
    revision: int
    version_number: int
    at: datetime
    is_unsure: bool
    memo: str
    reason: str


class Stored(NamedTuple):
    """A row about a post, and its facts."""

    id: int
    post: int
    facts: Facts


def keys_of(db: Session, project_id: int) -> ProjectKeys:
    """Every question and code that the project ever had."""
    of_project = col(Variable.project_id) == project_id
    variables = db.execute(select(col(Variable.id), col(Variable.key)).where(of_project))
    codes = db.execute(
        select(col(Code.variable_id), col(Code.id), col(Code.key))
        .join(Variable, col(Variable.id) == col(Code.variable_id))
        .where(of_project)
    )
    return ProjectKeys(dict(iter(variables.all())), {(of, code): key for of, code, key in codes})


def said(answer: Any, keys: Keys, variable_id: int) -> Any:
    """One answer: the key of a code, a number, a text, or None where nothing applies.

    A row that says several of these at once, as the program writes none, is a list of them.
    """
    parts: list[Any] = [None] if answer.nothing_applies else []
    if answer.code_id is not None:
        parts.append(keys.code(variable_id, answer.code_id))
    if answer.number is not None:
        parts.append(float(answer.number))
    if answer.text is not None:
        parts.append(Text(answer.text))
    return parts[0] if len(parts) == 1 else parts


def in_order(values: list[Any]) -> list[Any]:
    """The answers to a question in an order that does not depend on that of their rows."""
    return sorted(values, key=repr) if len(values) > 1 else values


def line_of(head: Head, book: Codebook, value: Coded) -> str:
    """The line of the history for a coding that is being stored."""
    return line(head.post_number, _facts(head, _BookKeys(book), value.answers, value.spans))


def _facts(head: Head, keys: Keys, answers: Iterable[Any], spans: Iterable[Any]) -> Facts:
    """What the history holds of a coding; what is empty is left out."""
    given: dict[str, list[Any]] = {}
    for each in answers:
        of = each.variable_id
        given.setdefault(keys.question(of), []).append(said(each, keys, of))
    facts = {
        "coding": head.id,
        "annotator": head.account_id,
        "round": head.round_number,
        "revision": head.revision,
        "codebook": head.version_number,
        "at": head.at.isoformat(),
        "answers": {key: in_order(values) for key, values in given.items()},
        "unsure": head.is_unsure,
    }
    if passages := _passages(keys, spans):
        facts["passages"] = passages
    texts = {"memo": head.memo, "reason": head.reason}
    return facts | {name: Text(words) for name, words in texts.items() if words}


def _passages(keys: Keys, spans: Iterable[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in spans:
        passage = f"{keys.code(each.variable_id, each.code_id)}:{each.start}-{each.end}"
        found.setdefault(keys.question(each.variable_id), []).append(passage)
    return {key: sorted(passages) for key, passages in found.items()}


def stored_codings(db: Session, keys: Keys, *where: ColumnElement[bool]) -> Iterator[Stored]:
    """The codings of which a condition on codings and their assignments holds, as they are stored."""
    heads = [Head(*row) for row in db.execute(_heads().where(*where))]
    ids = [head.id for head in heads]
    answers, spans = _rows_of(db, CodingAnswer, ids), _rows_of(db, CodingSpan, ids)
    for head in heads:
        yield Stored(
            head.id, head.post_number, _facts(head, keys, answers.get(head.id, ()), spans.get(head.id, ()))
        )


def _heads() -> Any:
    return (
        select(
            col(Coding.id),
            col(Post.number),
            col(Member.account_id),
            col(Round.number),
            col(Coding.revision),
            col(CodebookVersion.number),
            col(Coding.submitted_at),
            col(Coding.is_unsure),
            col(Coding.memo),
            col(Coding.reason),
        )
        .join(Assignment, col(Assignment.id) == col(Coding.assignment_id))
        .join(Post, col(Post.id) == col(Assignment.post_id))
        .join(Member, col(Member.id) == col(Assignment.member_id))
        .join(Round, col(Round.id) == col(Assignment.round_id))
        .join(CodebookVersion, col(CodebookVersion.id) == col(Coding.version_id))
        .order_by(col(Coding.id))
    )


def _rows_of(
    db: Session, table: type[CodingAnswer] | type[CodingSpan], coding_ids: Sequence[int]
) -> Mapping[int, list[Any]]:
    """The rows of a table by the coding they belong to."""
    columns = [column for column in sql_table(table).c if column.name != "id"]
    found: dict[int, list[Any]] = defaultdict(list)
    for first in range(0, len(coding_ids), _AT_ONCE):
        some = coding_ids[first : first + _AT_ONCE]
        for row in db.execute(select(*columns).where(col(table.coding_id).in_(some))):
            found[row.coding_id].append(row)
    return found
