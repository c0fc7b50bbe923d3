"""The rule of blindness, over every standing a member can have to a round."""

from itertools import product

import pytest

from server.projects.roles import Role
from server.rounds.blindness import Standing, why_codings_hidden, why_figures_hidden

STATES = {"open": (False, False), "locked": (True, False), "revealed": (True, True)}

# role, codes here, state → may see individual codings, may see figures over all annotators
RULE: dict[tuple[Role, bool, str], tuple[bool, bool]] = {
    (Role.LEAD, False, "open"): (True, True),
    (Role.LEAD, False, "locked"): (True, True),
    (Role.LEAD, False, "revealed"): (True, True),
    (Role.LEAD, True, "open"): (False, False),
    (Role.LEAD, True, "locked"): (True, True),
    (Role.LEAD, True, "revealed"): (True, True),
    (Role.ADJUDICATOR, False, "open"): (True, True),
    (Role.ADJUDICATOR, False, "locked"): (True, True),
    (Role.ADJUDICATOR, False, "revealed"): (True, True),
    (Role.ADJUDICATOR, True, "open"): (False, False),
    (Role.ADJUDICATOR, True, "locked"): (True, True),
    (Role.ADJUDICATOR, True, "revealed"): (True, True),
    (Role.ANNOTATOR, False, "open"): (False, False),
    (Role.ANNOTATOR, False, "locked"): (False, False),
    (Role.ANNOTATOR, False, "revealed"): (False, False),
    (Role.ANNOTATOR, True, "open"): (False, False),
    (Role.ANNOTATOR, True, "locked"): (False, False),
    (Role.ANNOTATOR, True, "revealed"): (True, True),
    (Role.VIEWER, False, "open"): (False, True),
    (Role.VIEWER, False, "locked"): (False, True),
    (Role.VIEWER, False, "revealed"): (True, True),
    # A viewer codes only in a round that was opened when they were an annotator.
    (Role.VIEWER, True, "open"): (False, False),
    (Role.VIEWER, True, "locked"): (False, True),
    (Role.VIEWER, True, "revealed"): (True, True),
}


def test_the_rule_knows_every_standing() -> None:
    assert set(RULE) == set(product(Role, (False, True), STATES))


@pytest.mark.parametrize(("role", "codes_here", "state"), RULE)
def test_who_sees_what(role: Role, codes_here: bool, state: str) -> None:
    standing = Standing(role, codes_here, *STATES[state])
    seen = (not why_codings_hidden(standing), not why_figures_hidden(standing))
    assert seen == RULE[role, codes_here, state]


@pytest.mark.parametrize("role", Role)
def test_nobody_sees_a_round_they_can_still_code_in(role: Role) -> None:
    standing = Standing(role, codes_here=True, is_locked=False, is_revealed=False)
    assert why_codings_hidden(standing).endswith(".")
    assert why_figures_hidden(standing) == why_codings_hidden(standing)
