"""Importing posts: first what a file would do, and only then the posts."""

from collections.abc import Iterator
from collections.abc import Mapping as Lookup
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from server.corpora import actions, queries
from server.corpora.compact import Row
from server.corpora.counts import counts_of
from server.corpora.drafting import post_drafts
from server.corpora.forms import (
    CHOICES,
    ROLES,
    TREATMENT,
    ImportForm,
    MappingForm,
    SheetForm,
    choices_seen,
    places,
    role_word,
)
from server.corpora.guessing import ColumnGuess, guess_columns
from server.corpora.jobs import Wish
from server.corpora.kept import at_hand, content_of, reading_of
from server.corpora.mapping import Mapping
from server.corpora.masking import names_mentioned, names_people
from server.corpora.pages.keeping import kept_apart
from server.corpora.pages.progress import begin_import, has_job, is_going_on
from server.corpora.pages.routes import FILE, router
from server.corpora.parcels import READING, clear, finding, finding_in, stowed
from server.corpora.parsing import Table
from server.corpora.planning import ImportPlan, plan_import
from server.corpora.proposal import Remarks, remarks, remarks_csv
from server.corpora.queries import UploadedFile
from server.corpora.stored import StoredPosts, stored_texts, texts_in
from server.corpora.storing import Source
from server.corpora.treatment import treated
from server.corpora.uploads import unpacked
from server.corpora.words import button_words, nothing_words, outcome_words, reading_words
from server.errors import Conflict, NotFound, Refusal
from server.language import gettext as _
from server.projects.access import Access, ImportsPosts
from server.web.forms import Form, form_of, parse
from server.web.rendering import render, see_other
from server.web.routing import Db, database_of
from server.web.words import number

SAMPLE_ROWS = 10
SAMPLE_COLUMNS = 30
SAMPLE_CELL = 160
GUESSED_FROM = 1_000
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SampleRow:
    """A row of a file as it was read, or without cells and with the reason why it could not be."""

    number: int
    cells: tuple[str, ...]
    refused: str = ""


