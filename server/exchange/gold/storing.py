"""Gold answers from a file: what storing it would do, and doing exactly that or nothing."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from server.codebooks.queries import Codebook
from server.coding.answers import Coded
from server.corpora.models import Post
from server.corpora.parsing import Table
from server.errors import Conflict, Refusal
from server.exchange.gold.files import GoldFault, GoldRow, KnownPosts, posts_named, read_gold
from server.gold.models import StandingGold
from server.language import gettext as _
from server.projects.access import Access
from server.training.answers import by_variable
from server.training.comparing import Edition, said
from server.training.editions import editions
from server.training.gold_actions import NewEdition, book_for_gold, hold_post, store_edition


@dataclass(frozen=True)
class GoldLine:
    """A row of the file beside what stands. `edition` is 0 for a post without gold."""

    row: int
    post_number: int
    edition: int
    value: Coded
    note: str
    is_same: bool


@dataclass(frozen=True)
class GoldProposal:
    """What storing a file would do. With a fault, nothing of it is stored."""

    book: Codebook
    lines: tuple[GoldLine, ...]
    faults: tuple[GoldFault, ...]

    @property
    def fresh(self) -> tuple[GoldLine, ...]:
        """The rows that would be stored, in the order of the posts."""
        return tuple(line for line in self.lines if not line.is_same)

    @property
    def fingerprint(self) -> str:
        """The same for the same change: what was shown is what is done."""
        of = [(line.post_number, line.edition, line.value.answers, line.note) for line in self.fresh]
        return hashlib.sha256(repr((self.book.number, of)).encode()).hexdigest()

    def words(self, line: GoldLine) -> tuple[tuple[str, str], ...]:
        """The answers of a row as people read them."""
        answers = by_variable(line.value.answers)
        return tuple(
            (one.label, said(one, answers[one.id])) for one in self.book.variables if one.id in answers
        )


def propose_gold(db: Session, access: Access, table: Table) -> GoldProposal:
    """What storing the file would do. Writes nothing.

    Raises:
        Refusal: no codebook is published, or the file does not name its posts.
    """
    book = book_for_gold(db, access)
    rows, faults = read_gold(table, book, _known(db, access, *posts_named(table)))
    standing = _standing(db, access, {row.post_number for row in rows})
    lines = sorted(_lines(book, rows, standing), key=lambda line: line.post_number)
    return GoldProposal(book, tuple(lines), tuple(faults))


def store_gold(db: Session, access: Access, table: Table, filename: str, seen: str) -> int:
    """Store a file as it was shown: an edition for each post whose gold it changes. Returns how many.

    Raises:
        Conflict: it would not do any more what was shown.
        Refusal: something in the file is wrong.
    """
    # In the order of the posts, so that two files never wait for each other.
    for line in propose_gold(db, access, table).fresh:
        hold_post(db, access, line.post_number)
    proposal = propose_gold(db, access, table)
    if seen != proposal.fingerprint:
        raise Conflict(_("The codebook, the posts or their gold have changed since this was shown."))
    if proposal.faults:
        raise Refusal(_("Something in this file is wrong, so nothing of it was stored."))
    for line in proposal.fresh:
        version_id = proposal.book.version_id
        new = NewEdition(line.post_number, line.edition + 1, version_id, line.value, line.note)
        store_edition(db, access, new, file=filename)
    return len(proposal.fresh)


def _known(db: Session, access: Access, numbers: Collection[int], ids: Collection[str]) -> KnownPosts:
    """Those of the posts that are in the project."""
    of_project = col(Post.project_id) == access.project_id
    found = db.scalars(select(col(Post.number)).where(of_project, col(Post.number).in_(sorted(numbers))))
    by_id = db.execute(
        select(col(Post.external_id), col(Post.number)).where(
            of_project, col(Post.external_id).in_(sorted(ids))
        )
    )
    return KnownPosts(frozenset(found), {row.external_id: row.number for row in by_id})


def _standing(db: Session, access: Access, numbers: Collection[int]) -> dict[int, tuple[Edition, bool]]:
    """The gold that stands for these posts, and whether it is in use, by the posts' numbers."""
    rows = db.execute(
        select(col(Post.number), col(StandingGold.gold_id), col(StandingGold.retired_at))
        .join(Post, col(Post.id) == col(StandingGold.post_id))
        .where(col(StandingGold.project_id) == access.project_id, col(Post.number).in_(sorted(numbers)))
    ).all()
    of = editions(db, [row.gold_id for row in rows])
    return {row.number: (of[row.gold_id], row.retired_at is None) for row in rows}


def _lines(
    book: Codebook, rows: Collection[GoldRow], standing: dict[int, tuple[Edition, bool]]
) -> Iterator[GoldLine]:
    for row in rows:
        gold, is_used = standing.get(row.post_number, (None, False))
        note = row.note if row.note is not None else gold.note if gold else ""
        is_same = (
            gold is not None
            and is_used
            and gold.book.version_id == book.version_id
            and (gold.answers, gold.note) == (by_variable(row.value.answers), note)
        )
        yield GoldLine(row.row, row.post_number, gold.edition if gold else 0, row.value, note, is_same)
