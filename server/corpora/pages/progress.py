"""An import that goes on by itself: how far it is, and how it ended."""

from dataclasses import dataclass

from fastapi import Request, Response

from server.clock import now
from server.corpora import jobs, queries
from server.corpora.jobs import PHASES, SILENCE, Job, Wish
from server.corpora.pages.routes import FILE, router
from server.corpora.words import outcome_words, phase_words, time_left_words
from server.errors import Conflict, NotFound
from server.language import gettext as _
from server.projects.access import Access, ImportsPosts
from server.web.rendering import render, see_other
from server.web.routing import Db, database_of

_LOOK_AGAIN_SECONDS = 2


@dataclass(frozen=True)
class ProgressPage:
    """An import that goes on, or one that ended without posts: then `problem` says why.

    `query` leads to the preview as it was.
    """

    key: str
    filename: str
    phase: str
    done: int
    total: int
    left: str
    is_ending: bool
    may_be_cancelled: bool
    problem: str
    is_outdated: bool
    query: dict[str, str]


def is_going_on(db: Db, access: Access, upload_key: str) -> bool:
    """Whether this file is being imported."""
    job = jobs.job_of(db, access, upload_key)
    return job is not None and not job.is_finished


def has_job(db: Db, access: Access, upload_key: str, *, is_waiting: bool) -> bool:
    """Whether this file is being imported, or was and is told about; a file that waits may be tried again."""
    job = jobs.job_of(db, access, upload_key)
    return job is not None and not (job.is_finished and is_waiting)


def begin_import(request: Request, access: Access, wish: Wish, total: int) -> Response:
    """Begin an import that goes on by itself; of two at the same moment there is one."""
    imports = request.app.state.imports
    try:
        with database_of(request).writing() as db:
            job_id = jobs.begin(db, access, wish, total, imports.runner)
    except Conflict:
        with database_of(request).reading() as db:
            if not is_going_on(db, access, wish.upload_key):
                raise
    else:
        imports.work_on(job_id)
    return see_other(request, "corpora.progress", upload_key=wish.upload_key)


@router.get(FILE + "/progress", name="corpora.progress")
def progress(request: Request, db: Db, access: ImportsPosts, upload_key: str) -> Response:
    """How far an import is; afterwards what came of it."""
    job = jobs.job_of(db, access, upload_key)
    if job is None:
        return _after_cancelling(request, db, access, upload_key)
    if job.phase == jobs.DONE:
        return see_other(request, "corpora.index", notice=outcome_words(job.counts))
    response = render(request, "corpora/progress.html", _page(db, access, job))
    if not job.is_finished:
        response.headers["refresh"] = str(_LOOK_AGAIN_SECONDS)
        if job.heard_at < now() - SILENCE:
            request.app.state.imports.work_on(job.id)
    return response


def _after_cancelling(request: Request, db: Db, access: Access, upload_key: str) -> Response:
    if not queries.is_waiting(db, access, upload_key):
        raise NotFound(_("This file is no longer here: it was imported or discarded. Upload it again."))
    notice = _("The import was cancelled. Nothing was imported; the file still waits.")
    return see_other(request, "corpora.upload", notice=notice)


def _page(db: Db, access: Access, job: Job) -> ProgressPage:
    is_ending = job.phase == jobs.SHOWING
    return ProgressPage(
        key=job.wish.upload_key,
        filename=queries.name_of_file(db, access, job.wish.upload_key),
        phase=phase_words(job),
        done=min(job.done, job.total),
        total=job.total,
        left=time_left_words(job),
        is_ending=is_ending,
        may_be_cancelled=not (is_ending or job.is_unwanted or job.is_finished),
        problem=job.problem,
        is_outdated=job.phase == jobs.OUTDATED,
        query=job.wish.query,
    )


@router.post(FILE + "/cancel", name="corpora.cancel")
def cancel(request: Request, access: ImportsPosts, upload_key: str) -> Response:
    """Ask for an import to be cancelled, or say why that is too late."""
    with database_of(request).writing() as db:
        job = jobs.job_of(db, access, upload_key)
        if job is None:
            return _after_cancelling(request, db, access, upload_key)
        is_in_time = jobs.wish_away(db, access, upload_key)
    notice = _("It is too late to cancel: the posts are coming in already.")
    if is_in_time or job.phase not in PHASES:
        notice = ""
    return see_other(request, "corpora.progress", notice, upload_key=upload_key)
