"""One assignment as its annotator sees it.

The hot path: one statement that is built once, names every column it needs, and touches a handful of rows by
their keys, however many posts there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, exists, select
from sqlmodel import Session

from server.accounts.browser_key import browser_key
from server.care.pauses import Stretch
from server.care.queries import care_table
from server.care.shown import COLUMNS, Shown, shown, where_shown, where_topics
from server.coding.tables import (
    account_table,
    assignment_table,
    coding_table,
    counter_table,
    draft_table,
    member_table,
    of_round,
    own_assignment,
    own_place,
    post_table,
    question_table,
    queue_table,
    reason_table,
    round_table,
)
from server.corpora.nameless import nameless
from server.corpora.threads import stands_in_thread
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.errors import NotFound
from server.projects.access import Access

_assignment, _counter, _round, _post = assignment_table.c, counter_table.c, round_table.c, post_table.c
_coding, _draft = coding_table.c, draft_table.c
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
    is_taken_down: bool = False


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


class Desk(NamedTuple):
    """What lies before an annotator: a post of a round, how it is shown, and what they have made of it.

    No dataclass, since one that is frozen sets so many fields one by one, which takes as long as a statement.
    `lease_minutes` is how long a shared queue keeps a post for them; None where the round has a plan.
    `has_asked`: they have asked the lead about this post; `has_news`: an answer of the lead's, about any post
    of the round, was not marked as read. `has_own_reasons`: the lead has changed those for skipping.
    In a training that `shows_gold`, a submission is final. `is_waiting`: the round is not open for them yet.
    """

    project_id: int
    member_id: int
    round_id: int
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
    has_own_reasons: bool
    coder: str
    browser_key: str
    keys: Mapping[str, Any] | None
    codebook_opened: int
    shows_gold: bool
    is_waiting: bool

    @property
    def stored_as(self) -> str:
        """The mark of what is stored here: another one after every change of it."""
        return stored_mark(self.revision, self.draft_saved_at)


_asked_by = and_(_question.round_id == _round.id, _question.member_id == bindparam("member_id"))
_has_asked = exists().where(_asked_by, _question.post_id == _post.id)
_has_own_reasons = exists().where(reason_table.c.project_id == _round.project_id)
_has_news = exists().where(_asked_by, _question.answered_at.is_not(None), _question.seen_at.is_(None))
own_post = select(_assignment.post_id).select_from(own_assignment).where(of_round).scalar_subquery()

_desk = Prepared(
    select(
        _round.id.label("round_id"),
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
        _post.takedown_id,
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
        account_table.c.browser_secret,
        _has_asked.label("has_asked"),
        _has_news.label("has_news"),
        _has_own_reasons.label("has_own_reasons"),
        where_shown(_post.author),
        where_topics(_post.extra),
        *COLUMNS,
    )
    .select_from(
        own_assignment.join(member_table, member_table.c.id == _counter.member_id)
        .join(account_table, account_table.c.id == member_table.c.account_id)
        .outerjoin(coding_table, _coding.id == _assignment.coding_id)
        .outerjoin(care_table, care_table.c.project_id == _round.project_id)
    )
    .where(of_round)
)


def coder_mark(access: Access) -> str:
    """What tells the forms of one annotator from another's, in a browser that several people use."""
    return sha256(f"coder {access.member_id}".encode()).hexdigest()[:16]


def stored_mark(revision: int, draft_saved_at: datetime | None) -> str:
    """See `Desk.stored_as`."""
    return f"{revision} {draft_saved_at.isoformat() if draft_saved_at else ''}".strip()


def desk(db: Session, access: Access, round_number: int, position: int) -> Desk:
    """The annotator's own assignment at `position`; `NotFound` where they have none."""
    connection = connection_of(db)
    found = _desk.first(connection, own_place(access, round_number, position))
    if found is None:
        raise NotFound
    stretch = Stretch(found.stretch_began_at, found.done_before_at, found.done_latest_at)
    # Who is not told an author finds no name in the link either.
    link = found.link if found.author or not found.link else nameless(found.link)
    post = (found.number, found.text, found.posted_at, found.posted_at_text, link, found.author or "")
    return Desk(
        access.project_id,
        access.member_id,
        found.round_id,
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
        PostShown(*post, is_taken_down=found.takedown_id is not None),
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
        bool(found.has_own_reasons),
        coder_mark(access),
        browser_key(found.browser_secret),
        found.own_keys,
        found.codebook_opened or 0,
        bool(found.shows_gold),
        bool(found.is_waiting),
    )
