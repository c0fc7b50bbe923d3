"""From a row of a file to the draft of a post, by the columns that the lead chose."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import repeat
from typing import NamedTuple

from server.corpora.compact import Row
from server.corpora.dates import Clock
from server.corpora.parsing import RefusedRow
from server.corpora.remembered import Remembered
from server.errors import Refusal
from server.language import _

MAX_ID = 200
_ROUNDED_ID = re.compile(r"\d([.,]\d+)?E\+\d{2}", re.ASCII)
_REDDIT_NAME = re.compile(r"t[1-6]_(?=[0-9a-z]+$)", re.ASCII)
# What tables write where there is nothing.
_NOTHING = frozenset({"", "nan", "none", "null"})
_WEB_ADDRESS = re.compile(r"https?://[^\s/]+", re.IGNORECASE)


@dataclass(frozen=True)
class Mapping:
    """Which column holds what; all other columns become extra fields."""

    id: str
    text: str
    author: str | None = None
    date: str | None = None
    link: str | None = None
    thread: str | None = None
    parent: str | None = None


_NO_EXTRA: dict[str, str] = {}
Columns = Sequence[Sequence[str]]


class PostDraft(NamedTuple):
    """A post as a row gives it. Line ends of the text are line feeds; a time without a zone is UTC."""

    row_number: int
    external_id: str
    text: str
    author: str | None = None
    posted_at: datetime | None = None
    posted_at_text: str | None = None
    link: str | None = None
    thread_key: str | None = None
    parent_key: str | None = None
    extra: dict[str, str] = _NO_EXTRA
    sampling_fraction: float | None = None


@dataclass(frozen=True, slots=True)
class RowNotice:
    """Something about a row that is taken all the same."""

    number: int
    message: str


@dataclass(frozen=True)
class DraftedPosts:
    """The posts of a file: one draft an id, the rows that repeat one, the rows refused, what to know.

    `left_out` are records without anything to code, such as deleted posts. `digest` differs
    where a file gives other ids. `alike` are posts that repeat the text of another, of which `n_dropped`
    are not among the drafts; neither are the `n_undrawn` that no sample took. `said` warns,
    and tells of the sample.
    """

    drafts: Sequence[PostDraft]
    duplicates: Sequence[RowNotice]
    refused: Sequence[RefusedRow]
    notices: Sequence[RowNotice]
    digest: str = ""
    left_out: Sequence[RefusedRow] = ()
    alike: Sequence[RowNotice] = ()
    n_dropped: int = 0
    n_undrawn: int = 0
    said: tuple[str, ...] = ()

    def at_hand(self) -> "DraftedPosts":
        """The same in lists: nothing is looked up in the file any more."""
        return replace(
            self,
            drafts=list(self.drafts),
            duplicates=list(self.duplicates),
            refused=list(self.refused),
            notices=list(self.notices),
            left_out=list(self.left_out),
            alike=list(self.alike),
        )


def check_mapping(columns: Sequence[str], mapping: Mapping) -> None:
    """Raise a Refusal that says at each field what is wrong with the chosen columns."""
    faults = {
        role: _("The file has no column “{name}”. Choose one of its columns.").format(name=name)
        for role, name in asdict(mapping).items()
        if name is not None and name not in columns
    }
    if mapping.id == mapping.text:
        faults.setdefault("text", _("The id and the text cannot be the same column. Choose another."))
    if faults:
        raise Refusal(_("The columns do not fit the file."), faults)


class RowReader:
    """Reads rows as posts, by the places of their columns, and knows what may be wrong with one."""

    def __init__(self, columns: Sequence[str], mapping: Mapping) -> None:
        self._columns = columns
        place = {name: place for place, name in enumerate(columns)}
        self._id, self._text = place[mapping.id], place[mapping.text]
        self._author, self._date, self._link, self._thread, self._parent = (
            None if name is None else place[name]
            for name in (mapping.author, mapping.date, mapping.link, mapping.thread, mapping.parent)
        )
        used = {mapping.id, mapping.text, mapping.author, mapping.date, mapping.thread, mapping.parent}
        self._own_link = "" if mapping.link is None or mapping.link in used else mapping.link
        self._own_place = place.get(self._own_link, 0)
        used.add(self._own_link)
        self._others = [(place, name) for place, name in enumerate(columns) if name not in used]
        self._clock = Clock()
        self._fields = Remembered(self._fields_in)

    def draft(self, row: Row) -> PostDraft:
        """The post in a row."""
        return next(self.drafts((row.number,), [(cell,) for cell in row.cells]))

    def drafts(self, numbers: Sequence[int], columns: Columns) -> Iterator[PostDraft]:
        """The posts in some rows, given by columns."""
        ids, texts = self.identities(columns)
        dates, written = self._cells(columns, self._date), self._cells(columns, self._link)
        links = [link if link and _WEB_ADDRESS.match(link) else None for link in written]
        rows = zip(
            numbers,
            ids,
            texts,
            self._cells(columns, self._author),
            self._clock.moments(dates),
            dates,
            links,
            self._keys(columns, self._thread, ids),
            self._keys(columns, self._parent, ids),
            self._extra(columns, has_strange_links=links != written),
            repeat(None),
            strict=False,
        )
        # What `PostDraft._make` does, without a call of Python for each of a million.
        return map(tuple.__new__, repeat(PostDraft), rows)

    def identities(self, columns: Columns) -> tuple[list[str], list[str]]:
        """The ids and the texts in some rows."""
        texts = [_with_line_feeds(text) if "\r" in text else text for text in columns[self._text]]
        return list(map(str.strip, columns[self._id])), texts

    def are_plain(self, ids: Sequence[str], texts: Sequence[str], columns: Columns) -> bool:
        """Whether there is nothing wrong with any of these rows, and nothing to be said of them."""
        return (
            _are_sound(ids, texts)
            and self._clock.are_read(self._cells(columns, self._date))
            and (not self._own_link or _are_web(columns[self._own_place]))
            and all(_are_keys(columns[place]) for place in (self._thread, self._parent) if place is not None)
        )

    def unread_date(self, cells: Sequence[str]) -> str | None:
        """The date in a row where it cannot be read and is kept as it is written."""
        date = "" if self._date is None else cells[self._date].strip()
        return date if self._clock.is_unread(date) else None

    def strange_link(self, cells: Sequence[str]) -> str | None:
        """What should be the link in a row, but is no web address and is kept as an extra field."""
        link = cells[self._own_place].strip() if self._own_link else ""
        return link if _is_strange(link) else None

    def strange_key(self, cells: Sequence[str]) -> str | None:
        """What should name a thread or a post in a row, but is no id and is kept as an extra field."""
        places = (self._thread, self._parent)
        keys = (cells[place].strip() for place in places if place is not None)
        return next(filter(_is_no_key, keys), None)

    def _cells(self, columns: Columns, place: int | None) -> Sequence[str | None]:
        if place is None:
            return (None,) * len(columns[self._id])
        return [cell.strip() or None for cell in columns[place]]

    def _keys(self, columns: Columns, place: int | None, ids: Sequence[str]) -> Iterable[str | None]:
        return repeat(None) if place is None else map(_key, columns[place], ids)

    def _extra(self, columns: Columns, *, has_strange_links: bool) -> list[dict[str, str]]:
        cells = (
            zip(*(columns[place] for place, _name in self._others), strict=True)
            if self._others
            else repeat((), len(columns[self._id]))
        )
        extra = list(map(self._fields.__getitem__, cells))
        # What is no web address must never become a link on a page; it stays visible as an extra field.
        if has_strange_links and self._own_link:
            self._add(extra, columns, self._own_place, _is_strange)
        for place in (self._thread, self._parent):
            if place is not None and not _are_keys(columns[place]):
                self._add(extra, columns, place, _is_no_key)
        return extra

    def _fields_in(self, cells: tuple[str, ...]) -> dict[str, str]:
        names = (name for _place, name in self._others)
        return {name: cell for name, cell in zip(names, cells, strict=True) if cell.strip()}

    def _add(
        self, extra: list[dict[str, str]], columns: Columns, place: int, is_strange: Callable[[str], bool]
    ) -> None:
        """Keep what is strange in a column as an extra field."""
        for row, cell in enumerate(columns[place]):
            if is_strange(cell.strip()):
                extra[row] = extra[row] | {self._columns[place]: cell}


def identity_fault(external_id: str, text: str) -> str | None:
    """Why a post with this id and text cannot be taken; None where it can."""
    if not external_id:
        return _("The row has no id.")
    if len(external_id) > MAX_ID:
        return _("The id is longer than {limit} characters.").format(limit=MAX_ID)
    if _ROUNDED_ID.fullmatch(external_id):
        return _(
            "The id {id} was rounded by a spreadsheet, so its digits are lost. "
            "Export the posts again and do not save the file in a spreadsheet."
        ).format(id=external_id)
    return None if text.strip() else _("The row has no text.")


def _are_sound(ids: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether no post with these ids and texts has a fault."""
    return _are_keys(ids) and all(ids) and all(map(str.strip, texts))


def _are_keys(cells: Sequence[str]) -> bool:
    """Whether all of these cells may be ids; where it is not certain at a glance, False."""
    return max(map(len, cells), default=0) <= MAX_ID and "E+" not in "".join(cells)


def _is_no_key(text: str) -> bool:
    # Rounded ids would make one thread of many.
    return len(text) > MAX_ID or _ROUNDED_ID.fullmatch(text) is not None


def _key(cell: str, external_id: str) -> str | None:
    """The id of a thread or a post that a cell holds.

    Reddit names a post by its kind and its id (`t3_1abc`), where its own id may stand alone.
    """
    text = cell.strip()
    if text.lower() in _NOTHING or _is_no_key(text):
        return None
    return text if _REDDIT_NAME.match(external_id) else _REDDIT_NAME.sub("", text)


def _is_web(link: str) -> bool:
    return _WEB_ADDRESS.match(link) is not None


def _are_web(cells: Sequence[str]) -> bool:
    """Whether nothing that should be a link is strange."""
    return all(map(_WEB_ADDRESS.match, cells)) or not any(map(_is_strange, cells))


def _is_strange(link: str) -> bool:
    return not _is_web(link) and bool(link.strip()) and not _is_web(link.strip())


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
