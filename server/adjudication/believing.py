"""What the model of Dawid & Skene is sure of, as a rule of many decisions accepts it.

Posts of a single annotator are none of its business: they are accepted by a rule of their own.
"""

import numpy as np
from sqlmodel import Session

from server.adjudication.bulk import Model
from server.adjudication.modelled import Asked, Floats, Modelled, askable
from server.adjudication.remodelled import remembered_model
from server.adjudication.rules import BASES, MODEL
from server.adjudication.tallies import Flags, Ints
from server.adjudication.verdicts import Verdicts, given
from server.agreement.lists import distinct_rows
from server.codebooks.queries import VariableInfo
from server.coding.answers import Answer
from server.projects.access import Access

# Not quite, so that 0.95 typed is 0.95 believed.
_ALMOST = 1e-9


def model_of(db: Session, access: Access) -> Model:
    """The models of what this reader may see, asked one question at a time."""

    def sure(of: VariableInfo, threshold: float, posts: Ints) -> Verdicts:
        asked = [each for each in askable(db, access) if each.question.id == of.id]
        believe = _of_codes if of.kind == "multiple" else _of_one
        return believe(db, access, of, asked, threshold - _ALMOST, posts)

    return sure


def notes_on(db: Session, access: Access, of: VariableInfo) -> tuple[str, ...]:
    """Why what the model believes of a question is to be read with care."""
    asked = [each for each in askable(db, access) if each.question.id == of.id]
    models = [remembered_model(db, access, each) for each in asked]
    return tuple(dict.fromkeys(note for each in models if each for note in each.dawid_skene.notes))


def _believed(found: Modelled, posts: Ints) -> tuple[Ints, Floats, Flags]:
    """Places of posts (n), their posteriors (n × answers), and whether two or more coded them (n)."""
    evidence = found.evidence
    place = np.searchsorted(posts, evidence.posts)
    is_seen = np.isin(evidence.posts, posts)
    pattern = evidence.pattern[is_seen]
    return place[is_seen], found.dawid_skene.posteriors[pattern], evidence.votes.sum(axis=1)[pattern] > 1


def _of_one(
    db: Session, access: Access, of: VariableInfo, asked: list[Asked], threshold: float, posts: Ints
) -> Verdicts:
    found = remembered_model(db, access, asked[0]) if asked else None
    if found is None:
        return _nothing()
    place, posterior, is_double = _believed(found, posts)
    best = posterior.argmax(axis=1)
    codes = asked[0].question.codes
    is_known = np.array([code.id in of.code_by_id for code in codes])
    rows = is_double & (posterior.max(axis=1) >= threshold) & is_known[best]
    answers = tuple(frozenset({Answer(of.id, code_id=code.id)}) for code in codes)
    return Verdicts(place, np.full(len(place), BASES.index(MODEL)), best, answers).only(rows)


def _of_codes(
    db: Session, access: Access, of: VariableInfo, asked: list[Asked], threshold: float, posts: Ints
) -> Verdicts:
    """Each code is a question of its own, and the model has to be sure of every one that was asked."""
    chosen = np.zeros((len(posts), len(of.codes)), dtype=np.int64)
    is_asked, is_sure = np.zeros(len(posts), dtype=np.bool_), np.ones(len(posts), dtype=np.bool_)
    places = {code.id: place for place, code in enumerate(of.codes)}
    for each in asked:
        found = remembered_model(db, access, each)
        if found is None or each.code is None or each.code.id not in places:
            continue
        place, posterior, is_double = _believed(found, posts)
        is_asked[place] = True
        is_sure[place] &= is_double & (posterior.max(axis=1) >= threshold)
        chosen[place, places[each.code.id]] = posterior.argmax(axis=1)
    rows = np.flatnonzero(is_asked & is_sure)
    sets, answer = distinct_rows(chosen[rows])
    answers = tuple(given(of, np.flatnonzero(flags).tolist()) for flags in sets)
    return Verdicts(rows, np.full(len(rows), BASES.index(MODEL)), answer, answers)


def _nothing() -> Verdicts:
    none = np.zeros(0, dtype=np.int64)
    return Verdicts(none, none, none, ())
