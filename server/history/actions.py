"""Writing the history."""

import json
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Session

from server.clock import now
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.history.links import GENESIS, SERVER_CHAIN, link_hash
from server.history.models import HistoryEvent, HistoryHead

# Made once: `json.dumps` makes a new encoder for each event.
_short = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode

_event = cast(SqlTable, HistoryEvent.__table__)  # type: ignore[attr-defined]
_head = cast(SqlTable, HistoryHead.__table__)  # type: ignore[attr-defined]

# Built once: the annotator's path runs them at every submission.
_lock_head = Prepared(
    select(_head.c.sequence, _head.c.hash).where(_head.c.chain == bindparam("b_chain")).with_for_update()
)
_move_head = Prepared(
    update(_head)
    .where(_head.c.chain == bindparam("b_chain"))
    .values(sequence=bindparam("b_sequence"), hash=bindparam("b_hash"))
)
# Two may write the first event of a chain at once: one makes its head, the other waits for that.
_begin_chain = text(
    "INSERT INTO history_head (chain, sequence, hash) VALUES (:chain, 0, :hash) ON CONFLICT DO NOTHING"
)
_add_event = Prepared(
    insert(_event).inline(),
    "chain",
    "sequence",
    "at",
    "actor_id",
    "action",
    "subject",
    "details",
    "previous_hash",
    "hash",
)


def record(
    db: Session,
    *,
    project_id: int | None,
    actor_id: int | None,
    action: str,
    subject: str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Append what was done to the project's chain (or the server's), in the caller's transaction.

    `action` names it (`round.open`), `subject` says to what (`round 2`), `details` holds before, after,
    reason and counts as JSON values, and never a post's text.
    """
    connection = connection_of(db)
    chain = SERVER_CHAIN if project_id is None else project_id
    head = _locked_head(connection, chain)
    sequence, previous = head.sequence + 1, head.hash
    at = now()
    body = _short(details or {})
    event = {
        "chain": chain,
        "sequence": sequence,
        "at": at,
        "actor_id": actor_id,
        "action": action,
        "subject": subject,
        "details": body,
        "previous_hash": previous,
        "hash": link_hash(previous, chain, sequence, at, actor_id, action, subject, body),
    }
    _add_event.run(connection, event)
    _move_head.run(connection, {"b_chain": chain, "b_sequence": sequence, "b_hash": event["hash"]})


def _locked_head(connection: Connection, chain: int) -> Any:
    """The newest link of a chain, held until the transaction ends; a new chain begins at nothing."""
    head = _lock_head.first(connection, {"b_chain": chain})
    if head is None:
        connection.execute(_begin_chain, {"chain": chain, "hash": GENESIS})
        head = _lock_head.first(connection, {"b_chain": chain})
    return head
