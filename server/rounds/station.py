"""What rounds and their codings tell the overview of a project. Counters are read, nothing is counted."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlmodel import Session, col

from server.clock import now
from server.language import gettext as _
from server.language import ngettext
from server.projects.models import Member
from server.projects.overview import OwnRound, Station
from server.projects.roles import Permission
from server.rounds.ending import ending
from server.rounds.models import Round, RoundAnnotator, RoundQueue
from server.rounds.sharing import share_columns, share_of
from server.web.words import number


def rounds_station(db: Session, project_ids: Collection[int]) -> Mapping[int, Station]:
    """How many rounds each project has."""
    locked = func.count(col(Round.locked_at))
    statement = (
        select(col(Round.project_id), func.count().label("rounds"), locked.label("locked"))
        .where(col(Round.project_id).in_(project_ids))
        .group_by(col(Round.project_id))
    )
    found = {row.project_id: row for row in db.execute(statement)}
    return {project_id: _rounds(found.get(project_id)) for project_id in project_ids}


def _rounds(row: Row[Any] | None) -> Station:
    heading, page, needs = _("Rounds"), "rounds.index", Permission.SEE_ROUNDS
    if row is None:
        said, begins = _("No round yet: who codes which posts is planned here."), Permission.MANAGE_ROUNDS
        others = _("No round yet. The lead plans who codes which posts, and opens one.")
        link = _("Open a round")
        return Station(heading, said, False, page, link, needs, begins=begins, said_to_others=others)
    said = ngettext(
        "%(count)d round, %(open)d of them open.", "%(count)d rounds, %(open)d of them open.", row.rounds
    )
    said %= {"count": row.rounds, "open": row.rounds - row.locked}
    return Station(heading, said, True, page, _("See the rounds"), needs)


def codings_station(db: Session, project_ids: Collection[int]) -> Mapping[int, Station]:
    """How many of the codings that each project asks for are done: coded or, where planned, skipped.

    A round that is locked asks for no more than was done in it.
    """
    counter, is_shared = RoundAnnotator, col(RoundQueue.round_id).is_not(None)
    submitted = col(counter.n_submitted) - col(counter.n_extra)
    skipped = case((is_shared, 0), else_=col(counter.n_skipped))
    assigned = case((is_shared, 0), else_=col(counter.n_assigned))
    is_over = col(Round.locked_at).is_not(None)
    statement = (
        select(
            col(Round.project_id),
            func.sum(case((is_over, submitted + skipped), else_=assigned)).label("assigned"),
            func.sum(submitted).label("submitted"),
            func.sum(skipped).label("skipped"),
            func.sum(case((is_over & ~is_shared, assigned - submitted - skipped), else_=0)).label("missed"),
        )
        .join(Round, col(Round.id) == col(counter.round_id))
        .outerjoin(RoundQueue, col(RoundQueue.round_id) == col(Round.id))
        .where(col(Round.project_id).in_(project_ids))
        .group_by(col(Round.project_id))
    )
    found = {row.project_id: row for row in db.execute(statement)}
    shared = _n_shared(db, project_ids)
    return {of: _codings(found.get(of), shared.get(of, 0)) for of in project_ids}


def _n_shared(db: Session, project_ids: Collection[int]) -> Mapping[int, int]:
    """How many codings the open shared queues of each project ask for."""
    statement = (
        select(col(Round.project_id), func.sum(col(RoundQueue.n_slots)).label("n_slots"))
        .join(RoundQueue, col(RoundQueue.round_id) == col(Round.id))
        .where(col(Round.project_id).in_(project_ids), col(Round.locked_at).is_(None))
        .group_by(col(Round.project_id))
    )
    return {row.project_id: int(row.n_slots) for row in db.execute(statement)}


def _codings(row: Row[Any] | None, n_shared: int) -> Station:
    submitted, skipped, assigned, missed = (
        (int(row.submitted), int(row.skipped), int(row.assigned) + n_shared, int(row.missed))
        if row
        else (0, 0, 0, 0)
    )
    done = submitted + skipped
    left = max(assigned - done, 0)
    said = _("Nothing is assigned yet.")
    if assigned or missed:
        said = ngettext("%s coding is still to come.", "%s codings are still to come.", left) % number(left)
    if skipped:
        words = ngettext("%s was skipped and counts as done.", "%s were skipped and count as done.", skipped)
        said += " " + words % number(skipped)
    if missed:
        words = ngettext(
            "%s was not made before its round was locked.",
            "%s were not made before their rounds were locked.",
            missed,
        )
        said += " " + words % number(missed)
    is_done = bool(assigned or missed) and not left
    return Station(
        _("Codings"),
        said,
        is_done,
        "rounds.index",
        _("See the progress of each annotator"),
        Permission.SEE_ROUNDS,
        done if assigned else None,
        assigned or None,
    )


def own_rounds(db: Session, account_id: int) -> tuple[OwnRound, ...]:
    """The rounds in which this account codes, in all its projects, the oldest first."""
    statement = (
        select(
            col(Round.project_id),
            col(Round.number),
            col(Round.title),
            col(Round.locked_at),
            col(Round.revealed_at),
            col(Round.ends_on),
            col(RoundAnnotator.n_assigned),
            col(RoundAnnotator.n_submitted),
            col(RoundAnnotator.n_skipped),
            col(RoundAnnotator.is_waiting),
            *share_columns(),
        )
        .join(RoundAnnotator, col(RoundAnnotator.round_id) == col(Round.id))
        .join(Member, col(Member.id) == col(RoundAnnotator.member_id))
        .where(col(Member.account_id) == account_id, col(Member.is_active))
        .order_by(col(Round.project_id), col(Round.number))
    )
    return tuple(_own_round(row) for row in db.execute(statement))


def _own_round(row: Row[Any]) -> OwnRound:
    share = share_of(row)
    return OwnRound(
        row.project_id,
        row.number,
        row.title,
        row.n_assigned,
        row.n_submitted,
        row.n_skipped,
        row.locked_at is not None,
        row.revealed_at is not None,
        None if share is None else share.n_left,
        share is not None and share.is_over,
        ending="" if row.locked_at else ending(row.ends_on, now()),
        is_waiting=row.is_waiting,
    )


def codings_by_member(db: Session, project_id: int) -> Mapping[int, int]:
    """How many posts each member has coded, by member id."""
    statement = (
        select(col(RoundAnnotator.member_id), func.sum(col(RoundAnnotator.n_submitted)).label("submitted"))
        .join(Round, col(Round.id) == col(RoundAnnotator.round_id))
        .where(col(Round.project_id) == project_id)
        .group_by(col(RoundAnnotator.member_id))
    )
    return {row.member_id: int(row.submitted) for row in db.execute(statement)}