@dataclass(frozen=True)
class Sample:
    """The first rows of a file: those columns first that have a role. `n_hidden` columns are left out."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[SampleRow, ...]
    n_hidden: int


@dataclass(frozen=True)
class Outcome:
    """What will happen: counts in words, the rows to know of, and the button."""

    facts: Choices
    said: tuple[str, ...]
    remarks: tuple[Remarks, ...]
    fingerprint: str
    button: str
    nothing: str


@dataclass(frozen=True)
class PreviewPage:
    """A file before it is imported; without an outcome where the columns are not clear yet.

    Columns without a role are `extra` fields, or `unkept` where pseudonyms or masks would be worth nothing
    with them.
    """

    key: str
    filename: str
    reading: str
    export: str
    notes: tuple[str, ...]
    form: Form[Any]
    columns: Choices
    extra: tuple[str, ...]
    unkept: tuple[str, ...]
    sample: Sample
    sheets: Choices
    sheet: str
    outcome: Outcome | None
    treats: bool
    chosen: dict[str, str]
    seen: str


@router.get(FILE, name="corpora.preview")
def preview(request: Request, db: Db, access: ImportsPosts, upload_key: str) -> Response:
    """What importing a file would do; the address may say which column holds what."""
    if is_going_on(db, access, upload_key):
        return see_other(request, "corpora.progress", upload_key=upload_key)
    file = _waiting(db, access, upload_key)
    table = reading_of(file, finding(db)).table
    is_asked = any(role in request.query_params for role in ROLES)
    form = _asked(request.query_params) if is_asked else _proposed(db, access, table)
    try:
        plan = _plan(db, access, table, form.checked())
    except Refusal as refusal:
        status = 422 if is_asked else 200
        return _preview_page(request, file, table, form.refused(refusal), status=status)
    return _preview_page(request, file, table, form, plan)


def _waiting(db: Db, access: Access, key: str) -> UploadedFile:
    file = queries.uploaded_file(db, access, key)
    if file is None:
        raise NotFound(_("This file is no longer here: it was imported or discarded. Upload it again."))
    return file


def _asked(query: Lookup[str, str]) -> Form[MappingForm]:
    return parse(MappingForm, FormData(list(query.items())))


def _proposed(db: Db, access: Access, table: Table) -> Form[MappingForm]:
    """What is guessed; and where an earlier import hid the names of authors, they stay hidden."""
    hides_names = queries.pseudonym_key(db, access) is not None
    return _guessed(table, {"pseudonyms": "on"} if hides_names else {})


def _guessed(table: Table, besides: Lookup[str, str]) -> Form[MappingForm]:
    known = table.origin.roles
    guess = ColumnGuess(**known) if known else guess_columns(table.columns, table.rows[:GUESSED_FROM])
    found = {role: str(place) for role, place in places(guess, table.columns).items()}
    return _asked({**found, "seed": "1", **besides})


def _plan(db: Db, access: Access, table: Table, wanted: MappingForm) -> ImportPlan:
    mapping = wanted.mapping(table.columns)
    treatment = wanted.treatment(table.columns, mapping)
    # Until the first import with pseudonyms there is no key; nothing of one is shown.
    key = queries.pseudonym_key(db, access) or b""
    posts = treated(post_drafts(table, mapping), treatment, key, stored_texts(db, access))
    return plan_import(posts, StoredPosts(db, access))


@router.get(FILE + "/remarks.csv", name="corpora.remarks_file")
def remarks_file(request: Request, db: Db, access: ImportsPosts, upload_key: str) -> Response:
    """Everything the preview says about single rows, for a spreadsheet."""
    file = _waiting(db, access, upload_key)
    table = reading_of(file, finding(db)).table
    plan = _plan(db, access, table, _asked(request.query_params).checked())
    content = remarks_csv(plan).encode("utf-8-sig")
    headers = {"content-disposition": 'attachment; filename="import-remarks.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.post(FILE, name="corpora.import_")
def import_(
    request: Request,
    access: ImportsPosts,
    upload_key: str,
    form: Annotated[Form[ImportForm], form_of(ImportForm)],
) -> Response:
    """Import what was shown, or show what has become of it; nothing for columns that were not looked at."""
    if form.has("look", "again"):
        return see_other(request, "corpora.preview", query=_query(form), upload_key=upload_key)
    with database_of(request).reading() as db:
        file = queries.uploaded_file(db, access, upload_key)
        has_begun = has_job(db, access, upload_key, is_waiting=file is not None)
    if has_begun:
        return see_other(request, "corpora.progress", upload_key=upload_key)
    if file is None:
        return _imported_already(request)
    return _import_shown(request, access, file, form)


def _import_shown(request: Request, access: Access, file: UploadedFile, form: Form[ImportForm]) -> Response:
    reading = reading_of(file, finding_in(database_of(request)))
    table = reading.table
    try:
        wanted = form.checked()
        mapping = wanted.mapping(table.columns)
        treatment = wanted.treatment(table.columns, mapping)
        if not wanted.is_as_seen:
            raise Conflict(_("You chose something else after this was shown."))
        if len(table.rows) > request.app.state.settings.import_at_once:
            wish = Wish(file.key, mapping, treatment, wanted.fingerprint, _query(form))
            return begin_import(request, access, wish, len(table.rows))
        source = Source(file.filename, reading.file_hash, mapping, table.origin.export, treatment)
        plan = _import(request, access, file, table, mapping, source, wanted.fingerprint)
    except Conflict as conflict:
        return _changed_preview(request, access, file, table, replace(form, message=conflict.message))
    except Refusal as refusal:
        return _preview_page(request, file, table, form.refused(refusal), status=422)
    if plan is None:
        return _imported_already(request)
    return see_other(request, "corpora.index", notice=outcome_words(counts_of(plan)))


def _query(form: Form[Any]) -> dict[str, str]:
    return {name: form.text(name) for name in CHOICES if name in ROLES or form.text(name)}


def _imported_already(request: Request) -> Response:
    notice = _(
        "This file is no longer waiting: it was imported or discarded already. Nothing was done twice."
    )
    return see_other(request, "corpora.index", notice=notice)


def _import(
    request: Request,
    access: Access,
    file: UploadedFile,
    table: Table,
    mapping: Mapping,
    source: Source,
    seen: str,
) -> ImportPlan | None:
    key = b""
    if source.treatment.pseudonyms:
        # On its own, since the posts are gone through before the transaction that writes them.
        with database_of(request).writing() as db:
            key = actions.pseudonym_key(db, access)
    stored = texts_in(database_of(request), access)
    # A transaction that others wait for waits for nobody's connection itself, to read rows by.
    posts = treated(post_drafts(at_hand(table), mapping), source.treatment, key, stored)
    with database_of(request).writing() as db:
        outcome = actions.import_file(db, access, file.key, posts, source, seen)
    clear(database_of(request))
    return outcome.plan if outcome else None


def _changed_preview(
    request: Request, access: Access, file: UploadedFile, table: Table, form: Form[ImportForm]
) -> Response:
    said = _("{reason} Nothing was imported. This is what would happen now.").format(reason=form.message)
    with database_of(request).reading() as db:
        plan = _plan(db, access, table, form.checked())
    return _preview_page(request, file, table, replace(form, message=said), plan, status=409)


@router.post(FILE + "/sheet", name="corpora.choose_sheet")
def choose_sheet(
    request: Request,
    access: ImportsPosts,
    upload_key: str,
    form: Annotated[Form[SheetForm], form_of(SheetForm)],
) -> Response:
    """Read another sheet of a workbook, and show what importing that would do."""
    database = database_of(request)
    with database.reading() as db:
        file = _waiting(db, access, upload_key)
    find = finding_in(database)
    try:
        with unpacked(content_of(file, find)) as opened:
            _n_sheets, reread = kept_apart(request, opened, file.filename, form.checked().sheet)
    except Refusal as refusal:
        table = reading_of(file, find).table
        return _preview_page(request, file, table, _guessed(table, {}).refused(refusal), status=422)
    with stowed(database, {READING: reread}) as [parcel_id], database.writing() as db:
        actions.read_otherwise(db, access, upload_key, parcel_id)
    return see_other(request, "corpora.preview", upload_key=upload_key)


@router.post(FILE + "/discard", name="corpora.discard")
def discard(request: Request, access: ImportsPosts, upload_key: str) -> Response:
    """Forget a file that was uploaded."""
    with database_of(request).reading() as db:
        if is_going_on(db, access, upload_key):
            return see_other(request, "corpora.progress", upload_key=upload_key)
    with database_of(request).writing() as db:
        actions.discard_file(db, access, upload_key)
    clear(database_of(request))
    return see_other(request, "corpora.upload", notice=_("The file was discarded. Nothing was imported."))


def _preview_page(
    request: Request,
    file: UploadedFile,
    table: Table,
    form: Form[Any],
    plan: ImportPlan | None = None,
    status: int = 200,
) -> Response:
    roles, chosen = _roles(form, table), {name: form.text(name) for name in CHOICES}
    extra = [name for place, name in enumerate(table.columns) if place not in roles]
    unkept = [
        name
        for name in extra
        if (chosen["pseudonyms"] and names_people(name)) or (chosen["mentions"] and names_mentioned(name))
    ]
    page = PreviewPage(
        key=file.key,
        filename=file.filename,
        reading=reading_words(table),
        export=table.origin.export,
        notes=table.origin.notes,
        form=form,
        columns=tuple((str(place), name) for place, name in enumerate(table.columns, start=1)),
        extra=tuple(name for name in extra if name not in unkept),
        unkept=tuple(unkept),
        sample=_sample(table, roles),
        sheets=tuple((str(place), name) for place, name in enumerate(table.origin.sheets, start=1)),
        sheet=str(table.origin.sheet),
        outcome=_outcome(plan) if plan else None,
        treats=any(chosen[name] for name in TREATMENT if name != "seed"),
        chosen=chosen,
        seen=choices_seen(chosen),
    )
    return render(request, "corpora/preview.html", page, status)


def _roles(form: Form[Any], table: Table) -> dict[int, str]:
    """The role of each column that has one, by the column's place counted from 0."""
    # Where a column has two roles, the first in the order of the roles stands.
    typed = [(role, form.text(role)) for role in reversed(ROLES)]
    chosen = {int(text) - 1: role for role, text in typed if text.isdecimal() and len(text) < 5}
    return {place: role for place, role in chosen.items() if 0 <= place < len(table.columns)}


