"""What can be downloaded: the final dataset, all codings, and codings for programs of agreement."""

from collections.abc import Iterator
from typing import IO

from sqlmodel import Session

from server.datasets.files import MEDIA_TYPES, ending, write_file
from server.datasets.table import Dataset, Format, Row
from server.exchange.downloads.coder_tables import recal_archive, tidy_table
from server.exchange.downloads.coding_tables import coding_table
from server.exchange.downloads.final_tables import final_table
from server.exchange.downloads.wanted import Shape, Wanted, What
from server.exchange.sending import built
from server.projects.access import Access
from server.projects.files import file_stem
from server.rounds.queries import Sight, visible_rounds


def left_out(db: Session, access: Access) -> tuple[Sight, ...]:
    """The rounds whose codings this member may not have yet, with the reason in words."""
    return tuple(sight for sight in visible_rounds(db, access) if sight.why_no_codings)


def data_file(db: Session, access: Access, wanted: Wanted) -> IO[bytes]:
    """The whole file, built before the first byte is sent: an error on the way leaves no half file.

    Raises:
        Refusal: The format has no room for so many rows or cells.
    """
    if wanted.shape is Shape.RECAL:
        archive = recal_archive(db, access, with_names=wanted.names_annotators)
        return built(archive.write)
    data = _table(db, access, wanted)
    guards = not wanted.is_plain
    return built(lambda file: write_file(data, wanted.format, file, with_bom=wanted.with_bom, guards=guards))


def file_name(access: Access, wanted: Wanted) -> str:
    """The name the file arrives under, with what it holds of texts and people, so that none is mistaken."""
    usual = Wanted(wanted.what).shape
    shape = "" if wanted.shape is usual and wanted.what is not What.AGREEMENT else f"-{wanted.shape.value}"
    kind = "zip" if wanted.shape is Shape.RECAL else ending(wanted.format)
    return f"{file_stem(access)}-{wanted.what.value}{shape}{_holds(wanted)}.{kind}"


def _holds(wanted: Wanted) -> str:
    if wanted.is_bare:
        return "-ids-and-codes"
    is_final = wanted.what is What.FINAL
    told = {
        "texts": is_final and wanted.with_texts,
        "mentions-masked": is_final and wanted.with_texts and wanted.masks_mentions,
        "authors-as-numbers": is_final and wanted.with_pseudonyms,
        "names": not is_final and wanted.with_names,
    }
    return "".join(f"-{words}" for words, holds in told.items() if holds)


def media_type(wanted: Wanted) -> str:
    """What kind of file it is, as browsers are told."""
    return MEDIA_TYPES[Format.R if wanted.shape is Shape.RECAL else wanted.format]


def _table(db: Session, access: Access, wanted: Wanted) -> Dataset:
    tables = {What.FINAL: final_table, What.CODINGS: coding_table, What.AGREEMENT: tidy_table}
    data = tables[wanted.what](db, access, wanted)
    return _bare(data) if wanted.is_bare else data


def _bare(data: Dataset) -> Dataset:
    """The same without what could tell a text or a person."""
    kept = [place for place, column in enumerate(data.columns) if not column.tells]
    columns = tuple(data.columns[place] for place in kept)
    rows: Iterator[Row] = (tuple([row[place] for place in kept]) for row in data.rows)
    return Dataset(data.title, columns, rows)
