"""Writing the history."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlmodel import Session

from server.clock import now
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.db.tables import sql_table
from server.history.contents import IN_TOLD, NAME, Goes, hash_of, without_posts, without_told
from server.history.links import GENESIS, SERVER_CHAIN, link_hash
from server.history.models import HistoryEvent, HistoryHead

# Few: an event of an import holds thousands of lines.
_AT_ONCE = 50

# Made once: `json.dumps` makes a new encoder for each event.
_short = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode

_event = sql_table(HistoryEvent)
_head = sql_table(HistoryHead)

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
_add_event = Prepared(insert(_event).inline(), *(column.name for column in _event.c if column.name != "id"))
_some_contents = (
    select(_event.c.id, _event.c.sequence, _event.c.contents)
    .where(
        _event.c.chain == bindparam("b_chain"),
        _event.c.sequence > bindparam("b_after"),
        _event.c.contents.is_not(None),
    )
    .order_by(_event.c.sequence)
    .limit(_AT_ONCE)
)
_with_contents = Prepared(_some_contents)
_with_told = Prepared(_some_contents.where(_event.c.contents.contains(IN_TOLD)))
_put_contents = Prepared(
    update(_event).where(_event.c.id == bindparam("b_id")).values(contents=bindparam("b_contents"))
)


def record(
    db: Session,
    *,
    project_id: int | None,
    actor_id: int | None,
    action: str,
    subject: str,
    details: Mapping[str, Any] | None = None,
    contents: Sequence[str] = (),
) -> None:
    """Append what was done to the project's chain (or the server's), in the caller's transaction.

    `action` names it (`round.open`), `subject` says to what (`round 2`), `details` holds before, after,
    reason and counts as JSON values, and never a post's text. `contents`: lines of `server.history.contents`.
    """
    connection = connection_of(db)
    chain = SERVER_CHAIN if project_id is None else project_id
    head = _locked_head(connection, chain)
    sequence, previous = head.sequence + 1, head.hash
    at = now()
    said = details or {}
    body = _short({**said, NAME: hash_of(contents)} if contents else said)
    event = {
        "chain": chain,
        "sequence": sequence,
        "at": at,
        "actor_id": actor_id,
        "action": action,
        "subject": subject,
        "details": body,
        "contents": "\n".join(contents) if contents else None,
        "previous_hash": previous,
        "hash": link_hash(previous, chain, sequence, at, actor_id, action, subject, body),
    }
    _add_event.send(connection, event)
    _move_head.send(connection, {"b_chain": chain, "b_sequence": sequence, "b_hash": event["hash"]})


def _locked_head(connection: Connection, chain: int) -> Any:
    """The newest link of a chain, held until the transaction ends; a new chain begins at nothing."""
    head = _lock_head.first(connection, {"b_chain": chain})
    if head is None:
        connection.execute(_begin_chain, {"chain": chain, "hash": GENESIS})
        head = _lock_head.first(connection, {"b_chain": chain})
    return head


def erase_contents(db: Session, project_id: int, posts: Collection[int], goes: Goes) -> list[int]:
    """Erase every line about the posts with these numbers, and what readers are told of others that goes.

    Returns in which events the latter was, by their sequences. The table allows it in the transaction of a
    takedown alone (`server.corpora.models.Erasure`).
    """
    connection, written, silenced = connection_of(db), frozenset(map(str, posts)), []
    for row in _each_contents(connection, project_id, _with_contents if posts else _with_told):
        left = without_posts(row.contents, written)
        quiet = without_told(left, goes)
        if quiet != left:
            silenced.append(row.sequence)
        if quiet != row.contents:
            _put_contents.run(connection, {"b_id": row.id, "b_contents": quiet})
    return silenced


def _each_contents(connection: Connection, chain: int, wanted: Prepared) -> Iterator[Any]:
    """The events with contents, oldest first; each may be changed before the next is asked for."""
    after = 0
    while rows := wanted.all(connection, {"b_chain": chain, "b_after": after}):
        yield from rows
        after = rows[-1].sequence
