"""One-time links: the first look at one takes its token out of the address.

A link that somebody was sent has its token in the address, or it could not be sent. Looking at it gives the
token to the browser as a cookie and leads on to an address that has a handle in its place, which opens
nothing elsewhere: so the token stands in no history, bookmark or address of a form. Looking uses nothing up,
whoever looks, a scanner of mails for instance, and several links can be open in one browser.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Request, Response

from server.accounts.queries import hash_token
from server.errors import NotFound
from server.language import gettext as _
from server.web.cookies import carried, carry
from server.web.deferring import deferred
from server.web.rendering import see_other

CARRIED_SECONDS = 24 * 3600
_HANDLE = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True)
class Link:
    """The link a request came by: its token, and what is shown of it in the address: that, or its handle."""

    token: str
    shown: str

    @property
    def is_in_address(self) -> bool:
        """Whether the address still has the token in it."""
        return self.shown == self.token

    def led_on(self, request: Request, page: str) -> Response:
        """The way to the same page without the token in its address."""
        handle = hash_token(self.token)[:16]
        response = see_other(request, page, token=handle)
        carry(request, response, _cookie(handle), self.token, CARRIED_SECONDS)
        return response


def _link_of(request: Request) -> Link:
    given: str = request.path_params["token"]
    if not _HANDLE.fullmatch(given):
        return Link(given, given)
    token = carried(request, _cookie(given))
    if not token:
        raise NotFound(_("This address belongs to a link. Open the link that you were sent once more."))
    return Link(token, given)


def _cookie(handle: str) -> str:
    return f"link-{handle}"


CameBy = Annotated[Link, deferred(lambda _db, request: _link_of(request))]
