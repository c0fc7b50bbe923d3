"""Bulk decisions: carried out as they were previewed, listed, and undone as a whole."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.believing import model_of
from server.adjudication.bulk import Proposal
from server.adjudication.carrying_out import carry_out
from server.adjudication.memory import remembered_proposal
from server.adjudication.models import Decision, DecisionBatch, StandingDecision
from server.adjudication.recorded import last_decision, lines_since
from server.adjudication.rules import EACH, MAJORITY, Rule, Rules, rules_kept
from server.adjudication.scope import Scope
from server.adjudication.withdrawing import follow, withdraw_all
from server.adjudication.writing import (
    decision_table,
    one_at_a_time,
    standing_table,
)
from server.clock import now
from server.codebooks.models import Variable
from server.errors import Conflict, NotFound, Refusal
from server.history.actions import record
from server.history.models import HistoryEvent
from server.language import gettext as _
from server.projects.access import Access


class Changed(Conflict):
    """The rule would not decide any more what its preview said."""


@dataclass(frozen=True)
class Undone:
    """How many decisions of a batch were withdrawn, and how many stay since a later one replaced them."""

    n_withdrawn: int
    n_superseded: int


@dataclass(frozen=True)
class BatchLine:
    """A bulk decision in the list. `variables`: key → how many it decided."""

    number: int
    rule: Rule | Rules
    n_decisions: int
    n_standing: int
    variables: dict[str, int]
    decided_by: str
    decided_at: datetime
    undone_by: str
    undone_at: datetime | None


def accept(db: Session, access: Access, scope: Scope, rule: Rule | Rules, fingerprint: str) -> int:
    """Decide everything the rule accepts; returns how many decisions that were.

    The same preview accepted twice by the same person is carried out once.

    Raises:
        Changed: That is not what was previewed.
        Refusal: It accepts nothing.
    """
    one_at_a_time(db, access)
    proposal = remembered_proposal(db, scope, rule, model_of(db, access))
    if proposal.fingerprint != fingerprint:
        if n_decided := _accepted_before(db, access, fingerprint):
            return n_decided
        raise Changed(
            _("What this rule decides has changed since the preview. Nothing was written; look at it again.")
        )
    if not proposal.accepted:
        raise Refusal(_("This rule decides nothing now, so nothing was written."))
    last = last_decision(db, access)
    batch = _add_batch(db, access, proposal)
    carry_out(db, access, batch, proposal)
    _let_stand(db, batch)
    counts = {scope.variable_by_id[key].key: sum(n.values()) for key, n in proposal.by_variable.items()}
    details = {**_said(rule), "n_decisions": len(proposal.accepted), "variables": counts}
    details |= {"fingerprint": fingerprint}
    _record(db, access, "accept", batch.number, details, last)
    return len(proposal.accepted)


def _accepted_before(db: Session, access: Access, fingerprint: str) -> int:
    """How many decisions this person made by accepting this very preview; 0 where they did not."""
    events = select(col(HistoryEvent.details)).where(
        col(HistoryEvent.chain) == access.project_id,
        col(HistoryEvent.actor_id) == access.account_id,
        col(HistoryEvent.action) == "adjudication.accept",
    )
    said = (json.loads(details) for details in db.scalars(events))
    return next((each["n_decisions"] for each in said if each.get("fingerprint") == fingerprint), 0)


def _said(rule: Rule | Rules) -> dict[str, Any]:
    if isinstance(rule, Rules):
        return {"rule": EACH, "rules": rule.kept}
    return {"rule": rule.name, "minimum": rule.minimum}


def _add_batch(db: Session, access: Access, proposal: Proposal) -> DecisionBatch:
    last = db.scalar(
        select(func.max(col(DecisionBatch.number))).where(col(DecisionBatch.project_id) == access.project_id)
    )
    rule = proposal.rule
    batch = DecisionBatch(
        project_id=access.project_id,
        number=(last or 0) + 1,
        rule=rule.name if isinstance(rule, Rule) else EACH,
        minimum=rule.minimum if isinstance(rule, Rule) and rule.name == MAJORITY else None,
        rules=rule.kept if isinstance(rule, Rules) else None,
        n_decisions=len(proposal.accepted),
        decided_by=access.account_id,
        decided_at=now(),
    )
    db.add(batch)
    db.flush()
    return batch


def _let_stand(db: Session, batch: DecisionBatch) -> None:
    made = decision_table.c
    first = select(made.post_id, made.variable_id, made.project_id, made.id).where(
        made.batch_id == batch.id, made.supersedes_id.is_(None)
    )
    columns = ["post_id", "variable_id", "project_id", "decision_id"]
    db.execute(insert(standing_table).from_select(columns, first))
    follow(db, select(made.supersedes_id).where(made.batch_id == batch.id))


def undo(db: Session, access: Access, number: int) -> Undone:
    """Withdraw what still stands of a bulk decision; what was decided anew since stays.

    Raises:
        NotFound: The project has no such bulk decision.
        Refusal: It was undone before.
    """
    one_at_a_time(db, access)
    batch = _batch(db, access, number)
    if batch.undone_at is not None:
        raise Refusal(_("This bulk decision was undone before. Nothing was changed."))
    batch.undone_by, batch.undone_at = access.account_id, now()
    db.add(batch)
    db.flush()
    last = last_decision(db, access)
    n_withdrawn = _withdraw(db, access, batch)
    undone = Undone(n_withdrawn, batch.n_decisions - n_withdrawn)
    details = {"n_withdrawn": n_withdrawn, "n_superseded": undone.n_superseded}
    _record(db, access, "undo", number, details, last)
    return undone


def _batch(db: Session, access: Access, number: int) -> DecisionBatch:
    found: DecisionBatch | None = db.scalar(
        select(DecisionBatch).where(
            col(DecisionBatch.project_id) == access.project_id, col(DecisionBatch.number) == number
        )
    )
    if found is None:
        raise NotFound
    return found


def _withdraw(db: Session, access: Access, batch: DecisionBatch) -> int:
    of_batch = select(decision_table.c.id).where(decision_table.c.batch_id == batch.id)
    reason = _("Bulk decision {number} was undone.").format(number=batch.number)
    return withdraw_all(db, access, of_batch, reason, batch.undone_at or now())


def batches(db: Session, access: Access) -> tuple[BatchLine, ...]:
    """The bulk decisions of the project, newest first."""
    undoer = aliased(Account)
    rows = db.execute(
        select(DecisionBatch, col(Account.display_name), col(undoer.display_name))
        .join(Account, col(Account.id) == col(DecisionBatch.decided_by))
        .outerjoin(undoer, col(undoer.id) == col(DecisionBatch.undone_by))
        .where(col(DecisionBatch.project_id) == access.project_id)
        .order_by(col(DecisionBatch.number).desc())
    ).all()
    counts = _counts(db, access)
    return tuple(_line(batch, by, undone_by, counts) for batch, by, undone_by in rows)


def _line(
    batch: DecisionBatch, by: str, undone_by: str | None, counts: dict[int, dict[str, tuple[int, int]]]
) -> BatchLine:
    of = counts.get(batch.id or 0, {})
    return BatchLine(
        batch.number,
        rules_kept(batch.rules) if batch.rules else Rule(batch.rule, batch.minimum or 2),
        batch.n_decisions,
        sum(standing for _made, standing in of.values()),
        {key: made for key, (made, _standing) in of.items()},
        by,
        batch.decided_at,
        undone_by or "",
        batch.undone_at,
    )


def _counts(db: Session, access: Access) -> dict[int, dict[str, tuple[int, int]]]:
    """Batch → variable → how many decisions were made, and how many of them stand."""
    key = col(Variable.key)
    rows = db.execute(
        select(col(Decision.batch_id), key, func.count(), func.count(col(StandingDecision.decision_id)))
        .join(DecisionBatch, col(DecisionBatch.id) == col(Decision.batch_id))
        .join(Variable, col(Variable.id) == col(Decision.variable_id))
        .outerjoin(
            StandingDecision,
            and_(
                col(StandingDecision.post_id) == col(Decision.post_id),
                col(StandingDecision.variable_id) == col(Decision.variable_id),
                col(StandingDecision.decision_id) == col(Decision.id),
            ),
        )
        .where(col(DecisionBatch.project_id) == access.project_id)
        .group_by(col(Decision.batch_id), key)
    )
    found: dict[int, dict[str, tuple[int, int]]] = {}
    for batch_id, key, n_made, n_standing in rows:
        found.setdefault(batch_id, {})[key] = (n_made, n_standing)
    return found


def _record(db: Session, access: Access, verb: str, number: int, details: dict[str, Any], last: int) -> None:
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action=f"adjudication.{verb}",
        subject=f"bulk decision {number}",
        details=details,
        contents=lines_since(db, access, last),
    )
