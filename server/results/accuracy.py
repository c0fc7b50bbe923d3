"""How often codings were right about a code, as gold and posts with several codings tell."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from server.codebooks.queries import CodeInfo, VariableInfo
from server.estimation import Accuracy
from server.gold.models import GoldAnswer, StandingGold
from server.projects.access import Access
from server.results.fields import Pick
from server.results.misclassified import Confused, confused_answers
from server.results.outcomes import Basis, Choices, Counts, Flags, has_value
from server.results.queries import Scope, offered_codes
from server.results.tallies import FinalSlice

# A majority is one of three annotators or more: of two who differ, neither is one.
_SETTLED = (Basis.UNANIMOUS, Basis.MAJORITY, Basis.ADJUDICATED, Basis.CONSENSUS)
_UNDECIDED = (Basis.PLURALITY, Basis.UNRESOLVED)
# Beyond this part of the posts that several coded, error rates without the undecided ones tell too little.
_MOST_UNDECIDED = 0.05


@dataclass(frozen=True)
class Checked:
    """What was said of posts whose answer is known: `right` and `said` count answers, `posts` the posts.

    Of each a pair: posts that carry the code, and posts that do not.
    """

    right: tuple[int, int] = (0, 0)
    said: tuple[int, int] = (0, 0)
    posts: tuple[int, int] = (0, 0)

    def __add__(self, other: "Checked") -> "Checked":
        """Both together."""
        pairs = ((self.right, other.right), (self.said, other.said), (self.posts, other.posts))
        return Checked(*((one[0] + more[0], one[1] + more[1]) for one, more in pairs))

    @property
    def is_enough(self) -> bool:
        """Whether there are posts of both kinds, without which errors of one kind cannot be seen."""
        return min(self.posts) > 0

    @property
    def sensitivity(self) -> Accuracy:
        """How often posts that carry the code were coded so. Several codings of a post count as one post."""
        return Accuracy(self.right[0] / self.said[0], self.posts[0])

    @property
    def specificity(self) -> Accuracy:
        """How often posts that do not carry it were not."""
        return Accuracy(self.right[1] / self.said[1], self.posts[1])


def checked_by_gold(truth: Flags, carries: Flags) -> Checked:
    """Final values against what gold says is right, both of the posts that have both (posts,)."""
    return _checked(truth, carries, np.arange(truth.size))


def checked_twice(part: FinalSlice, pick: Pick, rounds: frozenset[int]) -> Checked:
    """Single codings against what was settled, on posts that several coded. `rounds` offer the code."""
    place = pick.variable.codes.index(pick.code)
    values, settled = _settled(part, pick.variable, place)
    chosen = part.ballots.on(pick.variable)
    kept = settled[chosen.post] & np.isin(chosen.round, list(rounds))
    post = chosen.post[kept]
    return _checked(values.chosen[post, place], chosen.codes[kept, place], post)


@dataclass(frozen=True)
class Undecided:
    """Of `several` posts that several coded, on `n` they differ without a majority and nobody has decided."""

    n: int = 0
    several: int = 0

    def __add__(self, other: "Undecided") -> "Undecided":
        """Both together."""
        return Undecided(self.n + other.n, self.several + other.several)

    @property
    def are_too_many(self) -> bool:
        """Whether the others cannot tell how often codings err."""
        return self.n > _MOST_UNDECIDED * self.several


def undecided_twice(part: FinalSlice, pick: Pick) -> Undecided:
    """Of the posts that several coded, those of which it is not known whether they carry the code."""
    final, place = part.finals[pick.variable.id], pick.variable.codes.index(pick.code)
    if not isinstance(final.values, Choices):
        raise TypeError(pick.variable.key)
    basis = final.values.basis[:, place]
    several = has_value(basis) & (final.voices > 1)
    return Undecided(int((np.isin(basis, _UNDECIDED) & several).sum()), int(several.sum()))


def confused_twice(part: FinalSlice, of: VariableInfo, rounds: frozenset[int]) -> Confused:
    """The same for all codes of a single choice. `rounds` offer every one of them."""
    values, settled = _settled(part, of, 0)
    return confused_answers(values.chosen, settled, part.ballots.on(of), list(rounds))


def _settled(part: FinalSlice, of: VariableInfo, place: int) -> tuple[Choices, Flags]:
    """The final codes, and whether most of several said the one at `place` or somebody decided (posts,)."""
    final = part.finals[of.id]
    if not isinstance(final.values, Choices):
        raise TypeError(of.key)
    return final.values, np.isin(final.values.basis[:, place], _SETTLED) & (final.voices > 1)


def _checked(truth: Flags, said: Flags, post: Counts) -> Checked:
    def of_both(flags: Flags) -> tuple[int, int]:
        return int((flags & truth).sum()), int((flags & ~truth).sum())

    posts = (np.unique(post[truth]).size, np.unique(post[~truth]).size)
    return Checked(of_both(said == truth), of_both(np.ones_like(truth)), posts)


def rounds_offering(db: Session, scope: Scope, codes: Collection[CodeInfo]) -> frozenset[int]:
    """The rounds in which each of the codes could be chosen."""
    wanted = {code.id for code in codes}
    return frozenset(id_ for id_, offered in offered_codes(db, scope).items() if wanted <= offered)


def gold_on(db: Session, access: Access, of: VariableInfo, numbers: dict[int, int]) -> tuple[Counts, Flags]:
    """The numbers of posts whose gold answers the question (posts,), and which codes it has (posts, codes).

    `numbers`: the id of each post → its number.
    """
    rows = db.execute(
        select(col(StandingGold.post_id), col(GoldAnswer.code_id))
        .join(GoldAnswer, col(GoldAnswer.gold_id) == col(StandingGold.gold_id))
        .where(
            col(StandingGold.project_id) == access.project_id,
            col(GoldAnswer.variable_id) == of.id,
        )
    )
    found = sorted((numbers[post_id], code_id) for post_id, code_id in rows)
    posts, of_row = np.unique(np.array([post for post, _code in found], dtype=np.int64), return_inverse=True)
    chosen = np.zeros((posts.size, len(of.codes)), dtype=np.bool_)
    for place, code in enumerate(of.codes):
        has = [code_id in code.ids for _post, code_id in found]
        chosen[of_row[np.array(has, dtype=np.bool_)], place] = True
    return posts, chosen
