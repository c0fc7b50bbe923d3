"""One assignment as its annotator sees it, and as the submission of it finds it.

The hot path: statements are built once, name every column they need, and touch a handful of rows by
their keys, however many posts there are. An assignment is found only together with its annotator, so
nobody can reach another's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import Connection, and_, bindparam, exists, func, select, text
from sqlalchemy import Table as SqlTable
from sqlmodel import Session

from server.care.pauses import Stretch
from server.care.queries import care_table, own_care_table
from server.care.shown import COLUMNS, Shown, shown, where_shown, where_topics
from server.coding.answers import Answer
from server.coding.models import Coding, CodingAnswer, CodingSpan, Draft, PostQuestion
from server.coding.spans import Span
from server.corpora.models import Post
from server.corpora.threads import stands_in_thread
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.errors import NotFound
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.models import Assignment, Round, RoundAnnotator, RoundQueue
from server.rounds.queue import Place
from server.rounds.slots import QUEUED

SUBMITTED, SKIPPED, WITHDRAWN = "submitted", "skipped", "withdrawn"

assignment_table = cast(SqlTable, Assignment.__table__)  # type: ignore[attr-defined]
counter_table = cast(SqlTable, RoundAnnotator.__table__)  # type: ignore[attr-defined]
round_table = cast(SqlTable, Round.__table__)  # type: ignore[attr-defined]
queue_table = cast(SqlTable, RoundQueue.__table__)  # type: ignore[attr-defined]
post_table = cast(SqlTable, Post.__table__)  # type: ignore[attr-defined]
coding_table = cast(SqlTable, Coding.__table__)  # type: ignore[attr-defined]
answer_table = cast(SqlTable, CodingAnswer.__table__)  # type: ignore[attr-defined]
span_table = cast(SqlTable, CodingSpan.__table__)  # type: ignore[attr-defined]
member_table = cast(SqlTable, Member.__table__)  # type: ignore[attr-defined]
draft_table = cast(SqlTable, Draft.__table__)  # type: ignore[attr-defined]
question_table = cast(SqlTable, PostQuestion.__table__)  # type: ignore[attr-defined]

_assignment, _counter, _round, _post = assignment_table.c, counter_table.c, round_table.c, post_table.c
_coding, _answer, _span, _draft = coding_table.c, answer_table.c, span_table.c, draft_table.c
_queue, _question = queue_table.c, question_table.c


@dataclass(frozen=True)
class PostShown:
    """A post as it is coded. Its author only where the lead has it shown: codings should not depend on it."""

    number: int
    text: str
    posted_at: datetime | None
    posted_at_text: str | None
    link: str | None
    author: str = ""


@dataclass(frozen=True)
class Progress:
    """How far an annotator is in a round."""

    n_assigned: int
    n_submitted: int
    n_skipped: int

    @property
    def done(self) -> int:
        """Posts that were submitted or skipped."""
        return self.n_submitted + self.n_skipped


@dataclass(frozen=True)
class Desk:
    """What lies before an annotator: a post of a round, how it is shown, and what they have made of it.

    `lease_minutes` is how long a shared queue keeps a post for them; None where the round has a plan.
    `has_asked`: they have asked the lead about this post; `has_news`: an answer of the lead's, about any post
    of the round, was not marked as read. In a training that `shows_gold`, a submission is final.
    `is_waiting`: the round is not open for them yet.
    """

    project_id: int
    member_id: int
    round_number: int
    round_title: str
    version_id: int
    is_locked: bool
    ends_on: date | None
    lease_minutes: int | None
    progress: Progress
    position: int
    state: str
    skip_reason: str | None
    post: PostShown
    shown: Shown
    has_thread: bool
    coding_id: int | None
    revision: int
    submitted_at: datetime | None
    memo: str
    reason: str
    is_unsure: bool
    draft: Mapping[str, list[str]] | None
    draft_saved_at: datetime | None
    has_asked: bool
    has_news: bool
    coder: str
    keys: Mapping[str, Any] | None
    codebook_opened: int
    shows_gold: bool
    is_waiting: bool

    @property
    def stored_as(self) -> str:
        """The mark of what is stored here: another one after every change of it."""
        return stored_mark(self.revision, self.draft_saved_at)


@dataclass(frozen=True)
class Seat:
    """The assignment that a submission is about, locked until the transaction ends.

    `queue` is the annotator's place at the round's shared queue. In a round with a plan, `following` is
    where their own queue begins without this assignment; None where nothing else is left.
    """

    assignment_id: int
    state: str
    skip_reason: str | None
    coding_id: int | None
    round_id: int
    is_locked: bool
    shows_gold: bool
    is_waiting: bool
    version_id: int
    counter_id: int
    post_id: int
    post_number: int
    has_draft: bool
    avoids_topics: bool
    following: int | None
    queue: Place | None


@dataclass(frozen=True)
class Revision:
    """One stored revision of a coding, as far as a new one must know it."""

    coding_id: int
    revision: int
    form_token: str
    body_hash: str
    memo: str
    is_unsure: bool


_own_assignment = (
    round_table.join(
        counter_table, and_(_counter.round_id == _round.id, _counter.member_id == bindparam("member_id"))
    )
    .join(
        assignment_table,
        and_(
            _assignment.round_id == _counter.round_id,
            _assignment.member_id == _counter.member_id,
            _assignment.position == bindparam("position"),
        ),
    )
    .join(post_table, _post.id == _assignment.post_id)
    .outerjoin(draft_table, _draft.assignment_id == _assignment.id)
    .outerjoin(queue_table, _queue.round_id == _round.id)
    .outerjoin(own_care_table, own_care_table.c.member_id == _counter.member_id)
)
_of_round = and_(_round.project_id == bindparam("project_id"), _round.number == bindparam("round_number"))

_asked_by = and_(_question.round_id == _round.id, _question.member_id == bindparam("member_id"))
_has_asked = exists().where(_asked_by, _question.post_id == _post.id)
_has_news = exists().where(_asked_by, _question.answered_at.is_not(None), _question.seen_at.is_(None))
own_post = select(_assignment.post_id).select_from(_own_assignment).where(_of_round).scalar_subquery()

_desk = Prepared(
    select(
        _round.title,
        _round.codebook_version_id,
        _round.locked_at,
        _round.ends_on,
        _round.shows_gold,
        _queue.lease_minutes,
        _counter.is_waiting,
        _counter.n_assigned,
        _counter.n_submitted,
        _counter.n_skipped,
        _counter.stretch_began_at,
        _counter.done_before_at,
        _counter.done_latest_at,
        _assignment.state,
        _assignment.skip_reason,
        _assignment.coding_id,
        _post.number,
        _post.text,
        _post.posted_at,
        _post.posted_at_text,
        _post.link,
        stands_in_thread(_post).label("has_thread"),
        _coding.revision,
        _coding.submitted_at,
        _coding.memo,
        _coding.reason,
        _coding.is_unsure,
        _draft.typed,
        _draft.saved_at,
        member_table.c["keys"].label("own_keys"),
        member_table.c.codebook_opened,
        _has_asked.label("has_asked"),
        _has_news.label("has_news"),
        where_shown(_post.author),
        where_topics(_post.extra),
        *COLUMNS,
    )
    .select_from(
        _own_assignment.join(member_table, member_table.c.id == _counter.member_id)
        .outerjoin(coding_table, _coding.id == _assignment.coding_id)
        .outerjoin(care_table, care_table.c.project_id == _round.project_id)
    )
    .where(_of_round)
)

_other = assignment_table.alias("other")
_following = (
    select(_other.c.position)
    .where(
        _other.c.round_id == _round.id,
        _other.c.member_id == bindparam("member_id"),
        _other.c.state == QUEUED,
        _other.c.position != bindparam("position"),
    )
    .order_by(_other.c.position)
    .limit(1)
    .scalar_subquery()
)
# The assignment is locked against a second submission of it, the round against being locked meanwhile.
# SQLite has one writer and needs neither.
_seat = Prepared(
    select(
        _assignment.id,
        _assignment.state,
        _assignment.skip_reason,
        _assignment.coding_id,
        _round.id.label("round_id"),
        _round.locked_at,
        _round.shows_gold,
        _counter.is_waiting,
        _round.codebook_version_id,
        _counter.id.label("counter_id"),
        _assignment.post_id,
        _post.number,
        _draft.assignment_id.label("draft_of"),
        own_care_table.c.avoids_topics,
        _following.label("following"),
        _round.n_posts,
        _queue.lease_minutes,
        _queue.cap,
        _queue.seed,
    )
    .select_from(_own_assignment)
    .where(_of_round)
    .with_for_update(read=True, of=round_table)
    .suffix_with(text("FOR UPDATE OF assignment"), dialect="postgresql")
)
_revisions = Prepared(
    select(
        _coding.id, _coding.revision, _coding.form_token, _coding.body_hash, _coding.memo, _coding.is_unsure
    )
    .where(_coding.assignment_id == bindparam("assignment_id"))
    .order_by(_coding.revision)
)
_answers = Prepared(
    select(_answer.variable_id, _answer.code_id, _answer.number, _answer.text, _answer.nothing_applies)
    .where(_answer.coding_id == bindparam("coding_id"))
    .order_by(_answer.id)
)
_spans = Prepared(
    select(_span.variable_id, _span.code_id, _span.start, _span.end).where(
        _span.coding_id == bindparam("coding_id")
    )
)
_length = Prepared(
    select(func.length(_post.text).label("n"))
    .select_from(assignment_table.join(post_table, _post.id == _assignment.post_id))
    .where(_assignment.id == bindparam("assignment_id"))
)
_next = Prepared(
    select(_assignment.position)
    .where(
        _assignment.round_id == bindparam("round_id"),
        _assignment.member_id == bindparam("member_id"),
        _assignment.state == QUEUED,
    )
    .order_by(_assignment.position)
    .limit(1)
)


def coder_mark(access: Access) -> str:
    """What tells the forms of one annotator from another's, in a browser that several people use."""
    return sha256(f"coder {access.member_id}".encode()).hexdigest()[:16]


