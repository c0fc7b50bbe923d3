"""The history as a file: the events that were asked for, oldest first, in CSV or JSONL."""

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import IO, Any

from sqlmodel import Session

from server.exchange.sending import spooled
from server.exchange.spreadsheets import csv_lines
from server.history.contents import told
from server.history.queries import Stored, Wanted, stored_events
from server.history.words import tells_answers
from server.projects.access import Access
from server.projects.retelling import actors_of

COLUMNS = (
    "chain",
    "sequence",
    "at",
    "actor_id",
    "member",
    "person",
    "action",
    "subject",
    "details",
    "contents",
    "previous_hash",
    "hash",
)


class Kind(StrEnum):
    """The kinds of file."""

    CSV = "csv"
    JSONL = "jsonl"


def history_file(db: Session, access: Access, wanted: Wanted, kind: Kind, *, is_blind: bool) -> IO[bytes]:
    """The whole file, built before the first byte is sent: an error on the way leaves no half file.

    Who still codes (`is_blind`) is not told what others answered or decided, and gets no hashes: short
    details can be guessed from them.
    """
    rows = _rows(db, access, wanted, is_blind)
    lines = csv_lines(COLUMNS, rows, with_bom=False) if kind is Kind.CSV else map(_json, rows)
    return spooled(lines)


def _rows(db: Session, access: Access, wanted: Wanted, is_blind: bool) -> Iterator[tuple[Any, ...]]:
    actors = actors_of(db, access)
    for event in stored_events(db, access.project_id, wanted):
        number, name = actors.get(event.actor_id, (None, None))
        at = event.at.isoformat()
        who = (event.actor_id, number, name)
        yield (access.project_id, event.sequence, at, *who, *_what(event, is_blind))


def _what(event: Stored, is_blind: bool) -> Sequence[Any]:
    if not is_blind:
        return event.action, event.subject, event.details, event.contents, event.previous_hash, event.hash
    details = None if tells_answers(event.action) else _said(event)
    return event.action, event.subject, details, None, None, None


def _said(event: Stored) -> str:
    """What its details and contents tell, as details are written."""
    said = told(event.details, event.contents)
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _json(row: tuple[Any, ...]) -> str:
    return json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) + "\n"
