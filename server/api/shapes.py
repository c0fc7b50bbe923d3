"""What every answer of the interface shares: strict models, moments in UTC, and pages by a cursor."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.web.numbers import MAX_NUMBER

Number = Annotated[int, Field(ge=1, le=MAX_NUMBER)]
Count = Annotated[int, Field(ge=0)]
Kind = Literal["single", "multiple", "ordinal", "number", "text"]
Part = Annotated[float, Field(ge=0, le=1)]


class Shape(BaseModel):
    """A part of an answer: nothing in it that is not described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageQuery(BaseModel):
    """Which page: what comes after a cursor, in the order of posts."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, le=MAX_NUMBER)] = Field(
        default=0, description="The `next` of the page before; left out for the first page"
    )
    limit: Annotated[int, Field(ge=1, le=1_000)] = Field(
        default=100, description="How many posts a page is about"
    )


class HiddenRound(Shape):
    """A round that is left out, because the owner of the token may not see it yet."""

    round: Number
    why: str


class PostName(Shape):
    """Which post."""

    number: Number = Field(description="Within the project, from 1; it stands in addresses of pages")
    id: str | None = Field(description="The id of its source; null for whoever may not know it")


NEXT = Field(description="What `after` has to be for the next page; null on the last one")
