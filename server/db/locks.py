"""How a row is held until the transaction ends: against change, and not against others that refer to it.

A plain FOR UPDATE also stops whoever stores a row that refers to the held one; who stores while they hold
what we want next would wait for us, and we for them. SQLite has one writer and needs no such lock.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlmodel import Session

BESIDE_REFERENCES = {"key_share": True}


def clear_away(db: Session, key: Any, *outdated: Any) -> None:
    """Delete the rows that are outdated, but for those that somebody else holds: they go another time.

    They belong to others, whose locks we take in no order; who waited for them might be waited for.
    """
    free = select(key).where(*outdated).with_for_update(skip_locked=True)
    db.execute(delete(key.class_).where(key.in_(free)))


def clear_distant(db: Session, key: Any, at: Any, present: datetime, window: timedelta) -> None:
    """The same with rows whose moment `at` is further from the present one than `window`.

    Those that lie ahead by more are old, too: the clock went back since.
    """
    clear_away(db, key, or_(at < present - window, at > present + window))
