"""Parameters of pages that FastAPI does not see: worked out inside the transaction, in the page's thread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlmodel import Session


@dataclass(frozen=True)
class Deferred:
    """Marks a parameter that is worked out inside the transaction, from its session and the request."""

    resolve: Callable[[Session, Request], Any]


def deferred(resolve: Callable[[Session, Request], Any]) -> Any:
    """What stands in a parameter's `Annotated` when it waits for the transaction; see `Deferred`."""
    return Deferred(resolve)
