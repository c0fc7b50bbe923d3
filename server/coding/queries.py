"""What an annotator has to code, and has coded. The reader's own work, and nobody else's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlmodel import Session, col

from server.clock import now
from server.codebooks.models import CodebookVersion
from server.coding.desk import Desk, Progress
from server.coding.keymap import OwnKeys, key_that_shows, keys_in
from server.coding.models import Coding, Draft
from server.coding.seat import next_position
from server.coding.tables import SKIPPED, SUBMITTED
from server.corpora.models import Post
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.errors import NotFound
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.ending import ending
from server.rounds.models import Assignment, Round, RoundAnnotator
from server.rounds.queue import Ahead, Prospect, place_in, prospect
from server.rounds.sharing import Share, share_columns, share_of
from server.rounds.skipping import DISTRESSING, TOPIC
from server.rounds.slots import RETURNED

PAGE = 50
UNFINISHED = "unfinished"
FILTERS = ("all", SUBMITTED, SKIPPED, "unsure", UNFINISHED)


@dataclass(frozen=True)
class OwnRound:
    """A round the annotator takes part in. `share`: of its shared queue; `ending`: in words.

    `shows_gold`: a training with feedback, which for them has come to this `outcome`, an `Ending` or empty.
    `is_waiting`: it opens for them after a training.
    """

    id: int
    number: int
    title: str
    purpose: str
    version_id: int
    is_locked: bool
    is_revealed: bool
    progress: Progress
    share: Share | None
    shows_gold: bool
    is_waiting: bool
    outcome: str
    ending: str = ""

    @property
    def has_more(self) -> bool:
        """Whether there is anything left for this member."""
        if self.is_waiting:
            return False
        if self.share is None:
            return self.progress.done < self.progress.n_assigned
        return self.share.has_more


@dataclass(frozen=True)
class OwnCoding:
    """One post the annotator has done with: submitted or skipped; or lost with a draft in it.

    `is_unfinished`: a correction was begun and not submitted, or the time ran out before any submission.
    """

    position: int
    post_number: int
    text: str
    state: str
    skip_reason: str | None
    is_unsure: bool
    revision: int
    reason: str
    done_at: datetime | None
    is_unfinished: bool

    @property
    def is_spared(self) -> bool:
        """Whether its text is not shown in a list: it was skipped as what one does not want to see."""
        return self.skip_reason is not None and self.skip_reason.partition(":")[0] in {TOPIC, DISTRESSING}


@dataclass(frozen=True)
class OwnCodings:
    """A page of an annotator's codings, newest first."""

    rows: tuple[OwnCoding, ...]
    total: int
    page: int

    @property
    def has_next(self) -> bool:
        """Whether there are older ones."""
        return self.page * PAGE < self.total


_own_rounds: Select[*tuple[Any, ...]] = select(
    col(Round.id),
    col(Round.number),
    col(Round.title),
    col(Round.purpose),
    col(Round.locked_at),
    col(Round.revealed_at),
    col(Round.ends_on),
    col(RoundAnnotator.n_assigned),
    col(RoundAnnotator.n_submitted),
    col(RoundAnnotator.n_skipped),
    col(Round.shows_gold),
    col(RoundAnnotator.is_waiting),
    col(RoundAnnotator.training),
    *share_columns(),
    col(Round.codebook_version_id),
).join(RoundAnnotator, col(RoundAnnotator.round_id) == col(Round.id))


def _own_round(row: Any) -> OwnRound:
    progress = Progress(row.n_assigned, row.n_submitted, row.n_skipped)
    is_locked, is_revealed = row.locked_at is not None, row.revealed_at is not None
    named = (row.id, row.number, row.title, row.purpose, row.codebook_version_id)
    training = (row.shows_gold, row.is_waiting, row.training)
    said = "" if is_locked else ending(row.ends_on, now())
    return OwnRound(*named, is_locked, is_revealed, progress, share_of(row), *training, said)


def own_rounds(db: Session, access: Access) -> tuple[OwnRound, ...]:
    """The rounds in which this member codes: open ones first, then the newest."""
    rows = db.execute(
        _own_rounds.where(
            col(Round.project_id) == access.project_id, col(RoundAnnotator.member_id) == access.member_id
        ).order_by(col(Round.locked_at).is_not(None), col(Round.number).desc())
    )
    return tuple(_own_round(row) for row in rows)


def own_round(db: Session, access: Access, number: int) -> OwnRound:
    """The round with this number; `NotFound` unless this member codes in it."""
    row = db.execute(
        _own_rounds.where(
            col(Round.project_id) == access.project_id,
            col(Round.number) == number,
            col(RoundAnnotator.member_id) == access.member_id,
        )
    ).first()
    if row is None:
        raise NotFound
    return _own_round(row)


