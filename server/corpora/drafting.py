"""From the rows of a file to posts, one an id. Of a row only numbers are kept: drafts are read anew."""

from array import array
from collections.abc import Iterable, Sequence
from hashlib import sha256

from server.corpora.compact import Lazy, Row
from server.corpora.mapping import (
    DraftedPosts,
    Mapping,
    PostDraft,
    RowNotice,
    RowReader,
    check_mapping,
    identity_fault,
)
from server.corpora.parsing import RefusedRow, Table, refuse_too_many_refused
from server.corpora.repeats import Repeats, Repetitions
from server.corpora.rounding import look_rounded
from server.language import _

# What there may be to know of a row that is taken.
_SHORT, _DATE, _LINK, _KEY = range(4)
_KINDS = 4
_LOOKED_AT = 1_000


def post_drafts(table: Table, mapping: Mapping) -> DraftedPosts:
    """The posts in the rows of a table; `refused` includes the rows that the table itself refused.

    The same text under two ids is two posts. Rows that repeat an id with the same text count as duplicates
    of the first; with different texts all of them are refused, since none can be trusted. A date that cannot
    be read and a link that is no web address are reported, not refused.
    """
    check_mapping(table.columns, mapping)
    survey = _Survey(table, RowReader(table.columns, mapping))
    survey.look_through()
    return survey.outcome()


class _Survey:
    """One look at every row of a table."""

    def __init__(self, table: Table, reader: RowReader) -> None:
        self._table, self._reader = table, reader
        self._refused = list(table.refused)
        self._places, self._numbers = array("q"), array("q")
        # Row times kinds plus kind. Rows are counted here among those that are not refused by themselves.
        self._notices = array("q")
        self._repeats = Repeats()
        self._digest = sha256()

    def look_through(self) -> None:
        """Read every row once."""
        short = _Ascending(self._table.short)
        for place, row in enumerate(self._table.rows):
            number, cells = row
            is_short = short.has(number)
            external_id, text = self._reader.identity(cells)
            if reason := identity_fault(external_id, text):
                self._refuse(number, reason)
                continue
            self._notice_all(cells, is_short)
            self._places.append(place)
            self._numbers.append(number)
            self._repeats.add(external_id, text, cells)
            # No id holds a NUL, so that different lists of ids never read the same.
            self._digest.update(f"{external_id}\0".encode())

    def _refuse(self, number: int, reason: str) -> None:
        self._refused.append(RefusedRow(number, reason))
        refuse_too_many_refused(self._refused)

    def _notice_all(self, cells: Sequence[str], is_short: bool) -> None:
        reader = self._reader
        kinds = (is_short, reader.unread_date(cells), reader.strange_link(cells), reader.strange_key(cells))
        if any(kinds):
            first = len(self._places) * _KINDS
            self._notices.extend(first + kind for kind in range(_KINDS) if kinds[kind])

    def outcome(self) -> DraftedPosts:
        """What becomes of each row."""
        found = self._repeats.found()
        self._refuse_contradictory(found)
        drafts = Lazy(found.kept, self._draft)
        return DraftedPosts(
            drafts,
            Lazy(found.repeated, lambda row: self._repeated(row, found.first[row])),
            sorted(self._refused, key=lambda refused: refused.number),
            Lazy(_about(self._notices, found.kept), self._notice),
            self._digest.hexdigest(),
            self._table.left_out,
            said=_warnings(drafts),
        )

    def _row(self, taken: int) -> Row:
        return self._table.rows[self._places[taken]]

    def _draft(self, taken: int) -> PostDraft:
        return self._reader.draft(self._row(taken))

    def _notice(self, noticed: int) -> RowNotice:
        taken, kind = divmod(noticed, _KINDS)
        number, cells = self._row(taken)
        if kind == _SHORT:
            said = _("The row has fewer cells than the header; the missing ones are taken as empty.")
        elif kind == _DATE:
            said = _("The date “{date}” cannot be read; it is kept as it is written.")
            said = said.format(date=_shortened(self._reader.unread_date(cells) or ""))
        elif kind == _LINK:
            said = _("“{link}” is not a web address; it is kept as an extra field.")
            said = said.format(link=_shortened(self._reader.strange_link(cells) or ""))
        else:
            said = _("“{key}” is not the id of a thread or a post; it is kept as an extra field.")
            said = said.format(key=_shortened(self._reader.strange_key(cells) or ""))
        return RowNotice(number, said)

    def _repeated(self, row: int, first: int) -> RowNotice:
        if self._repeats.are_alike(first, row):
            message = _("The row repeats row {row}.")
        else:
            message = _(
                "The row repeats the id and text of row {row}; its other cells differ and are not used."
            )
        return RowNotice(self._numbers[row], message.format(row=self._numbers[first]))

    def _refuse_contradictory(self, found: Repetitions) -> None:
        same: dict[int, list[int]] = {}
        for row in found.contradictory:
            same.setdefault(found.first[row], []).append(row)
        for first, rows in same.items():
            reason = self._contradiction(self._draft(first).external_id, rows)
            self._refused += [RefusedRow(self._numbers[row], reason) for row in rows]
            refuse_too_many_refused(self._refused)

    def _contradiction(self, external_id: str, rows: Sequence[int]) -> str:
        message = _("Rows {rows} give the id “{id}” to different texts. Keep one of them or correct the id.")
        return message.format(rows=_listed([self._numbers[row] for row in rows]), id=external_id)


def _warnings(drafts: Sequence[PostDraft]) -> tuple[str, ...]:
    if not look_rounded(draft.external_id for draft in drafts[:_LOOKED_AT]):
        return ()
    return (
        _(
            "The ids look as if a spreadsheet had rounded them: their last digits are lost, so that they "
            "lead to no post. Export the posts again and do not save the file in a spreadsheet."
        ),
    )


class _Ascending:
    """Ascending numbers that are asked for in ascending order."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._numbers = iter(numbers)
        self._next = next(self._numbers, 0)

    def has(self, number: int) -> bool:
        """Whether it is one of them."""
        if self._next != number:
            return False
        self._next = next(self._numbers, 0)
        return True


def _about(notices: Iterable[int], kept: Sequence[int]) -> Sequence[int]:
    """The notices on rows that are kept; both are ascending."""
    wanted, about = iter(kept), array("q")
    row = next(wanted, -1)
    for noticed in notices:
        while -1 < row < noticed // _KINDS:
            row = next(wanted, -1)
        if row == noticed // _KINDS:
            about.append(noticed)
    return about


def _listed(numbers: Sequence[int]) -> str:
    shown = [str(number) for number in numbers[:5]] + (["…"] if len(numbers) > 5 else [])
    return _("{rows} and {last}").format(rows=", ".join(shown[:-1]), last=shown[-1])


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
