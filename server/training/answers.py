"""Answers gathered question by question, whatever they belong to: a coding, or an edition of gold."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from server.coding.answers import Answer
from server.training.comparing import NOTHING, Answers


def by_variable(answers: Iterable[Answer]) -> dict[int, Answers]:
    """The answers to each variable, by its id."""
    found: dict[int, Answers] = {}
    for answer in answers:
        found[answer.variable_id] = found.get(answer.variable_id, NOTHING) | {answer}
    return found


def answers_by(db: Session, owner: Any, ids: Collection[int]) -> dict[int, dict[int, Answers]]:
    """Owner → variable → answers, for the owners with these ids; `owner` is the column that names them."""
    of = owner.class_
    columns = (owner, of.variable_id, of.code_id, of.number, of.text, of.nothing_applies)
    given: dict[int, list[Answer]] = {owner_id: [] for owner_id in ids}
    for owner_id, *cells in db.execute(select(*columns).where(owner.in_(ids))):
        given[owner_id].append(Answer(*cells))
    return {owner_id: by_variable(answers) for owner_id, answers in given.items()}
