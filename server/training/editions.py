"""Reading gold: which posts have it, and what its editions say."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.codebooks.queries import codebook
from server.corpora.models import Post
from server.errors import NotFound
from server.gold.models import Gold, GoldAnswer, StandingGold
from server.projects.access import Access
from server.rounds.models import Assignment, Round, SilentGold
from server.training.answers import answers_by
from server.training.comparing import Edition

# Enough of a post for the page to cut it at a word.
START = 320


@dataclass(frozen=True)
class GoldLine:
    """A post with gold in the list. `trains` and `checks`: numbers of the rounds it is used in."""

    post_number: int
    start: str
    edition: int
    codebook_number: int
    note: str
    is_retired: bool
    trains: tuple[int, ...]
    checks: tuple[int, ...]


@dataclass(frozen=True)
class PastEdition:
    """An edition as the lead reads it under the form."""

    edition: Edition
    written_by: str
    written_at: datetime


@dataclass(frozen=True)
class GoldPost:
    """A post to which gold answers are written. `standing` is None where it has none yet."""

    id: int
    number: int
    text: str
    standing: Edition | None
    is_retired: bool
    past: tuple[PastEdition, ...]


def gold_lines(db: Session, access: Access) -> tuple[GoldLine, ...]:
    """The posts with gold by their numbers, the retired ones last."""
    rows = db.execute(
        select(col(Post.id), col(Post.number), col(Post.text), Gold, col(StandingGold.retired_at))
        .join(StandingGold, col(StandingGold.post_id) == col(Post.id))
        .join(Gold, col(Gold.id) == col(StandingGold.gold_id))
        .where(col(StandingGold.project_id) == access.project_id)
        .order_by(col(StandingGold.retired_at).is_not(None), col(Post.number))
    ).all()
    trains, checks = _trained_in(db, access), _checked_in(db, access)
    return tuple(
        GoldLine(
            number,
            text[:START],
            gold.edition,
            codebook(db, gold.version_id).number,
            gold.note,
            retired_at is not None,
            trains.get(post_id, ()),
            checks.get(post_id, ()),
        )
        for post_id, number, text, gold, retired_at in rows
    )


def _trained_in(db: Session, access: Access) -> dict[int, tuple[int, ...]]:
    of_round = col(Round.id) == col(Assignment.round_id)
    used = select(col(Assignment.post_id), col(Round.number)).join(Round, of_round)
    return _numbers(db, used.where(col(Round.project_id) == access.project_id, col(Round.shows_gold)))


def _checked_in(db: Session, access: Access) -> dict[int, tuple[int, ...]]:
    of_round = col(Round.id) == col(SilentGold.round_id)
    used = select(col(SilentGold.post_id), col(Round.number)).join(Round, of_round)
    return _numbers(db, used.where(col(Round.project_id) == access.project_id))


def _numbers(db: Session, used: Any) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for post_id, number in db.execute(used.distinct().order_by(col(Round.number))):
        found[post_id] = (*found.get(post_id, ()), number)
    return found


def gold_post(db: Session, access: Access, number: int) -> GoldPost:
    """A post of the project with its gold, if it has any; `NotFound` where there is no such post."""
    found = db.execute(
        select(col(Post.id), col(Post.text), col(StandingGold.gold_id), col(StandingGold.retired_at))
        .outerjoin(StandingGold, col(StandingGold.post_id) == col(Post.id))
        .where(col(Post.project_id) == access.project_id, col(Post.number) == number)
    ).first()
    if found is None:
        raise NotFound
    past = _past(db, found.id)
    standing = next((each.edition for each in past if each.edition.gold_id == found.gold_id), None)
    return GoldPost(found.id, number, found.text, standing, found.retired_at is not None, past)


def _past(db: Session, post_id: int) -> tuple[PastEdition, ...]:
    """Every edition, the newest first."""
    rows = db.execute(
        select(col(Gold.id), col(Account.display_name), col(Gold.written_at))
        .join(Account, col(Account.id) == col(Gold.written_by))
        .where(col(Gold.post_id) == post_id)
        .order_by(col(Gold.edition).desc())
    ).all()
    of = editions(db, [gold_id for gold_id, _name, _at in rows])
    return tuple(PastEdition(of[gold_id], name, at) for gold_id, name, at in rows)


def editions(db: Session, gold_ids: Collection[int]) -> dict[int, Edition]:
    """Editions with their answers, by their ids."""
    answers = answers_by(db, col(GoldAnswer.gold_id), gold_ids)
    found = db.scalars(select(Gold).where(col(Gold.id).in_(gold_ids)))
    return {
        key: Edition(key, row.edition, row.note, codebook(db, row.version_id), answers[key])
        for row in found
        for key in [row.id or 0]
    }
