"""What a browser may send from the pages of a revealed round."""

from typing import Literal

from pydantic import BaseModel, Field

MAX_COMMENT = 2_000


class CommentForm(BaseModel):
    """What somebody says about a post."""

    text: str = Field(default="", max_length=MAX_COMMENT)


class AgainForm(BaseModel):
    """A second coding: all its answers are named after the codebook's variables."""


class AskForm(BaseModel):
    """Whether second codings are asked for."""

    seconds: Literal["open", "closed"]
