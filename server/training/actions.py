"""Ending a training: by its rule when the last post is done, or by the lead's word."""

from sqlalchemy import select, update
from sqlmodel import Session, col

from server.errors import NotFound, Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.gates import endings_that_open
from server.rounds.models import Round, RoundAnnotator, RoundGate
from server.rounds.pass_rules import Ending
from server.training.queries import Training, shown_to, training_numbered
from server.training.scores import Showing, has_passed


def settle(db: Session, access: Access, round_number: int) -> None:
    """Write down how a training ended for the member, where they have just done its last post.

    What the lead has decided stays. Rounds that show no gold are left alone.
    """
    if not _shows_gold(db, access, round_number):
        return
    training = training_numbered(db, access, round_number)
    counter = _counter(db, training, access.member_id)
    if counter.training in {Ending.LET_IN, Ending.AGAIN}:
        return
    showing = shown_to(db, training, [access.member_id])[access.member_id]
    if not showing.is_finished:
        return
    ending = _ending(training, showing)
    if counter.training != ending:
        _end(db, access, training, counter, ending, "training.end")


def _shows_gold(db: Session, access: Access, round_number: int) -> bool:
    of_project = (col(Round.project_id) == access.project_id, col(Round.number) == round_number)
    return bool(db.scalar(select(col(Round.shows_gold)).where(*of_project)))


def _ending(training: Training, showing: Showing) -> Ending:
    if training.rule is None:
        return Ending.DONE
    return Ending.PASSED if has_passed(training.rule, showing) else Ending.FAILED


def decide(db: Session, access: Access, round_number: int, annotator: int, ending: Ending) -> None:
    """Let a trainee in, or ask them for another try. The same word twice changes nothing.

    Raises:
        Refusal: they take no part in the training, or are let in already.
    """
    training = training_numbered(db, access, round_number)
    member_id = db.scalar(
        select(col(Member.id)).where(
            col(Member.project_id) == access.project_id, col(Member.number) == annotator
        )
    )
    try:
        counter = _counter(db, training, member_id or 0)
    except NotFound:
        raise Refusal(_("This person takes no part in the training. Choose one from the list.")) from None
    if counter.training == ending:
        return
    if counter.training in endings_that_open(db.get_one(Round, training.id)):
        raise Refusal(_("This person was let in already, and may have begun to code."))
    _end(
        db,
        access,
        training,
        counter,
        ending,
        "training.let_in" if ending is Ending.LET_IN else "training.again",
        annotator,
    )


def _counter(db: Session, training: Training, member_id: int) -> RoundAnnotator:
    """The trainee's row, held until the transaction ends."""
    found: RoundAnnotator | None = db.scalar(
        select(RoundAnnotator)
        .where(col(RoundAnnotator.round_id) == training.id, col(RoundAnnotator.member_id) == member_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _end(
    db: Session,
    access: Access,
    training: Training,
    counter: RoundAnnotator,
    ending: Ending,
    action: str,
    annotator: int | None = None,
) -> None:
    before, counter.training = counter.training, ending.value
    db.flush()
    lets_in = endings_that_open(db.get_one(Round, training.id))
    if ending in lets_in:
        _open_behind(db, counter)
    change = {"before": before, "after": ending.value}
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action=action,
        subject=f"round {training.number}",
        details={"annotator": annotator, "ending": change},
    )


def _open_behind(db: Session, counter: RoundAnnotator) -> None:
    """Open the rounds behind a training for its trainee; so, too, those behind one that they tried before."""
    tried_before = (
        col(RoundAnnotator.member_id) == counter.member_id,
        col(RoundAnnotator.training) == Ending.AGAIN.value,
    )
    earlier = list(db.scalars(select(col(RoundAnnotator.round_id)).where(*tried_before)))
    passed = update(RoundAnnotator).where(*tried_before).values(training=Ending.LET_IN.value)
    db.execute(passed)
    behind = select(col(RoundGate.round_id)).where(
        col(RoundGate.training_id).in_([counter.round_id, *earlier])
    )
    db.execute(
        update(RoundAnnotator)
        .where(col(RoundAnnotator.member_id) == counter.member_id, col(RoundAnnotator.round_id).in_(behind))
        .values(is_waiting=False)
    )
