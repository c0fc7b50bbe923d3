"""Parameters of pages that FastAPI does not see: worked out inside the transaction, in the page's thread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlmodel import Session

from server.errors import NotFound

MAX_NUMBER = 2**31 - 1  # Larger ones number nothing, and no database takes them.


@dataclass(frozen=True)
class Deferred:
    """Marks a parameter that is worked out inside the transaction, from its session and the request."""

    resolve: Callable[[Session, Request], Any]


def deferred(resolve: Callable[[Session, Request], Any]) -> Any:
    """What stands in a parameter's `Annotated` when it waits for the transaction; see `Deferred`."""
    return Deferred(resolve)


def number_in_path(name: str) -> Any:
    """What stands in a parameter's `Annotated` that is a number in the address.

    A whole number from 1; for anything else there is nothing here (`NotFound`).
    """

    def resolve(_db: Session, request: Request) -> int:
        said = str(request.path_params[name])
        is_number = said.isascii() and said.isdecimal() and len(said) <= 10
        if not is_number or not 1 <= int(said) <= MAX_NUMBER:
            raise NotFound
        return int(said)

    return Deferred(resolve)
