"""Whether the process lives and can work, and its figures: for whoever watches over the server."""

from hmac import compare_digest
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from server.errors import NotFound
from server.web.routing import database_of

router = APIRouter(include_in_schema=False)


@router.get("/healthz", name="health.alive")
async def alive() -> Response:
    """The process answers. Touches nothing, so that a busy database does not look like a dead server."""
    return PlainTextResponse("ok")


@router.get("/readyz", name="health.ready")
def ready(request: Request) -> Response:
    """The database can be read and written."""
    with database_of(request).reading() as db:
        _ask(db)
    with database_of(request).writing() as db:
        _ask(db)
    return PlainTextResponse("ready")


@router.get("/metrics", name="health.metrics")
def metrics(request: Request) -> Response:
    """The figures of this process, for Prometheus; to everybody without the token there is nothing here."""
    token, given = request.app.state.settings.metrics_token, request.headers.get("authorization", "")
    if not token or not compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise NotFound
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _ask(db: Any) -> None:
    db.execute(text("SELECT 1 FROM account LIMIT 1"))
