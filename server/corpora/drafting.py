"""From the rows of a file to posts, one an id. Of a row only numbers are kept: drafts are read anew."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from hashlib import sha256
from itertools import chain, compress, repeat

from server.corpora.compact import Block, Compact, Lazy, Row, blocks_of
from server.corpora.mapping import (
    DraftedPosts,
    Mapping,
    PostDraft,
    RowNotice,
    RowReader,
    check_mapping,
    identity_fault,
)
from server.corpora.parsing import MAX_REFUSED, RefusedRow, Table, refuse_too_many_refused
from server.corpora.repeats import Repeats
from server.corpora.rounding import look_rounded
from server.corpora.surveyed import Surveyed
from server.language import _

# What there may be to know of a row that is taken.
_SHORT, _DATE, _LINK, _KEY = range(4)
_KINDS = 4
_LOOKED_AT = 1_000
Told = Callable[[int], None]


def _untold(_rows: int) -> None:
    """Nobody wants to know how far it is."""


def post_drafts(table: Table, mapping: Mapping, told: Told = _untold) -> DraftedPosts:
    """The posts in the rows of a table; `refused` includes the rows that the table itself refused.

    The same text under two ids is two posts. Rows that repeat an id with the same text count as duplicates
    of the first; with different texts all of them are refused, since none can be trusted. A date that cannot
    be read and a link that is no web address are reported, not refused.
    `told` hears of rows as they are read, or of all at once where they were looked through by this mapping.
    """
    check_mapping(table.columns, mapping)
    found = table.surveyed
    if found is None or found.mapping != asdict(mapping):
        found = survey(table, mapping, told)
    else:
        told(len(table.rows))
    return _Outcome(table, RowReader(table.columns, mapping), found).posts()


def survey(table: Table, mapping: Mapping, told: Told = _untold) -> Surveyed:
    """What a look at every row of a table finds."""
    look = _Look(table, RowReader(table.columns, mapping), told)
    look.look_through()
    return look.found(mapping)


class _Look:
    """One look at every row of a table."""

    def __init__(self, table: Table, reader: RowReader, told: Told) -> None:
        self._table, self._reader, self._told = table, reader, told
        self._refused: list[RefusedRow] = []
        self._short = _Ascending(table.short)
        self._places, self._numbers = array("q"), array("q")
        # Row times kinds plus kind. Rows are counted here among those that are not refused by themselves.
        self._notices = array("q")
        self._repeats = Repeats()
        self._digest = sha256()

    def look_through(self) -> None:
        """Read every row once."""
        for block in blocks_of(self._table.rows):
            start, numbers, columns = block
            ids, texts = self._reader.identities(columns)
            if not self._short.comes_by(numbers[-1]) and self._reader.are_plain(ids, texts, columns):
                self._take(range(start, start + len(ids)), numbers, ids, texts)
            else:
                self._look_closely(block, ids, texts)
            self._told(len(ids))

    def _take(
        self, places: Sequence[int], numbers: Sequence[int], ids: Sequence[str], texts: Sequence[str]
    ) -> None:
        if not ids:
            return
        self._places.extend(places)
        self._numbers.extend(numbers)
        self._repeats.add(ids, texts)
        # No id holds a NUL, so that different lists of ids never read the same.
        self._digest.update(("\0".join(ids) + "\0").encode())

    def _look_closely(self, block: Block, ids: Sequence[str], texts: Sequence[str]) -> None:
        start, numbers, columns = block
        taken: list[int] = []
        for place, cells in enumerate(zip(*columns, strict=True)):
            is_short = self._short.has(numbers[place])
            if reason := identity_fault(ids[place], texts[place]):
                self._refuse(numbers[place], reason)
                continue
            self._notice_all(cells, is_short, len(self._places) + len(taken))
            taken.append(place)
        self._take(
            [start + place for place in taken],
            [numbers[place] for place in taken],
            [ids[place] for place in taken],
            [texts[place] for place in taken],
        )

    def _refuse(self, number: int, reason: str) -> None:
        self._refused.append(RefusedRow(number, reason))
        if len(self._refused) + len(self._table.refused) > MAX_REFUSED:
            refuse_too_many_refused([*self._table.refused, *self._refused])

    def _notice_all(self, cells: Sequence[str], is_short: bool, row: int) -> None:
        reader = self._reader
        kinds = (is_short, reader.unread_date(cells), reader.strange_link(cells), reader.strange_key(cells))
        if any(kinds):
            first = row * _KINDS
            self._notices.extend(first + kind for kind in range(_KINDS) if kinds[kind])

    def found(self, mapping: Mapping) -> Surveyed:
        """All of that."""
        rows = self._repeats.found()
        return Surveyed(
            mapping=asdict(mapping),
            places=self._places,
            numbers=self._numbers,
            kept=rows.kept,
            repeated=rows.repeated,
            originals=_at(rows.first, rows.repeated),
            contradictory=rows.contradictory,
            contradicted=_at(rows.first, rows.contradictory),
            notices=_about(self._notices, rows.kept),
            refused=[(row.number, row.reason) for row in self._refused],
            digest=self._digest.hexdigest(),
        )


class _Outcome:
    """What becomes of each row that was looked at."""

    def __init__(self, table: Table, reader: RowReader, found: Surveyed) -> None:
        self._table, self._reader, self._found = table, reader, found
        self._refused = [*table.refused, *(RefusedRow(*pair) for pair in found.refused)]

    def posts(self) -> DraftedPosts:
        """The posts, and what is to be said of the other rows."""
        found = self._found
        self._refuse_contradictory()
        drafts = _Drafts(self._table, self._reader, _at(found.places, found.kept))
        return DraftedPosts(
            drafts,
            Lazy(range(len(found.repeated)), self._repeated),
            sorted(self._refused, key=lambda refused: refused.number),
            Lazy(found.notices, self._notice),
            found.digest,
            self._table.left_out,
            said=_warnings(drafts),
        )

    def _row(self, taken: int) -> Row:
        return self._table.rows[self._found.places[taken]]

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

    def _repeated(self, place: int) -> RowNotice:
        row, first = self._found.repeated[place], self._found.originals[place]
        others, places = self._cells_of_rows, self._found.places
        if others[places[first]] == others[places[row]]:
            message = _("The row repeats row {row}.")
        else:
            message = _(
                "The row repeats the id and text of row {row}; its other cells differ and are not used."
            )
        numbers = self._found.numbers
        return RowNotice(numbers[row], message.format(row=numbers[first]))

    @cached_property
    def _cells_of_rows(self) -> Sequence[int]:
        return array("q", (hash(row.cells) for row in self._table.rows))

    def _refuse_contradictory(self) -> None:
        same: dict[int, list[int]] = {}
        for row, first in zip(self._found.contradictory, self._found.contradicted, strict=True):
            same.setdefault(first, []).append(row)
        for first, rows in same.items():
            reason = self._contradiction(self._draft(first).external_id, rows)
            self._refused += [RefusedRow(self._found.numbers[row], reason) for row in rows]
            refuse_too_many_refused(self._refused)

    def _contradiction(self, external_id: str, rows: Sequence[int]) -> str:
        message = _("Rows {rows} give the id “{id}” to different texts. Keep one of them or correct the id.")
        return message.format(rows=_listed([self._found.numbers[row] for row in rows]), id=external_id)


class _Drafts(Compact[PostDraft]):
    """The posts in some rows of a table. Going through them in order reads some hundred rows at once."""

    def __init__(self, table: Table, reader: RowReader, places: Sequence[int]) -> None:
        self._rows, self._reader, self._places = table.rows, reader, places

    def __len__(self) -> int:
        return len(self._places)

    def item(self, place: int) -> PostDraft:
        """The post at a place from 0 on."""
        return self._reader.draft(self._rows[self._places[place]])

    def __iter__(self) -> Iterator[PostDraft]:
        if len(self._places) == len(self._rows):
            is_wanted: Iterator[bool] = repeat(True)
        else:
            wanted = bytearray(len(self._rows))
            for place in self._places:
                wanted[place] = True
            is_wanted = map(bool, wanted)
        return compress(chain.from_iterable(map(self._read, blocks_of(self._rows))), is_wanted)

    def _read(self, block: Block) -> Iterator[PostDraft]:
        return self._reader.drafts(block.numbers, block.columns)


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

    def comes_by(self, number: int) -> bool:
        """Whether the next one is at most this."""
        return 0 < self._next <= number

    def has(self, number: int) -> bool:
        """Whether it is one of them."""
        if self._next != number:
            return False
        self._next = next(self._numbers, 0)
        return True


def _at(numbers: Sequence[int], places: Sequence[int]) -> Sequence[int]:
    """Those of the numbers that stand in these places."""
    return array("q", map(numbers.__getitem__, places))


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
