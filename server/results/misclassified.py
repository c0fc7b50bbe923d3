"""All codes of a single choice corrected at once, by how often each true code was coded as each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.adjudication.tallies import Chosen
from server.codebooks.queries import VariableInfo
from server.estimation import CorrectedProportions, Interval, misclassification_corrected_proportions
from server.language import gettext as _
from server.results.estimating import Estimator
from server.results.outcomes import Counts, Flags

_NAMED = 5


@dataclass(frozen=True, eq=False)
class Confused:
    """Answers about posts whose true code is known: how often each code was given to those of each true one.

    `answers` (true codes, codes given), `posts` that were checked (true codes,).
    """

    answers: Counts
    posts: Counts

    def __add__(self, other: "Confused") -> "Confused":
        """Both together."""
        return Confused(self.answers + other.answers, self.posts + other.posts)


@dataclass(frozen=True)
class CodeLine:
    """One code: its share as coded and corrected. `seen` are the answers about posts that truly have it."""

    key: str
    label: str
    share: float
    corrected: float | None
    interval: Interval | None
    posts: int
    seen: tuple[int, ...]


@dataclass(frozen=True)
class Misclassification:
    """All codes of one question. `n` posts are corrected; `why_not` says why they are not."""

    lines: tuple[CodeLine, ...]
    n: int
    is_truncated: bool
    reason: str | None
    why_not: str

    @property
    def n_checked(self) -> int:
        """How many posts with a known code were coded."""
        return sum(line.posts for line in self.lines)

    @property
    def faultless(self) -> tuple[str, ...]:
        """The labels of codes whose posts were all coded rightly where that was checked."""
        return tuple(line.label for at, line in enumerate(self.lines) if 0 < line.seen[at] == sum(line.seen))


def confused(truth: Flags, said: Flags, post: Counts) -> Confused:
    """From the true codes and the codes given (answers, codes), and the post of each answer (answers,).

    Answers without exactly one code on both sides are left out.
    """
    kept = (truth.sum(axis=1) == 1) & (said.sum(axis=1) == 1)
    true, given, n = truth[kept].argmax(axis=1), said[kept].argmax(axis=1), truth.shape[1]
    answers = np.bincount(true * n + given, minlength=n * n).reshape(n, n)
    posts = np.unique(np.stack([post[kept], true]), axis=1)[1]
    return Confused(answers, np.bincount(posts, minlength=n))


def confused_answers(truth: Flags, settled: Flags, chosen: Chosen, rounds: Sequence[int]) -> Confused:
    """Single answers against the codes (posts, codes) of posts that are `settled` (posts,).

    `rounds` are those in which every code could be chosen.
    """
    kept = settled[chosen.post] & np.isin(chosen.round, rounds)
    post = chosen.post[kept]
    return confused(truth[post], chosen.codes[kept], post)


def nothing_confused(of: VariableInfo) -> Confused:
    """Before anything is counted."""
    n = len(of.codes)
    return Confused(np.zeros((n, n), dtype=np.int64), np.zeros(n, dtype=np.int64))


def misclassification(
    of: VariableInfo, chosen: Flags, within: Flags, estimator: Estimator, found: Confused, why_not: str = ""
) -> Misclassification:
    """The shares of the codes `chosen` (posts, codes) of the posts `within` (posts,), corrected.

    `why_not` says in words why they cannot be, whatever was `found`. Posts count for as many independent ones
    as the code has that stands for the fewest.
    """
    counted = within & (chosen.sum(axis=1) == 1)
    counts, n = chosen[counted].sum(axis=0), int(counted.sum())
    used = np.flatnonzero((counts > 0) | (found.posts > 0)).tolist()
    observed = [estimator.part(carries, counted) or 0.0 for carries in chosen.T]
    if why_not := why_not or _why_not(of, counts, found, n, len(used)):
        return Misclassification(_lines(of, used, observed, found, None), n, False, None, why_not)
    worth = min(estimator.worth(chosen[:, code], counted) for code in used)
    size = max(int(worth), 1)
    answers = found.answers[np.ix_(used, used)]
    matrix = (answers / answers.sum(axis=1, keepdims=True)).T
    made = misclassification_corrected_proportions(
        [observed[code] for code in used], matrix.tolist(), size, found.posts[used].tolist()
    )
    lines = _lines(of, used, observed, found, made)
    return Misclassification(lines, n, made.is_truncated, made.reason, "")


def _why_not(of: VariableInfo, counts: Counts, found: Confused, n: int, n_used: int) -> str:
    if not n:
        return _("No post is of this kind, so there is nothing to correct.")
    missing = [of.codes[code].label for code in np.flatnonzero((counts > 0) & (found.posts == 0)).tolist()]
    if missing:
        shown = ", ".join(missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
        said = _(
            "Of some codes no post was checked, so it is not known as what such posts are coded: {codes}."
        )
        return said.format(codes=shown)
    return _("All posts have the same code, so nothing can be mistaken for it.") if n_used < 2 else ""


def _lines(
    of: VariableInfo,
    used: Sequence[int],
    observed: Sequence[float],
    found: Confused,
    made: CorrectedProportions | None,
) -> tuple[CodeLine, ...]:
    shares = made.shares if made and made.shares else [None] * len(used)
    intervals = made.intervals if made and made.intervals else [None] * len(used)
    return tuple(
        CodeLine(
            of.codes[code].key,
            of.codes[code].label,
            observed[code],
            share,
            interval,
            int(found.posts[code]),
            tuple(found.answers[code, used].tolist()),
        )
        for code, share, interval in zip(used, shares, intervals, strict=True)
    )
