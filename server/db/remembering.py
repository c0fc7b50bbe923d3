"""What was worked out is kept in memory until something has changed that it rests on, or room is needed."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlmodel import Session

from server.db.sessions import N_CLEARED

Found = TypeVar("Found")


def remembered(db: Session, place: Any, stamp: Any, work: Callable[[], Found]) -> Found:
    """What stands at a place, if it is of this stamp; else what `work` gives, which stands there from now on.

    Only the last is kept: it may be large.
    """
    kept: tuple[Any, Found] | None = db.info["memory"].get(place)
    if kept is not None and kept[0] == stamp:
        return kept[1]
    found = work()
    db.info["memory"][place] = (stamp, found)
    return found


def keep(db: Session, place: Any, found: Any) -> None:
    """Let stand at a place what never changes, unless all was forgotten since the transaction began.

    The transaction may still see what had to be forgotten.
    """
    db.info["memory"].keep(place, found, db.info[N_CLEARED])
