"""From the rows of a file to drafts of posts, by the columns that the lead chose."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from server.corpora.dates import read_time
from server.corpora.parsing import RefusedRow, Row, Table
from server.errors import Refusal
from server.language import _

MAX_ID = 200
_ROUNDED_ID = re.compile(r"\d([.,]\d+)?E\+\d{2}", re.ASCII)


@dataclass(frozen=True)
class Mapping:
    """Which column holds what; all other columns become extra fields."""

    id: str
    text: str
    author: str | None = None
    date: str | None = None
    link: str | None = None


@dataclass(frozen=True)
class PostDraft:
    """A post as a row gives it. Line ends of the text are line feeds; a time without a zone is UTC."""

    row_number: int
    external_id: str
    text: str
    author: str | None = None
    posted_at: datetime | None = None
    posted_at_text: str | None = None
    link: str | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RowNotice:
    """Something about a row that is taken all the same."""

    number: int
    message: str


@dataclass(frozen=True)
class DraftedPosts:
    """The posts of a file: one draft an id, the rows that repeat one, the rows refused, what to know."""

    drafts: list[PostDraft]
    duplicates: list[RowNotice]
    refused: list[RefusedRow]
    notices: list[RowNotice]


def check_mapping(columns: Sequence[str], mapping: Mapping) -> None:
    """Raise a Refusal that says at each field what is wrong with the chosen columns."""
    chosen = {"author": mapping.author, "date": mapping.date, "link": mapping.link}
    faults = {
        role: _("The file has no column “{name}”. Choose one of its columns.").format(name=name)
        for role, name in ({"id": mapping.id, "text": mapping.text} | chosen).items()
        if name is not None and name not in columns
    }
    if mapping.id == mapping.text:
        faults.setdefault("text", _("The id and the text cannot be the same column. Choose another."))
    if faults:
        raise Refusal(_("The columns do not fit the file."), faults)


def post_drafts(table: Table, mapping: Mapping) -> DraftedPosts:
    """The posts in the rows of a table; `refused` includes the rows that the table itself refused.

    The same text under two ids is two posts. Rows that repeat an id with the same text count as duplicates
    of the first; with different texts all of them are refused, since none can be trusted. A date that cannot
    be read and a link that is no web address are reported, not refused.
    """
    check_mapping(table.columns, mapping)
    refused = list(table.refused)
    drafts, notices = [], _short_row_notices(table)
    for row in table.rows:
        draft = _draft(table.columns, row, mapping)
        reason = _fault(draft)
        if reason:
            refused.append(RefusedRow(row.number, reason))
        else:
            drafts.append(draft)
            notices += _notices(draft, mapping)
    kept, duplicates, contradictory = _one_per_id(drafts)
    refused = sorted(refused + contradictory, key=lambda row: row.number)
    return DraftedPosts(kept, duplicates, refused, _about(notices, kept))


def _draft(columns: Sequence[str], row: Row, mapping: Mapping) -> PostDraft:
    cells = dict(zip(columns, row.cells, strict=True))
    date = _cell(cells, mapping.date)
    link = _cell(cells, mapping.link)
    used = {mapping.id, mapping.text, mapping.author, mapping.date}
    # What is no web address must never become a link on a page; it stays visible as an extra field.
    is_web = link is not None and re.match(r"https?://[^\s/]+", link, re.IGNORECASE) is not None
    extra = {
        name: cell
        for name, cell in cells.items()
        if name not in used and cell.strip() and not (is_web and name == mapping.link)
    }
    return PostDraft(
        row_number=row.number,
        external_id=cells[mapping.id].strip(),
        text=re.sub(r"\r\n?", "\n", cells[mapping.text]),
        author=_cell(cells, mapping.author),
        posted_at=read_time(date) if date else None,
        posted_at_text=date,
        link=link if is_web else None,
        extra=extra,
    )


def _cell(cells: dict[str, str], column: str | None) -> str | None:
    return (cells[column].strip() or None) if column is not None else None


def _fault(draft: PostDraft) -> str | None:
    if not draft.external_id:
        return _("The row has no id.")
    if len(draft.external_id) > MAX_ID:
        return _("The id is longer than {limit} characters.").format(limit=MAX_ID)
    if _ROUNDED_ID.fullmatch(draft.external_id):
        return _(
            "The id {id} was rounded by a spreadsheet, so its digits are lost. "
            "Export the posts again and do not save the file in a spreadsheet."
        ).format(id=draft.external_id)
    return None if draft.text.strip() else _("The row has no text.")


def _notices(draft: PostDraft, mapping: Mapping) -> list[RowNotice]:
    notices = []
    if draft.posted_at_text and draft.posted_at is None:
        message = _("The date “{date}” cannot be read; it is kept as it is written.")
        notices.append(RowNotice(draft.row_number, message.format(date=_shortened(draft.posted_at_text))))
    if mapping.link in draft.extra and mapping.link not in (mapping.id, mapping.text):
        message = _("“{link}” is not a web address; it is kept as an extra field.")
        notices.append(
            RowNotice(draft.row_number, message.format(link=_shortened(draft.extra[mapping.link])))
        )
    return notices


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _short_row_notices(table: Table) -> list[RowNotice]:
    message = _("The row has fewer cells than the header; the missing ones are taken as empty.")
    return [RowNotice(number, message) for number in table.short]


def _about(notices: Iterable[RowNotice], kept: Iterable[PostDraft]) -> list[RowNotice]:
    """The notices on rows that are taken, in the order of the rows."""
    numbers = {draft.row_number for draft in kept}
    return sorted((notice for notice in notices if notice.number in numbers), key=lambda one: one.number)


def _one_per_id(
    drafts: Iterable[PostDraft],
) -> tuple[list[PostDraft], list[RowNotice], list[RefusedRow]]:
    by_id: dict[str, list[PostDraft]] = {}
    for draft in drafts:
        by_id.setdefault(draft.external_id, []).append(draft)
    kept: list[PostDraft] = []
    duplicates: list[RowNotice] = []
    contradictory: list[RefusedRow] = []
    for same in by_id.values():
        if len({draft.text for draft in same}) > 1:
            contradictory += _contradictions(same)
        else:
            kept.append(same[0])
            duplicates += [_repeated(same[0], other) for other in same[1:]]
    return kept, sorted(duplicates, key=lambda one: one.number), contradictory


def _repeated(first: PostDraft, other: PostDraft) -> RowNotice:
    if _content(first) == _content(other):
        message = _("The row repeats row {row}.")
    else:
        message = _("The row repeats the id and text of row {row}; its other cells differ and are not used.")
    return RowNotice(other.row_number, message.format(row=first.row_number))


def _content(draft: PostDraft) -> tuple[object, ...]:
    return (draft.author, draft.posted_at_text, draft.link, draft.extra)


def _contradictions(same: Sequence[PostDraft]) -> list[RefusedRow]:
    message = _("Rows {rows} give the id “{id}” to different texts. Keep one of them or correct the id.")
    rows = _listed([draft.row_number for draft in same])
    reason = message.format(rows=rows, id=same[0].external_id)
    return [RefusedRow(draft.row_number, reason) for draft in same]


def _listed(numbers: Sequence[int]) -> str:
    shown = [str(number) for number in numbers[:5]] + (["…"] if len(numbers) > 5 else [])
    return _("{rows} and {last}").format(rows=", ".join(shown[:-1]), last=shown[-1])
