"""Opening rounds and moving them on: open, locked, revealed."""

import secrets
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import select, text, update
from sqlmodel import Session, col

from server.clock import now
from server.corpora.actions import refuse_beside_job
from server.db.bulk_rows import insert_columns
from server.db.tables import sql_table
from server.errors import Conflict, NotFound, Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member, Project
from server.rounds.blocks import Integers
from server.rounds.design import Order, RoundDesign
from server.rounds.eligible import DisputedPosts, nobody_differs
from server.rounds.gold_posts import is_swayed_by_gold
from server.rounds.lookers import lookers
from server.rounds.models import (
    Assignment,
    QueueSlot,
    Round,
    RoundAnnotator,
    RoundGate,
    RoundQueue,
    SilentGold,
)
from server.rounds.plan import Plan
from server.rounds.proposal import Proposal, next_number, propose
from server.rounds.queries import annotators, number_opened_with
from server.rounds.queue import release
from server.rounds.ranks import QueuePlan, first_cursor, start
from server.rounds.slots import QUEUED, RETURNED
from server.rounds.unanswered import count_unanswered, wait_again

assignments_table = sql_table(Assignment)
_slot = sql_table(QueueSlot)
_SLOTS_AT_ONCE = 100_000


@dataclass(frozen=True)
class SeenPreview:
    """The preview a round is opened from: its own token, and the fingerprint of what it showed."""

    token: str
    fingerprint: str


def new_token() -> str:
    """A token for one preview: what is opened from it is opened once."""
    return secrets.token_urlsafe(16)


def open_round(
    db: Session,
    access: Access,
    design: RoundDesign,
    seen: SeenPreview | None = None,
    disputed: DisputedPosts = nobody_differs,
) -> int:
    """Open the round, with all assignments of its plan or all slots of its queue; returns its number.

    The same preview opens one round, however often its form is sent.

    Raises:
        Refusal: the design is impossible.
        Conflict: it no longer leads to what the preview showed, or posts are being imported.
    """
    # Whoever opens a round of this project at the same moment waits here, and then sees this one.
    db.execute(
        select(col(Project.id)).where(col(Project.id) == access.project_id).with_for_update(key_share=True)
    )
    if seen and (number := number_opened_with(db, access, seen.token)):
        return number
    refuse_beside_job(db, access)
    proposal = propose(db, access, design, disputed)
    if seen and proposal.fingerprint != seen.fingerprint:
        raise Conflict(_("The posts, the members or the codebook have changed since the preview."))
    return _open(db, access, proposal, seen.token if seen else None)


def _open(db: Session, access: Access, proposal: Proposal, token: str | None) -> int:
    row = Round(
        project_id=access.project_id,
        number=next_number(db, access),
        title=proposal.design.title,
        purpose=proposal.design.purpose,
        codebook_version_id=proposal.version_id,
        design=proposal.stored() | {"token": token, "fingerprint": proposal.fingerprint},
        n_posts=len(proposal.post_ids),
        shows_gold=proposal.design.shows_gold,
        opened_by=access.account_id,
        opened_at=now(),
        ends_on=proposal.design.ends_on,
    )
    db.add(row)
    db.flush()
    if isinstance(proposal.plan, Plan):
        _assign(db, row.id or 0, proposal, proposal.plan)
    else:
        _share(db, row.id or 0, proposal, proposal.plan)
    _add_gold_and_gate(db, row.id or 0, proposal)
    record_round(db, access, "open", row.number, _opened(proposal))
    return row.number


def _add_gold_and_gate(db: Session, round_id: int, proposal: Proposal) -> None:
    db.add_all(SilentGold(round_id=round_id, post_id=post_id) for post_id in proposal.silent_ids.tolist())
    if proposal.gate is not None:
        db.add(RoundGate(round_id=round_id, training_id=proposal.gate.training_id))
        wait = update(RoundAnnotator).where(
            col(RoundAnnotator.round_id) == round_id,
            col(RoundAnnotator.member_id).not_in(proposal.gate.open_for),
        )
        db.execute(wait.values(is_waiting=True))
    db.flush()


