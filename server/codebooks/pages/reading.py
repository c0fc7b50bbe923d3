"""Reading published versions, on the page and as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Request, Response

from server.codebooks import actions, queries
from server.codebooks.changes import Changes
from server.codebooks.comparing import compared
from server.codebooks.nesting import NestedVariable, nested_variables
from server.codebooks.pages.coded_post import CodedPost, coded_post
from server.codebooks.pages.routes import CODEBOOK, DRAFT, VersionNumber, router
from server.codebooks.queries import Codebook, VersionRow, sheet_of
from server.codebooks.search import Found, search
from server.codebooks.sheet import CodebookSheet
from server.codebooks.writing import write_codebook_csv
from server.errors import NotFound
from server.projects.access import Access, EditsCodebook, SeesCodebook
from server.projects.roles import Permission
from server.web.finding import MAX_SEARCH
from server.web.numbers import number_in_path
from server.web.rendering import render
from server.web.routing import Db, LeavesTransactionsRoute, database_of

Earlier = Annotated[int, number_in_path("earlier")]
VERSION = CODEBOOK + "/versions/{number}"


@dataclass(frozen=True)
class VersionPage:
    """One published version: what it says, or what of it was found; and what is new since `previous`.

    `post` is the one that was being coded when the codebook was opened.

    `is_unread`: the reader has opened an older version and not this one; `previous` is that older one then.
    """

    version: VersionRow | None
    variables: tuple[NestedVariable, ...]
    typed: str
    found: Found | None
    changes: Changes
    previous: int
    is_unread: bool
    versions: tuple[VersionRow, ...]
    has_draft: bool
    post: CodedPost | None


@dataclass(frozen=True)
class ChangesPage:
    """What differs between two versions, and what the lead said of each since the earlier one."""

    version: VersionRow
    earlier: int
    changes: Changes
    notes: tuple[VersionRow, ...]
    post: CodedPost | None


def show(request: Request, access: SeesCodebook, q: str = "") -> Response:
    """The newest version, and the list of all."""
    with database_of(request).reading() as db:
        newest = queries.latest_published(db, access.project_id)
        page, opened = (
            _page(db, access, newest, q, coded_post(request, access)),
            queries.newest_opened(db, access),
        )
    _note_opened(request, access, page.version, opened)
    return render(request, "codebooks/show.html", page)


def version(request: Request, access: SeesCodebook, number: VersionNumber, q: str = "") -> Response:
    """One version."""
    with database_of(request).reading() as db:
        book = queries.published_numbered(db, access.project_id, number)
        page, opened = (
            _page(db, access, book, q, coded_post(request, access)),
            queries.newest_opened(db, access),
        )
    _note_opened(request, access, page.version, opened)
    return render(request, "codebooks/version.html", page)


def changes(request: Request, access: SeesCodebook, number: VersionNumber, earlier: Earlier) -> Response:
    """What differs between two versions."""
    with database_of(request).reading() as db:
        found, opened = _changes(db, access, number, earlier), queries.newest_opened(db, access)
    page = replace(found, post=coded_post(request, access))
    _note_opened(request, access, page.version, opened)
    return render(request, "codebooks/changes.html", page)


for path, page, name in (
    (CODEBOOK, show, "codebooks.show"),
    (VERSION, version, "codebooks.version"),
    (VERSION + "/since/{earlier}", changes, "codebooks.changes"),
):
    router.add_api_route(path, page, name=name, methods=["GET"], route_class_override=LeavesTransactionsRoute)


def _note_opened(request: Request, access: Access, of: VersionRow | None, opened: int) -> None:
    if of is not None and of.number > opened:
        with database_of(request).writing() as db:
            actions.note_opened(db, access, of.number)


@router.get(VERSION + "/csv", name="codebooks.download")
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


def _page(db: Db, access: Access, book: Codebook | None, typed: str, post: CodedPost | None) -> VersionPage:
    versions = queries.versions(db, access.project_id)
    has_draft = access.may(Permission.EDIT_CODEBOOK) and queries.draft(db, access.project_id) is not None
    if book is None:
        return VersionPage(None, (), "", None, Changes(), 0, False, versions, has_draft, post)
    opened, typed = queries.newest_opened(db, access), typed.replace("\0", "").strip()[:MAX_SEARCH]
    is_unread = 0 < opened < book.number
    before = _before(db, access, opened if is_unread else book.number - 1)
    variables = nested_variables(sheet_of(book))
    return VersionPage(
        version=_row(versions, book.number),
        variables=variables,
        typed=typed,
        found=search(variables, typed),
        changes=compared(db, access.project_id, before, book) if before else Changes(),
        previous=before.number if before else 0,
        is_unread=is_unread,
        versions=versions,
        has_draft=has_draft,
        post=post,
    )


def _row(versions: Sequence[VersionRow], number: int) -> VersionRow:
    return next(row for row in versions if row.number == number)


def _before(db: Db, access: Access, number: int) -> Codebook | None:
    return queries.published_numbered(db, access.project_id, number) if number else None


def _changes(db: Db, access: Access, number: int, earlier: int) -> ChangesPage:
    if earlier > number:
        raise NotFound
    before, after = (queries.published_numbered(db, access.project_id, each) for each in (earlier, number))
    versions = queries.versions(db, access.project_id)
    notes = tuple(row for row in reversed(versions) if earlier < row.number <= number and row.note)
    differing = compared(db, access.project_id, before, after)
    return ChangesPage(_row(versions, number), earlier, differing, notes, None)


def _csv(sheet: CodebookSheet, filename: str) -> Response:
    # The byte-order mark is what makes a spreadsheet read accents and quotation marks as they are.
    return Response(
        write_codebook_csv(sheet).encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{filename}"'},
    )
