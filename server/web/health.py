"""Whether the process lives, and whether it can work: for whoever watches over the server."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from sqlalchemy import text

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


def _ask(db: Any) -> None:
    db.execute(text("SELECT 1 FROM account LIMIT 1"))
