"""Whether the process lives and can work, and its figures: for whoever watches over the server."""

from hmac import compare_digest

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from server.db.readiness import why_not_ready
from server.db.room import why_no_room
from server.errors import NotFound
from server.language import gettext as _
from server.web.routing import database_of

router = APIRouter(include_in_schema=False)


@router.get("/healthz", name="health.alive")
async def alive() -> Response:
    """The process answers. Touches nothing, so that a busy database does not look like a dead server."""
    return PlainTextResponse("ok")


@router.get("/openz", name="health.open")
async def is_open(request: Request) -> Response:
    """Whether a proxy is to send people to this server, with a 503 where it is not.

    Asks no database and waits for no thread: what all servers share would take out all of them at once, and
    with them the pages that say what the trouble is and keep what was sent.
    """
    return _told(_why_not_open(request), "open")


@router.get("/readyz", name="health.ready")
def ready(request: Request) -> Response:
    """Whether this server can save something, and is not about to end; what is in the way with a 503."""
    least = request.app.state.settings.least_free_mb
    why_not = (
        _why_not_open(request)
        or why_not_ready(database_of(request))
        or why_no_room(database_of(request), least)
    )
    return _told(why_not, "ready")


def _told(why_not: str, well: str) -> Response:
    return PlainTextResponse(why_not or well, 503 if why_not else 200)


def _why_not_open(request: Request) -> str:
    if request.app.state.is_leaving:
        return _("This server is about to end.")
    return "" if request.app.state.is_loaded else _("This server is still starting.")


@router.get("/metrics", name="health.metrics")
def metrics(request: Request) -> Response:
    """The figures of this process, for Prometheus; to everybody without the token there is nothing here."""
    token, given = request.app.state.settings.metrics_token, request.headers.get("authorization", "")
    if not token or not compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise NotFound
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
