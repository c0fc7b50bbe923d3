"""What a reader may ask of the agreement page, in its address."""

from pydantic import BaseModel, Field


class AgreementQuery(BaseModel):
    """What is looked at; an empty field means the page's own choice.

    `pair` is two numbers of members with a hyphen between them.
    """

    round: list[int] = []
    variable: str = ""
    code: str = ""
    level: str = ""
    group: str = ""
    pair: str = ""


class CellQuery(AgreementQuery):
    """A cell of the confusion table by its places, and which page of its posts."""

    row: int = 0
    column: int = 0
    page: int = Field(default=1, ge=1, le=100_000)


class SheetQuery(AgreementQuery):
    """The table of the page that is downloaded."""

    table: str = "codes"
