"""What the pages around the desk show: where one begins, waits, comes to the end, and looks back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.care.queries import hides_all
from server.coding.queries import OwnCodings, OwnRound
from server.projects.access import Access
from server.rounds.reasons import labels
from server.rounds.skipping import said_reason


@dataclass(frozen=True)
class StartPage:
    """The rounds one codes in. `has_open`: one of them can be gone on with now.

    `next_try`: the training that is open for whoever did not pass one before.
    """

    rounds: tuple[OwnRound, ...]
    has_open: bool
    next_try: OwnRound | None


def start_page(rounds: tuple[OwnRound, ...]) -> StartPage:
    """The page of these rounds, the newest first."""
    begun = (each for each in rounds if each.shows_gold and each.has_more and not each.outcome)
    has_open = any(each.has_more and not each.is_locked and not each.is_waiting for each in rounds)
    return StartPage(rounds, has_open, next((each for each in begun if not each.is_locked), None))


@dataclass(frozen=True)
class FinishedPage:
    """The end of the queue. `is_capped`: one has done as many as one may. `others`: rounds to go on in."""

    round: OwnRound
    others: tuple[OwnRound, ...]
    has_more: bool
    is_capped: bool


@dataclass(frozen=True)
class WaitingPage:
    """Nothing to code at this moment; by `back_at` a post may come back.

    `is_watching`: the page looks again by itself, every so many seconds; the search `watch` asks it to.
    """

    round: OwnRound
    back_at: datetime | None
    is_watching: bool
    looks_every: int
    watch: Mapping[str, str]


@dataclass(frozen=True)
class MinePage:
    """One's own codings of a round. `hides_texts`: no post is shown before it is opened."""

    round: OwnRound
    codings: OwnCodings
    wanted: str
    words: str
    reason_of: Mapping[int, str]
    search: Mapping[str, str]
    hides_texts: bool


def mine_page(
    db: Session, access: Access, of: OwnRound, codings: OwnCodings, wanted: str, words: str
) -> MinePage:
    """The page of one's own codings, with the reasons of skipped posts in words.

    `search` goes with each link to a post, so that one comes back here from it.
    """
    said = labels(db, access.project_id)
    reason_of = {row.position: said_reason(row.skip_reason, said) for row in codings.rows}
    search = {"from": "mine", "wanted": wanted, "words": words, "page": str(codings.page)}
    usual = {"wanted": "all", "words": "", "page": "1"}
    told = {name: value for name, value in search.items() if usual.get(name) != value}
    return MinePage(of, codings, wanted, words, reason_of, told, hides_all(db, access))
