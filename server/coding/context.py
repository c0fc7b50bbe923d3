"""The thread around a post on the desk: what its annotator may read beside it, and nobody's codings."""

from sqlmodel import Session

from server.coding.desk import own_post
from server.coding.tables import own_place
from server.corpora.threads import Thread, around, thread_in
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.errors import NotFound
from server.projects.access import Access

_around = Prepared(around(own_post))


def thread_around(db: Session, access: Access, round_number: int, position: int) -> Thread:
    """The thread around the annotator's own post at `position`; `NotFound` where they have none."""
    rows = _around.all(connection_of(db), own_place(access, round_number, position))
    if not rows:
        raise NotFound
    return thread_in(rows)
