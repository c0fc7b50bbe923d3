"""The page of the models of annotators."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from server.adjudication.modelled import (
    NO_CODE,
    Asked,
    Evidence,
    Floats,
    Modelled,
    askable,
)
from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.adjudication.remodelled import remembered_model
from server.adjudication.sharing import not_owed, owed
from server.adjudication.standing import ADJUDICATED
from server.corpora.models import Post
from server.estimation import wilson_interval
from server.language import gettext as _
from server.projects.access import Access
from server.reliability.answers import Ints
from server.reliability.queries import annotators_of

PAGE = 50
# A post is doubtful where the model believes less in its likeliest answer, or most annotators said another.
_SURE = 0.9
_START = 160


@dataclass(frozen=True)
class AnnotatorLine:
    """One annotator: their codings, how often the model believes them right, how often they know.

    `confusion`: for each answer that is right, how probably they give each; None where they had none such.
    """

    name: str
    n_codings: int
    right: float
    competence: float
    confusion: tuple[tuple[float, ...] | None, ...]


@dataclass(frozen=True)
class Guess:
    """The likeliest answer and its probability."""

    answer: str
    probability: float


@dataclass(frozen=True)
class DoubtfulPost:
    """A post whose answer is not plain: what was said how often, and what the models believe."""

    number: int
    start: str
    is_cut: bool
    votes: tuple[tuple[str, int], ...]
    dawid_skene: Guess
    mace: Guess


@dataclass(frozen=True)
class Checked:
    """How often a way to settle posts says what reviewers decided one by one; the interval is Wilson's."""

    name: str
    n_right: int
    n: int
    low: float
    high: float


@dataclass(frozen=True)
class ModelledPage:
    """The page; without `annotators` nothing was coded on what is asked."""

    askable: tuple[Asked, ...]
    asked: Asked | None
    notes: tuple[str, ...]
    shares: tuple[tuple[str, float], ...]
    annotators: tuple[AnnotatorLine, ...]
    checked: tuple[Checked, ...]
    n_tied: int
    doubtful: tuple[DoubtfulPost, ...]
    n_doubtful: int
    n_posts: int
    page: int
    n_pages: int


@dataclass(frozen=True, eq=False)
class _Decided:
    """The pattern of each post that was coded and decided (n), and the place of the answer decided on (n)."""

    rows: Ints
    answer: Ints


