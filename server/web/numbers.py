"""Numbers in addresses: in the path there is nothing without them, in the query they are only a wish."""

from typing import Annotated, Any

from fastapi import Request
from sqlmodel import Session
from starlette.convertors import IntegerConvertor, register_url_convertor

from server.errors import NotFound
from server.web.deferring import Deferred, deferred

MAX_NUMBER = 2**31 - 1  # Larger ones number nothing, and no database takes them.
MAX_PAGE = 100_000


class _Digits(IntegerConvertor):
    """`{name:digits}` in a path: a whole number, and not one so long that Python refuses to read it."""

    regex = "[0-9]{1,19}"


register_url_convertor("digits", _Digits())


def whole_number(text: str) -> int | None:
    """The whole number that a text writes, cut off at `MAX_NUMBER`; None where it writes none."""
    is_number = text.isascii() and text.isdecimal() and len(text) < 20
    return min(int(text), MAX_NUMBER) if is_number else None


def number_in_path(name: str) -> Any:
    """What stands in a parameter's `Annotated` that is a number in the address.

    A whole number from 1; for anything else there is nothing here (`NotFound`).
    """

    def resolve(_db: Session, request: Request) -> int:
        said = str(request.path_params[name])
        number = whole_number(said)
        if not number or int(said) > MAX_NUMBER:
            raise NotFound
        return number

    return Deferred(resolve)


def _page_asked(_db: Session, request: Request) -> int:
    return min(whole_number(request.query_params.get("page", "")) or 1, MAX_PAGE)


# The page of a list that an address asks for; the first where it asks for none that can be.
PageNumber = Annotated[int, deferred(_page_asked)]
