"""What agreement can be computed on: rounds that the reader may have figures of, their questions, people."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.codebooks.models import CodebookVersion
from server.codebooks.over_time import ReadAs, read_as, told_apart, with_codes_read
from server.codebooks.queries import Codebook, CodeInfo, VariableInfo
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.blindness import REVIEWERS
from server.rounds.design import Purpose
from server.rounds.models import Round
from server.rounds.queries import visible_rounds
from server.rounds.round_codebook import codebook_of


@dataclass(frozen=True)
class RoundInfo:
    """A round and what its reader may see of it; the reasons are empty where they may.

    `version` is the number of its codebook's version.
    `sways`: the reader can still code here, so its posts are not counted in other rounds either.
    """

    id: int
    number: int
    title: str
    purpose: str
    version_id: int
    version: int
    why_no_codings: str
    why_no_figures: str
    sways: bool = False


@dataclass(frozen=True)
class Question:
    """A variable as the chosen rounds ask it, with every code that one of them offers.

    `rounds` are the ids of the rounds that ask it; `offered` says for each code id which of them offer it.
    """

    id: int
    key: str
    kind: str
    label: str
    codes: tuple[CodeInfo, ...]
    rounds: tuple[int, ...]
    offered: dict[int, tuple[int, ...]]


@dataclass(frozen=True)
class Annotator:
    """An annotator as the reader may know them: reviewers read names, others numbers."""

    member_id: int
    number: int
    name: str


def rounds_of(db: Session, access: Access) -> tuple[RoundInfo, ...]:
    """The rounds of the project by number, with what the reader may see of each."""
    sights = {sight.round_id: sight for sight in visible_rounds(db, access)}
    rows = db.execute(
        select(
            col(Round.id),
            col(Round.number),
            col(Round.title),
            col(Round.purpose),
            col(Round.codebook_version_id),
            col(CodebookVersion.number).label("version"),
        )
        .join(CodebookVersion, col(CodebookVersion.id) == col(Round.codebook_version_id))
        .where(col(Round.project_id) == access.project_id)
        .order_by(col(Round.number))
    )
    return tuple(
        RoundInfo(
            row.id,
            row.number,
            row.title,
            row.purpose,
            row.codebook_version_id,
            row.version,
            sights[row.id].why_no_codings,
            sights[row.id].why_no_figures,
            sights[row.id].sways,
        )
        for row in rows
    )


def swaying(rounds: Sequence[RoundInfo]) -> tuple[int, ...]:
    """The ids of the rounds in which the reader can still code."""
    return tuple(round_.id for round_ in rounds if round_.sways)


def chosen_rounds(rounds: Sequence[RoundInfo], numbers: Sequence[int] | None) -> tuple[RoundInfo, ...]:
    """The rounds with these numbers, or all but training; never one whose figures are hidden.

    Raises:
        Refusal: The project has no round with one of the numbers.
    """
    open_to_reader = tuple(round_ for round_ in rounds if not round_.why_no_figures)
    if numbers is None:
        return tuple(round_ for round_ in open_to_reader if round_.purpose != Purpose.TRAINING)
    unknown = sorted(set(numbers) - {round_.number for round_ in rounds})
    if unknown:
        raise Refusal(_("This project has no round {number}.").format(number=unknown[0]))
    return tuple(round_ for round_ in open_to_reader if round_.number in set(numbers))


def questions_of(db: Session, project_id: int, rounds: Sequence[RoundInfo]) -> tuple[Question, ...]:
    """The variables that these rounds of a project ask, as the newest of their codebooks words them.

    A round that asks a variable in another kind than the newest asks another question and is left out of it.
    """
    books = {round_.id: codebook_of(db, round_.id, round_.version_id) for round_ in rounds}
    newest_first = sorted(books.values(), key=lambda book: -book.number)
    successors = read_as(db, project_id)
    found: dict[int, VariableInfo] = {}
    for book in newest_first:
        for variable in book.variables:
            found.setdefault(variable.id, variable)
    return tuple(_question(variable, rounds, books, successors) for variable in found.values())


def _question(
    variable: VariableInfo, rounds: Sequence[RoundInfo], books: dict[int, Codebook], successors: ReadAs
) -> Question:
    asked: dict[int, VariableInfo] = {}
    for round_ in rounds:
        as_asked = books[round_.id].variable_by_id.get(variable.id)
        if as_asked is not None and as_asked.kind == variable.kind:
            asked[round_.id] = as_asked
    for as_asked in asked.values():
        variable = variable.with_codes_of(as_asked)
    variable = with_codes_read(variable, successors)
    variable = told_apart(variable, sorted(books.values(), key=lambda book: -book.number))
    offered = {
        code.id: tuple(
            id_ for id_, as_asked in asked.items() if not as_asked.code_by_id.keys().isdisjoint(code.ids)
        )
        for code in variable.codes
    }
    return Question(
        variable.id, variable.key, variable.kind, variable.label, variable.codes, tuple(asked), offered
    )


def annotators_of(db: Session, access: Access) -> dict[int, Annotator]:
    """The members of the project by their ids, named as the reader may know them."""
    rows = db.execute(
        select(col(Member.id), col(Member.number), col(Account.display_name))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(col(Member.project_id) == access.project_id)
    )
    named = access.role in REVIEWERS
    return {
        member_id: Annotator(
            member_id, number, name if named else _("Annotator {number}").format(number=number)
        )
        for member_id, number, name in rows
    }


def groups_of(db: Session, access: Access) -> dict[str, tuple[int, ...]]:
    """The named groups of annotators and the ids of their members."""
    rows = db.execute(
        select(col(Member.coder_group), col(Member.id))
        .where(col(Member.project_id) == access.project_id, col(Member.coder_group).is_not(None))
        .order_by(col(Member.coder_group), col(Member.number))
    )
    groups: dict[str, tuple[int, ...]] = {}
    for group, member_id in rows:
        groups[group] = (*groups.get(group, ()), member_id)
    return groups
