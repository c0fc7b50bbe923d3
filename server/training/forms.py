"""What a browser may send about gold and training."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.web.numbers import MAX_NUMBER


class GoldForm(BaseModel):
    """Gold answers besides the answers, which are named after the codebook's variables."""

    note: str = ""
    edition: int = Field(default=0, ge=0, le=MAX_NUMBER)
    codebook: int = Field(ge=1, le=MAX_NUMBER)


class DecideForm(BaseModel):
    """What the lead decides about a trainee: `let_in`, or `again` for another try."""

    annotator: Annotated[int, Field(ge=1, le=MAX_NUMBER)]
    ending: Literal["let_in", "again"]
