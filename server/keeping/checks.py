"""Whether a database is whole: its file, what rows refer to, its counters, and its history."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.coding.models import Coding
from server.db.durability import may_be_lost
from server.history.checking import fault_words
from server.history.links import SERVER_CHAIN
from server.history.queries import chains, check_chain
from server.keeping.copying import tables
from server.language import gettext as _
from server.language import ngettext, number
from server.rebuilding.differences import Rebuilt
from server.rebuilding.queries import members_by_number, rebuild
from server.rebuilding.words import difference_words, remarks, result_words
from server.rounds.models import Assignment, RoundAnnotator


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, and what is wrong with it in words; empty where nothing is.

    `told` is what there is to say where nothing is wrong.
    """

    about: str
    wrong: str
    told: str = ""


def check_all(db: Session) -> Iterator[Finding]:
    """Look at everything, one finding after the other; of large databases that takes minutes."""
    yield Finding(_("The file"), _broken_file(db), may_be_lost(db))
    yield Finding(_("References between rows"), " ".join(_orphans(db)))
    yield Finding(_("Current codings"), _lost_codings(db))
    yield Finding(_("Progress of annotators"), _wrong_counters(db))
    yield from _histories(db)


def _broken_file(db: Session) -> str:
    if db.get_bind().dialect.name != "sqlite":
        return ""  # PostgreSQL looks after its own files.
    said = [str(row[0]) for row in db.execute(text("PRAGMA integrity_check(5)"))]
    return "" if said == ["ok"] else " ".join(said)


def _orphans(db: Session) -> Iterator[str]:
    said = _("{n} rows of “{table}” refer to rows of “{other}” that are not there.")
    for table in tables():
        for reference in table.foreign_key_constraints:
            target = reference.referred_table.alias()
            pairs = [(target.c[each.column.name], each.parent) for each in reference.elements]
            there = exists().where(*(theirs == own for theirs, own in pairs))
            refers = [own.is_not(None) for _theirs, own in pairs]
            n = db.scalar(select(func.count()).select_from(table).where(*refers, ~there))
            if n:
                yield said.format(n=number(n), table=table.name, other=reference.referred_table.name)


def _lost_codings(db: Session) -> str:
    """Submitted posts without a coding, and with one that is not theirs or not their newest."""
    newest, current = aliased(Coding), aliased(Coding)
    newer = exists().where(
        col(newest.assignment_id) == col(Assignment.id), col(newest.revision) > col(current.revision)
    )
    is_wrong = or_(
        and_(col(Assignment.state) == "submitted", col(current.id).is_(None)),
        and_(col(current.id).is_not(None), col(current.assignment_id) != col(Assignment.id)),
        newer,
    )
    n = db.scalar(
        select(func.count())
        .select_from(Assignment)
        .outerjoin(current, col(current.id) == col(Assignment.coding_id))
        .where(is_wrong)
    )
    said = ngettext(
        "{n} post of an annotator does not have its newest coding.",
        "{n} posts of annotators do not have their newest codings.",
        n or 0,
    )
    return said.format(n=number(n)) if n else ""


def _wrong_counters(db: Session) -> str:
    wrong = or_(
        *(
            column != _done(state)
            for state, column in (
                ("submitted", col(RoundAnnotator.n_submitted)),
                ("skipped", col(RoundAnnotator.n_skipped)),
            )
        )
    )
    n = db.scalar(select(func.count()).select_from(RoundAnnotator).where(wrong))
    said = ngettext(
        "{n} annotator of a round is counted otherwise than their posts say.",
        "{n} annotators of rounds are counted otherwise than their posts say.",
        n or 0,
    )
    return said.format(n=number(n)) if n else ""


def _done(state: str) -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(Assignment)
        .where(
            col(Assignment.round_id) == col(RoundAnnotator.round_id),
            col(Assignment.member_id) == col(RoundAnnotator.member_id),
            col(Assignment.state) == state,
        )
        .scalar_subquery()
    )


def _histories(db: Session) -> tuple[Finding, Finding]:
    """Whether each history is whole, and whether those that are tell of what is stored."""
    every, broken, differing = Rebuilt(), list[str](), list[str]()
    for chain in chains(db):
        if found := check_chain(db, chain).found:
            broken.append(_of_project(chain, fault_words(found)))
        elif chain != SERVER_CHAIN:
            rebuilt = rebuild(db, chain)
            every.add(rebuilt)
            differing += _differing(db, chain, rebuilt)
    said = " ".join((result_words(every), *remarks(every)))
    return (
        Finding(_("The history"), " ".join(broken)),
        Finding(_("Rebuilt from the history"), " ".join(differing), said),
    )


def _differing(db: Session, project_id: int, rebuilt: Rebuilt) -> Iterator[str]:
    people = members_by_number(db, project_id)
    for each in rebuilt.named:
        yield _of_project(project_id, difference_words(each, people, is_blind=False) + ".")


def _of_project(number: int, said: str) -> str:
    return _("Project {number}: {fault}").format(number=number, fault=said)
