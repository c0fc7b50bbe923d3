"""Why a post may be left uncoded, and how the reason is kept and said.

A project offers five reasons until its lead changes the list (`server.rounds.reasons`).
"""

from collections.abc import Mapping

from server.errors import Refusal
from server.language import gettext as _

MAX_WORDS = 500
# Nobody has to read on what hurts them: a project always offers this one.
DISTRESSING = "distressing"
# Nobody chooses this one: the post has a topic that its annotator has opted out of.
TOPIC = "topic"

Offered = tuple[tuple[str, str], ...]


def usual_reasons() -> Offered:
    """The reasons there are without a change of the lead's, with their words."""
    return (
        ("language", _("Not in my language")),
        ("unreadable", _("Cannot be read or understood")),
        ("off_topic", _("Not about the topic")),
        (DISTRESSING, _("Too distressing for me")),
        ("other", _("Another reason")),
    )


def stored_reason(offered: Offered, reason: str, words: str) -> str:
    """A reason as it is stored; `Refusal` for one that is not offered, or that says too little."""
    if reason not in dict(offered):
        raise Refusal(_("Nothing was skipped yet."), {"reason": _("Choose why you skip this post.")})
    if reason == "other" and not words:
        raise Refusal(_("Nothing was skipped yet."), {"reason_words": _("Say in a few words why.")})
    if len(words) > MAX_WORDS:
        raise Refusal(
            _("Nothing was skipped yet."),
            {"reason_words": _("This is too long: at most %(most)s characters.") % {"most": MAX_WORDS}},
        )
    return f"{reason}: {words}" if words else reason


def said_reason(stored: str | None, labels: Mapping[str, str]) -> str:
    """A stored reason in words. `labels` has the words of every reason the project ever offered."""
    reason, _colon, words = (stored or "").partition(": ")
    label = labels.get(reason, reason)
    return f"{label}{_(':')} {words}" if words else label