def _assign(db: Session, round_id: int, proposal: Proposal, plan: Plan) -> None:
    loads = np.bincount(plan.annotator_index, minlength=len(proposal.annotators)).tolist()
    db.add_all(
        RoundAnnotator(round_id=round_id, member_id=annotator.member_id, n_assigned=load)
        for annotator, load in zip(proposal.annotators, loads, strict=True)
    )
    db.flush()
    member_ids = np.array([annotator.member_id for annotator in proposal.annotators], dtype=np.int64)
    columns = {
        "post_id": proposal.post_ids[plan.post_index].tolist(),
        "member_id": member_ids[plan.annotator_index].tolist(),
        "position": plan.position.tolist(),
    }
    insert_columns(db, assignments_table, columns, {"round_id": round_id, "state": "queued"})


def _share(db: Session, round_id: int, proposal: Proposal, plan: QueuePlan) -> None:
    design, sharing = proposal.design, proposal.design.sharing
    if sharing is None:
        raise TypeError("a shared queue without its rules")
    seed = design.seed if design.order == Order.RANDOM else None
    rules = RoundQueue(round_id=round_id, seed=seed, n_slots=plan.n_slots, **asdict(sharing))
    db.add(rules)
    n_posts, n_annotators = plan.post_index.size, len(proposal.annotators)
    quotas = dict(design.crew.quotas)
    db.add_all(
        RoundAnnotator(
            round_id=round_id,
            member_id=annotator.member_id,
            n_assigned=0,
            quota=quotas.get(annotator.number),
            cursor=first_cursor(plan, place, n_annotators)
            if seed is None
            else start(seed, annotator.member_id, 0, n_posts),
        )
        for place, annotator in enumerate(proposal.annotators)
    )
    db.flush()
    add_slots_of(db, round_id, proposal.post_ids[plan.post_index], plan.depth)


def add_slots_of(db: Session, round_id: int, post_ids: Integers, depth: Integers, last_rank: int = 0) -> None:
    """The slots of posts in the order of their ranks, some of them at a time: there may be millions."""
    for begin in range(0, post_ids.size, _SLOTS_AT_ONCE):
        ranks = np.arange(begin, min(begin + _SLOTS_AT_ONCE, post_ids.size))
        repeated = np.repeat(ranks, depth[ranks])
        first = np.searchsorted(repeated, repeated)
        columns = {
            "post_id": post_ids[repeated].tolist(),
            "n": (np.arange(repeated.size) - first + 1).tolist(),
            "rank": (last_rank + repeated + 1).tolist(),
        }
        insert_columns(db, _slot, columns, {"round_id": round_id, "state": "open"})
    # So that PostgreSQL knows from the first post on which index will do. SQLite takes that from the query.
    if db.connection().dialect.name == "postgresql":
        db.execute(text("ANALYZE queue_slot"))


