"""Errors become pages: the one place that knows which status and which words."""

import logging
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from server.errors import (
    Busy,
    Conflict,
    Forbidden,
    IntercoderError,
    NotFound,
    OutOfOrder,
    Refusal,
    SignInNeeded,
    UsedUp,
)
from server.language import gettext as _
from server.web.rendering import address, render
from server.web.routing import database_of
from server.web.sending_again import Sent, sent_to_keep
from server.web.viewer import project_of

log = logging.getLogger("intercoder")
_IN_PROJECT = re.compile("/projects/([A-Za-z0-9_-]{1,64})/")


@dataclass(frozen=True)
class FailurePage:
    """What went wrong and what to do next."""

    status: int
    heading: str
    message: str
    reference: str = ""
    offers_sign_in: bool = False
    sent: Sent | None = None


def _headings() -> dict[int, str]:
    return {
        400: _("This request could not be read"),
        403: _("You may not do this"),
        404: _("There is nothing here"),
        405: _("This address does not take that"),
        409: _("Somebody was faster"),
        411: _("This request could not be read"),
        413: _("This is too large"),
        422: _("This cannot be done"),
        500: _("Something broke on our side"),
        503: _("The server is busy"),
    }


def _messages() -> dict[int, str]:
    return {
        404: _(
            "The page does not exist, or it is not yours to see. "
            "Check the address, or start from the first page."
        ),
        405: _("Go back and use the buttons on the page."),
        409: _(
            "What this form was made from has changed in the meantime. "
            "Nothing was saved; go back and look again."
        ),
        413: _("What was sent is larger than this server takes. Nothing was saved."),
    }


def failure(
    request: Request,
    status: int,
    message: str = "",
    reference: str = "",
    *,
    heading: str = "",
    offers_sign_in: bool = False,
    sent: Sent | None = None,
) -> Response:
    """The page that says what went wrong."""
    heading = heading or _headings().get(status, _("This did not work"))
    text = message or _messages().get(status, _("Nothing was changed. Go back and try again."))
    page = FailurePage(status, heading, text, reference, offers_sign_in, sent)
    return render(request, "failures/failure.html", page, status)


_STATUS: dict[type[IntercoderError], int] = {
    Refusal: 422,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
}


def _known(request: Request, error: Exception) -> Response:
    message = error.message if isinstance(error, IntercoderError) else ""
    if isinstance(error, Busy):
        return _not_now(request, error)
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    return failure(request, status, message, offers_sign_in=isinstance(error, UsedUp))


def _not_now(request: Request, error: Busy) -> Response:
    """The same may be sent again in a moment: what was typed waits in the page."""
    heading = _("The server cannot save now") if isinstance(error, OutOfOrder) else ""
    response = failure(request, 503, error.message, heading=heading, sent=sent_to_keep(request))
    response.headers["Retry-After"] = "2"
    return response


def _sign_in(request: Request, _error: Exception) -> Response:
    wanted = request.url.path
    if request.method != "GET":
        wanted = _page_before(request)
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    return RedirectResponse(address(request, "accounts.sign_in", {"next": wanted + query}), status_code=303)


def _page_before(request: Request) -> str:
    """The page that a form was sent from; the first page where the browser does not say."""
    try:
        return urlsplit(request.headers.get("referer", "/")).path
    except ValueError:
        return "/"


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    _recognise(request)
    return failure(request, status)


def _unreadable(request: Request, _error: Exception) -> Response:
    _recognise(request)
    return failure(request, 404)


def _recognise(request: Request) -> None:
    """Let `server.projects`, a feature above, find the project of an address at which no page has looked."""
    asked = _IN_PROJECT.match(request.scope["path"])
    if asked is None or project_of(request) is not None:
        return
    # Without its project, where that cannot be found now, the page says the same.
    with suppress(Busy), database_of(request).reading() as db:
        request.app.state.recognise(db, request, asked[1])


def _hung_up(_request: Request, _error: Exception) -> Response:
    """Whoever sent this left in its midst: nobody reads what is answered, and nothing of ours has failed."""
    return Response(status_code=400)


def _collision(request: Request, _error: Exception) -> Response:
    return failure(request, 409)


def _unexpected(request: Request, error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.error("failure", extra={"reference": reference}, exc_info=error)
    message = _("Nothing was changed. Try again; if it happens again, tell the admin this reference:")
    return failure(request, 500, message, reference, sent=sent_to_keep(request))


def install_failures(app: FastAPI) -> None:
    """Answer every error of `app` with a page."""
    handlers: dict[type[Exception], Callable[[Request, Exception], Response]] = {
        SignInNeeded: _sign_in,
        IntercoderError: _known,
        HTTPException: _http,
        ClientDisconnect: _hung_up,
        RequestValidationError: _unreadable,
        IntegrityError: _collision,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
