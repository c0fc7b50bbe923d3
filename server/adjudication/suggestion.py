"""What the models of annotators believe of one post. Shown to whoever asks for it, and to nobody unasked."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from server.adjudication.answers import Question, Table
from server.adjudication.modelled import Asked, Modelled, askable
from server.adjudication.remodelled import remembered_model
from server.projects.access import Access


@dataclass(frozen=True)
class Suggested:
    """The likeliest answer in the model of Dawid & Skene, and its probability.

    `code` is the code of a choice of many that is asked. Without an `answer` nobody coded independently.
    """

    label: str
    code: str
    answer: str
    probability: float


def suggestions(db: Session, access: Access, table: Table) -> tuple[Suggested, ...]:
    """What the model believes on each question in dispute; of a choice of many on each code in dispute."""
    every = askable(db, access)
    return tuple(
        _suggested(db, access, question, asked, table.post.id)
        for question in table.disputed
        for asked in _asked(every, question)
    )


def _asked(every: tuple[Asked, ...], question: Question) -> Iterator[Asked]:
    for asked in every:
        if asked.question.id == question.variable.id and _is_disputed(asked, question):
            yield asked


def _is_disputed(asked: Asked, question: Question) -> bool:
    if asked.code is None:
        return True
    return 0 < question.yes.get(asked.code.id, 0) < question.voices.get(asked.code.id, 0)


def _suggested(db: Session, access: Access, question: Question, asked: Asked, post_id: int) -> Suggested:
    label, code = question.variable.label, asked.code.label if asked.code else ""
    found = remembered_model(db, access, asked)
    row = None if found is None else _pattern(found, post_id)
    if found is None or row is None:
        return Suggested(label, code, "", 0.0)
    posterior = found.dawid_skene.posteriors[row]
    best = int(posterior.argmax())
    return Suggested(label, code, asked.answers[best], float(posterior[best]))


def _pattern(found: Modelled, post_id: int) -> int | None:
    posts = found.evidence.posts
    at = int(np.searchsorted(posts, post_id))
    return int(found.evidence.pattern[at]) if at < len(posts) and posts[at] == post_id else None
