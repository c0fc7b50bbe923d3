"""What can be downloaded: the final dataset, and all codings in long form."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import IO, Any

from sqlalchemy import String, cast, func, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.codebooks.models import Code, CodebookVersion, CodeEntry, Variable, VariableEntry
from server.codebooks.over_time import read_as
from server.coding.models import Coding, CodingAnswer, CodingSpan
from server.corpora.extra import extra_fields
from server.corpora.models import Post
from server.exchange.sending import spooled
from server.exchange.spreadsheets import Cell, csv_lines
from server.projects.access import Access
from server.projects.models import Member
from server.results.final import final_rows, unequal
from server.results.outcomes import Rule
from server.rounds.models import Assignment, Round
from server.rounds.queries import Sight, in_none_of, swaying, visible_rounds

_ROWS_AT_ONCE = 2_000


class What(StrEnum):
    """The files there are."""

    FINAL = "final"
    CODINGS = "codings"


@dataclass(frozen=True)
class Wanted:
    """Which file, and how: with the mark Excel needs, with names instead of pseudonyms, by which rule.

    `is_plain` leaves out the guard against formulas; `with_texts` adds to the final dataset each post's text
    and the further columns it came with.
    """

    what: What
    with_bom: bool = False
    with_names: bool = False
    rule: Rule = Rule.PLURALITY
    is_plain: bool = False
    with_texts: bool = False


CODING_COLUMNS = (
    "post_id",
    "annotator",
    "variable",
    "code",
    "code_read_as",
    "value",
    "coder_group",
    "round",
    "codebook_version",
    "submitted_at",
    "unsure",
    "memo",
    "correction_reason",
    "evidence",
    "is_extra",
)


_PASSAGE = cast(col(CodingSpan.start), String) + "-" + cast(col(CodingSpan.end), String)
_EVIDENCE = (
    select(func.aggregate_strings(_PASSAGE, " "))
    .where(
        col(CodingSpan.coding_id) == col(CodingAnswer.coding_id),
        col(CodingSpan.variable_id) == col(CodingAnswer.variable_id),
        col(CodingSpan.code_id) == col(CodingAnswer.code_id),
    )
    .correlate(CodingAnswer)
    .scalar_subquery()
    .label("evidence")
)


def left_out(db: Session, access: Access) -> tuple[Sight, ...]:
    """The rounds whose codings this member may not have yet, with the reason in words."""
    return tuple(sight for sight in visible_rounds(db, access) if sight.why_no_codings)


def csv_file(db: Session, access: Access, wanted: Wanted) -> IO[bytes]:
    """The whole file, built before the first byte is sent: an error on the way leaves no half file."""
    return spooled(_lines(db, access, wanted))


def _lines(db: Session, access: Access, wanted: Wanted) -> Iterator[str]:
    columns, rows = _table(db, access, wanted)
    return csv_lines(columns, rows, wanted.with_bom, guards=not wanted.is_plain)


def _table(db: Session, access: Access, wanted: Wanted) -> tuple[Sequence[str], Iterator[tuple[Cell, ...]]]:
    if wanted.what is What.CODINGS:
        return CODING_COLUMNS, coding_rows(db, access, wanted.with_names)
    table = final_rows(db, access, wanted.rule)
    rows = (tuple(_cell(cell) for cell in row) for row in table.rows)
    if not wanted.with_texts:
        return table.columns, rows
    extra = extra_fields(db, access.project_id)
    return unequal((*table.columns, "text", *extra)), _with_texts(db, access, rows, extra)


def _with_texts(
    db: Session, access: Access, rows: Iterator[tuple[Cell, ...]], extra: Sequence[str]
) -> Iterator[tuple[Cell, ...]]:
    """The rows of the final dataset, and behind each the text of its post and its further columns."""
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        first, last = some[0][1], some[-1][1]
        found = db.execute(
            select(col(Post.number), col(Post.text), col(Post.extra)).where(
                col(Post.project_id) == access.project_id, col(Post.number).between(first, last)
            )
        )
        sources = {number: (text, *(cells.get(name) for name in extra)) for number, text, cells in found}
        yield from ((*row, *sources[row[1]]) for row in some)


def coding_rows(db: Session, access: Access, with_names: bool) -> Iterator[tuple[Cell, ...]]:
    """Every current coding the reader may see, a row for each code, number or text, posts in order.

    Posts that the reader still codes in another round are left out, since they can still be swayed there.

    `code_read_as` is the code that counts for it today: another one where codes were merged since.
    "Nothing applies" is a row with the code `none`; `evidence` are the passages marked for the code, from the
    first code point of each to the one after its last. `is_extra` is 1 for a coding that came from a shared
    queue after its post had gone to others. Without names an annotator is `annotator-` and their
    number in the project; with them the number stands behind a name that several have.
    """
    people, later = annotators(db, access, with_names), later_keys(db, access.project_id)
    rows = db.execute(_coding_statement(access, visible_rounds(db, access)))
    for row in rows.yield_per(_ROWS_AT_ONCE):
        code = "none" if row.nothing_applies else row.code_key
        yield (
            row.external_id,
            people[row.member_id],
            row.variable_key,
            code,
            later.get(row.code_id, code),
            _value(row),
            row.coder_group,
            row.round_number,
            row.version_number,
            row.submitted_at.isoformat(timespec="seconds"),
            int(row.is_unsure),
            row.memo,
            row.reason,
            _in_order(row.evidence),
            int(row.is_extra),
        )


def later_keys(db: Session, project_id: int) -> dict[int | None, str]:
    """The codes that are read as another one today, and its key."""
    successors = read_as(db, project_id)
    found = select(col(Code.id), col(Code.key)).where(col(Code.id).in_(set(successors.values())))
    keys = dict(iter(db.execute(found))) if successors else {}
    return {code_id: keys[later] for code_id, later in successors.items()}


def annotators(db: Session, access: Access, with_names: bool) -> dict[int, str]:
    """The members by their ids, as files name them."""
    people = db.execute(
        select(col(Member.id), col(Member.number), col(Account.display_name))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(col(Member.project_id) == access.project_id)
    ).all()
    if not with_names:
        return {member_id: f"annotator-{number}" for member_id, number, _name in people}
    times = Counter(name for _id, _number, name in people)
    return {
        member_id: name if times[name] == 1 else f"{name} ({number})" for member_id, number, name in people
    }


def _cell(cell: Cell | datetime) -> Cell:
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return _plain(cell) if isinstance(cell, float) else cell


def _plain(number: float) -> int | float:
    """Whole numbers without a decimal point."""
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _in_order(passages: str | None) -> str:
    return " ".join(
        sorted((passages or "").split(), key=lambda one: [int(place) for place in one.split("-")])
    )


def _value(row: Any) -> Cell:
    if row.text is not None:
        return str(row.text)
    value = row.number if row.number is not None else row.code_value
    if value is None or row.kind == "multiple":
        return 1  # The code was given. What else it is worth, its codebook says.
    return _plain(float(value))


def _coding_statement(access: Access, sights: Sequence[Sight]) -> Any:
    round_ids = [sight.round_id for sight in sights if not sight.why_no_codings]
    return (
        select(
            col(Post.external_id),
            col(Member.id).label("member_id"),
            col(Member.coder_group),
            col(Variable.key).label("variable_key"),
            col(VariableEntry.kind),
            col(CodingAnswer.code_id),
            col(Code.key).label("code_key"),
            col(CodeEntry.value).label("code_value"),
            col(CodingAnswer.number),
            col(CodingAnswer.text),
            col(CodingAnswer.nothing_applies),
            col(Round.number).label("round_number"),
            col(CodebookVersion.number).label("version_number"),
            col(Coding.submitted_at),
            col(Coding.is_unsure),
            col(Coding.memo),
            col(Coding.reason),
            _EVIDENCE,
            col(Assignment.is_extra),
        )
        .select_from(Assignment)
        .join(Coding, col(Coding.id) == col(Assignment.coding_id))
        .join(CodingAnswer, col(CodingAnswer.coding_id) == col(Coding.id))
        .join(Variable, col(Variable.id) == col(CodingAnswer.variable_id))
        .join(Post, col(Post.id) == col(Assignment.post_id))
        .join(Member, col(Member.id) == col(Assignment.member_id))
        .join(Round, col(Round.id) == col(Assignment.round_id))
        .join(CodebookVersion, col(CodebookVersion.id) == col(Coding.version_id))
        .join(
            VariableEntry,
            (col(VariableEntry.version_id) == col(Coding.version_id))
            & (col(VariableEntry.variable_id) == col(Variable.id)),
        )
        .outerjoin(Code, col(Code.id) == col(CodingAnswer.code_id))
        .outerjoin(
            CodeEntry,
            (col(CodeEntry.version_id) == col(Coding.version_id)) & (col(CodeEntry.code_id) == col(Code.id)),
        )
        .where(
            col(Round.project_id) == access.project_id,
            col(Assignment.round_id).in_(round_ids),
            col(Assignment.state) == "submitted",
            in_none_of(swaying(sights), col(Assignment.post_id)),
        )
        .order_by(col(Post.number), col(Round.number), col(Member.number), col(CodingAnswer.id))
    )
