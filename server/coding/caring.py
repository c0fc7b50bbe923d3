"""What the annotator's page says and hides for their care: as facts of its frame, and in words."""

from dataclasses import dataclass

from server.clock import now
from server.coding.desk import Desk
from server.coding.opening import Opening
from server.coding.tables import SUBMITTED
from server.language import ngettext
from server.rounds.ending import ending
from server.web.words import number


@dataclass(frozen=True)
class CareWords:
    """What is said; empty where it is not to be said."""

    topics: str
    pause: str
    ending: str


@dataclass(frozen=True)
class CareFacts:
    """What the page depends on. `is_hidden`: the post is opened by hand; `is_refused`: it is not shown.

    `is_opened`: a hidden post comes open, since its annotator has opened it before they sent the form. A form
    that `asks_opening` is taken only when its post was opened: at any time (`was_opened`), or now.
    """

    is_hidden: bool
    is_opened: bool
    asks_opening: bool
    was_opened: bool
    unopened: str
    is_refused: bool
    has_topics: bool
    has_pause: bool
    has_ending: bool
    has_author: bool


def care_words(here: Desk) -> CareWords:
    """What is said with the post before an annotator. Of pauses only while it is still to be coded."""
    minutes = None if here.state == SUBMITTED or here.is_locked else here.shown.pause_after
    return CareWords(
        topics=", ".join(here.shown.topics),
        pause=_pause(minutes) if minutes else "",
        ending="" if here.is_locked else ending(here.ends_on, now()),
    )


def care_facts(here: Desk, words: CareWords, opening: Opening, *, is_closed: bool) -> CareFacts:
    """The facts of the page."""
    is_hidden = here.shown.is_hidden
    return CareFacts(
        is_hidden=is_hidden,
        is_opened=is_hidden and opening.is_open,
        asks_opening=is_hidden and here.state != SUBMITTED and not is_closed,
        was_opened=is_hidden and opening.was_opened,
        unopened=opening.error,
        is_refused=is_refused(here),
        has_topics=bool(words.topics),
        has_pause=bool(words.pause),
        has_ending=bool(words.ending),
        has_author=bool(here.post.author),
    )


def is_refused(here: Desk) -> bool:
    """Whether the annotator wants no such post. What was coded already is hidden at most: it was seen."""
    return here.shown.is_refused and here.state != SUBMITTED


def _pause(minutes: int) -> str:
    said = ngettext(
        "You have been coding for %(n)s minute. A pause does good; your place is kept.",
        "You have been coding for %(n)s minutes. A pause does good; your place is kept.",
        minutes,
    )
    return said % {"n": number(minutes)}
