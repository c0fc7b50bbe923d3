"""Bytes of a waiting file, kept in pieces of about a megabyte: nobody moves or holds all of them at once.

They are written some at a time and removed some at a time, so that others who write need not wait. Until they
belong to an upload they are nothing that anybody sees: a server that was killed leaves such parcels half
written or half removed, and `clear` removes what is left of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, insert, or_, select, update
from sqlmodel import Session, col

from server.clock import now
from server.corpora.models import Parcel, ParcelPiece
from server.db.engine import Database
from server.db.trouble import Trouble, in_words
from server.errors import Busy, NotFound
from server.language import gettext as _

FILE, READING = "file", "reading"
PIECE = 1 << 20
_AT_ONCE = 4
# How many of the pieces that were read last stay in memory.
_KEPT = 4
# Whoever writes a parcel and was not heard of for so long is taken to be gone.
_SILENCE = timedelta(minutes=1)


class Piece(NamedTuple):
    """Some of the bytes of a parcel; so many stand before them."""

    start: int
    content: bytes

    @property
    def end(self) -> int:
        """How many bytes stand before the next piece."""
        return self.start + len(self.content)


# Gives the piece of a parcel, by its id, in which a byte is; the last piece where there is no such byte.
Find = Callable[[int, int], Piece]


class Pieces:
    """The bytes of a parcel, of which the few pieces that were read last are in memory.

    Whoever goes from a row to an earlier one that it repeats, and on to the next, comes to the same again.
    """

    def __init__(self, piece_at: Callable[[int], Piece]) -> None:
        self._piece_at = piece_at
        self._kept: list[Piece] = []

    def read(self, start: int, end: int) -> bytes:
        """The bytes from one place to another; `NotFound` where the parcel was removed meanwhile."""
        found = b""
        while len(found) < end - start:
            piece = self._with(start + len(found))
            found += piece.content[start + len(found) - piece.start : end - piece.start]
        return found

    def _with(self, place: int) -> Piece:
        piece = next((kept for kept in self._kept if kept.start <= place < kept.end), None)
        if piece is None:
            piece = self._piece_at(place)
        if place >= piece.end:
            raise _gone()
        others = (kept for kept in self._kept if kept is not piece)
        self._kept = [*others, piece][-_KEPT:]
        return piece

    def __iter__(self) -> Iterator[bytes]:
        piece = self._piece_at(0)
        while piece.content:
            yield piece.content
            following = self._piece_at(piece.end)
            piece = following if following.start == piece.end else Piece(0, b"")


def finding(db: Session) -> Find:
    """How pieces are found in a session that is open as long as they are asked for."""

    def find(parcel_id: int, place: int) -> Piece:
        return _piece_at(db, parcel_id, place)

    return find


def finding_in(database: Database) -> Find:
    """How pieces are found in a session each."""

    def find(parcel_id: int, place: int) -> Piece:
        with database.reading() as db:
            return _piece_at(db, parcel_id, place)

    return find


def _piece_at(db: Session, parcel_id: int, place: int) -> Piece:
    it = (col(ParcelPiece.parcel_id) == parcel_id, col(ParcelPiece.start) <= place)
    columns = select(col(ParcelPiece.start), col(ParcelPiece.content)).where(*it)
    found = db.execute(columns.order_by(col(ParcelPiece.start).desc()).limit(1)).first()
    if found is None:
        raise _gone()
    return Piece(*found)


def _gone() -> NotFound:
    return NotFound(_("This file is no longer here: it was imported or discarded. Upload it again."))


@contextmanager
def stowed(database: Database, parts: Mapping[str, Iterable[bytes]]) -> Iterator[list[int]]:
    """The ids of parcels with these parts of a waiting file.

    Those that belong to no upload when the block ends are removed, with whatever else is left of files.
    """
    parcel_ids: list[int] = []
    try:
        for part, chunks in parts.items():
            _stow(database, part, chunks, parcel_ids)
        yield parcel_ids
    finally:
        with suppress(Busy):
            _let_go(database, parcel_ids)
        clear(database)


def _stow(database: Database, part: str, chunks: Iterable[bytes], parcel_ids: list[int]) -> None:
    pieces = _cut(chunks)
    # Before the parcel is begun, since it may take long until there is anything to write.
    some = list(islice(pieces, _AT_ONCE))
    with database.writing() as db:
        _let_hear(db, parcel_ids)
        parcel = Parcel(part=part, heard_at=now())
        db.add(parcel)
        db.flush()
        parcel_id = cast(int, parcel.id)
    parcel_ids.append(parcel_id)
    while some:
        with database.writing() as db:
            _let_hear(db, parcel_ids)
            _add(db, parcel_id, some)
        some = list(islice(pieces, _AT_ONCE))


def _let_go(database: Database, parcel_ids: Iterable[int]) -> None:
    """Nobody writes these parcels any more."""
    with database.writing() as db:
        mine = (col(Parcel.id).in_(parcel_ids), col(Parcel.upload_id).is_(None))
        db.execute(update(Parcel).where(*mine).values(heard_at=None))


def _cut(chunks: Iterable[bytes]) -> Iterator[Piece]:
    """The bytes in pieces that end with a chunk, unless a chunk is larger than a piece."""
    start, size = 0, 0
    waiting: list[bytes] = []
    for chunk in chunks:
        for place in range(0, len(chunk), PIECE):
            part = chunk[place : place + PIECE]
            if waiting and size + len(part) > PIECE:
                yield Piece(start, b"".join(waiting))
                start, waiting, size = start + size, [], 0
            waiting.append(part)
            size += len(part)
    if waiting:
        yield Piece(start, b"".join(waiting))


def _let_hear(db: Session, parcel_ids: list[int]) -> None:
    """All parts of a file are heard of, also those that are whole and wait for the one that is written."""
    _change(db, parcel_ids, heard_at=now())


def _add(db: Session, parcel_id: int, pieces: Iterable[Piece]) -> None:
    rows = [{"parcel_id": parcel_id, "start": start, "content": content} for start, content in pieces]
    db.execute(insert(ParcelPiece), rows)


def hand_over(db: Session, parcel_ids: Iterable[int], upload_id: int) -> None:
    """Let whole parcels belong to an upload from now on."""
    _change(db, list(parcel_ids), upload_id=upload_id, heard_at=None)


def _change(db: Session, parcel_ids: list[int], **values: Any) -> None:
    statement = update(Parcel).where(col(Parcel.id).in_(parcel_ids), col(Parcel.upload_id).is_(None))
    changed = cast(CursorResult[Any], db.execute(statement.values(**values)))
    if changed.rowcount != len(parcel_ids):
        raise in_words(Trouble.BUSY)  # It took so long that the parcel was taken for one that was left.


def replace(db: Session, parcel_id: int, upload_id: int) -> None:
    """Let a whole parcel belong to an upload in the place of the one that is the same part of it."""
    part = select(col(Parcel.part)).where(col(Parcel.id) == parcel_id).scalar_subquery()
    before = (col(Parcel.upload_id) == upload_id, col(Parcel.part) == part)
    db.execute(update(Parcel).where(*before).values(upload_id=None))
    hand_over(db, [parcel_id], upload_id)


def parcels_of(db: Session, upload_id: int) -> dict[str, int]:
    """The ids of the parcels of an upload, by what part of it they are."""
    columns = select(col(Parcel.part), col(Parcel.id)).where(col(Parcel.upload_id) == upload_id)
    return {row.part: row.id for row in db.execute(columns)}


def clear(database: Database, since: datetime | None = None) -> None:
    """Remove the parcels that belong to no upload, some pieces at a time, but those that are being written.

    None of these was begun before `since`, where that is known. Where others are in the way, or remove the
    same at this moment, some are still there afterwards (`n_left`): whoever clears next goes on.
    """
    with suppress(Busy):
        while _clear_some(database, since):
            pass


def _clear_some(database: Database, since: datetime | None) -> bool:
    """Remove some pieces; whether there may be more."""
    with database.writing() as db:
        left = select(col(Parcel.id)).where(_is_left(since)).order_by(col(Parcel.id)).limit(1)
        parcel_id = db.scalar(left.with_for_update(skip_locked=True))
        if parcel_id is None:
            return False
        its = col(ParcelPiece.parcel_id) == parcel_id
        # The first ones first: who still reads finds no piece any more, instead of an end.
        first = select(col(ParcelPiece.start)).where(its).order_by(col(ParcelPiece.start)).limit(_AT_ONCE)
        some = delete(ParcelPiece).where(its, col(ParcelPiece.start).in_(first))
        if not cast(CursorResult[Any], db.execute(some)).rowcount:
            db.execute(delete(Parcel).where(col(Parcel.id) == parcel_id))
        return True


def _is_left(since: datetime | None) -> ColumnElement[bool]:
    latest = max(now() - _SILENCE, since) if since else now() - _SILENCE
    is_dead = or_(col(Parcel.heard_at).is_(None), col(Parcel.heard_at) < latest)
    return and_(col(Parcel.upload_id).is_(None), is_dead)


def n_left(db: Session) -> int:
    """How many parcels belong to no upload: they are being written, or will be removed."""
    return db.scalar(select(func.count()).select_from(Parcel).where(col(Parcel.upload_id).is_(None))) or 0
