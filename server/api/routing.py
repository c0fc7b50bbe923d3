"""Operations of the interface: who asks is found first, then the body is read, then one transaction runs."""

from collections.abc import Callable
from functools import partial, wraps
from inspect import Parameter, getdoc
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from server.api.document import documented
from server.api.token_access import authenticate
from server.db.engine import take_back
from server.errors import NotFound
from server.web.routing import (
    SAFE_METHODS,
    Handler,
    asked_of_us,
    database_of,
    in_page_thread,
    resolve_deferred,
    transaction,
    without,
)
from server.web.threads import in_thread

MAX_BODY_BYTES = 16 * 1024 * 1024
Operation = Callable[..., Any]


class ApiRoute(APIRoute):
    """An operation that runs in one transaction, and gives a model or a response."""

    def __init__(self, path: str, endpoint: Operation, **settings: Any) -> None:
        settings["responses"] = documented(path, settings)
        summary, _blank, description = (getdoc(endpoint) or "").partition("\n\n")
        settings |= {"summary": summary.rstrip("."), "description": description.replace("\n", " ")}
        super().__init__(path, in_page_thread(self.around(endpoint)), **settings)

    def around(self, operation: Operation) -> Callable[..., Response]:
        """What stands around the operation: one transaction, reading for GET."""
        return _in_transaction(operation)

    def get_route_handler(self) -> Handler:
        """FastAPI's, after the token was looked at and the body read."""
        handle = super().get_route_handler()

        async def known_first(request: Request) -> Response:
            if "\0" in request.scope["path"]:
                raise NotFound
            request.state.holder = await in_thread(partial(authenticate, request))
            if request.method not in SAFE_METHODS:
                await _read_body(request)
            return await handle(request)

        return known_first


class LeavesTransactionsRoute(ApiRoute):
    """An operation that opens its transactions itself: it reads much, and then writes down that it did."""

    def around(self, operation: Operation) -> Callable[..., Response]:
        """Nothing but who asks."""
        return _before_writing(operation)


def operations(route_class: type[ApiRoute] = ApiRoute) -> APIRouter:
    """A router for operations."""
    return APIRouter(route_class=route_class, generate_unique_id_function=_id_of)


def _id_of(route: APIRoute) -> str:
    return route.name.removeprefix("api.")


def _in_transaction(operation: Operation) -> Callable[..., Response]:
    asked = asked_of_us(operation)

    def run(request: Request, values: dict[str, Any]) -> Response:
        with transaction(request) as session:
            resolve_deferred(asked, values, session, request)
            response = answered(operation(**values))
            if response.status_code >= 400:
                take_back(session)
        return response

    return _seen_by_fastapi(operation, run)


def _before_writing(operation: Operation) -> Callable[..., Response]:
    asked = asked_of_us(operation)

    def run(request: Request, values: dict[str, Any]) -> Response:
        with database_of(request).reading() as session:
            resolve_deferred(asked, values, session, request)
        return answered(operation(**values))

    return _seen_by_fastapi(operation, run)


def _seen_by_fastapi(
    operation: Operation, run: Callable[[Request, dict[str, Any]], Response]
) -> Callable[..., Response]:
    """`run` with the parameters of `operation` that FastAPI works out, and the request in any case."""
    seen = without(operation, asked_of_us(operation))
    takes_request = "request" in seen.parameters
    added = () if takes_request else (Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request),)

    @wraps(operation)
    def whole(**values: Any) -> Response:
        request: Request = values["request"] if takes_request else values.pop("request")
        return run(request, values)

    whole.__signature__ = seen.replace(  # type: ignore[attr-defined]
        parameters=[*seen.parameters.values(), *added]
    )
    return whole


def answered(found: Any) -> Response:
    """What an operation gives, as JSON."""
    if isinstance(found, Response):
        return found
    return as_json(found)


def as_json(found: BaseModel, status: int = 200) -> Response:
    """A model as JSON."""
    return Response(found.model_dump_json(), status, media_type="application/json")


async def _read_body(request: Request) -> None:
    """Read the body as far as it is taken, before a connection to the database is."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 15 or int(announced) > MAX_BODY_BYTES):
        raise HTTPException(413)
    read, pieces = 0, []
    async for piece in request.stream():
        read += len(piece)
        if read > MAX_BODY_BYTES:
            raise HTTPException(413)
        pieces.append(piece)
    request._body = b"".join(pieces)
