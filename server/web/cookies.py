"""The cookies: who is signed in, and a notice for the next page."""

from urllib.parse import quote, unquote

from fastapi import Request, Response


def _named(request: Request, name: str) -> str:
    # A browser keeps a `__Host-` cookie from being set by a neighbouring host, but only over TLS.
    return f"__Host-{name}" if request.app.state.settings.is_https else name


def _session_cookie(request: Request) -> str:
    return _named(request, "session")


def _notice_cookie(request: Request) -> str:
    return _named(request, "notice")


def session_token(request: Request) -> str:
    """The token of the browser's session; empty where there is none."""
    return request.cookies.get(_session_cookie(request), "")


def use_session(request: Request, token: str) -> None:
    """Answer the rest of this request for the session of `token`, which began in it."""
    request.cookies[_session_cookie(request)] = token


def set_session(request: Request, response: Response, token: str, seconds: int) -> None:
    """Keep `token` in the browser for `seconds`."""
    _set(request, response, _session_cookie(request), token, seconds)


def forget_session(request: Request, response: Response) -> None:
    """Take the session out of the browser."""
    forget(request, response, "session")


def carried(request: Request, name: str) -> str:
    """What the browser carries under this name on its way in; empty where it carries nothing."""
    return request.cookies.get(_named(request, name), "")


def carry(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Let the browser carry `value` for `seconds`."""
    _set(request, response, _named(request, name), value, seconds)


def forget(request: Request, response: Response, name: str) -> None:
    """Take what the browser carries under this name away."""
    secure = request.app.state.settings.is_https
    response.delete_cookie(_named(request, name), secure=secure, httponly=True, samesite="lax")


def set_notice(request: Request, response: Response, text: str) -> None:
    """Say `text` on the next page."""
    _set(request, response, _notice_cookie(request), quote(text), 60)


def notice(request: Request) -> str:
    """What the last request wanted said on this page."""
    return unquote(request.cookies.get(_notice_cookie(request), ""))


def forget_notice(request: Request, response: Response) -> None:
    """The notice was said."""
    forget(request, response, "notice")


def _set(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        secure=request.app.state.settings.is_https,
        httponly=True,
        samesite="lax",
    )
