"""Uploading a codebook: first what the file would do to the draft, and only then the draft."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Request, Response

from server.codebooks import actions, queries
from server.codebooks.changes import Changes, differences
from server.codebooks.checks import Problem, contradictions, problems
from server.codebooks.drafting import in_order
from server.codebooks.files import read_opened, read_text
from server.codebooks.forms import SaveForm, UploadForm
from server.codebooks.nesting import NestedVariable, nested_variables
from server.codebooks.pages import samples
from server.codebooks.pages.routes import CODEBOOK, kept, router, to_draft
from server.codebooks.past import refuse_changed_kinds
from server.codebooks.queries import sheet_of
from server.codebooks.sheet import COLUMNS, CodebookReading, CodebookSheet, SheetRemark
from server.codebooks.writing import write_codebook_csv
from server.errors import Conflict, Refusal
from server.language import gettext as _
from server.projects.access import Access, EditsCodebook
from server.web.forms import Form, blank, form_of
from server.web.reader_processes import read_apart
from server.web.rendering import render
from server.web.routing import Db, ReadsFirstRoute, database_of, pages

# Reading and scanning a file takes its time, in which nobody else could write.
previewing = pages(ReadsFirstRoute)


@dataclass(frozen=True)
class UploadPage:
    """The form for a file; `problems` are the rows of the last one that could not be taken."""

    form: Form[Any]
    problems: tuple[SheetRemark, ...]
    filename: str
    columns: tuple[str, ...]
    has_draft: bool
    csv: str = samples.CSV
    markdown: str = samples.MARKDOWN


@dataclass(frozen=True)
class PreviewPage:
    """What the file would do. `text` is the file again, for the form that confirms it."""

    filename: str
    text: str
    edition: int
    variables: tuple[NestedVariable, ...]
    changes: Changes
    notices: tuple[SheetRemark, ...]
    missing: tuple[Problem, ...]
    has_draft: bool
    form: Form[Any]


@router.get(CODEBOOK + "/upload", name="codebooks.upload")
def upload(request: Request, db: Db, access: EditsCodebook) -> Response:
    """The form for a file, and what the file has to look like."""
    return _upload_page(request, db, access, blank(), 200)


@previewing.post(CODEBOOK + "/upload", name="codebooks.preview")
def preview(
    request: Request, access: EditsCodebook, form: Annotated[Form[UploadForm], form_of(UploadForm)]
) -> Response:
    """What the file would do. Nothing is written."""
    filename, database = _filename(form), database_of(request)
    try:
        reading = _read(request, form, filename)
        if not reading.problems:
            with database.reading() as db:
                return _preview_page(request, db, access, reading, filename, blank(), 200)
    except Refusal as refusal:
        with database.reading() as db:
            return _upload_page(request, db, access, form.refused(_at_file(refusal)), 422, filename=filename)
    message = _("Nothing was taken over. Mend these rows in the file and upload it again.")
    refused = replace(form, message=message)
    with database.reading() as db:
        return _upload_page(request, db, access, refused, 422, reading.problems, filename)


@router.post(CODEBOOK + "/upload/save", name="codebooks.save")
def save(
    request: Request, db: Db, access: EditsCodebook, form: Annotated[Form[SaveForm], form_of(SaveForm)]
) -> Response:
    """Let the draft say what the previewed file says."""
    try:
        sent = form.checked()
        reading = read_text(sent.sheet, sent.filename)
        try:
            actions.save_sheet(db, access, reading.checked(), sent.edition)
        except Conflict as conflict:
            return _preview_page(request, db, access, reading, sent.filename, *kept(form, conflict))
    except Refusal as refusal:
        refused = form.refused(_at_file(refusal))
        return _upload_page(request, db, access, refused, 422, filename=form.text("filename"))
    return to_draft(request, _("The file is the draft now. Look it over, then publish it."))


def _filename(form: Form[Any]) -> str:
    file = form.files.get("file")
    return file.filename if file else ""


def _read(request: Request, form: Form[Any], filename: str) -> CodebookReading:
    file = form.files.get("file")
    if file is None or not filename:
        raise Refusal(_("Choose a file first."))
    return read_apart(request, read_opened, file.opened(), filename)


def _at_file(refusal: Refusal) -> Refusal:
    """The refusal with its sentences at the file, the only field of the page."""
    told = dict.fromkeys([refusal.message, *refusal.fields.values()])
    return Refusal(" ".join(told))


def _upload_page(
    request: Request,
    db: Db,
    access: Access,
    form: Form[Any],
    status: int,
    remarks: tuple[SheetRemark, ...] = (),
    filename: str = "",
) -> Response:
    has_draft = queries.draft(db, access.project_id) is not None
    page = UploadPage(form, remarks, filename, COLUMNS, has_draft)
    return render(request, "codebooks/upload.html", page, status)


def _preview_page(
    request: Request,
    db: Db,
    access: Access,
    reading: CodebookReading,
    filename: str,
    form: Form[Any],
    status: int,
) -> Response:
    book, sheet = queries.being_written(db, access.project_id), in_order(reading.sheet)
    _refuse_unusable(db, access, sheet)
    page = PreviewPage(
        filename=filename,
        text=write_codebook_csv(sheet),
        edition=book.edition,
        variables=nested_variables(sheet),
        changes=differences(sheet_of(book), sheet),
        notices=reading.notices,
        missing=problems(sheet),
        has_draft=book.version_id != 0,
        form=form,
    )
    return render(request, "codebooks/preview.html", page, status)


def _refuse_unusable(db: Db, access: Access, sheet: CodebookSheet) -> None:
    found = contradictions(sheet)
    if found:
        raise Refusal(" ".join(dict.fromkeys(problem.message for problem in found)))
    refuse_changed_kinds(queries.past(db, access.project_id), sheet)
