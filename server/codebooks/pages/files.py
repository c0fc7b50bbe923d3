"""Versions of the codebook as files: CSV, Markdown and DOCX."""

from importlib import import_module

from fastapi import Request, Response

from server.codebooks import queries
from server.codebooks.changelog import LogEntry, change_log
from server.codebooks.markdown import write_markdown
from server.codebooks.pages.routes import DRAFT, VERSION, VersionNumber, router
from server.codebooks.queries import sheet_of
from server.codebooks.refi import write_refi
from server.codebooks.sheet import CodebookSheet
from server.codebooks.writing import write_codebook_csv
from server.language import gettext as _
from server.projects.access import Access, EditsCodebook, SeesCodebook
from server.web.routing import Db

XML = "application/xml"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.get(VERSION + "/csv", name="codebooks.download")
def download(
    request: Request,  # noqa: ARG001 - the transaction needs it
    db: Db,
    access: SeesCodebook,
    number: VersionNumber,
) -> Response:
    """One version as CSV."""
    return _csv(_published(db, access, number), f"codebook-version-{number}.csv")


@router.get(DRAFT + "/csv", name="codebooks.download_draft")
def download_draft(
    request: Request,  # noqa: ARG001 - the transaction needs it
    db: Db,
    access: EditsCodebook,
) -> Response:
    """The draft as CSV, to go on writing elsewhere and upload again."""
    book = queries.being_written(db, access.project_id)
    return _csv(sheet_of(book), "codebook-draft.csv")


@router.get(VERSION + "/markdown", name="codebooks.markdown")
def markdown(
    request: Request,  # noqa: ARG001 - the transaction needs it
    db: Db,
    access: SeesCodebook,
    number: VersionNumber,
) -> Response:
    """One version and its change log as Markdown, which can be uploaded again."""
    text = write_markdown(*_whole(db, access, number))
    return _file(text.encode(), "text/markdown; charset=utf-8", f"codebook-version-{number}.md")


@router.get(VERSION + "/refi", name="codebooks.refi")
def refi(
    request: Request,  # noqa: ARG001 - the transaction needs it
    db: Db,
    access: SeesCodebook,
    number: VersionNumber,
) -> Response:
    """One version as programs for qualitative analysis read it, which can be uploaded again."""
    sheet = _published(db, access, number)
    return _file(write_refi(sheet, access.project_key).encode(), XML, f"codebook-version-{number}.qdc")


@router.get(VERSION + "/docx", name="codebooks.docx")
def docx(
    request: Request,  # noqa: ARG001 - the transaction needs it
    db: Db,
    access: SeesCodebook,
    number: VersionNumber,
) -> Response:
    """One version and its change log as a document for an appendix."""
    # Only here, as what writes Word files takes 10 MB of every server, most of which never write one.
    write = import_module("server.codebooks.document").write_docx
    return _file(write(*_whole(db, access, number)), DOCX, f"codebook-version-{number}.docx")


def _published(db: Db, access: Access, number: int) -> CodebookSheet:
    return sheet_of(queries.published_numbered(db, access.project_id, number))


def _whole(db: Db, access: Access, number: int) -> tuple[CodebookSheet, str, tuple[LogEntry, ...]]:
    """A version with its title and its change log."""
    sheet = _published(db, access, number)
    title = _("Codebook of “{title}”, version {number}").format(title=access.project_title, number=number)
    return sheet, title, change_log(db, access.project_id, number)


def _csv(sheet: CodebookSheet, filename: str) -> Response:
    # The byte-order mark is what makes a spreadsheet read accents and quotation marks as they are.
    return _file(write_codebook_csv(sheet).encode("utf-8-sig"), "text/csv; charset=utf-8", filename)


def _file(content: bytes, media_type: str, filename: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{filename}"'}
    return Response(content, media_type=media_type, headers=headers)
