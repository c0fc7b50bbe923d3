"""From the codings and decisions of a slice of posts to the final values of its variables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from sqlmodel import Session

from server.adjudication.tallies import Chosen, Codings
from server.codebooks.kinds import CHOICES
from server.codebooks.queries import VariableInfo
from server.projects.access import Access
from server.results.conditional import Final, as_asked
from server.results.outcomes import (
    Ballots,
    Bases,
    Choices,
    Counts,
    Decided,
    Flags,
    Rule,
    Statements,
    Values,
    Worded,
    each_code,
    no_code,
    one_code,
    one_statement,
)
from server.results.queries import PostMark, Rulings, Scope, Slice, asked_questions, offered_codes, slices

_Offered = Mapping[int, frozenset[int]]


@dataclass(frozen=True)
class FinalSlice:
    """Some posts with their codings and their final values, these by the ids of the variables."""

    posts: tuple[PostMark, ...]
    ballots: Codings
    finals: dict[int, Final]

    @property
    def n_double_coded(self) -> int:
        """How many of the posts two annotators or more have coded."""
        post, member = self.ballots.post, self.ballots.member
        annotations = np.unique(post * (member.max(initial=0) + 1) + member) // (member.max(initial=0) + 1)
        return int((np.bincount(annotations) > 1).sum())


def final_slices(
    db: Session, access: Access, scope: Scope, of: Sequence[VariableInfo], rule: Rule
) -> Iterator[FinalSlice]:
    """The final values of all posts, some thousand posts at a time, in the order of their numbers."""
    offered, asking = offered_codes(db, scope), asked_questions(db, scope)
    for part in slices(db, access, scope, of):
        finals = {variable.id: _final(part, variable, offered, rule) for variable in of}
        put = partial(_put, part, offered, asking)
        yield FinalSlice(part.posts, part.ballots, as_asked(of, finals, put))


def _put(part: Slice, offered: _Offered, asking: _Offered, of: VariableInfo) -> Flags:
    """Whether a round in which a post is coded asks the question, a multiple choice for each code.

    (posts, codes) of a multiple choice, else (posts, 1).
    """
    is_multiple = of.kind == "multiple" and bool(of.codes)
    found = np.zeros((len(part.posts), len(of.codes) if is_multiple else 1), dtype=np.bool_)
    for round_id in np.unique(part.ballots.round).tolist():
        if of.id in asking[round_id]:
            codes = [code.id in offered[round_id] for code in of.codes] if is_multiple else [True]
            found[part.ballots.post[part.ballots.round == round_id]] |= np.array(codes, dtype=np.bool_)
    return found


def _final(part: Slice, of: VariableInfo, offered: _Offered, rule: Rule) -> Final:
    if of.kind not in CHOICES:
        return _statements(part, of, rule)
    n_posts, chosen = len(part.posts), part.ballots.on(of)
    ballots = _ballots(chosen, of, offered, n_posts)
    decided = _decided(part.decided[of.id], of, n_posts)
    if of.kind != "multiple":
        return Final(ballots.voices, one_code(ballots, decided, rule))
    final = each_code(ballots, decided, rule)
    empty = np.bincount(chosen.post[~chosen.codes.any(axis=1)], minlength=n_posts)
    return Final(ballots.voices, final, no_code(final, ballots, empty, decided))


def _ballots(chosen: Chosen, of: VariableInfo, offered: _Offered, n_posts: int) -> Ballots:
    counts, voices = chosen.counts(n_posts), np.bincount(chosen.post, minlength=n_posts)
    if of.kind != "multiple":
        return Ballots(counts, np.repeat(voices[:, None], len(of.codes), axis=1), voices)
    return Ballots(counts, chosen.offered(n_posts, _offers(of, offered)), voices)


def _offers(of: VariableInfo, offered: _Offered) -> dict[int, Flags]:
    """Round → which codes of the variable it offers."""
    return {
        round_id: np.array([code.id in codes for code in of.codes], dtype=np.bool_)
        for round_id, codes in offered.items()
    }


def _decided(rulings: Rulings, of: VariableInfo, n_posts: int) -> Decided:
    chosen = np.zeros((n_posts, len(of.codes)), dtype=np.bool_)
    for place, code in enumerate(of.codes):
        chosen[rulings.post[np.isin(rulings.answer, code.ids)], place] = True
    return Decided(chosen, _bases(rulings, n_posts))


def _bases(rulings: Rulings, n_posts: int) -> Bases:
    bases = np.zeros(n_posts, dtype=np.int8)
    bases[rulings.post] = rulings.basis
    return bases


def _statements(part: Slice, of: VariableInfo, rule: Rule) -> Final:
    n_posts, rulings = len(part.posts), part.decided[of.id]
    tally = part.worded[of.id].tally
    voices = np.bincount(tally.post, tally.annotators, n_posts).astype(np.int64)
    alike = np.bincount(tally.post, minlength=n_posts) == 1
    coded = Worded(voices, alike, _placed(tally.post, tally.answer, tally.values, n_posts))
    decided = _placed(rulings.post, rulings.answer, rulings.values, n_posts)
    return Final(voices, one_statement(coded, decided, _bases(rulings, n_posts), rule))


def _placed(post: Counts, answer: Counts, values: Sequence[object], n_posts: int) -> Values:
    """A value of each post; None where it has none."""
    found = np.full(n_posts, None, dtype=object)
    for place, number in zip(post.tolist(), answer.tolist(), strict=True):
        found[place] = values[number]
    return found


def joined(parts: Sequence[Final]) -> Final:
    """The final values of one variable over all slices."""
    choices = [part.values for part in parts if isinstance(part.values, Choices)]
    statements = [part.values for part in parts if isinstance(part.values, Statements)]
    nothing = [part.nothing for part in parts if part.nothing is not None]
    return Final(
        np.concatenate([part.voices for part in parts]),
        _joined_choices(choices) if choices else _joined_statements(statements),
        _joined_choices(nothing) if nothing else None,
    )


def _joined_choices(parts: Sequence[Choices]) -> Choices:
    chosen, basis = [part.chosen for part in parts], [part.basis for part in parts]
    return Choices(np.concatenate(chosen), np.concatenate(basis))


def _joined_statements(parts: Sequence[Statements]) -> Statements:
    values, basis = [part.values for part in parts], [part.basis for part in parts]
    return Statements(np.concatenate(values), np.concatenate(basis))
