"""A revealed round as those who coded in it discuss it: every post with everybody's answers side by side.

Decisions and memos are no part of it: the first belong to the reviewers, the second to who wrote them.
"""

from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.adjudication.disputes import disputes
from server.adjudication.scope import SUBMITTED, CountedRound, Scope, not_hidden
from server.adjudication.tallies import Lens
from server.codebooks.queries import Codebook
from server.corpora.models import Post
from server.errors import Forbidden, NotFound
from server.language import gettext as _
from server.projects.access import Access
from server.projects.roles import Permission, may
from server.rounds.blindness import REVIEWERS
from server.rounds.models import Assignment, Round, RoundAnnotator
from server.rounds.queries import visible_rounds
from server.rounds.round_codebook import codebook_of

PAGE = 25
_START = 200
Show = Literal["", "differing", "commented"]


@dataclass(frozen=True)
class Revealed:
    """A revealed round as its posts are read. `shows_names`: letters are left to the others.

    `discusses`: the reader may say something about its posts; `codes_here`: may code them again, if asked.
    """

    round: CountedRound
    scope: Scope
    book: Codebook
    shows_names: bool
    discusses: bool
    codes_here: bool


@dataclass(frozen=True)
class Compared:
    """The posts of a revealed round that somebody coded, in their order; `differing`: post → questions."""

    post_ids: tuple[int, ...]
    differing: dict[int, tuple[int, ...]]

    def listed(self, show: Show, commented: Container[int]) -> tuple[int, ...]:
        """All posts, those on which two annotators differ, or those somebody commented on."""
        if show == "differing":
            return tuple(each for each in self.post_ids if each in self.differing)
        if show == "commented":
            return tuple(each for each in self.post_ids if each in commented)
        return self.post_ids


@dataclass(frozen=True)
class ComparedLine:
    """A post in the list, and the questions on which its annotators differ."""

    number: int
    start: str
    is_cut: bool
    n_codings: int
    differing: tuple[int, ...]


def revealed_round(db: Session, access: Access, number: int) -> Revealed:
    """The round with this number.

    Raises:
        NotFound: The project has no such round.
        Forbidden: It is not revealed yet, or this member may not see its codings.
    """
    row = db.scalar(
        select(Round).where(col(Round.project_id) == access.project_id, col(Round.number) == number)
    )
    if row is None or row.id is None:
        raise NotFound
    sights = visible_rounds(db, access)
    if why := next(sight.why_no_codings for sight in sights if sight.round_id == row.id):
        raise Forbidden(why)
    if row.revealed_at is None:
        raise Forbidden(_("This round is not revealed yet, so its codings are not laid side by side."))
    book = codebook_of(db, row.id, row.codebook_version_id)
    codes = frozenset(code.id for variable in book.variables for code in variable.codes)
    questions = frozenset(variable.id for variable in book.variables)
    counted = CountedRound(row.id, row.number, row.title, False, questions, codes)
    hidden = tuple(sight for sight in sights if sight.sways)
    scope = Scope(access.project_id, (counted,), (), hidden, book.variables)
    reviews, coded_here = access.role in REVIEWERS, _coded_here(db, access, row.id)
    codes_here = coded_here and may(access.role, Permission.CODE)
    # Reviewers look at names on the record, even those of a round they coded in.
    return Revealed(
        counted,
        scope,
        book,
        shows_names=coded_here and not reviews,
        discusses=codes_here or reviews,
        codes_here=codes_here,
    )


def _coded_here(db: Session, access: Access, round_id: int) -> bool:
    own = select(col(RoundAnnotator.id)).where(
        col(RoundAnnotator.round_id) == round_id, col(RoundAnnotator.member_id) == access.member_id
    )
    return db.scalar(own) is not None


def compared(db: Session, of: Revealed) -> Compared:
    """The posts of the round and where its annotators differ.

    Kept in memory, since nobody codes in a revealed round any more.
    """
    memory = db.info["memory"]
    name = ("compared", of.round.id, of.scope.hidden)
    kept: Compared | None = memory.get(name)
    if kept is None:
        kept = memory[name] = Compared(_post_ids(db, of), _differing(db, of))
    return kept


def _differing(db: Session, of: Revealed) -> dict[int, tuple[int, ...]]:
    # What annotators write in their own words nearly always differs.
    asked = tuple(variable.id for variable in of.scope.variables if variable.kind != "text")
    found = disputes(db, of.scope, Lens((of.round.id,), asked))
    return {each.post_id: each.variable_ids for each in found}


def _post_ids(db: Session, of: Revealed) -> tuple[int, ...]:
    coded = (
        select(col(Post.id))
        .join(Assignment, col(Assignment.post_id) == col(Post.id))
        .where(
            col(Assignment.round_id) == of.round.id,
            col(Assignment.state) == SUBMITTED,
            not_hidden(of.scope, col(Post.id)),
        )
        .group_by(col(Post.id), col(Post.number))
        .order_by(col(Post.number))
    )
    return tuple(db.scalars(coded))


def compared_lines(
    db: Session, of: Revealed, found: Compared, post_ids: tuple[int, ...]
) -> tuple[ComparedLine, ...]:
    """These posts as lines of the list."""
    n_codings = (
        select(func.count())
        .where(
            col(Assignment.post_id) == col(Post.id),
            col(Assignment.round_id) == of.round.id,
            col(Assignment.state) == SUBMITTED,
        )
        .scalar_subquery()
    )
    start = func.substr(col(Post.text), 1, _START + 1)
    rows = db.execute(
        select(col(Post.id), col(Post.number), start, n_codings)
        .where(col(Post.id).in_(post_ids))
        .order_by(col(Post.number))
    )
    return tuple(
        ComparedLine(number, text[:_START], len(text) > _START, n, found.differing.get(post_id, ()))
        for post_id, number, text, n in rows
    )
