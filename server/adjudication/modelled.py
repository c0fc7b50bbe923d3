"""What models of annotators make of the codings: how often each is right, and which code a post carries.

An aid for who reviews, and never a decision. The models read what was coded independently: before the reveal
of a round, and of several codings of a post by one annotator the first.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from server.agreement.lists import distinct_rows
from server.codebooks.queries import CodeInfo
from server.estimation import DawidSkene, Mace, dawid_skene, mace
from server.language import gettext as _
from server.projects.access import Access
from server.reliability.answers import NOBODY, Ints
from server.reliability.codings import Codings, Selection, category_of, codings
from server.reliability.grouping import seats_of
from server.reliability.queries import Question, RoundInfo, questions_of, rounds_of, swaying
from server.rounds.design import Purpose

Floats = NDArray[np.float64]
NO_CODE = -1


@dataclass(frozen=True)
class Asked:
    """A question with one right answer: a choice of one, or yes or no to `code` of a choice of many."""

    question: Question
    code: CodeInfo | None = None

    @property
    def key(self) -> str:
        """What an address calls it."""
        return self.question.key if self.code is None else f"{self.question.key}:{self.code.key}"

    @property
    def label(self) -> str:
        """What people call it."""
        return self.question.label if self.code is None else self.code.label

    @property
    def answers(self) -> tuple[str, ...]:
        """The answers in words, in the order of their places."""
        if self.code is not None:
            return _("Not chosen"), _("Chosen")
        return tuple(code.label for code in self.question.codes)

    @property
    def rounds(self) -> tuple[int, ...]:
        """The ids of the rounds in which every answer could be given."""
        return self.question.rounds if self.code is None else self.question.offered[self.code.id]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Codings in patterns: posts that the same annotators answered alike are one pattern.

    `posts` (n_posts) are ids in ascending order, `pattern` (n_posts) is the pattern of each. Coding c of the
    patterns is in `row[c]`, by the annotator `members[by[c]]`, with the answer `answer[c]`.
    """

    posts: Ints
    pattern: Ints
    members: Ints
    row: Ints
    by: Ints
    answer: Ints
    n_answers: int

    @cached_property
    def alike(self) -> Ints:
        """How many posts each pattern stands for (n_patterns)."""
        return np.bincount(self.pattern)

    @cached_property
    def votes(self) -> Ints:
        """How many annotators gave each answer (n_patterns × n_answers)."""
        place = self.row * self.n_answers + self.answer
        counts = np.bincount(place, minlength=len(self.alike) * self.n_answers)
        return counts.reshape(-1, self.n_answers)

    @cached_property
    def vote(self) -> Ints:
        """The answer that most gave (n_patterns); `NO_CODE` where two have as many."""
        most = self.votes.max(axis=1, keepdims=True)
        is_alone = (self.votes == most).sum(axis=1) == 1
        return np.where(is_alone, self.votes.argmax(axis=1), NO_CODE)

    def by_annotator(self, amount: Floats) -> Floats:
        """The mean of an amount of each coding over the codings of each annotator (n_annotators)."""
        weight = self.alike[self.row]
        return np.bincount(self.by, amount * weight) / np.bincount(self.by, weight)

    @cached_property
    def n_codings(self) -> Ints:
        """How many codings each annotator made (n_annotators)."""
        return np.bincount(self.by, self.alike[self.row]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Modelled:
    """Both models of the same evidence."""

    evidence: Evidence
    dawid_skene: DawidSkene
    mace: Mace

    @cached_property
    def believed_right(self) -> Floats:
        """How often each annotator is right, as the model of Dawid & Skene believes (n_annotators)."""
        of = self.evidence
        return of.by_annotator(self.dawid_skene.posteriors[of.row, of.answer])


def askable(db: Session, access: Access) -> tuple[Asked, ...]:
    """What the models can be asked: choices of one, and each code of the choices of many."""
    found = []
    for question in questions_of(db, access.project_id, _readable(rounds_of(db, access))):
        if question.kind == "multiple":
            found += [Asked(question, code) for code in question.codes]
        elif question.kind in {"single", "ordinal"} and len(question.codes) > 1:
            found.append(Asked(question))
    return tuple(found)


def evidence_on(db: Session, access: Access, asked: Asked) -> Evidence | None:
    """The codings that this reader may see; None where there are none."""
    every = rounds_of(db, access)
    rounds = tuple(one.id for one in _readable(every) if one.id in asked.rounds)
    selection = Selection(access.project_id, rounds, None, swaying(every))
    found = codings(db, asked.question, selection).first_of_each_member()
    if not len(found.post):
        return None
    answer = category_of(asked.question, found, asked.code.key if asked.code else "")
    return _patterns(found, answer, len(asked.answers))


def modelled(evidence: Evidence) -> Modelled:
    """Both models fitted."""
    codings_ = (evidence.row, evidence.by, evidence.answer, evidence.n_answers)
    alike = evidence.alike
    return Modelled(evidence, dawid_skene(*codings_, posts_alike=alike), mace(*codings_, posts_alike=alike))


def _readable(rounds: tuple[RoundInfo, ...]) -> tuple[RoundInfo, ...]:
    """Rounds of which the reader may see single codings; practice says nothing about the posts."""
    return tuple(one for one in rounds if not one.why_no_codings and one.purpose != Purpose.TRAINING)


def _patterns(found: Codings, answer: Ints, n_answers: int) -> Evidence:
    """Evidence from codings sorted by post and member."""
    seats = seats_of(found)
    members, by = np.unique(found.member, return_inverse=True)
    rows, pattern = distinct_rows(np.column_stack([seats.filled(by), seats.filled(answer)]))
    at, seat = np.nonzero(rows[:, : seats.width] != NOBODY)
    return Evidence(
        seats.posts, pattern, members, at, rows[at, seat], rows[at, seats.width + seat], n_answers
    )
