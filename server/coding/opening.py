"""Whether a hidden post was opened before it was coded, as far as its form can tell.

A page that hides its post asks in its form: a box below the post, which a script ticks when the post is
opened and is ticked by hand without one. A form whose post stood open is not asked, whatever was settled
since: see decision 25.
"""

from dataclasses import dataclass

from fastapi import Request

from server.coding.answers import Typed
from server.errors import Refusal
from server.language import gettext as _

OPENED = "opened"
_YES = "yes"
# Goes with the address of a post that was open before and is to be so again.
SEARCH = {OPENED: _YES}


@dataclass(frozen=True)
class Opening:
    """How a hidden post comes: open or not, whether it was opened before, and what is wrong with that."""

    is_open: bool
    was_opened: bool
    error: str


def comes_open(request: Request) -> bool:
    """Whether the address says that a hidden post was open before, and is to be so again."""
    asked = request.scope["query_string"]
    return bool(asked) and request.query_params.get(OPENED) == _YES


def was_opened(typed: Typed) -> bool:
    """Whether the form says that its post was opened."""
    return _YES in typed.get(OPENED, ())


def refuse_unopened(typed: Typed) -> None:
    """Raise `Refusal` where the form was asked whether its post was opened, and says that it was not."""
    if OPENED in typed and not was_opened(typed):
        message = _("You have not opened this post yet. Open it, or skip it.")
        raise Refusal(_("Nothing was submitted yet."), {OPENED: message})
