"""From a row of a file to the draft of a post, by the columns that the lead chose."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from server.corpora.compact import Row
from server.corpora.dates import read_time
from server.corpora.parsing import RefusedRow
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


@dataclass(frozen=True, slots=True)
class PostDraft:
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
    extra: dict[str, str] = field(default_factory=dict)
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

    def draft(self, row: Row) -> PostDraft:
        """The post in a row."""
        number, cells = row
        external_id, text = self.identity(cells)
        date, link = _cell(cells, self._date), _cell(cells, self._link)
        extra = {name: cells[place] for place, name in self._others if cells[place].strip()}
        # What is no web address must never become a link on a page; it stays visible as an extra field.
        if self.strange_link(cells):
            extra[self._own_link] = cells[self._own_place]
        for key in self._strange_keys(cells):
            extra[self._columns[key]] = cells[key]
        is_web = link is not None and _is_web(link)
        return PostDraft(
            number,
            external_id,
            text,
            _cell(cells, self._author),
            read_time(date) if date else None,
            date,
            link if is_web else None,
            _key(cells, self._thread, external_id),
            _key(cells, self._parent, external_id),
            extra,
        )

    def identity(self, cells: Sequence[str]) -> tuple[str, str]:
        """The id and the text in a row."""
        text = cells[self._text]
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return cells[self._id].strip(), text

    def unread_date(self, cells: Sequence[str]) -> str | None:
        """The date in a row where it cannot be read and is kept as it is written."""
        date = _cell(cells, self._date)
        return date if date and read_time(date) is None else None

    def strange_link(self, cells: Sequence[str]) -> str | None:
        """What should be the link in a row, but is no web address and is kept as an extra field."""
        link = cells[self._own_place].strip() if self._own_link else ""
        return link if link and not _is_web(link) else None

    def strange_key(self, cells: Sequence[str]) -> str | None:
        """What should name a thread or a post in a row, but is no id and is kept as an extra field."""
        return next((cells[place].strip() for place in self._strange_keys(cells)), None)

    def _strange_keys(self, cells: Sequence[str]) -> Iterator[int]:
        for place in (self._thread, self._parent):
            if place is not None and _is_no_key(cells[place].strip()):
                yield place


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


def _is_no_key(text: str) -> bool:
    # Rounded ids would make one thread of many.
    return len(text) > MAX_ID or _ROUNDED_ID.fullmatch(text) is not None


def _key(cells: Sequence[str], place: int | None, external_id: str) -> str | None:
    """The id of a thread or a post that a cell holds.

    Reddit names a post by its kind and its id (`t3_1abc`), where its own id may stand alone.
    """
    text = "" if place is None else cells[place].strip()
    if text.lower() in _NOTHING or _is_no_key(text):
        return None
    return text if _REDDIT_NAME.match(external_id) else _REDDIT_NAME.sub("", text)


def _is_web(link: str) -> bool:
    return _WEB_ADDRESS.match(link) is not None


def _cell(cells: Sequence[str], place: int | None) -> str | None:
    return None if place is None else cells[place].strip() or None
