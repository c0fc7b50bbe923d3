"""Training on the desk: gold answers are shown after a submission, which is final from then on.

Were it corrected afterwards, the answer would be the expert's: it would count in agreement, and nothing in
the numbers would show it.
"""

from typing import cast

from sqlalchemy import Connection, insert, literal, select
from sqlalchemy import Table as SqlTable

from server.coding.desk import Desk
from server.coding.models import GoldShown
from server.coding.seat import Seat
from server.coding.tables import SUBMITTED
from server.db.tables import sql_table
from server.gold.models import StandingGold
from server.language import gettext as _

_shown = sql_table(GoldShown)
_standing = cast(SqlTable, StandingGold.__table__).c  # type: ignore[attr-defined]


def keep_what_is_shown(connection: Connection, here: Seat) -> None:
    """Write down which edition of the gold is shown beside a coding: the one that stands now."""
    edition = select(literal(here.assignment_id), _standing.gold_id).where(_standing.post_id == here.post_id)
    connection.execute(insert(_shown).from_select(["assignment_id", "gold_id"], edition))


def why_not_open(of: Desk | Seat) -> str:
    """Why training keeps a post closed, in words; empty where it does not."""
    if of.is_waiting:
        return not_open_yet()
    if of.shows_gold and of.state == SUBMITTED:
        return _(
            "You have seen the gold answers of this post, so your own stay as you gave them. That is nothing "
            "to worry about: training is there to differ and to see why."
        )
    return ""


def not_open_yet(title: str = "") -> str:
    """What is said to who has not passed the training before a round, perhaps by the round's title."""
    if title:
        return _("“%(title)s” opens for you when you have passed its training.") % {"title": title}
    return _("This round opens for you when you have passed its training.")
