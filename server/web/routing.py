"""The transaction: one a request, opened and closed in the worker thread that runs the page.

FastAPI sends every synchronous dependency through the thread pool on its own, and runs what follows a
dependency's `yield` after the response was sent, so that a failed commit would still answer 303. Here
the parameters that need the database are *deferred* (`server.web.deferring`): a request costs one hop and
one transaction.

Commit if the status is below 400; anything else, and any exception, rolls back.

Pages that take a password are different: hashing one takes tens of milliseconds, in which nobody else
could write, and a try that fails must still be counted. They stand on a router of `ReadsFirstRoute`: who
asks is found in a reading transaction that ends before the page runs, and the page opens short writing
ones of its own.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from contextlib import AbstractContextManager, suppress
from functools import partial, wraps
from inspect import Signature, iscoroutinefunction, signature
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.routing import request_response

from server.db.engine import Database, take_back
from server.errors import IntercoderError, NotFound
from server.web.csrf import refuse_forged
from server.web.deferring import Deferred, deferred
from server.web.forms import read_form
from server.web.threads import in_thread

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


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
    asked = asked_of_us(page)

    @wraps(page)
    def run(**values: Any) -> Response:
        request: Request = values["request"]
        with transaction(request) as session:
            resolve_deferred(asked, values, session, request)
            if request.method not in SAFE_METHODS:
                refuse_forged(request)
            response = page(**values)
            if response.status_code >= 400:
                take_back(session)
        return response

    run.__signature__ = without(page, asked)  # type: ignore[attr-defined]
    return run


def before_writing(page: Callable[..., Response]) -> Callable[..., Response]:
    """`page` with its deferred values resolved in a reading transaction that has ended."""
    asked = asked_of_us(page)

    @wraps(page)
    def run(**values: Any) -> Response:
        request: Request = values["request"]
        with database_of(request).reading() as session:
            resolve_deferred(asked, values, session, request)
        if request.method not in SAFE_METHODS:
            refuse_forged(request)
        return page(**values)

    run.__signature__ = without(page, asked)  # type: ignore[attr-defined]
    return run


def asked_of_us(page: Callable[..., Any]) -> dict[str, Deferred]:
    """The parameters of a page that FastAPI need not know of, in their order."""
    found: dict[str, Deferred] = {}
    for name, parameter in signature(page).parameters.items():
        marks = getattr(parameter.annotation, "__metadata__", ())
        found.update((name, mark) for mark in marks if isinstance(mark, Deferred))
    return found


def without(page: Callable[..., Any], names: Collection[str]) -> Signature:
    """The page's signature as FastAPI shall see it."""
    whole = signature(page)
    return whole.replace(parameters=[each for each in whole.parameters.values() if each.name not in names])


def resolve_deferred(
    asked: dict[str, Deferred], values: dict[str, Any], session: Session, request: Request
) -> None:
    """Work the deferred values of a page out, and put them beside the others."""
    for name, mark in asked.items():
        values[name] = mark.resolve(session, request)


class TransactionRoute(APIRoute):
    """A route whose page runs in one transaction. Every page takes `request`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **settings: Any) -> None:
        if not iscoroutinefunction(endpoint):
            methods = settings.get("methods")
            endpoint = self.scheduled(self.around(endpoint, methods), methods)
        super().__init__(path, endpoint, **settings)
        if set(signature(endpoint).parameters) == {"request"}:
            # Straight to the page: FastAPI has nothing to work out before it.
            self.app = request_response(_reading_first(lambda request: endpoint(request=request)))

    def around(
        self, page: Callable[..., Response], _methods: Collection[str] | None
    ) -> Callable[..., Response]:
        """What stands around the page: one transaction."""
        return in_transaction(page)

    def scheduled(
        self, page: Callable[..., Response], _methods: Collection[str] | None
    ) -> Callable[..., Coroutine[Any, Any, Response]]:
        """Where the page runs: in a thread."""
        return in_page_thread(page)

    def get_route_handler(self) -> Handler:
        """FastAPI's, with the body read before."""
        return _reading_first(super().get_route_handler())


def _reading_first(handle: Handler) -> Handler:
    """Read the whole body first: a slow sender must not hold a connection to the database."""

    async def read_then_handle(request: Request) -> Response:
        if "\0" in request.scope["path"]:
            raise NotFound  # Nothing has such a name, and PostgreSQL cannot even look for it.
        if request.method not in SAFE_METHODS:
            await read_form(request)
        try:
            return _with_deed(request, await handle(request))
        finally:
            await request.close()  # Closes uploaded files.

    return read_then_handle


def afterwards(request: Request, deed: Callable[[Session], None]) -> None:
    """Let `deed` write once the answer was sent, in a transaction of its own: what may as well not happen."""
    request.state.afterwards = deed


def _with_deed(request: Request, response: Response) -> Response:
    deed = request.scope.get("state", {}).get("afterwards")
    if deed is not None and response.background is None:
        response.background = BackgroundTask(_do_if_possible, database_of(request), deed)
    return response


async def _do_if_possible(database: Database, deed: Callable[[Session], None]) -> None:
    def write() -> None:
        with database.writing() as db:
            deed(db)

    with suppress(SQLAlchemyError, IntercoderError):  # A full disk, a busy server: then another time.
        await in_thread(write)


def in_page_thread(page: Callable[..., Response]) -> Callable[..., Coroutine[Any, Any, Response]]:
    """The page, run in one of the page threads whoever calls it."""

    @wraps(page)
    async def run(**values: Any) -> Response:
        return await in_thread(partial(page, **values))

    return run


def hurried(
    page: Callable[..., Response], methods: Collection[str] | None
) -> Callable[..., Coroutine[Any, Any, Response]]:
    """A page of a few indexed statements, as the annotator's are, without a thread of its own on SQLite.

    There a statement is a call within this process that takes microseconds, and handing it to a thread
    costs more than all of them. Only its commit waits for the disk: see `server.db.groups`.
    """
    writes = not SAFE_METHODS.issuperset(methods or {"GET"})

    @wraps(page)
    async def run(**values: Any) -> Response:
        database = database_of(values["request"])
        if not database.is_sqlite:
            return await in_thread(partial(page, **values))
        if not writes:
            return page(**values)
        answered: Response = await database.group(asyncio.get_running_loop()).run(partial(page, **values))
        return answered

    return run


class ReadsFirstRoute(TransactionRoute):
    """A route that, when it is sent a form, leaves the writing transactions to its page."""

    def around(
        self, page: Callable[..., Response], methods: Collection[str] | None
    ) -> Callable[..., Response]:
        """For a form, nothing but who asks; what is only shown is read as everywhere."""
        return before_writing(page) if "POST" in (methods or ()) else in_transaction(page)


class LeavesTransactionsRoute(TransactionRoute):
    """A route whose page opens its transactions itself, also where it only shows something.

    For pages that write down who looked at them, or that read a file first.
    """

    def around(
        self, page: Callable[..., Response], _methods: Collection[str] | None
    ) -> Callable[..., Response]:
        """Nothing but who asks."""
        return before_writing(page)


def pages(route_class: type[TransactionRoute] = TransactionRoute) -> APIRouter:
    """A router for HTML pages."""
    return APIRouter(route_class=route_class, include_in_schema=False, default_response_class=Response)
