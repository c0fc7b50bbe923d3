"""What is said to a program when something goes wrong: problem details (RFC 9457), in words."""

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from server.api.shapes import Shape
from server.errors import Busy, Conflict, Forbidden, IntercoderError, NotFound, Refusal
from server.language import gettext as _

log = logging.getLogger("intercoder")
MEDIA_TYPE = "application/problem+json"
WINDOW_SECONDS = 900


class NoToken(IntercoderError):
    """There is no token, or none that works."""


class ScopeMissing(Forbidden):
    """The token was not made for this."""

    def __init__(self, message: str, scope: str) -> None:
        super().__init__(message)
        self.scope = scope


class GuessedTooOften(IntercoderError):
    """Too many wrong tokens came from this address."""


class Fault(Shape):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="Where: a JSON pointer into the body, or the name of a parameter")
    detail: str


class Problem(Shape):
    """What went wrong, by RFC 9457."""

    type: str = Field(default="about:blank")
    title: str = Field(description="What the status means")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What happened, in words")
    errors: tuple[Fault, ...] = Field(default=(), description="What is wrong with which part")


_STATUS: dict[type[IntercoderError], int] = {
    NoToken: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Refusal: 422,
    GuessedTooOften: 429,
    Busy: 503,
}


def _details() -> dict[int, str]:
    return {
        400: _("This request could not be read."),
        404: _("There is nothing here, or it is not yours to see."),
        405: _("This address does not take that method."),
        409: _("What this rests on has changed in the meantime. Nothing was saved."),
        413: _("What was sent is larger than is taken. Nothing was saved."),
        415: _("Send the body as application/json."),
    }


def problem(
    status: int, detail: str = "", errors: Iterable[Fault] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The answer that says what went wrong."""
    said = detail or _details().get(status, _("Nothing was changed."))
    found = Problem(title=HTTPStatus(status).phrase, status=status, detail=said, errors=tuple(errors))
    return Response(found.model_dump_json(), status, headers, MEDIA_TYPE)


def _known(_request: Request, error: Exception) -> Response:
    message = error.message if isinstance(error, IntercoderError) else ""
    status = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 422)
    errors = [Fault(pointer=name, detail=said) for name, said in _fields(error)]
    return problem(status, message, errors, _headers(error))


def _fields(error: Exception) -> Iterable[tuple[str, str]]:
    return error.fields.items() if isinstance(error, Refusal) else ()


def _headers(error: Exception) -> dict[str, str]:
    challenge = 'Bearer realm="Intercoder"'
    if isinstance(error, NoToken):
        return {"WWW-Authenticate": f'{challenge}, error="invalid_token"' if error.message else challenge}
    if isinstance(error, ScopeMissing):
        return {"WWW-Authenticate": f'{challenge}, error="insufficient_scope", scope="{error.scope}"'}
    if isinstance(error, GuessedTooOften):
        return {"Retry-After": str(WINDOW_SECONDS)}
    return {"Retry-After": "2"} if isinstance(error, Busy) else {}


def _http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return problem(400)
    return problem(error.status_code, headers=error.headers)


def _unfit(_request: Request, error: Exception) -> Response:
    """What FastAPI finds wrong, without what was sent."""
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    errors = [Fault(pointer=_pointer(one["loc"]), detail=str(one["msg"])) for one in found]
    return problem(422, _("Some of what was sent cannot be used. Nothing was saved."), errors)


def _pointer(places: tuple[str | int, ...]) -> str:
    """`body, posts, 3, text` as `/posts/3/text`, and a parameter by its name."""
    where, *rest = (str(place).replace("~", "~0").replace("/", "~1") for place in places)
    if where != "body":
        return "/".join(rest) or where
    return "".join(f"/{each}" for each in rest)


def _collision(_request: Request, _error: Exception) -> Response:
    return problem(409)


def _unexpected(_request: Request, error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("failure", extra={"reference": reference}, exc_info=error)
    return problem(500, _("Something broke on our side. Tell the admin this reference:") + f" {reference}")


def install_problems(app: FastAPI) -> None:
    """Answer every error of `app` with problem details."""
    handlers: dict[type[Exception], Callable[[Request, Exception], Response]] = {
        IntercoderError: _known,
        HTTPException: _http,
        ClientDisconnect: _http,
        RequestValidationError: _unfit,
        IntegrityError: _collision,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
