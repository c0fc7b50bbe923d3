"""How often codings were right about a code, as gold and posts with several codings tell."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from server.estimation import Accuracy
from server.gold.models import GoldAnswer, StandingGold
from server.projects.access import Access
from server.results.fields import Pick
from server.results.outcomes import Basis, Choices, Counts, Flags
from server.results.queries import Scope, offered_codes
from server.results.tallies import FinalSlice

_SETTLED = (Basis.UNANIMOUS, Basis.ADJUDICATED, Basis.CONSENSUS)


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


def checked_by_gold(gold: tuple[Counts, Flags], numbers: Counts, carries: Flags, known: Flags) -> Checked:
    """Final values against gold, where there are both. `gold`: numbers of posts, and what is right."""
    at = np.searchsorted(numbers, gold[0])
    kept = known[at]
    return _checked(gold[1][kept], carries[at[kept]], np.arange(int(kept.sum())))


def checked_twice(part: FinalSlice, pick: Pick, rounds: frozenset[int]) -> Checked:
    """Single codings against what was settled, on posts that several coded. `rounds` offer the code."""
    final = part.finals[pick.variable.id]
    if not isinstance(final.values, Choices):
        raise TypeError(pick.key)
    place = pick.variable.codes.index(pick.code)
    settled = np.isin(final.values.basis[:, place], _SETTLED) & (final.voices > 1)
    chosen = part.ballots.on(pick.variable)
    kept = settled[chosen.post] & np.isin(chosen.round, list(rounds))
    post = chosen.post[kept]
    return _checked(final.values.chosen[post, place], chosen.codes[kept, place], post)


def _checked(truth: Flags, said: Flags, post: Counts) -> Checked:
    def of_both(flags: Flags) -> tuple[int, int]:
        return int((flags & truth).sum()), int((flags & ~truth).sum())

    posts = (np.unique(post[truth]).size, np.unique(post[~truth]).size)
    return Checked(of_both(said == truth), of_both(np.ones_like(truth)), posts)


def rounds_offering(db: Session, scope: Scope, pick: Pick) -> frozenset[int]:
    """The rounds in which the code could be chosen."""
    return frozenset(id_ for id_, codes in offered_codes(db, scope).items() if pick.code.id in codes)


def gold_on(db: Session, access: Access, pick: Pick, numbers: dict[int, int]) -> tuple[Counts, Flags]:
    """The numbers of posts whose gold answers the question, and whether it has the code.

    `numbers`: the id of each post → its number.
    """
    rows = db.execute(
        select(col(StandingGold.post_id), col(GoldAnswer.code_id))
        .join(GoldAnswer, col(GoldAnswer.gold_id) == col(StandingGold.gold_id))
        .where(
            col(StandingGold.project_id) == access.project_id,
            col(GoldAnswer.variable_id) == pick.variable.id,
        )
    )
    truth: dict[int, bool] = {}
    for post_id, code_id in rows:
        number = numbers[post_id]
        truth[number] = truth.get(number, False) or code_id in pick.code.ids
    posts = sorted(truth)
    return np.array(posts, dtype=np.int64), np.array([truth[post] for post in posts], dtype=np.bool_)
