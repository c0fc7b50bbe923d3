"""Having posts coded again: a round of one question, for those who gave an answer that means another thing.

Who coded a post then codes it now. Their earlier coding stays, and counts until they have coded again: of
an annotator's answers to a question the last one counts. Decisions on these posts are taken back.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, String, func, insert, literal, select
from sqlmodel import Session, col

from server.adjudication.models import StandingDecision
from server.adjudication.recorded import last_decision, lines_since
from server.adjudication.withdrawing import withdraw_all
from server.clock import now
from server.codebooks.queries import Codebook, VariableInfo
from server.corpora.models import Post
from server.corpora.taken_down import still_up
from server.db.tables import sql_table
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.recoding.affected import Touched, can_code, concerned
from server.rounds.design import Purpose
from server.rounds.models import Assignment, Round, RoundAnnotator, RoundQuestion
from server.rounds.proposal import next_number

_assignment = sql_table(Assignment)


@dataclass(frozen=True)
class Again:
    """A question to be coded again, and whether the annotators see what they answered before."""

    variable: VariableInfo
    touched: Touched
    shows_earlier: bool


def open_again(db: Session, access: Access, book: Codebook, again: Again) -> int | None:
    """Open the round for one question; returns its number, or None where nobody is left to code again."""
    is_up = still_up(access.project_id, col(Assignment.post_id))
    places = concerned(access.project_id, again.touched).where(can_code(db, access), is_up)
    n_posts = db.scalar(select(func.count(places.subquery().c.post_id.distinct()))) or 0
    if not n_posts:
        return None
    row = _round(db, access, book, again, n_posts)
    db.add(row)
    db.flush()
    id_ = row.id or 0
    db.add(RoundQuestion(round_id=id_, variable_id=again.variable.id, shows_earlier=again.shows_earlier))
    db.flush()
    _assign(db, id_, places)
    last = last_decision(db, access)
    n_decisions = _take_back(db, access, book, again.touched, id_)
    details = {"variable": again.variable.key, "codebook_version": book.number, "n_posts": n_posts}
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="round.open_again",
        subject=f"round {row.number}",
        details=details | {"shows_earlier": again.shows_earlier, "n_decisions": n_decisions},
        contents=lines_since(db, access, last),
    )
    return row.number


def _round(db: Session, access: Access, book: Codebook, again: Again, n_posts: int) -> Round:
    title = _("Coded again: {variable}").format(variable=again.variable.label)
    return Round(
        project_id=access.project_id,
        number=next_number(db, access),
        title=title[:200],
        purpose=_purpose(db, access, again.touched),
        codebook_version_id=book.version_id,
        design={"again": again.variable.key, "shows_earlier": again.shows_earlier, "order": "given"},
        n_posts=n_posts,
        opened_by=access.account_id,
        opened_at=now(),
    )


def _purpose(db: Session, access: Access, touched: Touched) -> str:
    """That of the codings it follows; the main coding where some of them belong to it."""
    purposes = set(db.scalars(concerned(access.project_id, touched).with_only_columns(col(Round.purpose))))
    order = (Purpose.MAIN.value, Purpose.RELIABILITY.value, Purpose.PILOT.value)
    return next((each for each in order if each in purposes), Purpose.MAIN.value)


def _assign(db: Session, round_id: int, places: Select[*tuple[Any, ...]]) -> None:
    found = places.subquery()
    position = func.row_number().over(partition_by=found.c.member_id, order_by=col(Post.number))
    of_all = (literal(round_id), literal("queued", String), literal(False))
    rows = select(found.c.post_id, found.c.member_id, position, *of_all)
    columns = ["post_id", "member_id", "position", "round_id", "state", "is_extra"]
    chosen = rows.join_from(found, Post, col(Post.id) == found.c.post_id)
    db.execute(insert(_assignment).from_select(columns, chosen))
    loads = (
        select(col(Assignment.member_id), func.count())
        .where(col(Assignment.round_id) == round_id)
        .group_by(col(Assignment.member_id))
    )
    for member_id, n_assigned in db.execute(loads).all():
        db.add(RoundAnnotator(round_id=round_id, member_id=member_id, n_assigned=n_assigned))
    db.flush()


def _take_back(db: Session, access: Access, book: Codebook, touched: Touched, round_id: int) -> int:
    """Withdraw what was decided on the question about the posts of the round; returns how much."""
    reason = _("Coded again under version {number} of the codebook.").format(number=book.number)
    posts = select(col(Assignment.post_id)).where(col(Assignment.round_id) == round_id)
    standing = select(col(StandingDecision.decision_id)).where(
        col(StandingDecision.project_id) == access.project_id,
        col(StandingDecision.variable_id) == touched.variable_id,
        col(StandingDecision.post_id).in_(posts),
    )
    return withdraw_all(db, access, standing, reason, now())
