"""What a reader may ask of the agreement page and its planner, in their addresses."""

from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import BaseModel, BeforeValidator, Field

from server.agreement import Expected
from server.reliability.plan_tables import Wish

Confidence: TypeAlias = Literal["0.90", "0.95", "0.99"]
CONFIDENCES: tuple[str, ...] = get_args(Confidence)


def _plain_number(value: object) -> object:
    """A number as people write it: `12,5 %`, `± 0.05`."""
    if not isinstance(value, str):
        return value
    return value.replace("%", "").replace("±", "").replace(",", ".").strip()


Number = Annotated[float, BeforeValidator(_plain_number)]


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


class PlanForm(BaseModel):
    """The interval that is wanted, of a code of which this is expected. `prevalence` is a percentage."""

    prevalence: Number = Field(default=25, ge=0.1, le=99.9, allow_inf_nan=False)
    alpha: Number = Field(default=0.8, ge=0, lt=1, allow_inf_nan=False)
    annotators: int = Field(default=2, ge=2, le=20)
    half_width: Number = Field(default=0.05, ge=0.01, le=0.5, allow_inf_nan=False)
    confidence: Confidence = "0.95"

    def wish(self) -> Wish:
        """The same for the planner."""
        expected = Expected(self.alpha, self.prevalence / 100, self.annotators)
        return Wish(expected, self.half_width, float(self.confidence))
