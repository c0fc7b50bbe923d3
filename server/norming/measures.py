"""Agreement before and after discussion, on the same posts and of the same people.

Compared are the posts that two annotators or more coded again, and of these the codings of those who did:
otherwise the figures would differ by who takes part, too.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlmodel import Session, col

from server import language
from server.adjudication.answers import Answers
from server.adjudication.decision_questions import words
from server.agreement import DEFAULT_RESAMPLES, Coefficient, agree_on_patterns
from server.codebooks.queries import CodeInfo, VariableInfo
from server.db.remembering import remembered
from server.language import gettext as _
from server.norming.compared import Revealed
from server.norming.models import SecondCoding
from server.norming.twice import Twice, coded_twice
from server.projects.access import Access
from server.reliability.answers import Ints
from server.reliability.codings import NOTHING, Selection, authors, codings_from
from server.reliability.figures import named
from server.reliability.grouping import Answered, grouped
from server.reliability.inquiry import OnceRead, Study
from server.reliability.material import DEFAULT_SEED
from server.reliability.measuring import Measuring
from server.reliability.queries import Question, questions_of, rounds_of

MEASURING = Measuring(None, DEFAULT_SEED, DEFAULT_RESAMPLES)
_When = Literal["before", "after"]


@dataclass(frozen=True)
class Figures:
    """Percent agreement and alpha; either is None where there is no such coefficient, as of free text."""

    agreed: Coefficient | None
    alpha: Coefficient | None


@dataclass(frozen=True)
class Moves:
    """How many answers were looked at and how many changed; `to`: from, to, how often, the most first."""

    n: int
    n_changed: int
    to: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Line:
    """A variable or one code of a multiple choice, before and after."""

    variable_key: str
    code_key: str
    label: str
    before: Figures
    after: Figures
    moves: Moves


@dataclass(frozen=True)
class BeforeAfter:
    """What the page of a round says: lines, and on how many posts and codings they rest.

    `n_seconds`: all second codings of the round, also those that are alone on their post.
    """

    lines: tuple[Line, ...]
    n_posts: int
    n_codings: int
    n_seconds: int


def before_after(db: Session, access: Access, of: Revealed) -> BeforeAfter:
    """Agreement before and after the discussion in a round.

    Kept in memory until somebody codes a post again: nobody codes independently in a revealed round any more.
    """
    place, stamp = ("before and after", of.round.id), (of.scope.hidden, language.code(), _stamp(db, of))
    return remembered(db, place, stamp, lambda: _worked_out(db, access, of))


def _stamp(db: Session, of: Revealed) -> tuple[int, ...]:
    """Changes with each second coding, and where some are removed."""
    of_round = select(func.count(), func.max(col(SecondCoding.id))).where(
        col(SecondCoding.round_id) == of.round.id
    )
    return tuple(db.execute(of_round).one())


def _worked_out(db: Session, access: Access, of: Revealed) -> BeforeAfter:
    every = coded_twice(db, of)
    n_on = Counter(each.post_id for each in every)
    pairs = tuple(each for each in every if n_on[each.post_id] > 1)
    lines = tuple(_lines(db, access, of, pairs)) if pairs else ()
    return BeforeAfter(lines, len({each.post_id for each in pairs}), len(pairs), len(every))


def _lines(db: Session, access: Access, of: Revealed, pairs: tuple[Twice, ...]) -> Iterator[Line]:
    of_round = [one for one in rounds_of(db, access) if one.id == of.round.id]
    known = authors(db, Selection(access.project_id, (of.round.id,)))
    for question in questions_of(db, access.project_id, of_round):
        yield from _Compared(question, of.book.variable_by_id[question.id], pairs, known).lines()


@dataclass(frozen=True, eq=False)
class _Compared:
    """One question as it was answered twice. `authors`: posts that have an author, and a number for it."""

    question: Question
    variable: VariableInfo
    pairs: tuple[Twice, ...]
    authors: tuple[Ints, Ints]

    def lines(self) -> Iterator[Line]:
        """The whole answers, then each code of a multiple choice."""
        before, after = self._answered("before"), self._answered("after")
        moves = self._moves_of(
            [(self._said(each, "before"), self._said(each, "after")) for each in self.pairs]
        )
        whole = self._whole(before), self._whole(after)
        yield Line(self.question.key, "", self.variable.label, *whole, moves)
        for code in self.question.codes if self.question.kind == "multiple" else ():
            parts = self._of_code(code, before), self._of_code(code, after)
            yield Line(self.question.key, code.key, code.label, *parts, self._moves_on(code))

    def _said(self, each: Twice, when: _When) -> Answers | None:
        return (each.before if when == "before" else each.after).get(self.question.id)

    def _answered(self, when: _When) -> Answered:
        rows = [
            (each.post_id, each.member_id, self._cell(answer))
            for each in self.pairs
            for answer in self._said(each, when) or ()
        ]
        kind = np.float64 if self.question.kind == "number" else np.int64
        table: NDArray[Any] = np.array([] if self.question.kind == "text" else rows, dtype=kind).reshape(
            -1, 3
        )
        return grouped(self.question, codings_from(self.question, table), *self.authors)

    def _cell(self, answer: Any) -> float | int:
        if self.question.kind == "number":
            return float(answer.number)
        return answer.code_id or NOTHING

    def _whole(self, answered: Answered) -> Figures:
        if self.question.kind == "text":
            return Figures(None, None)
        found = _study(answered).of_answers(self.question)
        if self.question.kind != "multiple":
            return Figures(named(found, "percent_agreement"), named(found, "krippendorff_alpha"))
        patterns = answered.patterns.unnamed
        counts = patterns.counts(max(1, len(answered.contents)))
        same = agree_on_patterns(counts, **MEASURING.options(patterns.clusters))
        return Figures(named(same, "percent_agreement"), named(found, "masi_alpha"))

    def _of_code(self, code: CodeInfo, answered: Answered) -> Figures:
        found = _study(answered).of_code(self.question, code).coefficients
        return Figures(named(found, "percent_agreement"), named(found, "krippendorff_alpha"))

    def _moves_of(self, both: list[tuple[Answers | None, Answers | None]]) -> Moves:
        asked = [pair for pair in both if pair[0] or pair[1]]
        changed = [pair for pair in asked if pair[0] != pair[1]]
        if self.question.kind == "text":  # Everybody's words are their own, and nothing to count.
            return Moves(len(asked), len(changed), ())
        return _counted(len(asked), ((self._words(one), self._words(other)) for one, other in changed))

    def _words(self, answers: Answers | None) -> str:
        return ", ".join(words(answers, self.variable)) or _("no answer")

    def _moves_on(self, code: CodeInfo) -> Moves:
        both = [
            (_has(code, self._said(each, "before")), _has(code, self._said(each, "after")))
            for each in self.pairs
            if self._said(each, "before") and self._said(each, "after")
        ]
        word = {False: _("not chosen"), True: _("chosen")}
        return _counted(len(both), ((word[one], word[other]) for one, other in both if one != other))


def _study(answered: Answered) -> Study:
    return Study(OnceRead(lambda _question, _rounds: answered), MEASURING, None)


def _has(code: CodeInfo, answers: Answers | None) -> bool:
    return any(answer.code_id in code.ids for answer in answers or () if answer.code_id)


def _counted(n: int, changes: Iterator[tuple[str, str]]) -> Moves:
    counts = Counter(changes)
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return Moves(n, counts.total(), tuple((*change, times) for change, times in most))
