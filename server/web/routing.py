"""The transaction: one a request, opened and closed in the worker thread that runs the page.

FastAPI sends every synchronous dependency through the thread pool on its own, and runs what follows a
dependency's `yield` after the response was sent, so that a failed commit would still answer 303. Here
the dependencies that need the database are *deferred*: they are declared to FastAPI as usual, but
resolved inside the transaction, in the page's own thread. A request costs one hop and one transaction.

Commit if the status is below 400; anything else, and any exception, rolls back.
"""

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from inspect import iscoroutinefunction
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from sqlmodel import Session

from server.db.engine import Database
from server.web.csrf import refuse_forged
from server.web.forms import read_form

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Deferred:
    """A value that is worked out inside the transaction, from its session and the request."""

    resolve: Callable[[Session, Request], Any]


def deferred(resolve: Callable[[Session, Request], Any]) -> Any:
    """A FastAPI dependency for what needs the database; see the module's text."""

    async def declare() -> Deferred:
        return Deferred(resolve)

    return Depends(declare)


Db = Annotated[Session, deferred(lambda session, _request: session)]


def database_of(request: Request) -> Database:
    """The application's database."""
    database: Database = request.app.state.database
    return database


def transaction(request: Request) -> AbstractContextManager[Session]:
    """A session for this request: reading for GET, writing for the rest."""
    database = database_of(request)
    return database.reading() if request.method in SAFE_METHODS else database.writing()


def in_transaction(page: Callable[..., Response]) -> Callable[..., Response]:
    """`page` with its deferred values resolved, and committed if it answers below 400."""

    @wraps(page)
    def run(**values: Any) -> Response:
        request: Request = values["request"]
        with transaction(request) as session:
            for name, value in values.items():
                if isinstance(value, Deferred):
                    values[name] = value.resolve(session, request)
            if request.method not in SAFE_METHODS:
                refuse_forged(request)
            response = page(**values)
            if response.status_code >= 400:
                session.rollback()
        return response

    return run


class TransactionRoute(APIRoute):
    """A route whose page runs in one transaction. Every page takes `request`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **settings: Any) -> None:
        if not iscoroutinefunction(endpoint):
            endpoint = in_transaction(endpoint)
        super().__init__(path, endpoint, **settings)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Read the whole body first: a slow sender must not hold a connection to the database."""
        handle = super().get_route_handler()

        async def read_then_handle(request: Request) -> Response:
            if request.method not in SAFE_METHODS:
                await read_form(request)
            return await handle(request)

        return read_then_handle


def pages() -> APIRouter:
    """A router for HTML pages."""
    return APIRouter(route_class=TransactionRoute, include_in_schema=False, default_response_class=Response)