def stored_mark(revision: int, draft_saved_at: datetime | None) -> str:
    """See `Desk.stored_as`."""
    return f"{revision} {draft_saved_at.isoformat() if draft_saved_at else ''}".strip()


def own_place(access: Access, round_number: int, position: int) -> dict[str, int]:
    """What names the annotator's own assignment at `position`."""
    return {
        "project_id": access.project_id,
        "member_id": access.member_id,
        "round_number": round_number,
        "position": position,
    }


def desk(db: Session, access: Access, round_number: int, position: int) -> Desk:
    """The annotator's own assignment at `position`; `NotFound` where they have none."""
    connection = connection_of(db)
    found = _desk.first(connection, own_place(access, round_number, position))
    if found is None:
        raise NotFound
    stretch = Stretch(found.stretch_began_at, found.done_before_at, found.done_latest_at)
    post = (found.number, found.text, found.posted_at, found.posted_at_text, found.link, found.author or "")
    return Desk(
        access.project_id,
        access.member_id,
        round_number,
        found.title,
        found.codebook_version_id,
        found.locked_at is not None,
        found.ends_on,
        found.lease_minutes,
        Progress(found.n_assigned, found.n_submitted, found.n_skipped),
        position,
        found.state,
        found.skip_reason,
        PostShown(*post),
        shown(connection, access, found, stretch),
        bool(found.has_thread),
        found.coding_id,
        found.revision or 0,
        found.submitted_at,
        found.memo or "",
        found.reason or "",
        bool(found.is_unsure),
        found.typed,
        found.saved_at,
        bool(found.has_asked),
        bool(found.has_news),
        coder_mark(access),
        found.own_keys,
        found.codebook_opened or 0,
        bool(found.shows_gold),
        bool(found.is_waiting),
    )


