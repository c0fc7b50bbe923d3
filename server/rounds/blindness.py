"""The rule of blindness: who may see which round's codings, and the words for those who may not yet.

Everything that shows annotators' work asks `server.rounds.queries.visible_rounds`, which asks here.

- Whoever codes in a round sees nothing of the others' work on its posts while they can still code: neither
  in this round nor in another, and no figures that such posts are counted in.
- Lead and adjudicator see every other round, and their own once it is locked.
- An annotator sees the rounds they code in, once these are revealed.
- A viewer sees no individual codings before a round is revealed, but figures over all annotators.
"""

from dataclasses import dataclass

from server.language import gettext as _
from server.projects.roles import Role

REVIEWERS = (Role.LEAD, Role.ADJUDICATOR)


@dataclass(frozen=True)
class Standing:
    """How a member stands to a round. `codes_here`: some of its assignments are, or were done, by them."""

    role: Role
    codes_here: bool
    is_locked: bool
    is_revealed: bool


def why_codings_hidden(standing: Standing) -> str:
    """Why this member may not see the individual codings of the round; empty where they may."""
    if could_be_swayed(standing):
        return _why_swayed(standing)
    if standing.role in REVIEWERS:
        return ""
    if standing.role == Role.ANNOTATOR and not standing.codes_here:
        return _("You do not code in this round, so its codings are not shown to you.")
    if not standing.is_revealed:
        return _("This round is blind. Its codings can be seen when the lead has revealed it.")
    return ""


def why_figures_hidden(standing: Standing) -> str:
    """Why this member may not see figures over all annotators of the round; empty where they may."""
    if standing.role == Role.VIEWER and not could_be_swayed(standing):
        return ""
    return why_codings_hidden(standing)


def could_be_swayed(standing: Standing) -> bool:
    """Whether this member's own codings of the round can still change."""
    return standing.codes_here and not (standing.is_locked or standing.is_revealed)


def _why_swayed(standing: Standing) -> str:
    if standing.role in REVIEWERS:
        return _(
            "You code in this round yourself. What others made of its posts, in other rounds too, "
            "is left out for you until the round is locked."
        )
    return _(
        "You code in this round yourself. What others made of its posts, in other rounds too, "
        "is left out for you until the round is revealed."
    )
