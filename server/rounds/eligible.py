"""Which posts a round can have: what each choice of the lead asks of a post, and which of them is to blame.

What annotators made of posts (doubts, questions, reasons for skipping) is looked at in the rounds that the
reader may look into, and on posts that they do not code themselves. Disagreement is a feature above this one;
`DisputedPosts` is handed in.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from sqlalchemy import ColumnElement, Integer, Select, column, exists, or_, select, table, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.corpora.extra import cells_of, field_values
from server.corpora.models import Post
from server.db.bulk_rows import numbers_as_rows
from server.errors import Refusal
from server.gold.queries import has_gold
from server.language import gettext as _
from server.projects.access import Access
from server.rounds.blocks import Integers
from server.rounds.design import Purpose, RoundDesign
from server.rounds.doubts import coding_table
from server.rounds.gold_posts import gold_is_shown
from server.rounds.models import Assignment, Round, RoundQueue
from server.rounds.queries import in_none_of, swaying, visible_rounds
from server.rounds.sharing import in_queues_of

# The ids of the posts on which annotators differ, on a question or (where its key is empty) on any; the last
# argument is one of `server.rounds.picks.DISPUTED`.
DisputedPosts = Callable[[Session, Access, str, str], Collection[int]]
N_VALUES_NAMED = 8
# A table of a feature above this one is named here as a foreign key would name it.
_question = table("post_question", column("round_id", Integer), column("post_id", Integer))


@dataclass(frozen=True)
class _Asked:
    """What one choice asks of a post; the field it is made in, and the words where no post fulfils it."""

    condition: ColumnElement[bool]
    field: str
    why_none: str


def nobody_differs(_db: Session, _access: Access, _variable: str, _state: str) -> tuple[int, ...]:
    """Where disagreements are not looked at."""
    return ()


def eligible(db: Session, access: Access, design: RoundDesign, disputed: DisputedPosts) -> Integers:
    """The ids of the posts that all choices of a design leave, by their numbers.

    Raises:
        Refusal: none is left.
    """
    asked = _asked(db, access, design, disputed)
    conditions = [
        col(Post.project_id) == access.project_id,
        col(Post.takedown_id).is_(None),
        ~gold_is_shown(),
    ]
    if design.gold_share:
        conditions.append(~has_gold())
    found = _ids(db, *conditions, *(each.condition for each in asked))
    if not found.size:
        raise _nothing_left(db, access, design, asked)
    return found


def unused(access: Access, which: str) -> list[ColumnElement[bool]]:
    """What a post fulfils that is in no round, in no main round, or coded by nobody; see `picks.UNUSED`."""
    if which == "any":
        is_used = (col(Assignment.post_id) == col(Post.id), col(Assignment.state) != "withdrawn")
        return [~exists().where(*is_used), ~in_queues_of(_queues(access), col(Post.id))]
    if which == "main":
        is_main = col(Round.purpose) == Purpose.MAIN.value
        return _in_no_round(access, is_main, col(Assignment.state) != "withdrawn")
    if which == "uncoded":
        is_open, counts = col(Round.locked_at).is_(None), col(Round.purpose) != Purpose.TRAINING.value
        coded = _assigned(counts, col(Assignment.state) == "submitted")
        return [~coded, *_in_no_round(access, is_open, col(Assignment.state) != "withdrawn")]
    return []


def _in_no_round(
    access: Access, of_round: ColumnElement[bool], state: ColumnElement[bool]
) -> list[ColumnElement[bool]]:
    return [~_assigned(of_round, state), ~in_queues_of(_queues(access).where(of_round), col(Post.id))]


def _assigned(of_round: ColumnElement[bool], state: ColumnElement[bool]) -> ColumnElement[bool]:
    joined = col(Assignment.post_id) == col(Post.id), col(Assignment.round_id) == col(Round.id)
    return exists().where(*joined, of_round, state).correlate(Post)


def _queues(access: Access) -> Select[int]:
    of_project = col(Round.project_id) == access.project_id
    return (
        select(col(RoundQueue.round_id))
        .join(Round, col(Round.id) == col(RoundQueue.round_id))
        .where(of_project)
    )


def _asked(db: Session, access: Access, design: RoundDesign, disputed: DisputedPosts) -> list[_Asked]:
    found = [*_of_field(db, design), *_of_days(design)]
    if design.unused:
        message = _("All of these posts are in a round already. Choose other posts.")
        if design.unused == "uncoded":
            message = _("All of these posts are coded already, or wait in an open round. Choose other posts.")
        found += [_Asked(each, "unused", message) for each in unused(access, design.unused)]
    picks = design.picks
    if picks.disputed:
        message = _("There is no such disagreement in the rounds that you may look into. Choose other posts.")
        ids = np.array(sorted(disputed(db, access, picks.disputed_on, picks.disputed)), dtype=np.int64)
        rows = numbers_as_rows(db, ids)
        found.append(_Asked(col(Post.id).in_(select(rows.c.value)), "disputed", message))
    if picks.flagged:
        message = _("No post is flagged so in the rounds that you may look into. Choose other posts.")
        found.append(_Asked(_is_flagged(db, access, picks.flagged), "flagged", message))
    return found


def _of_field(db: Session, design: RoundDesign) -> list[_Asked]:
    if not design.filter_field:
        return []
    cells = cells_of(db)
    of_field = exists().where(cells.c.key == design.filter_field, cells.c.value.in_(design.filter_values))
    return [_Asked(of_field, "filter_values", "")]


def _of_days(design: RoundDesign) -> list[_Asked]:
    since, until, found = design.picks.since, design.picks.until, []
    if since:
        begin = datetime.combine(since, time(), UTC)
        message = _("No post is from this day or a later one. Choose an earlier day.")
        found.append(_Asked(col(Post.posted_at) >= begin, "since", message))
    if until and until < date.max:
        end = datetime.combine(until, time(), UTC) + timedelta(days=1)
        message = _("No post is from this day or an earlier one. Choose a later day.")
        found.append(_Asked(col(Post.posted_at) < end, "until", message))
    return found


def _is_flagged(db: Session, access: Access, flags: Collection[str]) -> ColumnElement[bool]:
    sights = visible_rounds(db, access)
    ids = tuple(sight.round_id for sight in sights if not sight.why_no_codings)
    given = aliased(Assignment)
    here = (col(given.post_id) == col(Post.id), col(given.round_id).in_(ids))
    doubted = (coding_table.c.id == col(given.coding_id), coding_table.c.is_unsure)
    is_unsure = exists().where(*here, col(given.state) == "submitted", *doubted)
    conditions = {
        "unsure": is_unsure.correlate(Post),
        "skipped": exists().where(*here, col(given.state) == "skipped"),
        "question": exists().where(_question.c.post_id == col(Post.id), _question.c.round_id.in_(ids)),
    }
    flagged = or_(*(condition for flag, condition in conditions.items() if flag in flags))
    return flagged & in_none_of(swaying(sights), col(Post.id))


def values_of(db: Session, post_ids: Integers, field: str) -> list[str]:
    """What these posts have in an extra field, in their order; empty where they have nothing."""
    cells, wanted = cells_of(db), numbers_as_rows(db, post_ids)
    rows = db.execute(
        select(col(Post.id), cells.c.value)
        .join(wanted, wanted.c.value == col(Post.id))
        .join(cells, true())
        .where(cells.c.key == field)
    )
    found = {post_id: str(value or "").strip() for post_id, value in rows}
    return [found.get(post_id, "") for post_id in post_ids.tolist()]


def _nothing_left(db: Session, access: Access, design: RoundDesign, asked: list[_Asked]) -> Refusal:
    """Why a design names no posts, at the field that is to blame."""
    of_project = col(Post.project_id) == access.project_id
    if _is_empty(db, of_project):
        return Refusal(_("The project has no posts yet. Import posts, then open the round."))
    if design.filter_field and (refusal := _no_such_value(db, access, design)):
        return refusal
    for each in asked:
        if each.why_none and _is_empty(db, of_project, each.condition):
            return _refusal(each.field, each.why_none)
    others = [each for each in asked if each.field != "unused"]
    if design.unused and not _is_empty(db, of_project, *(each.condition for each in others)):
        return _refusal("unused", next(each.why_none for each in asked if each.field == "unused"))
    if not asked or not _is_empty(db, of_project, *(each.condition for each in asked)):
        message = _("The gold answers of all these posts are shown in a training round. Choose other posts.")
        return _refusal("posts", message)
    return _refusal("posts", _("No post fulfils all of these conditions together. Take one of them away."))


def _no_such_value(db: Session, access: Access, design: RoundDesign) -> Refusal | None:
    values = field_values(db, access.project_id, design.filter_field)
    if not values:
        message = _("No post has a field of this name. Choose one from the list.")
        return _refusal("filter_field", message)
    if set(values) & set(design.filter_values):
        return None
    message = _("No post has this value in “{field}”. Frequent values there: {values}.")
    named = ", ".join(values[:N_VALUES_NAMED])
    return _refusal("filter_values", message.format(field=design.filter_field, values=named))


def _is_empty(db: Session, *conditions: ColumnElement[bool]) -> bool:
    return db.scalar(select(col(Post.id)).where(*conditions).limit(1)) is None


def _ids(db: Session, *conditions: ColumnElement[bool]) -> Integers:
    ids = db.scalars(select(col(Post.id)).where(*conditions).order_by(col(Post.number)))
    return np.fromiter(ids, dtype=np.int64)


def _refusal(field: str, message: str) -> Refusal:
    return Refusal(message, {field: message})