def own_keys(db: Session, access: Access) -> OwnKeys:
    """The keys that this member has made their own."""
    return keys_in(db.scalar(select(col(Member.keys)).where(col(Member.id) == access.member_id)))


def own_key_that_shows(db: Session, access: Access) -> str:
    """The key by which this member opens a hidden post; empty where none does."""
    return key_that_shows(own_keys(db, access))


# The annotator's page asks this at every post while its codebook is a newer one than they have opened.
_coded_under = Prepared(
    select(func.max(CodebookVersion.number).label("number"))
    .join(Round, col(Round.codebook_version_id) == col(CodebookVersion.id))
    .join(RoundAnnotator, col(RoundAnnotator.round_id) == col(Round.id))
    .where(
        col(RoundAnnotator.member_id) == bindparam("member_id"),
        col(RoundAnnotator.n_submitted) > 0,
        col(CodebookVersion.number) < bindparam("number"),
    )
)


def codebook_known(db: Session, here: Desk, number: int) -> int:
    """The older version of the codebook that the annotator knows; 0 where that is the desk's or none.

    What they coded under, they know, opened or not. Whoever has not coded before knows no other.
    """
    if number == 1 or here.codebook_opened >= number:
        return 0
    values = {"member_id": here.member_id, "number": number}
    coded_under = _coded_under.first(connection_of(db), values).number
    return max(coded_under, here.codebook_opened) if coded_under else 0


def others_to_code_in(db: Session, access: Access, here: OwnRound) -> tuple[OwnRound, ...]:
    """The other open rounds in which this member has something left."""
    rounds = own_rounds(db, access)
    return tuple(each for each in rounds if each.id != here.id and not each.is_locked and each.has_more)


def queue_begins(db: Session, access: Access, of: OwnRound) -> int | None:
    """The position of the next post to code; None where all is done."""
    return next_position(db.connection(), of.id, access.member_id)


def prospect_in(db: Session, access: Access, of: OwnRound) -> Prospect:
    """What is ahead of this member in a round: another post, waiting for one, or nothing."""
    place = place_in(db, access, of.number) if of.share else None
    if place is not None:
        return prospect(connection_of(db), place)
    return Prospect(Ahead.POST if of.has_more and not of.is_locked else Ahead.NOTHING)


def own_codings(
    db: Session, access: Access, of: OwnRound, *, wanted: str = "all", words: str = "", page: int = 1
) -> OwnCodings:
    """What this member has done in a round. `wanted` is one of `FILTERS`, `words` stand in the post."""
    conditions = _conditions(access, of, wanted, words)
    rows = db.execute(
        _joined(
            col(Assignment.position),
            col(Post.number),
            col(Post.text),
            col(Assignment.state),
            col(Assignment.skip_reason),
            col(Coding.is_unsure),
            col(Coding.revision),
            col(Coding.reason),
            col(Assignment.changed_at),
            _is_unfinished,
        )
        .where(*conditions)
        .order_by(col(Assignment.changed_at).desc(), col(Assignment.position).desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    total = db.scalar(_joined(func.count()).where(*conditions)) or 0
    return OwnCodings(tuple(_own_coding(row) for row in rows), total, page)


# A submission drops its draft, so that a draft beside one is of a correction.
_has_draft = col(Draft.assignment_id).is_not(None)
_is_unfinished = and_(col(Assignment.state).in_((SUBMITTED, RETURNED)), _has_draft)


def _joined(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(Assignment)
        .join(Post, col(Post.id) == col(Assignment.post_id))
        .outerjoin(Coding, col(Coding.id) == col(Assignment.coding_id))
        .outerjoin(Draft, col(Draft.assignment_id) == col(Assignment.id))
    )


def _conditions(access: Access, of: OwnRound, wanted: str, words: str) -> list[ColumnElement[bool]]:
    states = {SUBMITTED: [SUBMITTED], SKIPPED: [SKIPPED]}.get(wanted, [SUBMITTED, SKIPPED, RETURNED])
    conditions: list[ColumnElement[bool]] = [
        col(Assignment.round_id) == of.id,
        col(Assignment.member_id) == access.member_id,
        col(Assignment.state).in_(states),
        or_(col(Assignment.state) != RETURNED, _has_draft),
    ]
    if wanted == "unsure":
        conditions.append(col(Coding.is_unsure).is_(True))
    if wanted == UNFINISHED:
        conditions.append(_is_unfinished)
    if words:
        conditions.append(col(Post.text).icontains(words, autoescape=True))
    return conditions


def _own_coding(row: Any) -> OwnCoding:
    position, number, text, state, skip_reason, is_unsure, revision, reason, changed_at, is_unfinished = row
    return OwnCoding(
        position,
        number,
        text,
        state,
        skip_reason,
        bool(is_unsure),
        revision or 0,
        reason or "",
        changed_at,
        bool(is_unfinished),
    )
