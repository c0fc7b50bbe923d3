"""The history as a file, with the filters of its page."""

from fastapi import Request, Response
from starlette.datastructures import QueryParams

from server.errors import Refusal
from server.exchange.downloads.history_files import Kind, history_file
from server.exchange.downloads.recording import record_export
from server.exchange.sending import CSV, Sent, closed_on_failure
from server.projects.access import SeesHistory
from server.projects.files import file_stem
from server.projects.history_filters import asked_of, sieve_of
from server.projects.history_pages import refused_history, still_codes
from server.web.routing import ReadsFirstRoute, database_of, pages

router = pages(ReadsFirstRoute)
_MEDIA = {Kind.CSV: CSV, Kind.JSONL: "application/x-ndjson; charset=utf-8"}


@router.post("/projects/{project_key}/history/download", name="exchange.history")
def history(request: Request, access: SeesHistory) -> Response:
    """The events that the filters leave, all pages of them."""
    sent = request.state.form
    form = asked_of(QueryParams([(name, said) for name, said in sent.multi_items() if isinstance(said, str)]))
    kind = Kind.JSONL if sent.get("format") == Kind.JSONL else Kind.CSV
    with database_of(request).reading() as db:
        sieve = sieve_of(db, access)
        try:
            wanted = sieve.wanted(form)
        except Refusal as refusal:
            return refused_history(request, form.refused(refusal), sieve)
        file = history_file(db, access, wanted, kind, is_blind=still_codes(request, db, access))
    with closed_on_failure(file):
        with database_of(request).writing() as db:
            record_export(db, access, "history", access.account_id, format=kind.value)
        return Sent(file, f"{file_stem(access)}-history.{kind.value}", _MEDIA[kind])
