"""How one event of the history is tied to the one before it."""

import hashlib
import json
from datetime import datetime

SERVER_CHAIN = 0
GENESIS = "0" * 64

# Made once: `json.dumps` makes a new encoder for each event.
_spaced = json.JSONEncoder(ensure_ascii=False).encode


def link_hash(
    previous: str,
    chain: int,
    sequence: int,
    at: datetime,
    actor_id: int | None,
    action: str,
    subject: str,
    details: str,
) -> str:
    """SHA-256 over the link before and everything this link says."""
    said = _spaced([previous, chain, sequence, at.isoformat(), actor_id, action, subject, details])
    return hashlib.sha256(said.encode()).hexdigest()
