"""Taking posts down for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from server.clock import now
from server.corpora.models import Post, Takedown
from server.corpora.tombstones import hidden_id
from server.db.tables import sql_table
from server.errors import Refusal
from server.history.actions import erase_contents, record
from server.history.contents import Goes
from server.language import gettext as _
from server.projects.actions import hold_project
from server.takedown.erasing import Permit, forget_unsent, hold_assignments, remove_codings, take_back
from server.takedown.quoting import Quotes, plain
from server.takedown.restating import restated
from server.takedown.silencing import Quoted, Silenced, silence

_post = sql_table(Post)


@dataclass(frozen=True)
class Order:
    """Which posts of a project are taken down, by whom, why, and whether what was coded stays."""

    project_id: int
    account_id: int | None
    post_ids: Sequence[int]
    keeps_codings: bool
    reason: str


@dataclass(frozen=True)
class Done:
    """The numbers of the posts that were taken down, and in how many texts of people they were quoted.

    `events` of the history, by their sequences, told something that quoted them.
    """

    takedown: int
    numbers: tuple[int, ...]
    n_quotes: int
    events: tuple[int, ...]


def take_down(db: Session, order: Order) -> Done:
    """Remove text, author, link and further fields of posts, and every line that quotes them.

    Raises:
        Refusal: none of the posts is up any more.
    """
    hold_project(db, order.project_id)
    posts = _held(db, order)
    if not posts:
        raise Refusal(_("These posts were taken down already."))
    ids = [cast(int, post.id) for post in posts]
    quoted = _quoted(posts)
    row = _write(db, order, len(posts))
    numbers = tuple(post.number for post in posts)
    gone = () if order.keeps_codings else numbers
    with Permit(db, ids):
        silenced = _erase(db, order, ids, quoted)
        events = erase_contents(db, order.project_id, gone, _goes(frozenset(numbers), quoted))
        # At last, since everybody who has one of the posts waits from here on: it counts what they have.
        take_back(db, ids, keeps_codings=order.keeps_codings)
    row.is_in_history = bool(gone or events)
    for post in posts:
        _empty(db, post, cast(int, row.id))
    done = Done(row.number, numbers, silenced.n_texts, tuple(events))
    _record(db, order, done, restated(db, order.project_id, silenced))
    return done


def _quoted(posts: Sequence[Post]) -> Quoted:
    quotes = Quotes((post.text, post.author) for post in posts)
    return Quoted(quotes, quotes.elsewhere())


def _held(db: Session, order: Order) -> list[Post]:
    """The posts that are still up. Whoever writes gold answers for one holds it, too."""
    it = (col(Post.project_id) == order.project_id, col(Post.takedown_id).is_(None))
    found = select(Post).where(*it, col(Post.id).in_(order.post_ids)).order_by(col(Post.number))
    return list(db.scalars(found.with_for_update(key_share=True).execution_options(populate_existing=True)))


def _write(db: Session, order: Order, n_posts: int) -> Takedown:
    last = select(func.max(col(Takedown.number))).where(col(Takedown.project_id) == order.project_id)
    row = Takedown(
        project_id=order.project_id,
        number=(db.scalar(last) or 0) + 1,
        reason=order.reason,
        keeps_codings=order.keeps_codings,
        n_posts=n_posts,
        taken_down_by=order.account_id,
        taken_down_at=now(),
    )
    db.add(row)
    db.flush()
    return row


def _erase(db: Session, order: Order, ids: list[int], quoted: Quoted) -> Silenced:
    hold_assignments(db, ids)
    forget_unsent(db, order.project_id, ids)
    if not order.keeps_codings:
        remove_codings(db, ids)
    return silence(db, order.project_id, ids, quoted, _("[taken down]"))


def _goes(numbers: frozenset[int], quoted: Quoted) -> Goes:
    """Whether what the history tells of a post quotes one of those with these numbers."""
    return lambda post, words: (quoted.near if post in numbers else quoted.far).are_in(words)


def _empty(db: Session, post: Post, takedown_id: int) -> None:
    """What is left is a number, an id, a date and a place in a thread."""
    name = safe_id(post.external_id, post.author)
    nothing: dict[str, Any] = {"text": "", "author": None, "link": None, "extra": {}, "content_hash": ""}
    db.execute(
        update(_post)
        .where(_post.c.id == post.id)
        .values(external_id=name, takedown_id=takedown_id, **nothing)
    )
    if name != post.external_id:
        for column in (_post.c.thread_key, _post.c.parent_key):
            mine = (_post.c.project_id == post.project_id, column == post.external_id)
            db.execute(update(_post).where(*mine).values({column: name}))
    db.expire(post)


def safe_id(external_id: str, author: str | None) -> str:
    """The id of a post; another one in its place where it names the author, as addresses do."""
    if not author or plain(author) not in plain(external_id):
        return external_id
    return hidden_id(external_id)


def _record(db: Session, order: Order, done: Done, contents: Sequence[str]) -> None:
    record(
        db,
        project_id=order.project_id,
        actor_id=order.account_id,
        action="post.take_down",
        subject=f"takedown {done.takedown}",
        details={
            "posts": list(done.numbers),
            "codings": "kept" if order.keeps_codings else "removed",
            "n_quotes": done.n_quotes,
            "events": list(done.events),
            "reason": order.reason,
        },
        contents=contents,
    )
