"""Writing gold answers: each change is a new edition, and what was shown before stays as it was."""

from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlmodel import Session, col

from server.clock import now
from server.codebooks.queries import Codebook, latest_published
from server.coding.answers import Answer, Coded, Typed, coded
from server.corpora.models import Post
from server.corpora.taken_down import refuse_taken_down
from server.db.tables import sql_table
from server.errors import Conflict, NotFound, Refusal
from server.gold.models import Gold, GoldAnswer, StandingGold
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.training.editions import GoldPost, gold_post

MAX_NOTE = 5_000
_answer = sql_table(GoldAnswer)


@dataclass(frozen=True)
class NewEdition:
    """Gold answers as they shall stand. `edition` is their number, `version_id` the codebook they answer."""

    post_number: int
    edition: int
    version_id: int
    value: Coded
    note: str


def book_for_gold(db: Session, access: Access) -> Codebook:
    """The codebook that new gold answers; `Refusal` where none is published yet."""
    book = latest_published(db, access.project_id)
    if book is None:
        raise Refusal(_("No codebook is published yet. Publish one, then write gold answers."))
    return book


def write_gold(
    db: Session, access: Access, post_number: int, typed: Typed, note: str, *, edition: int, codebook: int
) -> None:
    """Store gold answers as the next edition. Retired gold is thereby taken back into use.

    The same form sent twice is stored once.

    Raises:
        Conflict: somebody wrote another edition meanwhile, or a new codebook was published.
        Refusal: an answer cannot be taken, or the note is too long.
    """
    hold_post(db, access, post_number)
    post, book = gold_post(db, access, post_number), book_for_gold(db, access)
    if _is_stored(post, edition, book, typed, note):
        return
    if codebook != book.number or edition != (post.standing.edition if post.standing else 0):
        raise Conflict(_("The gold of this post or the codebook was changed meanwhile. Nothing was stored."))
    value = coded(book, typed)
    if len(note) > MAX_NOTE:
        raise Refusal(_("Nothing was stored yet."), {"note": _("This is too long.")})
    if not value.answers:
        raise Refusal(_("Answer at least one question: there is nothing to compare with otherwise."))
    store_edition(db, access, NewEdition(post_number, edition + 1, book.version_id, value, note))


def _is_stored(post: GoldPost, edition: int, book: Codebook, typed: Typed, note: str) -> bool:
    """Whether the edition that stands is what this very form has become."""
    standing = post.standing
    if standing is None or post.is_retired or (standing.edition, standing.note) != (edition + 1, note):
        return False
    said: dict[int, set[Answer]] = {}
    for answer in coded(book, typed).answers:
        said.setdefault(answer.variable_id, set()).add(answer)
    return standing.book.number == book.number and said == {
        key: set(answers) for key, answers in standing.answers.items() if answers
    }


def store_edition(db: Session, access: Access, new: NewEdition, **details: object) -> None:
    """Let answers that were checked stand from now on. `details` are for the history."""
    gold = Gold(
        post_id=hold_post(db, access, new.post_number),
        edition=new.edition,
        version_id=new.version_id,
        note=new.note,
        written_by=access.account_id,
        written_at=now(),
    )
    db.add(gold)
    db.flush()
    _store(db, access, gold, new.value)
    _record(db, access, "write", new.post_number, {"edition": gold.edition, **details})


def _store(db: Session, access: Access, gold: Gold, value: Coded) -> None:
    db.execute(insert(_answer), [{"gold_id": gold.id, **vars(answer)} for answer in value.answers])
    standing = db.get(StandingGold, gold.post_id)
    if standing is None:
        db.add(StandingGold(post_id=gold.post_id, project_id=access.project_id, gold_id=gold.id or 0))
    else:
        standing.gold_id, standing.retired_at = gold.id or 0, None
    db.flush()


def retire_gold(db: Session, access: Access, post_number: int) -> None:
    """Hand the gold of a post out in no further round. Retiring it again changes nothing."""
    standing = db.get(StandingGold, hold_post(db, access, post_number))
    if standing is None:
        raise NotFound
    if standing.retired_at is None:
        standing.retired_at = now()
        _record(db, access, "retire", post_number, {})


def hold_post(db: Session, access: Access, post_number: int) -> int:
    """The id of the post, held until the end of the transaction: two editions come one after the other."""
    statement = select(col(Post.id), col(Post.takedown_id)).where(
        col(Post.project_id) == access.project_id, col(Post.number) == post_number
    )
    found = db.execute(statement.with_for_update(key_share=True)).first()
    if found is None:
        raise NotFound
    refuse_taken_down(found.takedown_id is not None)
    return int(found.id)


def _record(db: Session, access: Access, verb: str, post_number: int, details: dict[str, object]) -> None:
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action=f"gold.{verb}",
        subject=f"post {post_number}",
        details=details,
    )
