"""From stored codings to patterns.

A coding counts if it is the current one of a submitted assignment and was made before its round was
revealed; of an annotator who coded a post in several of the chosen rounds, the first of these. The
annotators of a post are numbered by their ids, a post becomes one row with a member and an answer for each
of them, and equal rows are counted.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from server.agreement.lists import distinct_rows
from server.reliability.answers import NOBODY, AnswerPatterns, Bools, Ints
from server.reliability.codings import BITS, Codings, Selection, authors, codings, places_of
from server.reliability.queries import Question

# The codings of a question in the rounds with some ids, those of earlier rounds first.
Reads: TypeAlias = Callable[[Question, tuple[int, ...]], Codings | None]


@dataclass(frozen=True, eq=False)
class Answered:
    """The grouped answers to one question, and what their categories are.

    `contents` (n_categories × n_codes): the codes in each category; `values`: the number of each category
    of a number variable. `n_repeats`: codings left out because their annotator had coded the post before.
    """

    patterns: AnswerPatterns
    contents: Bools
    values: tuple[float, ...]
    n_repeats: int


@dataclass(frozen=True, eq=False)
class Seats:
    """Codings sorted by post and member: the row of the post and the place in it of each (n).

    `posts` are the ids of the posts, row by row.
    """

    posts: Ints
    row: Ints
    place: Ints

    @property
    def width(self) -> int:
        """The most codings of a post."""
        return int(self.place.max(initial=0)) + 1

    def filled(self, values: Ints) -> Ints:
        """A value of each coding in its place (n_posts × width), `NOBODY` in the others."""
        table = np.full((len(self.posts), self.width), NOBODY, dtype=np.int64)
        table[self.row, self.place] = values
        return table


def reading(
    db: Session, selection: Selection, known_already: Reads | None = None
) -> Callable[[Question, tuple[int, ...]], Answered]:
    """What tells how a question (not free text) was answered in the rounds with some ids.

    The `selection` says whose codings count. Authors do not depend on question or rounds: they are read once.
    `known_already` gives codings that need not be read; None for those of questions it does not know.
    """
    known = cache(lambda: authors(db, selection))

    def answered(question: Question, rounds: tuple[int, ...]) -> Answered:
        found = known_already(question, rounds) if known_already else None
        if found is None:
            found = codings(db, question, replace(selection, rounds=rounds))
        return grouped(question, found, *known())

    return answered


def grouped(question: Question, every: Codings, of_authors: Ints, author: Ints) -> Answered:
    """Codings of one question as patterns.

    `of_authors` are ids of posts that have an author, `author` the number of each.
    """
    first = every.first_of_each_member()
    seats = seats_of(first)
    category, contents, values = _categories(question, first.answer)
    cluster = _clusters(seats.posts, of_authors, author)
    patterns = _patterns(cluster, seats.filled(first.member), seats.filled(category))
    return Answered(patterns, contents, values, n_repeats=len(every.post) - len(first.post))


def seats_of(of: Codings) -> Seats:
    """The seats of codings that are sorted by post and member."""
    begins = np.flatnonzero(np.diff(of.post, prepend=-1))
    n_codings = np.diff(begins, append=len(of.post))
    row = np.repeat(np.arange(len(begins)), n_codings)
    return Seats(of.post[begins], row, np.arange(len(of.post)) - begins[row])


def _clusters(posts: Ints, of_authors: Ints, author: Ints) -> Ints:
    """The author of each post, if another of these posts is theirs too; `NOBODY` for all others.

    `of_authors` are ids of posts that have an author, `author` the number of each.
    """
    order = np.argsort(of_authors)
    place = np.searchsorted(of_authors, posts, sorter=order).clip(max=max(len(order) - 1, 0))
    if not len(order):
        return np.full(len(posts), NOBODY, dtype=np.int64)
    found = np.where(of_authors[order[place]] == posts, author[order[place]], NOBODY)
    n_posts = np.bincount(found + 1, minlength=1)
    return np.where(n_posts[found + 1] > 1, found, NOBODY)


def _patterns(cluster: Ints, members: Ints, categories: Ints) -> AnswerPatterns:
    rows, number = distinct_rows(np.column_stack([cluster, members, categories]))
    members, categories = np.split(rows[:, 1:], 2, axis=1)
    return AnswerPatterns(members, categories, np.bincount(number, minlength=len(rows)), rows[:, 0])


def _categories(question: Question, answer: NDArray[Any]) -> tuple[Ints, Bools, tuple[float, ...]]:
    """The category (from 0) of each answer (n × n_columns), the codes in each category, and the numbers."""
    if question.kind == "number":
        found, number = np.unique(answer[:, 0], return_inverse=True)
        values = tuple(float(value) for value in found)
        return number.reshape(-1), np.zeros((len(values), 0), dtype=np.bool_), values
    if question.kind != "multiple":
        return places_of(question, answer[:, 0]), np.eye(len(question.codes), dtype=np.bool_), ()
    sets, category = distinct_rows(answer)
    places = np.arange(len(question.codes))
    contents = sets[:, places // BITS] >> (places % BITS) & 1
    return category, contents.astype(np.bool_), ()
