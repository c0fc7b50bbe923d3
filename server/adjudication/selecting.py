"""Which disputes are listed, and in which order: by entropy, by marks on the posts, at random by a seed."""

import numpy as np
from sqlalchemy import Select, select
from sqlmodel import Session, col

from server.adjudication.disputes import Dispute
from server.adjudication.filters import Sifting
from server.adjudication.memory import stamp_of
from server.adjudication.models import CodebookProblem
from server.adjudication.scope import SUBMITTED, Scope
from server.adjudication.second_decisions import apart_posts
from server.adjudication.sharing import ranks
from server.adjudication.tallies import Ints
from server.coding.models import Coding, PostQuestion, SentBack
from server.rounds.models import Assignment

_Ids = frozenset[int]


def sifted(db: Session, scope: Scope, found: tuple[Dispute, ...], sifting: Sifting) -> tuple[Dispute, ...]:
    """The disputes that are left, in their order. A sample is drawn before what is decided is left out."""
    if sifting.entropy:
        found = tuple(each for each in found if each.entropy >= sifting.entropy)
    if sifting.flag:
        flagged = _flagged(db, scope, sifting.flag)
        found = tuple(each for each in found if each.post_id in flagged)
    if sifting.sample and sifting.sample < len(found):
        ranks = _ranks(found, sifting.seed)
        drawn = np.sort(np.argsort(ranks, kind="stable")[: sifting.sample])
        found = tuple(found[place] for place in drawn.tolist())
    return _ordered(found, sifting)


def _ordered(found: tuple[Dispute, ...], sifting: Sifting) -> tuple[Dispute, ...]:
    """They come lowest agreement first."""
    if sifting.order == "entropy":
        return tuple(sorted(found, key=_need))
    if sifting.order == "post":
        return tuple(sorted(found, key=lambda each: each.post_id))
    if sifting.order == "random":
        return tuple(
            found[place] for place in np.argsort(_ranks(found, sifting.seed), kind="stable").tolist()
        )
    return found


def _need(of: Dispute) -> tuple[float, int, int]:
    return -of.entropy, -len(of.variable_ids), of.post_id


def _ranks(found: tuple[Dispute, ...], seed: str) -> Ints:
    """A number for each post that depends on the seed and the post alone."""
    return ranks((each.post_id for each in found), seed)


def _flagged(db: Session, scope: Scope, flag: str) -> _Ids:
    wanted = ("unsure", "memo", "question", "problem", "back", "apart") if flag == "any" else (flag,)
    return frozenset[int]().union(*(_with(db, scope, each) for each in wanted))


def _with(db: Session, scope: Scope, flag: str) -> _Ids:
    if flag in ("unsure", "memo"):
        return _remembered(db, scope, flag)
    if flag == "problem":
        of_project = col(CodebookProblem.project_id) == scope.project_id
        is_open = col(CodebookProblem.dealt_with_in).is_(None)
        return frozenset(db.scalars(select(col(CodebookProblem.post_id)).where(of_project, is_open)))
    if flag == "apart":
        return apart_posts(db, scope.project_id)
    of = PostQuestion if flag == "question" else SentBack
    return frozenset(db.scalars(select(col(of.post_id)).where(col(of.project_id) == scope.project_id)))


def _remembered(db: Session, scope: Scope, flag: str) -> _Ids:
    """What annotators marked, from memory if nothing was coded since it was read."""
    stamp, place = (stamp_of(db, scope), scope.hidden), ("flagged", scope.project_id)
    kept_at, kept = db.info["memory"].get(place, (None, {}))
    known: dict[str, _Ids] = kept if kept_at == stamp else {}
    if flag not in known:
        known = {**known, flag: frozenset(db.scalars(_marked(scope, flag)))}
        db.info["memory"][place] = (stamp, known)
    return known[flag]


def _marked(scope: Scope, flag: str) -> Select[int]:
    is_marked = col(Coding.is_unsure) if flag == "unsure" else col(Coding.memo) != ""
    return (
        select(col(Assignment.post_id))
        .join(Coding, col(Coding.id) == col(Assignment.coding_id))
        .where(
            is_marked,
            col(Assignment.state) == SUBMITTED,
            col(Assignment.round_id).in_(scope.round_ids),
        )
    )
