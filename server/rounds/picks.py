"""Which posts a round takes beyond all or a sample, and what its annotators are asked for. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.language import gettext as _
from server.language import ngettext, number

UNUSED = ("any", "main", "uncoded")
DISPUTED = ("open", "decided", "any")
FLAGS = ("unsure", "question", "skipped")
# A value that is named, and how many posts: what a page has to say of strata and languages.
Counts = tuple[tuple[str, int], ...]
N_NAMED = 8


@dataclass(frozen=True)
class Picks:
    """Posts of these days, in disagreement, or flagged; and by which field the draw is stratified.

    `disputed_on` is the key of a question, or empty for any. With `per_stratum` each value of `strata_field`
    gets so many posts, without it a share of the sample in proportion.
    """

    since: date | None = None
    until: date | None = None
    disputed: str = ""
    disputed_on: str = ""
    flagged: tuple[str, ...] = ()
    strata_field: str = ""
    per_stratum: int | None = None

    def stored(self) -> dict[str, object]:
        """What was chosen, as `Round.design` keeps it."""
        kept = {
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "disputed": self.disputed,
            "disputed_on": self.disputed_on,
            "flagged": list(self.flagged),
            "strata_field": self.strata_field,
            "per_stratum": self.per_stratum,
        }
        return {name: value for name, value in kept.items() if value}


@dataclass(frozen=True)
class Crew:
    """The most posts of an annotator, and the languages they read, both by the numbers of members.

    Who has no languages reads all. `language_field` says in which field of a post its language stands.
    """

    quotas: tuple[tuple[int, int], ...] = ()
    language_field: str = ""
    languages: tuple[tuple[int, tuple[str, ...]], ...] = ()

    @property
    def is_limited(self) -> bool:
        """Whether somebody cannot be given just any posts."""
        return bool(self.quotas or (self.language_field and self.languages))

    def stored(self) -> dict[str, object]:
        """What was chosen, as `Round.design` keeps it; members by their numbers."""
        kept: dict[str, object] = {
            "quotas": {str(of): most for of, most in self.quotas},
            "language_field": self.language_field,
            "languages": {str(of): list(read) for of, read in self.languages},
        }
        return {name: value for name, value in kept.items() if value}


@dataclass(frozen=True)
class Outcome:
    """What a choice has led to, and what of it cannot be met.

    `strata`: posts taken of each value; `small`: values that have fewer posts than were asked for.
    `unread`: posts that nobody reads, by language, which are left out; `thin`: those that fewer read than
    were to code them.
    """

    strata: Counts = ()
    small: Counts = ()
    unread: Counts = ()
    thin: Counts = ()

    def stored(self) -> dict[str, object]:
        """As `Round.design` keeps it."""
        kept = {"strata": self.strata, "small": self.small, "unread": self.unread, "thin": self.thin}
        return {name: dict(value) for name, value in kept.items() if value}


def shortfalls(stored: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a stored design could not be met, in sentences."""
    found = []
    if unread := stored.get("unread"):
        message = _("Nobody of these annotators reads {n} posts, which are left out: {named}.")
        found.append(message.format(n=number(sum(unread.values())), named=_named(unread)))
    if thin := stored.get("thin"):
        message = _(
            "Fewer annotators read {n} posts than were to code each, so all who read them do: {named}."
        )
        found.append(message.format(n=number(sum(thin.values())), named=_named(thin)))
    if small := stored.get("small"):
        message = _("These have fewer posts than were asked for, and all of them are taken: {named}.")
        found.append(message.format(named=_named(small)))
    return tuple(found)


def pick_words(stored: Mapping[str, Any]) -> list[str]:
    """Which posts were taken, each condition in words."""
    words = [_days(stored.get("since"), stored.get("until"))]
    unused = stored.get("unused") or ("any" if stored.get("leaves_out_used") else "")
    words += [unused_label(unused), _disputed(stored)]
    if flagged := stored.get("flagged"):
        words.append(_("flagged: {named}").format(named=", ".join(flag_label(each) for each in flagged)))
    return [each for each in words if each]


def strata_words(stored: Mapping[str, Any]) -> str:
    """How a stratified draw was made."""
    field, each = stored["strata_field"], stored.get("per_stratum")
    if each:
        said = ngettext(
            "a random sample of {n} for each value of {field}",
            "a random sample of {n} for each value of {field}",
            each,
        )
        words = said.format(n=number(each), field=field)
    else:
        size = stored.get("sample_size") or 0
        said = ngettext(
            "a random sample of {n}, in proportion to the values of {field}",
            "a random sample of {n}, in proportion to the values of {field}",
            size,
        )
        words = said.format(n=number(size), field=field)
    taken = stored.get("strata")
    return f"{words} ({_named(taken)})" if taken else words


def crew_words(stored: Mapping[str, Any], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Quotas and languages in words, as pairs of term and value; `names` of members by their numbers."""
    quotas, languages = stored.get("quotas", {}), stored.get("languages", {})
    most = ", ".join(f"{names.get(of, of)}: {number(n)}" for of, n in quotas.items())
    read = "; ".join(f"{names.get(of, of)}: {', '.join(each)}" for of, each in languages.items())
    field = stored.get("language_field", "")
    said = _("{read} (in {field})").format(read=read, field=field) if read and field else ""
    return ((_("Most posts of each"), most), (_("Languages read"), said))


def unused_label(unused: str) -> str:
    """What a choice among the posts by their rounds means; empty where all are taken."""
    labels = {
        "any": _("in no round yet"),
        "main": _("in no main round yet"),
        "uncoded": _("coded by nobody yet, and waiting in no open round"),
    }
    return labels.get(unused, "")


def flag_label(flag: str) -> str:
    """A flag as a person reads it."""
    labels = {
        "unsure": _("somebody was unsure"),
        "question": _("somebody asked about it"),
        "skipped": _("somebody skipped it, with a reason"),
    }
    return labels.get(flag, flag)


def disputed_label(state: str) -> str:
    """A state of disagreement as a person reads it."""
    labels = {
        "open": _("annotators differ, and nothing is decided"),
        "decided": _("annotators differed, and it is decided"),
        "any": _("annotators differ, decided or not"),
    }
    return labels.get(state, "")


def _disputed(stored: Mapping[str, Any]) -> str:
    words = disputed_label(stored.get("disputed", ""))
    on = stored.get("disputed_on")
    return _("{words} ({on})").format(words=words, on=on) if words and on else words


def _days(since: str | None, until: str | None) -> str:
    if since and until:
        return _("from {since} to {until}").format(since=since, until=until)
    if since:
        return _("from {since} on").format(since=since)
    return _("until {until}").format(until=until) if until else ""


def _named(counts: Mapping[str, int]) -> str:
    named = [f"{value or _('no value')} {number(n)}" for value, n in counts.items()]
    return ", ".join([*named[:N_NAMED], *(["…"] if len(named) > N_NAMED else [])])


def counted(values: Sequence[str]) -> Counts:
    """How often each value comes, the most frequent first."""
    found: dict[str, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def readers(crew: Crew, annotators: Sequence[int], language: str) -> tuple[int, ...]:
    """Which annotators read posts in a language; who names none reads all, and so does a post without one."""
    read = {of: {each.casefold() for each in languages} for of, languages in crew.languages}
    wanted = language.casefold()
    return tuple(one for one in annotators if not wanted or one not in read or wanted in read[one])
