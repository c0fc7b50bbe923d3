"""Making an archive, and noting that it left the server."""

from typing import IO

from sqlmodel import Session

from server.archive.forms import Options
from server.archive.packing import packed
from server.archive.parts import parts_of
from server.archive.study import study_of
from server.exchange.downloads.recording import record_export
from server.projects.access import Access
from server.projects.files import file_stem
from server.web.languages import ENGLISH, speaking


def archive(db: Session, access: Access, options: Options) -> IO[bytes]:
    """The archive at its beginning; who takes it closes it.

    Raises:
        Refusal: The one who asks may not see everything.
    """
    study = study_of(db, access, options)
    # Whoever it is handed on to may speak any language: but for the methods text it is all in English.
    with speaking(ENGLISH):
        return packed(parts_of(study), archive_stem(access))


def archive_stem(access: Access) -> str:
    """The name of the archive without its ending."""
    return f"{file_stem(access)}-archive"


def record_archive(db: Session, access: Access, options: Options, actor_id: int | None) -> None:
    """Note in the history that it left the server; without an actor through its shell."""
    record_export(db, access, "archive", actor_id, **options.told)
