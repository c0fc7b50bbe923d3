"""When a trainee has passed, as the lead chooses it in planning, and how a training can end. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from server.language import figure, ngettext, number
from server.language import gettext as _


class Ending(StrEnum):
    """How a training round ended for a trainee. It has not ended where nothing is stored.

    `AGAIN`: the lead asks for another try, and passing any later training counts for this one.
    """

    DONE = "done"
    PASSED = "passed"
    FAILED = "failed"
    LET_IN = "let_in"
    AGAIN = "again"


@dataclass(frozen=True)
class PassRule:
    """What it takes to pass: `least` posts entirely right, or alpha with gold of at least `least`.

    For alpha, `n_posts` have to be coded, and it is asked of the `variable` with this key, or of each one
    where it is empty. `opens`: who passes is let into the rounds behind this one at once; else the lead is
    asked.
    """

    measure: str
    least: float
    n_posts: int | None = None
    variable: str = ""
    opens: bool = True

    def stored(self) -> dict[str, object]:
        """The rule as `Round.design` keeps it."""
        return asdict(self)


def rule_in(design: Mapping[str, Any]) -> PassRule | None:
    """The rule of a stored design, if it has one."""
    kept = design.get("pass_rule")
    return PassRule(**kept) if kept else None


def rule_words(design: Mapping[str, Any]) -> str:
    """The rule of a stored design in words."""
    rule = rule_in(design)
    if rule is None:
        return _("none")
    if rule.measure == "right":
        least = int(rule.least)
        said = ngettext("at least {n} post entirely right", "at least {n} posts entirely right", least)
        words = [said.format(n=number(least))]
    else:
        said = _("alpha with gold of at least {least} over at least {n} posts: {variable}")
        of = rule.variable or _("each question")
        words = [said.format(least=figure(rule.least), n=number(rule.n_posts or 0), variable=of)]
    words.append(_("passing opens the rounds behind it") if rule.opens else _("the lead is asked"))
    return "; ".join(words)
