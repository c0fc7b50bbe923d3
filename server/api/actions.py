"""Posts that a program brings: stored as a file of the same rows would be."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import delete
from sqlmodel import Session, col

from server.api.models import ApiAnswer
from server.api.queries import answer_given
from server.clock import now
from server.corpora.actions import lock_imports, store_drafts
from server.corpora.compact import Row
from server.corpora.counts import counts_of
from server.corpora.drafting import post_drafts
from server.corpora.mapping import Mapping
from server.corpora.parsing import Table
from server.corpora.storing import ImportOutcome, Source
from server.errors import Conflict
from server.language import gettext as _
from server.projects.access import Access

ROLES = ("id", "text", "author", "posted_at", "link", "thread", "parent")
_MAPPING = Mapping("id", "text", "author", "posted_at", "link", "thread", "parent")
_KEPT = timedelta(days=1)


class BroughtPost(NamedTuple):
    """A post as a program brings it: the cells of `ROLES` in their order, and further fields."""

    cells: tuple[str, ...]
    fields: dict[str, str]


@dataclass(frozen=True)
class RowSaid:
    """What is said of one of the posts, which are counted from 1."""

    row: int
    reason: str


@dataclass(frozen=True)
class Brought:
    """What became of the posts; `batch` is None where nothing had to be written."""

    batch: int | None
    new: int
    changed: int
    unchanged: int
    left_as_coded: int
    taken_down: int
    duplicates: int
    refused: tuple[RowSaid, ...]
    notices: tuple[RowSaid, ...]

    @property
    def is_all_refused(self) -> bool:
        """Whether not one of the posts could be taken."""
        taken = self.new + self.changed + self.unchanged + self.left_as_coded + self.taken_down
        return bool(self.refused) and not taken


def bring_posts(db: Session, access: Access, posts: Sequence[BroughtPost], source: str) -> Brought:
    """Store posts as an import named `source`; what coders have coded stays as it is.

    Raises:
        Conflict: Another import goes on.
    """
    fields = sorted({name for post in posts for name in post.fields})
    rows = [
        Row(number, (*post.cells, *(post.fields.get(name, "") for name in fields)))
        for number, post in enumerate(posts, start=1)
    ]
    table = Table((*ROLES, *fields), rows, "utf-8", "")
    named = Source(source, body_hash(posts), _MAPPING)
    return _brought(store_drafts(db, access, post_drafts(table, _MAPPING), named))


def _brought(outcome: ImportOutcome) -> Brought:
    plan, counts = outcome.plan, counts_of(outcome.plan)
    return Brought(
        outcome.batch,
        counts.new,
        counts.changed,
        counts.unchanged,
        counts.locked,
        counts.taken_down,
        counts.duplicates,
        tuple(RowSaid(one.number, one.reason) for one in plan.refused),
        tuple(RowSaid(one.number, one.message) for one in plan.notices),
    )


def body_hash(posts: Sequence[BroughtPost]) -> str:
    """The same for the same posts in the same order, whatever way their JSON was written."""
    said = repr([(post.cells, sorted(post.fields.items())) for post in posts])
    return sha256(said.encode()).hexdigest()


def bring_once(
    db: Session, access: Access, posts: Sequence[BroughtPost], source: str, key: str
) -> tuple[Brought, int]:
    """The same for a program that may send it twice: then it hears what it heard, and nothing is done.

    Returns what became of the posts, and the status of the answer.

    Raises:
        Conflict: The key was used for other posts.
    """
    lock_imports(db, access)  # So that of two with one key, one waits.
    _forget_old_answers(db)
    before, told_by = answer_given(db, access, key), body_hash(posts) + sha256(source.encode()).hexdigest()
    if before is None:
        found = bring_posts(db, access, posts, source)
        status = status_of(found)
        if status < 400:
            db.add(_answer(access, key, told_by, status, found))
        return found, status
    if before.body_hash != told_by:
        raise Conflict(_("This idempotency key was used for another body. Nothing was saved."))
    return _told_again(before.answer), before.status


def status_of(found: Brought) -> int:
    """201 where something was written, 200 where nothing had to be, 422 where nothing could be."""
    if found.is_all_refused:
        return 422
    return 200 if found.batch is None else 201


def _answer(access: Access, key: str, told_by: str, status: int, found: Brought) -> ApiAnswer:
    """What is kept of an answer: no reason in it, since reasons quote ids, which a takedown has to find."""
    kept = asdict(found) | {
        "refused": [one.row for one in found.refused],
        "notices": [one.row for one in found.notices],
    }
    return ApiAnswer(
        project_id=access.project_id,
        account_id=access.account_id,
        key=key,
        body_hash=told_by,
        status=status,
        answer=kept,
        answered_at=now(),
    )


def _told_again(kept: dict[str, Any]) -> Brought:
    why = _("The reason was said when this was sent first.")
    said = {name: tuple(RowSaid(row, why) for row in kept[name]) for name in ("refused", "notices")}
    return Brought(**(kept | said))


def _forget_old_answers(db: Session) -> None:
    db.execute(delete(ApiAnswer).where(col(ApiAnswer.answered_at) < now() - _KEPT))
