"""What annotators made of posts with gold: in a training round, and silently in a round that counts."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.codebooks.over_time import ReadAs, read_as
from server.codebooks.queries import Codebook
from server.coding.models import CodingAnswer, GoldShown
from server.corpora.models import Post
from server.errors import NotFound
from server.gold.models import StandingGold
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.models import Assignment, Round, RoundAnnotator, SilentGold
from server.rounds.pass_rules import PassRule, rule_in
from server.rounds.round_codebook import codebook_of
from server.training.answers import answers_by
from server.training.comparing import Answers, Edition, verdicts
from server.training.editions import editions
from server.training.scores import Mark, Showing


@dataclass(frozen=True)
class Training:
    """A round with gold, as its pages need it. `rule` is None where everybody who ends it has done enough."""

    id: int
    number: int
    title: str
    book: Codebook
    rule: PassRule | None
    is_locked: bool
    read_as: ReadAs


@dataclass(frozen=True)
class Trainee:
    """An annotator of a training round. `ending` is empty while they have not come to its end."""

    member_id: int
    number: int
    name: str
    ending: str


def training_numbered(db: Session, access: Access, number: int) -> Training:
    """The training round with this number; `NotFound` where it shows no gold, or is none of the project's."""
    return _training(db, access, number, col(Round.shows_gold))


def checked_round(db: Session, access: Access, number: int) -> Training:
    """The round with this number that has silent gold; `NotFound` where it has none."""
    silent = select(col(SilentGold.round_id))
    return _training(db, access, number, col(Round.id).in_(silent))


def _training(db: Session, access: Access, number: int, condition: Any) -> Training:
    of_project = (col(Round.project_id) == access.project_id, col(Round.number) == number)
    row = db.scalar(select(Round).where(*of_project, condition))
    if row is None or row.id is None:
        raise NotFound
    book, rule = codebook_of(db, row.id, row.codebook_version_id), rule_in(row.design)
    return Training(
        row.id, number, row.title, book, rule, row.locked_at is not None, read_as(db, access.project_id)
    )


def trainees(db: Session, of: Training) -> tuple[Trainee, ...]:
    """The annotators of a round, by their numbers."""
    rows = db.execute(
        select(col(Member.id), col(Member.number), col(Account.display_name), col(RoundAnnotator.training))
        .join(RoundAnnotator, col(RoundAnnotator.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(col(RoundAnnotator.round_id) == of.id)
        .order_by(col(Member.number))
    )
    return tuple(Trainee(*row) for row in rows)


def ending_of(db: Session, access: Access, of: Training) -> str:
    """How the training ended for the member who asks; `NotFound` where they take no part in it."""
    ending: str | None = db.scalar(
        select(col(RoundAnnotator.training)).where(
            col(RoundAnnotator.round_id) == of.id, col(RoundAnnotator.member_id) == access.member_id
        )
    )
    if ending is None:
        raise NotFound
    return ending


def shown_to(db: Session, of: Training, member_ids: Collection[int]) -> Mapping[int, Showing]:
    """How each of these did in a training round, beside the gold that they were shown."""
    shown = (
        _assigned(of, member_ids)
        .add_columns(col(GoldShown.gold_id))
        .outerjoin(GoldShown, col(GoldShown.assignment_id) == col(Assignment.id))
    )
    return _showings(db, of, db.execute(shown).all())


def checked_silently(db: Session, of: Training, member_ids: Collection[int]) -> Mapping[int, Showing]:
    """How each of these did on the silent gold of a round, beside the gold that stands now."""
    rows = (
        _assigned(of, member_ids)
        .add_columns(col(StandingGold.gold_id))
        .join(SilentGold, col(SilentGold.post_id) == col(Assignment.post_id))
        .join(StandingGold, col(StandingGold.post_id) == col(Assignment.post_id))
        .where(col(SilentGold.round_id) == of.id, col(StandingGold.retired_at).is_(None))
    )
    return _showings(db, of, db.execute(rows).all())


def _assigned(of: Training, member_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(Assignment.member_id),
            col(Assignment.position),
            col(Post.number),
            col(Assignment.state),
            col(Assignment.coding_id),
        )
        .join(Post, col(Post.id) == col(Assignment.post_id))
        .where(
            col(Assignment.round_id) == of.id,
            col(Assignment.member_id).in_(member_ids),
            col(Assignment.state) != "withdrawn",
        )
        .order_by(col(Assignment.position))
    )


def _showings(db: Session, of: Training, rows: Collection[Any]) -> Mapping[int, Showing]:
    coded = [row for row in rows if row.state == "submitted" and row.gold_id is not None]
    gold = editions(db, {row.gold_id for row in coded})
    own = answers_by(db, col(CodingAnswer.coding_id), [row.coding_id for row in coded])
    marks: dict[int, list[Mark]] = defaultdict(list)
    for row in rows:
        marks[row.member_id].append(_mark(of, row, gold, own))
    return defaultdict(lambda: Showing(()), {key: Showing(tuple(each)) for key, each in marks.items()})


def _mark(
    of: Training, row: Any, gold: Mapping[int, Edition], own: Mapping[int, Mapping[int, Answers]]
) -> Mark:
    found = None
    if row.state == "submitted" and row.gold_id is not None:
        found = verdicts(of.book, gold[row.gold_id], own.get(row.coding_id, {}), of.read_as)
    return Mark(row.position, row.number, row.state == "skipped", found)


def edition_shown(db: Session, of: Training, access: Access, position: int) -> Edition:
    """The gold that the member was shown after their coding at `position`; `NotFound` where there is none."""
    gold_id = db.scalar(
        select(col(GoldShown.gold_id))
        .join(Assignment, col(Assignment.id) == col(GoldShown.assignment_id))
        .where(
            col(Assignment.round_id) == of.id,
            col(Assignment.member_id) == access.member_id,
            col(Assignment.position) == position,
        )
    )
    if gold_id is None:
        raise NotFound
    return editions(db, [gold_id])[gold_id]
