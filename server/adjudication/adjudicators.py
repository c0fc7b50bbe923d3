"""How far adjudicators agree who decided the same posts without seeing each other's decision."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from server.adjudication.models import DecisionAnswer, SecondDecision
from server.adjudication.scope import Scope
from server.adjudication.second_decisions import apart_posts
from server.adjudication.sharing import owed
from server.agreement import (
    Coefficient,
    agree_on_patterns,
    agree_on_sets,
    rated_patterns,
    set_patterns,
)
from server.codebooks.queries import VariableInfo
from server.coding.answers import Answer
from server.projects.access import Access

SEED = 1
_Given = frozenset[Answer]


@dataclass(frozen=True)
class Agreed:
    """One question: how many posts were decided twice, how many alike, and alpha, if there are any."""

    label: str
    n: int
    n_alike: int
    alpha: Coefficient | None


@dataclass(frozen=True)
class AdjudicatorsPage:
    """The questions, and how many posts on which two adjudicators differ are still open."""

    rows: tuple[Agreed, ...]
    n_open: int
    n_owed: int


def adjudicators_page(db: Session, access: Access, scope: Scope) -> AdjudicatorsPage:
    """Agreement on each question that was decided twice at all."""
    pairs = _pairs(db, scope)
    rows = tuple(_agreed(each, pairs[each.id]) for each in scope.variables if each.id in pairs)
    return AdjudicatorsPage(rows, len(apart_posts(db, access.project_id)), len(owed(db, access)))


def _pairs(db: Session, scope: Scope) -> dict[int, list[tuple[_Given, _Given]]]:
    """Variable → the two answers of each post, as they were given independently."""
    second = SecondDecision
    of_project = col(second.project_id) == scope.project_id
    columns = (second.variable_id, second.first_id, second.decision_id)
    rows = db.execute(select(*(col(each) for each in columns)).where(of_project)).all()
    answers: dict[int, _Given] = {}
    for each in (second.first_id, second.decision_id):
        given = select(DecisionAnswer).join(second, col(each) == col(DecisionAnswer.decision_id))
        for row in db.scalars(given.where(of_project)):
            code_id = scope.read_as.get(row.code_id or 0, row.code_id)
            answer = Answer(0, code_id, row.number, row.text, row.nothing_applies)
            answers[row.decision_id] = answers.get(row.decision_id, frozenset()) | {answer}
    found: dict[int, list[tuple[_Given, _Given]]] = {}
    for variable_id, first_id, second_id in rows:
        pair = (answers.get(first_id, frozenset()), answers.get(second_id, frozenset()))
        found.setdefault(variable_id, []).append(pair)
    return found


def _agreed(of: VariableInfo, pairs: list[tuple[_Given, _Given]]) -> Agreed:
    n_alike = sum(one == other for one, other in pairs)
    return Agreed(of.label, len(pairs), n_alike, _alpha(of, pairs))


def _alpha(of: VariableInfo, pairs: list[tuple[_Given, _Given]]) -> Coefficient:
    if of.kind == "multiple":
        place = {code.id: at for at, code in enumerate(of.codes)}
        chosen = [
            sum(1 << place[each.code_id] for each in answers if each.code_id in place)
            for pair in pairs
            for answers in pair
        ]
        return agree_on_sets(set_patterns(np.repeat(np.arange(len(pairs)), 2), chosen), seed=SEED)
    said, values = _scale(of, pairs)
    order = {each: at for at, each in enumerate(said)}
    table = np.array([[order[_value(of, answers)] for answers in pair] for pair in pairs])
    level = {"ordinal": "ordinal", "number": "interval"}.get(of.kind, "nominal")
    patterns = rated_patterns(table, max(2, len(said)))
    return agree_on_patterns(patterns, values, level, seed=SEED)[1]  # type: ignore[arg-type]


def _scale(
    of: VariableInfo, pairs: list[tuple[_Given, _Given]]
) -> tuple[list[int | float | str], list[float | None] | None]:
    """What can be said, in order, and the numbers of it."""
    if of.codes:
        values = [code.value for code in of.codes]
        ids: list[int | float | str] = [code.id for code in of.codes]
        return ids, values if None not in values else [float(place) for place in range(len(values))]
    said = sorted(
        {_value(of, answers) for pair in pairs for answers in pair}, key=lambda each: (str(type(each)), each)
    )
    if of.kind != "number":
        return said, None
    numbers: list[float | None] = [float(each) for each in said]
    return said, [*numbers, *([max(n or 0 for n in numbers) + 1] if len(numbers) == 1 else [])]


def _value(of: VariableInfo, answers: _Given) -> int | float | str:
    answer = next(iter(answers))
    if of.codes:
        return answer.code_id or 0
    return answer.number if of.kind == "number" and answer.number is not None else answer.text or ""
