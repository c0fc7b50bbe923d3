"""What a browser may send from the annotator's pages."""

import re
from collections.abc import Mapping

from fastapi import Request
from pydantic import BaseModel, Field

from server.coding.answers import Typed
from server.web.csrf import FIELD
from server.web.forms import Form

# Whose form it is: see `server.coding.entry`.
CODER = "coder"
_IS_PAGE = re.compile("[1-9][0-9]{0,4}")


class CodingForm(BaseModel):
    """The hidden part of a coding form; its answers are named after the codebook's variables."""

    form_token: str = Field(default="", max_length=64)
    revision: int = 0
    codebook: int = 0


class KeysForm(BaseModel):
    """The switches beside an annotator's own keys, whose fields are named after what they do."""

    off: str = Field(default="", max_length=5)
    reset: str = Field(default="", max_length=5)


def typed_in(form: Form[CodingForm]) -> Typed:
    """What was typed, without what the form says of its sign-in and without characters no database takes."""
    return {
        name: tuple(value.replace("\0", "") for value in values)
        for name, values in form.typed.items()
        if name not in {FIELD, CODER}
    }


def came_from(request: Request) -> Mapping[str, str]:
    """The search in one's own codings from which a post was opened; it stays in the post's address.

    Empty where the post was reached in the queue.
    """
    if not request.scope["query_string"]:
        return {}
    asked = request.query_params
    if asked.get("from") != "mine":
        return {}
    kept = {name: asked[name][:200] for name in ("from", "wanted", "words") if asked.get(name)}
    page = asked.get("page", "")
    return kept | ({"page": page} if _IS_PAGE.fullmatch(page) else {})
