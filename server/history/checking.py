"""Whether a chain of the history is whole: each link as it was written, none missing, none cut off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from server.history.contents import are_whole
from server.history.links import GENESIS, SERVER_CHAIN, link_hash
from server.language import gettext as _


class Fault(StrEnum):
    """What can be wrong with a chain."""

    CHANGED = "changed"
    CONTENTS_CHANGED = "contents changed"
    MISSING = "missing"
    OUT_OF_ORDER = "out of order"
    REPLACED = "replaced"
    CUT_OFF = "cut off"
    HEAD_MOVED = "head moved"
    EMPTY = "empty"


@dataclass(frozen=True)
class Link:
    """One event as the database holds it; `at` as it is written there, readable or not."""

    sequence: int
    at: str
    actor_id: int | None
    action: str
    subject: str
    details: str
    contents: str | None
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Head:
    """Which link a chain says is its newest."""

    sequence: int
    hash: str


@dataclass(frozen=True)
class Found:
    """The first thing that is wrong, and at which event."""

    sequence: int
    fault: Fault


@dataclass(frozen=True)
class Checked:
    """What the walk along a chain found: how many events are sound before the first fault, if there is one.

    `last` is the newest sound link; None where there is none.
    """

    n_sound: int
    last: Head | None
    found: Found | None


def check(chain: int, links: Iterable[Link], head: Head | None) -> Checked:
    """Walk along a chain, oldest link first, up to the first fault. Only one link is held at a time."""
    last = Head(0, GENESIS)
    for link in links:
        if fault := _fault_of(chain, link, last):
            # Where one is missing, it is the one that should have come.
            at = last.sequence + 1 if fault is Fault.MISSING else link.sequence
            return _checked(last, Found(at, fault))
        last = Head(link.sequence, link.hash)
    return _checked(last, _fault_of_end(chain, last, head))


def _checked(last: Head, found: Found | None) -> Checked:
    return Checked(last.sequence, last if last.sequence else None, found)


def _fault_of(chain: int, link: Link, last: Head) -> Fault | None:
    if link.sequence <= last.sequence:
        return Fault.OUT_OF_ORDER
    if link.sequence > last.sequence + 1:
        return Fault.MISSING
    if link.hash != _hash_of(chain, link):
        return Fault.CHANGED
    if not are_whole(link.details, link.contents):
        return Fault.CONTENTS_CHANGED
    # Sound by itself, and still not the one that was written after the link before.
    return Fault.REPLACED if link.previous_hash != last.hash else None


def _hash_of(chain: int, link: Link) -> str:
    """What the link's hash has to be; empty where its moment is none."""
    try:
        at = datetime.fromisoformat(link.at)
    except ValueError:
        return ""
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return link_hash(
        link.previous_hash,
        chain,
        link.sequence,
        at,
        link.actor_id,
        link.action,
        link.subject,
        link.details,
    )


def _fault_of_end(chain: int, last: Head, head: Head | None) -> Found | None:
    if head is None:
        if last.sequence:
            return Found(last.sequence, Fault.HEAD_MOVED)
        # A project begins with the event that made it; the server's own chain begins when it is needed.
        return None if chain == SERVER_CHAIN else Found(1, Fault.EMPTY)
    if head.sequence > last.sequence:
        return Found(last.sequence + 1, Fault.CUT_OFF)
    return None if head == last else Found(last.sequence, Fault.HEAD_MOVED)


def fault_words(found: Found) -> str:
    """What is wrong, in a sentence."""
    said = {
        Fault.CHANGED: _("Event %(n)s is not what was recorded: somebody changed it."),
        Fault.CONTENTS_CHANGED: _("What event %(n)s holds of codings or decisions is not what was recorded."),
        Fault.MISSING: _("Event %(n)s is missing."),
        Fault.OUT_OF_ORDER: _("Event %(n)s stands where no event was: somebody put it there."),
        Fault.REPLACED: _("Event %(n)s does not follow from the one before it: one of the two was replaced."),
        Fault.CUT_OFF: _("The newest events are missing, from event %(n)s on."),
        Fault.HEAD_MOVED: _("The mark of the newest event does not fit event %(n)s: it was moved."),
        Fault.EMPTY: _("There is no event at all, not even the one that made the project."),
    }
    return said[found.fault] % {"n": found.sequence}
