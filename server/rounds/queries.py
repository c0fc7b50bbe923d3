"""Reading rounds: their progress, and which of them a member may look into.

Progress comes from the counters of `RoundAnnotator`. What shows annotators' work (doubts, reasons for
skipping) is empty while the round is hidden from the member who asks.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.accounts.models import Account
from server.accounts.names import UNUSABLE
from server.codebooks.models import CodebookVersion
from server.corpora.models import Post
from server.errors import NotFound
from server.projects.access import Access
from server.projects.models import Member
from server.projects.roles import Permission
from server.rounds.blindness import (
    Standing,
    could_be_swayed,
    why_codings_hidden,
    why_figures_hidden,
)
from server.rounds.coded_posts import posts_by_n_codings
from server.rounds.doubts import coding_table, is_unsure_in
from server.rounds.models import Assignment, Round, RoundAnnotator, RoundQueue
from server.rounds.progress import Progress
from server.rounds.reasons import labels
from server.rounds.sharing import Share, codes_here, in_queues_of, share_columns, share_of
from server.rounds.skipping import TOPIC, said_reason

MAX_SKIPS = 200


@dataclass(frozen=True)
class RoundLine:
    """A round with its progress over all annotators."""

    id: int
    number: int
    title: str
    purpose: str
    codebook_number: int
    design: dict[str, Any]
    n_posts: int
    n_annotators: int
    progress: Progress
    is_imported: bool
    ends_on: date | None
    opened_at: datetime
    locked_at: datetime | None
    revealed_at: datetime | None

    @property
    def state(self) -> str:
        """The round's state: open, locked or revealed."""
        if self.revealed_at:
            return "revealed"
        return "locked" if self.locked_at else "open"


@dataclass(frozen=True)
class AnnotatorLine:
    """An annotator of a round with their progress. Who came with a file, or left, cannot sign in to code."""

    number: int
    name: str
    is_active: bool
    can_sign_in: bool
    is_withdrawn: bool
    progress: Progress


@dataclass(frozen=True)
class OwnRound:
    """An open round in which the member who asks has posts to code. `share`: of a shared queue."""

    number: int
    title: str
    purpose: str
    progress: Progress
    share: Share | None


@dataclass(frozen=True)
class Skip:
    """A post that an annotator did not code, and why."""

    post_number: int
    annotator: str
    reason: str
    skipped_at: datetime | None


@dataclass(frozen=True)
class Sight:
    """What one member may see of a round: empty reasons where they may, words where they may not.

    `sways`: this member can still code here, so that its posts are hidden in every other round, too.
    """

    round_id: int
    number: int
    title: str
    why_no_codings: str
    why_no_figures: str
    sways: bool = False


def rounds(db: Session, access: Access) -> tuple[RoundLine, ...]:
    """The rounds of the project, newest first."""
    return tuple(_line(row) for row in db.execute(_lines(access).order_by(col(Round.number).desc())))


def round_numbered(db: Session, access: Access, number: int) -> RoundLine:
    """The round with this number; `NotFound` where the project has none."""
    row = db.execute(_lines(access).where(col(Round.number) == number)).first()
    if row is None:
        raise NotFound
    return _line(row)


def number_opened_with(db: Session, access: Access, token: str) -> int | None:
    """The number of the round that was opened from the preview with this token."""
    found: int | None = db.scalar(
        select(col(Round.number)).where(
            col(Round.project_id) == access.project_id, col(Round.design)["token"].as_string() == token
        )
    )
    return found


def annotators(db: Session, access: Access, round_id: int) -> tuple[AnnotatorLine, ...]:
    """The annotators of a round, by their numbers."""
    rows = db.execute(
        select(
            RoundAnnotator,
            col(Member.number),
            col(Account.display_name),
            col(Member.is_active),
            and_(
                col(Member.is_active),
                col(Account.is_active),
                ~col(Account.name).startswith(UNUSABLE, autoescape=True),
            ).label("can_sign_in"),
        )
        .join(Member, col(Member.id) == col(RoundAnnotator.member_id))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(col(RoundAnnotator.round_id) == round_id, col(Member.project_id) == access.project_id)
        .order_by(col(Member.number))
    )
    return tuple(
        AnnotatorLine(
            row.number,
            row.display_name,
            row.is_active,
            row.can_sign_in,
            counters.is_withdrawn,
            _progress(counters),
        )
        for row in rows
        for counters in [row.RoundAnnotator]
    )