def _opened(proposal: Proposal) -> dict[str, object]:
    return proposal.stored() | {
        "purpose": proposal.design.purpose,
        "codebook_version": proposal.codebook_number,
        "n_posts": len(proposal.post_ids),
        "n_assignments": proposal.n_codings,
        "fingerprint": proposal.fingerprint,
        "ends_on": _iso(proposal.design.ends_on),
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def lock_round(db: Session, access: Access, number: int) -> None:
    """Nobody codes or corrects in the round any more. Locking it again changes nothing.

    What was sent back and not submitted again counts as it was.
    """
    row = round_for_change(db, access, number)
    if _is_open(row):
        row.locked_at = now()
        record_round(db, access, "lock", number, _counted_again(db, col(Assignment.round_id) == row.id))


def reopen_round(db: Session, access: Access, number: int) -> None:
    """Let the annotators code and correct again, if nobody of them can have seen the others' work.

    What was sent back before the round was locked waits for them again.

    Raises:
        Refusal: the round is revealed, none of its annotators can sign in, or one of them could look into it
            while it was locked.
    """
    row = round_for_change(db, access, number)
    if row.revealed_at:
        raise Refusal(_("A revealed round stays closed, since its annotators have seen each other's work."))
    if row.locked_at is None:
        return
    if not any(line.can_sign_in for line in annotators(db, access, row.id or 0)):
        raise Refusal(
            _(
                "None of the annotators of this round can sign in, so nobody could code in it. It stays "
                "locked; open another round for the posts that are left."
            )
        )
    if is_swayed_by_gold(db, row.id or 0):
        raise Refusal(
            _(
                "The gold answers of some of its posts are shown in a training round since. It stays locked; "
                "open another round for the posts that are left."
            )
        )
    if names := lookers(db, access, row.id or 0, row.locked_at):
        message = _(
            "{names} could see all codings of this round since it was locked, and would be able to change "
            "their own. It stays locked; open another round for the posts that are left."
        )
        raise Refusal(message.format(names=", ".join(names)))
    n_waiting = wait_again(db, row.id or 0, row.locked_at)
    row.locked_at = None
    record_round(db, access, "reopen", number, {"n_waiting_again": n_waiting} if n_waiting else {})


def set_end(db: Session, access: Access, number: int, ends_on: date | None) -> None:
    """Say on which day the round ends. Nothing is locked by it."""
    row = round_for_change(db, access, number)
    if not _is_open(row):
        raise Refusal(_("The round is locked already, so that its end is not changed any more."))
    if row.ends_on != ends_on:
        change = {"before": _iso(row.ends_on), "after": _iso(ends_on)}
        row.ends_on = ends_on
        record_round(db, access, "set_end", number, {"ends_on": change})


def reveal_round(db: Session, access: Access, number: int) -> None:
    """End the blindness of a locked round, for good. Revealing it again changes nothing."""
    row = round_for_change(db, access, number)
    if row.revealed_at:
        return
    if _is_open(row):
        raise Refusal(_("The round is still open. Lock it first, then reveal it."))
    row.revealed_at = now()
    record_round(db, access, "reveal", number, _counted_again(db, col(Assignment.round_id) == row.id))


def _counted_again(db: Session, *whose: Any) -> dict[str, object]:
    n_counted = count_unanswered(db, *whose)
    return {"n_counted_again": n_counted} if n_counted else {}


def withdraw_annotator(db: Session, access: Access, number: int, annotator: int) -> int:
    """Take the posts they have not coded away from an annotator; returns how many.

    What they submitted or skipped stays, also where it was sent back to them. A shared queue hands them
    nothing more, and their post to others.
    """
    row = round_for_change(db, access, number)
    if not _is_open(row):
        raise Refusal(_("The round is locked, so nobody has posts left to code in it."))
    counter = counter_of(db, access, row, annotator)
    theirs = (col(Assignment.round_id) == row.id, col(Assignment.member_id) == counter.member_id)
    again = _counted_again(db, *theirs)
    left = update(assignments_table).where(
        assignments_table.c.round_id == row.id,
        assignments_table.c.member_id == counter.member_id,
        assignments_table.c.state.in_((QUEUED, RETURNED)),
    )
    n_withdrawn = db.connection().execute(left.values(state="withdrawn", changed_at=now())).rowcount
    gives_up = not counter.is_withdrawn and db.get(RoundQueue, row.id) is not None
    if n_withdrawn or gives_up or again:
        release(db.connection(), counter.round_id, counter.member_id)
        counter.n_assigned, counter.is_withdrawn = counter.n_assigned - n_withdrawn, True
        db.flush()
        record_round(db, access, "withdraw", number, {"annotator": annotator, "n_posts": n_withdrawn} | again)
    return n_withdrawn


def counter_of(
    db: Session, access: Access, row: Round, annotator: int, field: str = "annotator"
) -> RoundAnnotator:
    """The counters of an annotator of the round; `Refusal` at the `field` that named somebody else."""
    counter: RoundAnnotator | None = db.scalar(
        select(RoundAnnotator)
        .join(Member, col(RoundAnnotator.member_id) == col(Member.id))
        .where(
            col(Member.project_id) == access.project_id,
            col(Member.number) == annotator,
            col(RoundAnnotator.round_id) == row.id,
        )
        .execution_options(populate_existing=True)
    )
    if counter is None:
        message = _("This person is not an annotator of the round. Choose one from the list.")
        raise Refusal(message, {field: message})
    return counter


def round_for_change(db: Session, access: Access, number: int) -> Round:
    """The round, held until the end of the transaction."""
    found: Round | None = db.scalar(
        select(Round)
        .where(col(Round.project_id) == access.project_id, col(Round.number) == number)
        .with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound
    return found


def _is_open(row: Round) -> bool:
    return row.locked_at is None and row.revealed_at is None


def record_round(
    db: Session, access: Access, verb: str, number: int, details: dict[str, object] | None = None
) -> None:
    """Record what was done to a round."""
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action=f"round.{verb}",
        subject=f"round {number}",
        details=details,
    )
