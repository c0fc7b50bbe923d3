"""Why a post may be left uncoded, and how the reason is kept and said."""

from server.errors import Refusal
from server.language import gettext as _

MAX_WORDS = 500


def reasons() -> tuple[tuple[str, str], ...]:
    """The reasons there are, with their words."""
    return (
        ("language", _("Not in my language")),
        ("unreadable", _("Cannot be read or understood")),
        ("off_topic", _("Not about the topic")),
        ("distressing", _("Too distressing for me")),
        ("other", _("Another reason")),
    )


def stored_reason(reason: str, words: str) -> str:
    """A reason as it is stored; `Refusal` for one that is not offered, or that says too little."""
    if reason not in dict(reasons()):
        raise Refusal(_("Nothing was skipped yet."), {"reason": _("Choose why you skip this post.")})
    if reason == "other" and not words:
        raise Refusal(_("Nothing was skipped yet."), {"reason_words": _("Say in a few words why.")})
    if len(words) > MAX_WORDS:
        raise Refusal(
            _("Nothing was skipped yet."),
            {"reason_words": _("This is too long: at most %(most)s characters.") % {"most": MAX_WORDS}},
        )
    return f"{reason}: {words}" if words else reason


def said_reason(stored: str | None) -> str:
    """A stored reason in words."""
    reason, _colon, words = (stored or "").partition(": ")
    label = dict(reasons()).get(reason, reason)
    return f"{label}{_(':')} {words}" if words else label
