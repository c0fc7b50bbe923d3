"""The pages for whole projects of REFI-QDA: out, and in.

As with ratings, what a file would do is shown before anything is written, and the file is read before the
writer is taken.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.corpora.storing import Source
from server.corpora.uploads import packed_hash
from server.errors import Conflict, Refusal
from server.exchange import uploads, waiting
from server.exchange.downloads.recording import record_export
from server.exchange.forms import ImportForm
from server.exchange.qda.forms import QdpxFileForm, QdpxForm
from server.exchange.qda.inward import QdaContent
from server.exchange.qda.outward import project_file
from server.exchange.qda.storing import QdaOutcome, QdaProposal, import_project, propose, read_file
from server.exchange.ratings.remarks import Remark, remarks
from server.exchange.sending import Sent, closed_on_failure
from server.exchange.uploads import WaitingFile
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import Access, Exports, ImportsPosts
from server.projects.files import file_stem
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import LeavesTransactionsRoute, database_of, pages
from server.web.words import number

router = pages(LeavesTransactionsRoute)
QDPX = "/projects/{project_key}/qdpx"
MEDIA_TYPE = "application/zip"
SHOWN = 100


@dataclass(frozen=True)
class QdpxPage:
    """The form for a project of another program."""

    form: Form[Any]
    max_mb: int


@dataclass(frozen=True)
class QdpxPreviewPage:
    """What importing a project would do."""

    key: str
    filename: str
    title: str
    origin: str
    form: Form[Any]
    fingerprint: str
    n_new: int
    n_known: int
    n_answers: int
    n_variables: int
    n_codes: int
    is_codebook_new: bool
    changes_nothing: bool
    newcomers: tuple[str, ...]
    members: tuple[str, ...]
    remarks: tuple[str, ...]
    n_remarks: int
    problems: tuple[Remark, ...]
    n_kinds: int
    n_problems: int


@router.post("/projects/{project_key}/download/qdpx", name="exchange.qdpx_file")
def qdpx_file(
    request: Request, access: Exports, form: Annotated[Form[QdpxFileForm], form_of(QdpxFileForm)]
) -> Response:
    """The whole project for other programs."""
    people = form.checked().people
    with database_of(request).reading() as db:
        file = project_file(db, access, people)
    with closed_on_failure(file):
        with database_of(request).writing() as db:
            record_export(db, access, "qdpx", access.account_id, **people.told)
        return Sent(file, f"{file_stem(access)}.qdpx", MEDIA_TYPE)


@router.get(QDPX, name="exchange.qdpx")
def qdpx(request: Request, _access: ImportsPosts) -> Response:
    """The form for a project of another program."""
    return _form_page(request, blank())


def _form_page(request: Request, form: Form[Any], status: int = 200) -> Response:
    page = QdpxPage(form, request.app.state.settings.max_upload_mb)
    return render(request, "exchange/qdpx.html", page, status)


@router.post(QDPX, name="exchange.receive_qdpx")
def receive_qdpx(
    request: Request, access: ImportsPosts, form: Annotated[Form[QdpxForm], form_of(QdpxForm)]
) -> Response:
    """Keep the file until the lead has seen what it would do."""
    try:
        file = uploads.received(form)
        content = file.read_apart(request, read_file)
        with database_of(request).reading() as db:
            propose(db, access, content)
    except Refusal as refusal:
        return _form_page(request, waiting.not_taken(form, refusal), 422)
    return waiting.kept(request, access, file, "qdpx", "exchange.preview_qdpx")


@router.get(QDPX + "/{upload_key}", name="exchange.preview_qdpx")
def preview_qdpx(request: Request, access: ImportsPosts, upload_key: str) -> Response:
    """What importing the project would do."""
    file = waiting.found(request, access, upload_key, "qdpx")
    content = file.read_apart(request, read_file)
    with database_of(request).reading() as db:
        proposal = propose(db, access, content)
    return _preview_page(request, file, proposal, blank())


def _preview_page(
    request: Request, file: WaitingFile, proposal: QdaProposal, form: Form[Any], status: int = 200
) -> Response:
    problems = remarks(proposal.problems)
    page = QdpxPreviewPage(
        key=file.key,
        filename=file.filename,
        title=proposal.content.title,
        origin=proposal.content.origin,
        form=form,
        fingerprint=proposal.fingerprint,
        n_new=len(proposal.new),
        n_known=len(proposal.usable) - len(proposal.new),
        n_answers=proposal.n_answers,
        n_variables=len(proposal.sheet.variables),
        n_codes=sum(len(variable.codes) for variable in proposal.sheet.variables),
        is_codebook_new=proposal.is_changed,
        changes_nothing=proposal.changes_nothing,
        newcomers=tuple(coder for coder in proposal.coders if coder not in proposal.members),
        members=tuple(sorted(proposal.members)),
        remarks=tuple(proposal.remarks[:SHOWN]),
        n_remarks=len(proposal.remarks),
        problems=problems[:SHOWN],
        n_kinds=len(problems),
        n_problems=len(proposal.problems),
    )
    return render(request, "exchange/qdpx_preview.html", page, status)


@router.post(QDPX + "/{upload_key}", name="exchange.import_qdpx")
def import_qdpx(
    request: Request,
    access: ImportsPosts,
    upload_key: str,
    form: Annotated[Form[ImportForm], form_of(ImportForm)],
) -> Response:
    """Import the project, or show what has become of the import."""
    file = waiting.taken_up(request, access, upload_key, "qdpx")
    if file is None:
        return waiting.gone(request, "rounds.index")
    content = file.read_apart(request, read_file)
    try:
        outcome = _import(request, access, file, content, form.checked().fingerprint)
    except (Conflict, Refusal) as problem:
        form = waiting.not_imported(form, problem)
        with database_of(request).reading() as db:
            proposal = propose(db, access, content)
        return _preview_page(request, file, proposal, form, 409)
    return waiting.gone(request, "rounds.index") if outcome is None else _imported(request, outcome)


def _import(
    request: Request, access: Access, file: WaitingFile, content: QdaContent, seen: str
) -> QdaOutcome | None:
    source = Source(file.filename, packed_hash(file.content))
    with waiting.taken(request, access, file, "qdpx") as db:
        return import_project(db, access, content, source, seen) if db else None


def _imported(request: Request, outcome: QdaOutcome) -> Response:
    posts = ngettext("%s post was imported.", "%s posts were imported.", outcome.n_posts)
    codings = ngettext("%s coding was imported.", "%s codings were imported.", outcome.n_codings)
    said = f"{posts % number(outcome.n_posts)} {codings % number(outcome.n_codings)}"
    if outcome.rounds:
        return see_other(request, "rounds.show", number=outcome.rounds[0], notice=said)
    if outcome.is_draft:
        words = _("The codebook is a draft; look it over and publish it.")
        return see_other(request, "codebooks.draft", notice=f"{said} {words}")
    return see_other(request, "corpora.index", notice=said)


@router.post(QDPX + "/{upload_key}/discard", name="exchange.discard_qdpx")
def discard_qdpx(request: Request, access: ImportsPosts, upload_key: str) -> Response:
    """Forget a project that was uploaded."""
    return waiting.discarded(request, access, upload_key, "qdpx", "exchange.qdpx")
