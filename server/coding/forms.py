"""What a browser may send from the annotator's pages."""

from pydantic import BaseModel, Field

from server.coding.answers import Typed
from server.web.csrf import FIELD
from server.web.forms import Form

# Whose form it is: see `server.coding.entry`.
CODER = "coder"


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
