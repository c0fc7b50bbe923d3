"""What a browser may send from the annotator's pages."""

from pydantic import BaseModel, Field

from server.coding.answers import Typed
from server.web.csrf import FIELD
from server.web.forms import Form


class CodingForm(BaseModel):
    """The hidden part of a coding form; its answers are named after the codebook's variables."""

    form_token: str = Field(default="", max_length=64)
    revision: int = 0
    codebook: int = 0


def typed_in(form: Form[CodingForm]) -> Typed:
    """What was typed, without the sign-in's token and without characters no database takes."""
    return {
        name: tuple(value.replace("\0", "") for value in values)
        for name, values in form.typed.items()
        if name != FIELD
    }
