"""What a browser may send about posts that are to be taken down."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

MAX_REASON = 500


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


class FindForm(BaseModel):
    """Which posts are meant: a line each, an author, or a file with a list."""

    posts: Annotated[str, Field(max_length=1_000_000)] = ""
    author: Annotated[str, Field(max_length=300), AfterValidator(_one_line)] = ""
    with_copies: bool = False


class TakeDownForm(BaseModel):
    """The posts as they were shown, what becomes of their codings, and that the lead means it."""

    posts: Annotated[str, Field(max_length=100_000)] = ""
    codings: Literal["keep", "remove"] = "keep"
    reason: Annotated[str, Field(max_length=MAX_REASON), AfterValidator(_one_line)] = ""
    is_meant: bool = False


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text that say something."""
    return tuple(
        dict.fromkeys(line for each in text.replace("\0", "").splitlines() if (line := each.strip()))
    )
