"""Posts on which the same annotators answered alike, counted; and whose they are.

The order of everything here is the program's own, since the resamples of the bootstrap follow it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.archive.recomputing.reading import Answer, Answers, Question

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NOBODY = -1
# Up to so many patterns authors are compared in a table, else in lists: it decides the order of their kinds.
_WIDEST = 32


@dataclass(frozen=True)
class Clusters:
    """Author `owner[e]` (from 0) has `posts[e]` posts of pattern `pattern[e]`.

    `source` are the same posts by the same authors before patterns were merged.
    """

    owner: Ints
    pattern: Ints
    posts: Ints
    source: "Clusters | None" = None

    def merged(self, number: Ints) -> "Clusters":
        """The same when pattern p becomes pattern `number[p]`."""
        return Clusters(self.owner, number[self.pattern], self.posts, self.source or self)

    @property
    def n(self) -> int:
        """How many authors there are."""
        return int(self.owner.max(initial=-1)) + 1

    def kinds(self) -> tuple[Ints, Ints]:
        """The kind of each author, and one author of each kind; alike are those with the same posts."""
        width = int(self.pattern.max(initial=0)) + 1
        if width <= _WIDEST:
            table = np.zeros((self.n, width), dtype=np.int64)
            np.add.at(table, (self.owner, width - 1 - self.pattern), self.posts)
            _rows, kind = np.unique(table, axis=0, return_inverse=True)
            kind = kind.reshape(-1)
        else:
            kind = self._kinds_in_lists()
        example = np.zeros(int(kind.max(initial=-1)) + 1, dtype=np.int64)
        example[kind] = np.arange(self.n)
        return kind, example

    def _kinds_in_lists(self) -> Ints:
        entries, at = np.unique(np.stack([self.owner, self.pattern], axis=1), axis=0, return_inverse=True)
        totals = np.bincount(at.reshape(-1), self.posts).astype("<i8")
        items = np.column_stack([entries[:, 1].astype("<i8"), totals])
        ends = np.flatnonzero(np.diff(entries[:, 0], append=-1)) + 1
        keys = [items[start:end].tobytes() for start, end in zip([0, *ends[:-1]], ends, strict=True)]
        number = {key: place for place, key in enumerate(sorted(set(keys)))}
        return np.array([number[key] for key in keys], dtype=np.int64)

    def drawn_kinds(self) -> tuple[Ints, Ints]:
        """The kinds that resamples are drawn from: own ones where they are few, else those of the source."""
        own = self.kinds()
        width = int(self.pattern.max(initial=0)) + 1
        if self.source is None or (width <= _WIDEST and len(own[1]) * 32 <= self.n):
            return own
        return self.source.kinds()

    def profiles(self, example: Ints, n_patterns: int) -> Ints:
        """How many posts of each pattern each of these authors has (n_authors × n_patterns)."""
        table = np.zeros((self.n, n_patterns), dtype=np.int64)
        np.add.at(table, (self.owner, self.pattern), self.posts)
        return table[example]


@dataclass(frozen=True)
class Patterns:
    """Rows of categories (n_patterns × most codings of a post), in order, `NOBODY` first.

    `contents` (n_categories × n_codes) are the codes in each category, `values` the number of each.
    """

    rows: Ints
    frequency: Ints
    clusters: Clusters | None
    contents: Bools
    values: tuple[float, ...]

    def counts(self, n_categories: int) -> Ints:
        """How often each category was given (n_patterns × n_categories)."""
        counts = np.zeros((len(self.rows), n_categories), dtype=np.int64)
        at, place = np.nonzero(self.rows != NOBODY)
        np.add.at(counts, (at, self.rows[at, place]), 1)
        return counts

    def yes_no(self, code: int) -> tuple[Ints, Ints, Clusters | None]:
        """Counts of no and of yes to one code, how many posts have these, and whose they are."""
        given = self.rows != NOBODY
        yes = (given & self.contents[self.rows, code]).sum(axis=1)
        table, number = distinct(np.stack([given.sum(axis=1) - yes, yes], axis=1))
        clusters = self.clusters.merged(number) if self.clusters else None
        return table, summed(number, self.frequency, len(table)), clusters


def distinct(table: Ints) -> tuple[Ints, Ints]:
    """The different rows in ascending order, and the number of each row."""
    found, number = np.unique(table, axis=0, return_inverse=True)
    return found, number.reshape(-1)


def summed(number: Ints, frequency: Ints, length: int) -> Ints:
    """The sum of the frequencies of each number."""
    return np.bincount(number, frequency, minlength=length).astype(np.int64)


def patterns(question: Question, answers: Answers, authors: dict[str, int]) -> Patterns:
    """The first answers of all annotators, grouped; `authors` are the numbers of those who have one."""
    first = {
        post: {one.annotator: one for one in sorted(said, key=lambda one: -one.round)}
        for post, said in answers.items()
    }
    said = [one for each in first.values() for one in each.values()]
    category, contents, values = _categories(question, said)
    posts = [post for post in authors if first.get(post)]
    width = max((len(first[post]) for post in posts), default=1)
    members = np.full((len(posts), width), NOBODY, dtype=np.int64)
    given = np.full((len(posts), width), NOBODY, dtype=np.int64)
    for at, post in enumerate(posts):
        for place, annotator in enumerate(sorted(first[post])):
            one = first[post][annotator]
            members[at, place] = annotator
            given[at, place] = category[one.number if question.kind == "number" else one.codes]
    cluster = _repeating(np.array([authors[post] for post in posts], dtype=np.int64))
    table, number = distinct(np.column_stack([cluster, members, given]))
    frequency = np.bincount(number, minlength=len(table))
    clusters = _clusters(table[:, 0], frequency)
    rows, number = distinct(np.sort(table[:, 1 + width :], axis=1))
    merged = clusters.merged(number) if clusters else None
    return Patterns(rows, summed(number, frequency, len(rows)), merged, contents, values)


def _categories(question: Question, said: list[Answer]) -> tuple[dict[object, int], Bools, tuple[float, ...]]:
    """The number of each whole answer, the codes in each, and the values."""
    if question.kind == "number":
        values = sorted({one.number for one in said if one.number is not None})
        return {value: at for at, value in enumerate(values)}, np.zeros((len(values), 0), bool), tuple(values)
    keys = [code.key for code in question.codes]
    if question.kind != "multiple":
        return {frozenset({key}): at for at, key in enumerate(keys)}, np.eye(len(keys), dtype=bool), ()
    # As bits, 62 of them a number, in ascending order: so the program numbers sets of codes.
    sets = sorted({one.codes for one in said}, key=lambda codes: _bits(codes, keys))
    contents = np.array([[key in codes for key in keys] for codes in sets], dtype=bool)
    return {codes: at for at, codes in enumerate(sets)}, contents.reshape(len(sets), len(keys)), ()


def _bits(codes: frozenset[str], keys: list[str]) -> tuple[int, ...]:
    numbers = [0] * max(1, -(-len(keys) // 62))
    for place, key in enumerate(keys):
        numbers[place // 62] |= (key in codes) << place % 62
    return tuple(numbers)


def _repeating(author: Ints) -> Ints:
    """The author of each post, `NOBODY` where no other of these posts is theirs."""
    n_posts = np.bincount(author + 1, minlength=1)
    n_posts[0] = 0
    return np.where(n_posts[author + 1] > 1, author, NOBODY)


def _clusters(cluster: Ints, frequency: Ints) -> Clusters | None:
    """Whose the posts of each row are; None where no author has a second post."""
    alone = cluster == NOBODY
    if alone.all():
        return None
    rows = np.repeat(np.arange(len(cluster)), np.where(alone, frequency, 1))
    owner, posts = cluster[rows], frequency[rows]
    first_free = int(cluster.max(initial=0)) + 1
    owner[alone[rows]] = first_free + np.arange(int(alone[rows].sum()))
    posts[alone[rows]] = 1
    return Clusters(np.unique(owner, return_inverse=True)[1].reshape(-1), rows, posts)
