"""Each annotator against the rest, and the range of alpha when each of them is left out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from server.agreement.one_out import OneAnnotator, each_annotator
from server.codebooks.queries import CodeInfo
from server.reliability.answers import NOBODY
from server.reliability.grouping import Answered
from server.reliability.inquiry import OnceRead
from server.reliability.material import Material
from server.reliability.measuring import Measuring
from server.reliability.queries import Annotator, Question


@dataclass(frozen=True)
class AnnotatorLine:
    """One annotator against the rest, by the name the reader may know."""

    name: str
    n_posts: int
    agreed: float | None
    alpha: float | None
    without: float | None


@dataclass(frozen=True)
class Range:
    """The least and the greatest alpha when each annotator is left out."""

    low: float
    high: float


@dataclass(frozen=True)
class AgainstRest:
    """The annotators on what is looked at; `ranges` by code, "" for the whole variable."""

    lines: tuple[AnnotatorLine, ...]
    ranges: Mapping[str, Range]


NOBODY_SHOWN = AgainstRest((), {})


def against_rest(material: Material, question: Question, code: str) -> AgainstRest:
    """Each annotator on a question or its `code`, where annotators may be told apart."""
    if material.why_no_pairs or question.kind == "text":
        return NOBODY_SHOWN
    names = material.annotators
    effects = _effects(question, material.answers, material.measuring)
    shown = effects.get(code, effects.get("", ()))
    ranges = {key: found for key, every in effects.items() if (found := _range(every)) is not None}
    return AgainstRest(tuple(_line(one, names) for one in shown), ranges)


def _effects(
    question: Question, answers: OnceRead, measuring: Measuring
) -> dict[str, tuple[OneAnnotator, ...]]:
    """By code as a question of yes or no, and under "" of whole answers where there is one answer."""
    codes = {code.key: _of_code(question, place, code, answers) for place, code in enumerate(question.codes)}
    if question.kind == "multiple":
        return codes
    return {"": of_answers(question, answers(question, question.rounds), measuring)} | codes


def _of_code(question: Question, place: int, code: CodeInfo, answers: OnceRead) -> tuple[OneAnnotator, ...]:
    asked = answers(question, question.offered[code.id])
    patterns = asked.patterns
    holds = asked.contents[:, place].astype(np.int64)
    said = (
        np.where(patterns.answers == NOBODY, NOBODY, holds[patterns.answers])
        if len(holds)
        else patterns.answers
    )
    return each_annotator(patterns.members, said, patterns.frequency, 2)


def of_answers(question: Question, whole: Answered, measuring: Measuring) -> tuple[OneAnnotator, ...]:
    """Each annotator on a question with one answer; empty where its values have no alpha."""
    patterns = whole.patterns
    values = whole.values if question.kind == "number" else measuring.values_of(question.codes, question.kind)
    try:
        return each_annotator(
            patterns.members,
            patterns.answers,
            patterns.frequency,
            max(len(values), 1),
            values or [0.0],
            measuring.level_of(question.kind),
        )
    except ValueError:  # The report says in words why these values have no alpha.
        return ()


def _line(one: OneAnnotator, names: Mapping[int, Annotator]) -> AnnotatorLine:
    return AnnotatorLine(names[one.member].name, one.n_posts, one.agreed, one.alpha, one.without)


def _range(effects: tuple[OneAnnotator, ...]) -> Range | None:
    found = sorted(one.without for one in effects if one.without is not None)
    return Range(found[0], found[-1]) if len(found) > 1 else None
