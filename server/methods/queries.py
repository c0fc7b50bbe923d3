"""Gathering everything the methods text may say to one reader."""

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from server.adjudication.models import Decision, SecondDecision, StandingDecision
from server.adjudication.sharing import not_owed
from server.errors import Refusal
from server.methods.coding_behind import n_late, rounds_of
from server.methods.facts import DecisionFact, Facts
from server.methods.posts_behind import corpus_of, imports_of
from server.projects.access import Access
from server.results.choices import Ways, Weights
from server.results.memory import remembered_agreement
from server.results.queries import Scope, scope_of_figures, variables
from server.results.report import ResultsReport, results_report
from server.rounds.queries import in_none_of


def facts_of(db: Session, access: Access) -> Facts:
    """What happened, as far as this reader may see it."""
    scope = scope_of_figures(db, access)
    asked = variables(db, access, scope)
    results = results_report(db, access)
    return Facts(
        imports=imports_of(db, access),
        corpus=corpus_of(db, access),
        book=asked if scope.rounds else (),
        rounds=rounds_of(db, access),
        n_late=n_late(db, access),
        agreement=tuple(remembered_agreement(db, access, scope, asked).values()),
        decisions=_decisions(db, scope),
        results=results,
        weighed=_weighed(db, access) if results.weighted.can_be else None,
    )


def _weighed(db: Session, access: Access) -> ResultsReport | None:
    """The results weighed by the draw; None where no single weight is known of each post."""
    try:
        return results_report(db, access, Ways(weights=Weights.DRAWN))
    except Refusal:
        return None


def _decisions(db: Session, scope: Scope) -> DecisionFact:
    """What people decided of what this reader may see, rules apart."""
    n, n_posts, n_consensus, n_reasons = db.execute(
        select(
            func.count(),
            func.count(col(StandingDecision.post_id).distinct()),
            func.count().filter(col(Decision.basis) == "consensus"),
            func.count().filter(func.trim(col(Decision.reason)) != ""),
        )
        .select_from(StandingDecision)
        .join(Decision, col(Decision.id) == col(StandingDecision.decision_id))
        .where(
            col(StandingDecision.project_id) == scope.project_id,
            col(Decision.basis).in_(("adjudicated", "consensus")),
            *_seen(scope, col(StandingDecision.post_id)),
        )
    ).one()
    n_seconds, n_alike = db.execute(
        select(func.count(), func.count().filter(col(SecondDecision.is_alike)))
        .select_from(SecondDecision)
        .where(col(SecondDecision.project_id) == scope.project_id, *_seen(scope, col(SecondDecision.post_id)))
    ).one()
    return DecisionFact(n, n_posts, n_consensus, n_reasons, n_seconds, n_alike)


def _seen(scope: Scope, post_id: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    hidden = (sight.round_id for sight in scope.hidden)
    return in_none_of(hidden, post_id), not_owed(scope.owed, post_id)