def _sample(table: Table, roles: dict[int, str]) -> Sample:
    ordered = sorted(roles, key=lambda place: ROLES.index(roles[place]))
    ordered += [place for place in range(len(table.columns)) if place not in roles]
    shown = ordered[:SAMPLE_COLUMNS]
    words = {place: role_word(role) for place, role in roles.items()}
    return Sample(
        columns=tuple((table.columns[place], words.get(place, "")) for place in shown),
        rows=_sample_rows(table, shown),
        n_hidden=len(ordered) - len(shown),
    )


def _sample_rows(table: Table, shown: list[int]) -> tuple[SampleRow, ...]:
    taken = [SampleRow(row.number, _cells(row, shown)) for row in table.rows[:SAMPLE_ROWS]]
    refused = [SampleRow(row.number, (), row.reason) for row in table.refused[:SAMPLE_ROWS]]
    return tuple(sorted(taken + refused, key=lambda row: row.number)[:SAMPLE_ROWS])


def _cells(row: Row, places_shown: list[int]) -> tuple[str, ...]:
    cells = (row.cells[place] for place in places_shown)
    return tuple(cell if len(cell) <= SAMPLE_CELL else cell[: SAMPLE_CELL - 1] + "…" for cell in cells)


def _outcome(plan: ImportPlan) -> Outcome:
    return Outcome(
        facts=tuple((word, number(n)) for word, n in _groups(plan)),
        said=plan.said,
        remarks=remarks(plan),
        fingerprint=plan.fingerprint,
        button=button_words(plan),
        nothing=nothing_words(plan) if plan.changes_nothing else "",
    )


def _groups(plan: ImportPlan) -> Iterator[tuple[str, int]]:
    yield _("New"), len(plan.new)
    yield _("Unchanged"), len(plan.unchanged)
    yield _("Changed"), len(plan.changed)
    yield _("Left as coded"), len(plan.locked)
    yield _("Duplicates"), len(plan.duplicates)
    yield _("Refused"), len(plan.refused)
    more = {
        _("Taken down"): len(plan.taken_down),
        _("Left out"): len(plan.left_out),
        _("Alike"): len(plan.alike),
        _("Not drawn"): plan.n_undrawn,
    }
    yield from ((word, n) for word, n in more.items() if n)