def seat(connection: Connection, access: Access, round_number: int, position: int) -> Seat:
    """The annotator's own assignment at `position`, locked; `NotFound` where they have none."""
    found = _seat.first(connection, own_place(access, round_number, position))
    if found is None:
        raise NotFound
    return Seat(
        found.id,
        found.state,
        found.skip_reason,
        found.coding_id,
        found.round_id,
        found.locked_at is not None,
        bool(found.shows_gold),
        bool(found.is_waiting),
        found.codebook_version_id,
        found.counter_id,
        found.post_id,
        found.number,
        found.draft_of is not None,
        bool(found.avoids_topics),
        found.following,
        _place_at(found, access),
    )


def _place_at(found: Any, access: Access) -> Place | None:
    if found.lease_minutes is None:
        return None
    rules = (found.n_posts, found.lease_minutes, found.cap, found.seed)
    return Place(found.round_id, access.member_id, found.counter_id, *rules)


def revisions(connection: Connection, seat: Seat) -> tuple[Revision, ...]:
    """All revisions of the coding of an assignment, oldest first."""
    if seat.coding_id is None:
        return ()
    rows = _revisions.all(connection, {"assignment_id": seat.assignment_id})
    return tuple(Revision(*row) for row in rows)


def answers_of(connection: Connection, coding_id: int) -> tuple[Answer, ...]:
    """The answers of one coding, in the order they were given."""
    return tuple(Answer(*row) for row in _answers.all(connection, {"coding_id": coding_id}))


def spans_stored(connection: Connection, coding_id: int) -> frozenset[Span]:
    """The passages of one coding."""
    return frozenset(Span(*row) for row in _spans.all(connection, {"coding_id": coding_id}))


def text_length(connection: Connection, seat: Seat) -> int:
    """How many code points the post has: both databases count these."""
    return int(_length.first(connection, {"assignment_id": seat.assignment_id}).n)


def next_position(connection: Connection, round_id: int, member_id: int) -> int | None:
    """Where the annotator's queue begins; None at its end."""
    found = _next.first(connection, {"round_id": round_id, "member_id": member_id})
    return None if found is None else int(found.position)
