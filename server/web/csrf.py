"""Forged requests: a form counts only if our own page sent it.

Two checks. The browser says where a request comes from (`Sec-Fetch-Site`, else `Origin`); and a
signed-in person's form carries a token derived from their session cookie, which no other site can read.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from fastapi import Request

from server.errors import Forbidden
from server.language import gettext as _
from server.web.cookies import session_token

FIELD = "form_key"


class OldKey(Forbidden):
    """The form was made in another sign-in than the one it is sent from."""


def form_key(request: Request) -> str:
    """The token that this person's forms carry; empty for somebody who is not signed in."""
    token = session_token(request)
    return hashlib.sha256(b"form key\0" + token.encode()).hexdigest()[:43] if token else ""


def refuse_forged(request: Request) -> None:
    """`Forbidden` unless the request comes from a page of ours."""
    if not _comes_from_here(request):
        raise Forbidden(_("This form was sent from another site, so nothing was changed."))
    expected = form_key(request)
    if expected and not hmac.compare_digest(_sent_key(request).encode(), expected.encode()):
        raise OldKey(
            _(
                "This form is from an earlier sign-in. Nothing was changed: "
                "go back, reload the page, and send it again."
            )
        )


def _sent_key(request: Request) -> str:
    form = getattr(request.state, "form", None)
    sent = form.get(FIELD, "") if form is not None else ""
    return sent if isinstance(sent, str) else ""


def _comes_from_here(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    if origin is None:
        return True  # Not a browser of this century, and SameSite=Lax keeps the cookie from others.
    host = _host_of(origin)
    return host != "" and host == request.headers.get("host")


def _host_of(origin: str) -> str:
    """The host that an `Origin` names; empty where it names none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