def posts_by_codings(db: Session, access: Access, round_id: int) -> tuple[tuple[int, int], ...]:
    """How many posts of a round have how many codings so far, as pairs (codings, posts).

    In a shared queue, posts that nobody was handed have no assignment, and no coding.
    """
    of_project = (col(Round.id) == round_id, col(Round.project_id) == access.project_id)
    n_posts = db.scalar(select(col(Round.n_posts)).where(*of_project))
    if n_posts is None:
        return ()
    found = posts_by_n_codings(db, round_id)
    found = found + Counter({0: max(n_posts - found.total(), 0)})
    return tuple(sorted(found.items()))


def n_unsure(db: Session, access: Access, round_id: int) -> int:
    """How many current codings of a round are flagged unsure; 0 while the round is hidden."""
    sights = visible_rounds(db, access)
    if _is_hidden(sights, round_id):
        return 0
    flagged = (
        select(func.count())
        .select_from(Assignment)
        .join(coding_table, coding_table.c.id == col(Assignment.coding_id))
        .where(
            *is_unsure_in(round_id),
            in_none_of(swaying(sights), col(Assignment.post_id)),
        )
    )
    return db.scalar(flagged) or 0


def skips(db: Session, access: Access, round_id: int) -> tuple[Skip, ...]:
    """The newest skipped posts of a round, at most `MAX_SKIPS`: for the lead, unless the round is hidden.

    Who does not want to see a topic is not named.
    """
    sights = visible_rounds(db, access)
    if not access.may(Permission.MANAGE_ROUNDS) or _is_hidden(sights, round_id):
        return ()
    rows = db.execute(
        select(
            col(Post.number),
            col(Account.display_name),
            col(Assignment.skip_reason),
            col(Assignment.changed_at),
        )
        .select_from(Assignment)
        .join(Post, col(Post.id) == col(Assignment.post_id))
        .join(Member, col(Member.id) == col(Assignment.member_id))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(
            col(Assignment.round_id) == round_id,
            col(Assignment.state) == "skipped",
            in_none_of(swaying(sights), col(Assignment.post_id)),
        )
        .order_by(col(Assignment.changed_at).desc(), col(Post.number))
        .limit(MAX_SKIPS)
    )
    said = labels(db, access.project_id)
    return tuple(
        Skip(number, "" if reason == TOPIC else name, said_reason(reason, said), moment)
        for number, name, reason, moment in rows
    )


def open_rounds_of(db: Session, access: Access) -> tuple[OwnRound, ...]:
    """The open rounds in which this member has posts to code, oldest first."""
    rows = db.execute(
        select(col(Round.number), col(Round.title), col(Round.purpose), RoundAnnotator, *share_columns())
        .join(RoundAnnotator, col(RoundAnnotator.round_id) == col(Round.id))
        .where(
            col(Round.project_id) == access.project_id,
            col(Round.locked_at).is_(None),
            col(Round.revealed_at).is_(None),
            col(RoundAnnotator.member_id) == access.member_id,
            ~col(RoundAnnotator.is_waiting),
            codes_here(),
        )
        .order_by(col(Round.number))
    )
    return tuple(_own_round(row) for row in rows)


def visible_rounds(db: Session, access: Access) -> tuple[Sight, ...]:
    """What this member may see of each round of the project, by number: the one place to ask."""
    own = and_(
        col(RoundAnnotator.round_id) == col(Round.id), col(RoundAnnotator.member_id) == access.member_id
    )
    rows = db.execute(
        select(
            col(Round.id),
            col(Round.number),
            col(Round.title),
            col(Round.locked_at).is_not(None).label("is_locked"),
            col(Round.revealed_at).is_not(None).label("is_revealed"),
            func.coalesce(codes_here(), false()).label("codes_here"),
        )
        .outerjoin(RoundAnnotator, own)
        .where(col(Round.project_id) == access.project_id)
        .order_by(col(Round.number))
    )
    return tuple(_sight(access, row) for row in rows)


