"""The archive as a download. Its form stands on the page of downloads."""

from typing import Annotated

from fastapi import Request, Response

from server.archive.forms import ArchiveForm
from server.archive.making import archive, archive_stem, record_archive
from server.exchange.sending import Sent, closed_on_failure
from server.projects.access import Exports
from server.web.forms import Form, form_of
from server.web.routing import ReadsFirstRoute, database_of, pages

router = pages(ReadsFirstRoute)


@router.post("/projects/{project_key}/replication-archive", name="archive.download")
def download(
    request: Request, access: Exports, form: Annotated[Form[ArchiveForm], form_of(ArchiveForm)]
) -> Response:
    """The replication archive of the project."""
    options = form.checked().options
    with database_of(request).reading() as db:
        file = archive(db, access, options)
    with closed_on_failure(file):
        with database_of(request).writing() as db:
            record_archive(db, access, options, access.account_id)
        return Sent(file, f"{archive_stem(access)}.zip", "application/zip")
