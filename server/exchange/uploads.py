"""Files between their upload and the lead's word that they shall be imported: ratings, gold, projects."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO, Literal, TypeVar, cast

from fastapi import Request
from sqlalchemy import CursorResult, delete, select
from sqlmodel import Session, col

from server.corpora import parcels
from server.corpora.models import Upload
from server.corpora.parcels import Find, Pieces, parcels_of
from server.corpora.parsing import Table, read_table
from server.corpora.uploads import Packed, plain_filename, unpacked
from server.errors import Refusal
from server.exchange.spreadsheets import unguarded
from server.language import gettext as _
from server.projects.access import Access
from server.web.forms import Form
from server.web.reader_processes import read_apart

Purpose = Literal["ratings", "gold", "qdpx"]
Result = TypeVar("Result")


@dataclass(frozen=True)
class ReceivedFile:
    """A file that somebody has just sent."""

    filename: str
    opened: BinaryIO

    def read_apart(self, request: Request, read: Callable[[BinaryIO, str], Result]) -> Result:
        """What a function makes of the file and its name, in a process of its own.

        Raises:
            Refusal: It refuses the file, or takes too long or too much memory.
        """
        return read_apart(request, read, self.opened, self.filename)


@dataclass(frozen=True)
class WaitingFile:
    """A file that waits, packed."""

    key: str
    filename: str
    content: Packed

    def read_apart(self, request: Request, read: Callable[[BinaryIO, str], Result]) -> Result:
        """The same of a file that waits. `NotFound` where it waits no longer."""
        with unpacked(self.content) as opened:
            return read_apart(request, read, opened, self.filename)


def table_in(file: BinaryIO, filename: str) -> Table:
    """The rows of a file, as they were before a spreadsheet guard."""
    table = unguarded(read_table(file, filename))
    return replace(table, rows=table.compressed())


def received(form: Form[Any]) -> ReceivedFile:
    """The file of a form; `Refusal` where there is none."""
    file = form.files.get("file")
    filename = plain_filename(file.filename) if file else ""
    if file is None or not filename:
        raise Refusal(_("Choose a file first."))
    return ReceivedFile(filename, file.opened())


def find(db: Session, access: Access, key: str, purpose: Purpose, pieces: Find) -> WaitingFile | None:
    """The waiting file with this key, to be read by `pieces`; None where it waits no longer."""
    columns = (col(Upload.id), col(Upload.filename), col(Upload.content))
    found = db.execute(select(*columns).where(*_ours(access, purpose), col(Upload.key) == key)).first()
    if found is None:
        return None
    parcel_id = parcels_of(db, found.id).get(parcels.FILE)
    if parcel_id is None:
        return WaitingFile(key, found.filename, found.content)
    return WaitingFile(key, found.filename, Pieces(partial(pieces, parcel_id)))


def take(db: Session, access: Access, key: str, purpose: Purpose) -> bool:
    """Remove a waiting file; False if somebody was faster. What it was in is to be cleared afterwards."""
    statement = delete(Upload).where(*_ours(access, purpose), col(Upload.key) == key)
    return cast(CursorResult[Any], db.execute(statement)).rowcount == 1


def _ours(access: Access, purpose: Purpose) -> tuple[Any, ...]:
    return col(Upload.project_id) == access.project_id, col(Upload.purpose) == purpose
