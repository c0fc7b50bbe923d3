"""Reading published versions, on the page and as CSV."""

from dataclasses import dataclass

from fastapi import Request, Response

from server.codebooks import queries
from server.codebooks.changes import Changes, differences
from server.codebooks.nesting import NestedVariable, nested_variables
from server.codebooks.pages.routes import CODEBOOK, DRAFT, VersionNumber, router
from server.codebooks.queries import Codebook, VersionRow, sheet_of
from server.codebooks.sheet import CodebookSheet
from server.codebooks.writing import write_codebook_csv
from server.errors import NotFound
from server.projects.access import Access, EditsCodebook, SeesCodebook
from server.projects.roles import Permission
from server.web.rendering import render
from server.web.routing import Db


@dataclass(frozen=True)
class VersionPage:
    """One published version: what it says, and what was new in it."""

    version: VersionRow | None
    variables: tuple[NestedVariable, ...]
    changes: Changes
    previous: int
    versions: tuple[VersionRow, ...]
    has_draft: bool


@router.get(CODEBOOK, name="codebooks.show")
def show(request: Request, db: Db, access: SeesCodebook) -> Response:
    """The newest version, and the list of all."""
    newest = queries.latest_published(db, access.project_id)
    return render(request, "codebooks/show.html", _page(db, access, newest))


@router.get(CODEBOOK + "/versions/{number}", name="codebooks.version")
def version(request: Request, db: Db, access: SeesCodebook, number: VersionNumber) -> Response:
    """One version."""
    book = queries.published_numbered(db, access.project_id, number)
    return render(request, "codebooks/version.html", _page(db, access, book))


@router.get(CODEBOOK + "/versions/{number}/csv", name="codebooks.download")
def download(
    request: Request,  # noqa: ARG001 - the transaction needs it
    db: Db,
    access: SeesCodebook,
    number: VersionNumber,
) -> Response:
    """One version as CSV."""
    book = queries.published_numbered(db, access.project_id, number)
    return _csv(sheet_of(book), f"codebook-version-{number}.csv")


@router.get(DRAFT + "/csv", name="codebooks.download_draft")
def download_draft(
    request: Request,  # noqa: ARG001 - the transaction needs it
    db: Db,
    access: EditsCodebook,
) -> Response:
    """The draft as CSV, to go on writing elsewhere and upload again."""
    book = queries.being_written(db, access.project_id)
    return _csv(sheet_of(book), "codebook-draft.csv")


def _page(db: Db, access: Access, book: Codebook | None) -> VersionPage:
    versions = queries.versions(db, access.project_id)
    has_draft = access.may(Permission.EDIT_CODEBOOK) and queries.draft(db, access.project_id) is not None
    if book is None:
        return VersionPage(None, (), Changes(), 0, versions, has_draft)
    row = next((row for row in versions if row.number == book.number), None)
    before = _before(db, access, book.number)
    changes = differences(sheet_of(before), sheet_of(book)) if before else Changes()
    variables = nested_variables(sheet_of(book))
    return VersionPage(row, variables, changes, before.number if before else 0, versions, has_draft)


def _before(db: Db, access: Access, number: int) -> Codebook | None:
    try:
        return queries.published_numbered(db, access.project_id, number - 1)
    except NotFound:
        return None


def _csv(sheet: CodebookSheet, filename: str) -> Response:
    # The byte-order mark is what makes a spreadsheet read accents and quotation marks as they are.
    return Response(
        write_codebook_csv(sheet).encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{filename}"'},
    )