def modelled_page(db: Session, access: Access, on: str, page: int) -> ModelledPage:
    """What the models say on what an address asks for; on the first thing there is where it asks for none."""
    every = askable(db, access)
    asked = next((each for each in every if each.key == on), every[0] if every else None)
    found = None if asked is None else remembered_model(db, access, asked)
    if asked is None or found is None:
        return ModelledPage(every, asked, (), (), (), (), 0, (), 0, 0, 1, 1)
    rows = _doubtful(found)
    n_pages = max(1, -(-len(rows) // PAGE))
    page = min(page, n_pages)
    decided = _on_decided(found.evidence, _decided(db, access, asked))
    return ModelledPage(
        every,
        asked,
        tuple(dict.fromkeys((*found.dawid_skene.notes, *found.mace.notes))),
        tuple(zip(asked.answers, found.dawid_skene.proportions.tolist(), strict=True)),
        _annotators(db, access, found),
        _checked(found, decided),
        int((found.evidence.vote[decided.rows] == NO_CODE).sum()),
        _posts(db, access, asked, found, rows[(page - 1) * PAGE : page * PAGE]),
        len(rows),
        len(found.evidence.posts),
        page,
        n_pages,
    )


def _annotators(db: Session, access: Access, found: Modelled) -> tuple[AnnotatorLine, ...]:
    known, of = annotators_of(db, access), found.evidence
    lines = [
        AnnotatorLine(known[member].name, n, right, competence, found.dawid_skene.confusion[at])
        for at, (member, n, right, competence) in enumerate(
            zip(
                of.members.tolist(),
                of.n_codings.tolist(),
                found.believed_right.tolist(),
                found.mace.competence.tolist(),
                strict=True,
            )
        )
    ]
    return tuple(sorted(lines, key=lambda line: -line.right))


def _doubtful(found: Modelled) -> Ints:
    """The places of the doubtful posts, the most doubtful first."""
    of, posteriors = found.evidence, found.dawid_skene.posteriors
    sure = posteriors.max(axis=1)
    is_doubtful = (sure < _SURE) | (posteriors.argmax(axis=1) != of.vote)
    places = np.flatnonzero(is_doubtful[of.pattern])
    return places[np.argsort(sure[of.pattern[places]], kind="stable")]


def _posts(
    db: Session, access: Access, asked: Asked, found: Modelled, places: Ints
) -> tuple[DoubtfulPost, ...]:
    of, answers = found.evidence, asked.answers
    texts = _texts(db, access, of.posts[places].tolist())
    shown = []
    for post, row in zip(of.posts[places].tolist(), of.pattern[places].tolist(), strict=True):
        number, text = texts[post]
        votes = [(answers[at], int(n)) for at, n in enumerate(of.votes[row]) if n]
        guesses = [_guess(answers, model.posteriors[row]) for model in (found.dawid_skene, found.mace)]
        shown.append(DoubtfulPost(number, text[:_START], len(text) > _START, tuple(votes), *guesses))
    return tuple(shown)


def _guess(answers: tuple[str, ...], posterior: Floats) -> Guess:
    best = int(posterior.argmax())
    return Guess(answers[best], float(posterior[best]))


def _texts(db: Session, access: Access, ids: list[int]) -> dict[int, tuple[int, str]]:
    rows = db.execute(
        select(col(Post.id), col(Post.number), func.substr(col(Post.text), 1, _START + 1)).where(
            col(Post.project_id) == access.project_id, col(Post.id).in_(ids)
        )
    )
    return {post_id: (number, text) for post_id, number, text in rows}


def _decided(db: Session, access: Access, asked: Asked) -> dict[int, int]:
    """The place of the answer a reviewer decided on, post by post. Decisions by a rule say nothing new."""
    rows = db.execute(
        select(col(Decision.post_id), col(DecisionAnswer.code_id))
        .join(StandingDecision, col(StandingDecision.decision_id) == col(Decision.id))
        .join(DecisionAnswer, col(DecisionAnswer.decision_id) == col(Decision.id))
        .where(
            col(StandingDecision.project_id) == access.project_id,
            col(StandingDecision.variable_id) == asked.question.id,
            col(Decision.basis) == ADJUDICATED,
            not_owed(owed(db, access), col(StandingDecision.post_id)),
        )
    ).all()
    if asked.code is not None:
        found = {post_id: 0 for post_id, _code in rows}
        return found | {post_id: 1 for post_id, code in rows if code in asked.code.ids}
    places = {id_: at for at, code in enumerate(asked.question.codes) for id_ in code.ids}
    return {post_id: places[code] for post_id, code in rows if code in places}


def _checked(found: Modelled, decided: _Decided) -> tuple[Checked, ...]:
    ways = [
        (_("Vote of the annotators"), found.evidence.vote),
        ("Dawid & Skene", found.dawid_skene.posteriors.argmax(axis=1)),
        ("MACE", found.mace.posteriors.argmax(axis=1)),
    ]
    n = len(decided.rows)
    return tuple(
        _share(name, int((said[decided.rows] == decided.answer).sum()), n) for name, said in ways if n
    )


def _share(name: str, n_right: int, n: int) -> Checked:
    return Checked(name, n_right, n, *wilson_interval(n_right, n))


def _on_decided(of: Evidence, decided: dict[int, int]) -> _Decided:
    ids = np.array(sorted(decided), dtype=np.int64)
    kept = ids[np.isin(ids, of.posts)]
    rows = of.pattern[np.searchsorted(of.posts, kept)]
    return _Decided(rows, np.array([decided[int(post)] for post in kept], dtype=np.int64))
