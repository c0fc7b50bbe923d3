"""Waiting files are kept in pieces, written and removed some at a time, and count once they are whole."""

import zlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, func, select, update

from server.clock import now
from server.corpora import actions, parcels, queries
from server.corpora.kept import Reading, as_kept, content_of, reading_of
from server.corpora.models import Parcel, ParcelPiece
from server.corpora.parcels import Piece, Pieces, clear, finding, finding_in, stowed
from server.corpora.reading import read_posts
from server.corpora.running import Imports
from server.corpora.uploads import packed_hash
from server.db.engine import Database
from server.errors import Busy, NotFound
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.files import csv, import_shown, previewed
from tests.corpora.jobs import eventually
from tests.stock import on_one_database

CHUNKS = [b"a" * 30, b"b" * 30, b"c" * 250, b"", b"d" * 99]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcels, "PIECE", 100)
    monkeypatch.setattr(parcels, "_AT_ONCE", 2)


def n_of(db: Session, table: type) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0


def n_pieces(database: Database) -> int:
    with database.reading() as db:
        return n_of(db, ParcelPiece)


def received(database: Database, cast: Cast, **parts: Iterable[bytes]) -> str:
    with stowed(database, parts) as parcel_ids, database.writing() as db:
        return actions.receive_file(db, cast.lead, "posts.csv", parcel_ids=parcel_ids)


def test_bytes_come_out_as_they_went_in(database: Database, cast: Cast) -> None:
    received(database, cast, file=CHUNKS)
    whole = b"".join(CHUNKS)
    with database.reading() as db:
        parcel_id = db.exec(select(Parcel.id)).one() or 0
        sizes = db.exec(select(func.length(ParcelPiece.content)).order_by(col(ParcelPiece.start))).all()
        pieces = Pieces(partial(finding(db), parcel_id))
        assert b"".join(pieces) == whole
        assert [pieces.read(*at) for at in [(0, 409), (59, 61), (408, 409), (5, 5)]] == [
            whole,
            b"bc",
            b"d",
            b"",
        ]
        with pytest.raises(NotFound):
            pieces.read(400, 410)
    assert sizes == [60, 100, 100, 50, 99]
    clear(database)
    assert n_pieces(database) == 5


def test_who_goes_to_and_fro_finds_the_last_pieces_in_memory() -> None:
    asked = []

    def piece_at(place: int) -> Piece:
        asked.append(place)
        return Piece(place, b"x")

    pieces = Pieces(piece_at)
    for place in [0, 9, 0, 8, 0, 7, 0, 6, 9, 0, 6]:
        pieces.read(place, place + 1)
    assert asked == [0, 9, 8, 7, 6, 9]


def test_a_waiting_file_is_read_piece_by_piece(database: Database, cast: Cast) -> None:
    table = read_posts(csv(*range(60)), "posts.csv")
    content = zlib.compress(b"the file itself" * 100, level=0)
    key = received(database, cast, reading=as_kept(Reading(table, "hash")), file=[content])
    with database.reading() as db:
        file = queries.uploaded_file(db, cast.lead, key)
    assert file is not None
    find = finding_in(database)
    reading = reading_of(file, find)
    assert reading == Reading(table, "hash")
    assert packed_hash(content_of(file, find)) == packed_hash(content)
    with database.writing() as db:
        actions.discard_file(db, cast.lead, key)
    clear(database)
    with pytest.raises(NotFound):
        list(reading.table.rows)


def test_what_is_half_written_is_nothing_and_goes_with_the_next_start(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = received(database, cast, reading=[b"whole"])

    def breaks_off() -> Iterator[bytes]:
        yield from CHUNKS
        raise ConnectionError

    with pytest.raises(ConnectionError):
        received(database, cast, reading=breaks_off())
    assert n_pieces(database) == 1
    monkeypatch.setattr(parcels, "_let_go", lambda *_values: None)  # As if the server had been killed.
    with pytest.raises(ConnectionError):
        received(database, cast, reading=breaks_off())
    assert n_pieces(database) > 1
    if not database.is_sqlite:  # Another server may be writing it, until it was not heard of for long.
        with database.writing() as db:
            db.execute(update(Parcel).values(heard_at=now() - 2 * parcels._SILENCE))
    with Imports(database, 50).going_on():
        eventually(lambda: n_pieces(database) == 1)
    with database.reading() as db:
        assert [file.key for file in queries.waiting_files(db, cast.lead)] == [whole]


def test_a_parcel_that_was_taken_for_one_that_was_left_is_not_written_on(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "_SILENCE", parcels._SILENCE * 0)

    def slow() -> Iterator[bytes]:
        yield from CHUNKS
        clear(database)
        with database.writing() as db:
            db.add(Parcel(part="reading", heard_at=now()))  # Somebody else's, who has just begun.
        yield from CHUNKS

    with pytest.raises(Busy):
        received(database, cast, reading=slow())
    with database.reading() as db:
        assert (n_of(db, Parcel), n_of(db, ParcelPiece)) == (0, 0)


def test_who_clears_at_once_removes_each_piece_once(database: Database, cast: Cast) -> None:
    keys = [received(database, cast, reading=CHUNKS) for _each in range(3)]
    for key in keys[:2]:
        with database.writing() as db:
            actions.discard_file(db, cast.lead, key)
    steps = []
    while parcels._clear_some(database, None):
        steps.append(n_pieces(database))
    assert steps == [13, 11, 10, 10, 8, 6, 5, 5]


def test_a_part_that_is_whole_stays_however_long_the_next_one_takes(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [now()]
    monkeypatch.setattr(parcels, "now", lambda: moment[0])

    def slow() -> Iterator[bytes]:
        for _each in range(8):
            moment[0] += timedelta(seconds=15)
            clear(database)
            yield b"x" * 100

    received(database, cast, reading=CHUNKS, file=slow())
    assert n_pieces(database) == 5 + 8


@on_one_database
def test_rows_are_not_looked_up_while_others_wait_for_their_import(
    client_of: ClientOf, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead: TestClient = client_of(cast.lead)
    page = previewed(lead, cast, csv(*range(60)))
    import_file = actions.import_file

    def alone(*values: object) -> object:
        monkeypatch.delattr(parcels, "_piece_at")
        return import_file(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "import_file", alone)
    assert import_shown(lead, page).status_code == 303