def sight_of(db: Session, access: Access, round_id: int) -> Sight:
    """What this member may see of one round of the project."""
    return next(sight for sight in visible_rounds(db, access) if sight.round_id == round_id)


def figured_round_ids(db: Session, access: Access) -> tuple[int, ...]:
    """The rounds of which this member may see figures over all annotators."""
    return tuple(sight.round_id for sight in visible_rounds(db, access) if not sight.why_no_figures)


def swaying(sights: Iterable[Sight]) -> tuple[int, ...]:
    """The rounds in which the member can still code."""
    return tuple(sight.round_id for sight in sights if sight.sways)


def in_none_of(round_ids: Iterable[int], post_id: Any) -> ColumnElement[bool]:
    """Whether a post is in none of these rounds: what hides a post wherever its codings are read.

    Without such rounds nothing is asked of the database.
    """
    ids = tuple(round_ids)
    if not ids:
        return true()
    elsewhere = aliased(Assignment)
    is_assigned = exists().where(col(elsewhere.post_id) == post_id, col(elsewhere.round_id).in_(ids))
    return ~or_(is_assigned, in_queues_of(ids, post_id))


def _is_hidden(sights: Iterable[Sight], round_id: int) -> bool:
    return not any(sight.round_id == round_id and not sight.why_no_codings for sight in sights)


def _lines(access: Access) -> Select[Any]:
    counters = (
        select(
            col(RoundAnnotator.round_id),
            func.count().label("n_annotators"),
            func.sum(RoundAnnotator.n_assigned).label("n_assigned"),
            func.sum(RoundAnnotator.n_submitted).label("n_submitted"),
            func.sum(RoundAnnotator.n_skipped).label("n_skipped"),
            func.sum(RoundAnnotator.n_extra).label("n_extra"),
        )
        .group_by(col(RoundAnnotator.round_id))
        .subquery()
    )
    return (
        select(Round, col(CodebookVersion.number).label("codebook_number"), col(RoundQueue.n_slots), counters)
        .join(CodebookVersion, col(CodebookVersion.id) == col(Round.codebook_version_id))
        .outerjoin(counters, counters.c.round_id == col(Round.id))
        .outerjoin(RoundQueue, col(RoundQueue.round_id) == col(Round.id))
        .where(col(Round.project_id) == access.project_id)
    )


def _line(row: Any) -> RoundLine:
    found: Round = row.Round
    return RoundLine(
        id=found.id or 0,
        number=found.number,
        title=found.title,
        purpose=found.purpose,
        codebook_number=row.codebook_number,
        design=found.design,
        n_posts=found.n_posts,
        n_annotators=row.n_annotators or 0,
        progress=_progress_of_all(row),
        is_imported=found.is_imported,
        ends_on=found.ends_on,
        opened_at=found.opened_at,
        locked_at=found.locked_at,
        revealed_at=found.revealed_at,
    )


def _own_round(row: Any) -> OwnRound:
    return OwnRound(row.number, row.title, row.purpose, _progress(row.RoundAnnotator), share_of(row))


def _progress(counters: RoundAnnotator) -> Progress:
    return Progress(counters.n_assigned, counters.n_submitted, counters.n_skipped)


def _progress_of_all(row: Any) -> Progress:
    done = (row.n_submitted or 0, row.n_skipped or 0, row.n_extra or 0)
    return Progress(row.n_slots or row.n_assigned or 0, *done, is_shared=row.n_slots is not None)


def _sight(access: Access, row: Any) -> Sight:
    standing = Standing(access.role, bool(row.codes_here), row.is_locked, row.is_revealed)
    reasons = (why_codings_hidden(standing), why_figures_hidden(standing))
    return Sight(row.id, row.number, row.title, *reasons, sways=could_be_swayed(standing))
