"""What a lead decides about a round before it is opened, and how it is written down and said again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from server.language import figure, ngettext, number
from server.language import gettext as _
from server.rounds.pass_rules import PassRule, rule_words
from server.rounds.picks import Crew, Picks, crew_words, pick_words, shortfalls, strata_words


class Purpose(StrEnum):
    """What a round is for."""

    TRAINING = "training"
    PILOT = "pilot"
    RELIABILITY = "reliability"
    MAIN = "main"


def purpose_label(purpose: str) -> str:
    """The purpose as a person reads it."""
    labels = {
        Purpose.TRAINING: _("Training"),
        Purpose.PILOT: _("Pilot"),
        Purpose.RELIABILITY: _("Reliability"),
        Purpose.MAIN: _("Main coding"),
    }
    return labels[Purpose(purpose)] if purpose in set(Purpose) else purpose


class Order(StrEnum):
    """In which order annotators get their posts."""

    RANDOM = "random"
    GIVEN = "given"
    THREAD = "thread"


@dataclass(frozen=True)
class Sharing:
    """A shared queue: who takes a post has it for `lease_minutes`, and at most `cap` codings are theirs."""

    lease_minutes: int
    cap: int | None = None


@dataclass(frozen=True)
class RoundDesign:
    """Which posts are coded by whom. `annotators` are numbers of members.

    Posts: those whose extra field `filter_field` has one of the `filter_values` (all where it is empty),
    without those of earlier rounds as `unused` says, which fulfil the `picks`; and of these a random sample
    of `sample_size` (all where it is None). Each post goes to `k` annotators; with a `double_share`, to one,
    and that share of the posts to two, in proportion to the values of `double_field` if it is named. Who gets
    which is settled by a plan, within the bounds of the `crew`, or with `sharing` by who is free. The day on
    which it ends can be set anew later, and is thus kept beside the design.

    A training that `shows_gold` takes the posts with gold and hands each to every annotator; `pass_rule` says
    when one has passed it. With a `gold_share`, so many of the posts have gold and check silently. With
    `requires` the round opens for each annotator when they have passed the training round of that number.
    """

    title: str
    purpose: Purpose
    annotators: tuple[int, ...]
    seed: int
    k: int = 1
    double_share: float | None = None
    sample_size: int | None = None
    filter_field: str = ""
    filter_values: tuple[str, ...] = ()
    unused: str = ""
    picks: Picks = field(default_factory=Picks)
    crew: Crew = field(default_factory=Crew)
    double_field: str = ""
    order: Order = Order.RANDOM
    ends_on: date | None = None
    sharing: Sharing | None = None
    shows_gold: bool = False
    pass_rule: PassRule | None = None
    gold_share: float | None = None
    requires: int | None = None

    def most_of(self, annotator: int) -> int | None:
        """The most codings of one annotator in a shared queue; None without a limit."""
        limits = (dict(self.crew.quotas).get(annotator), self.sharing.cap if self.sharing else None)
        return min((limit for limit in limits if limit is not None), default=None)

    def stored(self) -> dict[str, object]:
        """The design as `Round.design` keeps it."""
        return {
            "posts": self._drawn(),
            "sample_size": self.sample_size,
            "filter": {"field": self.filter_field, "values": list(self.filter_values)}
            if self.filter_field
            else None,
            "unused": self.unused,
            "annotators": sorted(self.annotators),
            "k": self.k if self.double_share is None else None,
            "double_share": self.double_share,
            "seed": self.seed,
            "order": self.order.value,
            "queue": asdict(self.sharing) if self.sharing else None,
        } | self._stored_more()

    def _drawn(self) -> str:
        if self.picks.strata_field:
            return "strata"
        return "all" if self.sample_size is None else "sample"

    def _stored_more(self) -> dict[str, object]:
        """What most rounds do not have."""
        kept = {
            "shows_gold": self.shows_gold,
            "pass_rule": self.pass_rule.stored() if self.pass_rule else None,
            "gold_share": self.gold_share,
            "requires": self.requires,
            "double_field": self.double_field,
        }
        found = {name: value for name, value in kept.items() if value}
        return found | self.picks.stored() | self.crew.stored()


def described(
    stored: Mapping[str, Any], *, tells_gold: bool = True, names: Mapping[str, str] | None = None
) -> tuple[tuple[str, str], ...]:
    """A stored design in words, as pairs of term and value; what it does not say is left out.

    Silent gold is told to leads only. `names` are those of members, by their numbers.
    """
    lines = [
        (_("Posts"), _posts(stored)),
        (_("Who gets which post"), _handing(stored)),
        (_("Order"), _order(stored)),
        (_("Annotators for each post"), _depth(stored)),
        *crew_words(stored, names or {}),
        (_("Not met"), " ".join(shortfalls(stored))),
        (_("Added since"), _added(stored)),
        (_("Pass rule"), rule_words(stored) if stored.get("shows_gold") else ""),
        (_("Silent gold"), _silent(stored) if tells_gold else ""),
        (_("Opens"), _opens(stored)),
        (_("Seed"), str(stored.get("seed", ""))),
    ]
    return tuple((term, value) for term, value in lines if value)


def _posts(stored: Mapping[str, Any]) -> str:
    if "again" in stored:
        return _("coded again: {variable}").format(variable=stored["again"])
    if "posts" not in stored:
        return ""
    words = [_which(stored)]
    if chosen := stored.get("filter"):
        words.append(_("{field}: {values}").format(field=chosen["field"], values=", ".join(chosen["values"])))
    return "; ".join([*words, *pick_words(stored)])


def _added(stored: Mapping[str, Any]) -> str:
    posts, codings = stored.get("added_posts", 0), stored.get("added_codings", 0)
    words = []
    if posts:
        words.append(ngettext("{n} post", "{n} posts", posts).format(n=number(posts)))
    if codings:
        said = ngettext("one more coding of {n} post", "one more coding of {n} posts", codings)
        words.append(said.format(n=number(codings)))
    return "; ".join(words)


def _silent(stored: Mapping[str, Any]) -> str:
    share = stored.get("gold_share")
    return _("{share} % of the posts").format(share=figure(100 * share)) if share else ""


def _opens(stored: Mapping[str, Any]) -> str:
    training = stored.get("requires")
    return _("for who has passed round {number}").format(number=training) if training else ""


def _which(stored: Mapping[str, Any]) -> str:
    size = stored.get("sample_size")
    if stored.get("strata_field"):
        return strata_words(stored)
    if size is None:
        return _("all with gold answers") if stored.get("shows_gold") else _("all")
    return ngettext("a random sample of {n}", "a random sample of {n}", size).format(n=number(size))


def _handing(stored: Mapping[str, Any]) -> str:
    if "queue" not in stored:
        return ""
    queue = stored["queue"]
    if queue is None:
        return _("settled by a plan")
    words = [_("whoever is free takes the next one"), _for_minutes(queue["lease_minutes"])]
    if cap := queue["cap"]:
        at_most = ngettext("at most {n} coding each", "at most {n} codings each", cap)
        words.append(at_most.format(n=number(cap)))
    return "; ".join(words)


def _for_minutes(minutes: int) -> str:
    said = ngettext("has it for %(n)s minute", "has it for %(n)s minutes", minutes)
    return said % {"n": number(minutes)}


def _order(stored: Mapping[str, Any]) -> str:
    words = {
        Order.RANDOM.value: _("random for each annotator"),
        Order.GIVEN.value: _("that of the posts"),
        Order.THREAD.value: _by_thread(stored.get("n_threads", 0)),
    }
    return words.get(stored.get("order", ""), "")


def _by_thread(n_threads: int) -> str:
    said = ngettext(
        "thread by thread, each by date; {n} thread, where a post without one counts as one",
        "thread by thread, each by date; {n} threads, where a post without one counts as one",
        n_threads,
    )
    return said.format(n=number(n_threads))


def _depth(stored: Mapping[str, Any]) -> str:
    share = stored.get("double_share")
    if share is not None:
        said = _("1, and 2 for {share} % of the posts").format(share=figure(100 * share))
        by = stored.get("double_field")
        return _("{said}, in proportion to the values of {field}").format(said=said, field=by) if by else said
    return str(stored.get("k") or "")
