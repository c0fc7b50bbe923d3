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


@router.get("/readyz", name="health.ready")
def ready(request: Request) -> Response:
    """Whether this server can save something, and is not about to end; what is in the way with a 503."""
    if request.app.state.is_leaving:
        why_not = _("This server is about to end.")
    elif not request.app.state.is_loaded:
        why_not = _("This server is still starting.")
    else:
        least = request.app.state.settings.least_free_mb
        why_not = why_not_ready(database_of(request)) or why_no_room(database_of(request), least)
    return PlainTextResponse(why_not or "ready", 503 if why_not else 200)


@router.get("/metrics", name="health.metrics")
def metrics(request: Request) -> Response:
    """The figures of this process, for Prometheus; to everybody without the token there is nothing here."""
    token, given = request.app.state.settings.metrics_token, request.headers.get("authorization", "")
    if not token or not compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise NotFound
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
