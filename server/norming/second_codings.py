"""Second codings after discussion: asked for by the lead, given by those who coded the post by themselves.

They stand apart. Nothing that was coded independently changes, and no figure but the page of before and
after reads them.
"""

from sqlalchemy import select
from sqlmodel import Session, col

from server.adjudication.answers import Table
from server.adjudication.writing import one_at_a_time
from server.clock import now
from server.coding.answers import Answer, Coded, Typed, coded, typed_of
from server.corpora.taken_down import refuse_down_by_now
from server.errors import Forbidden, Refusal
from server.history.actions import record
from server.language import gettext as _
from server.norming.compared import Revealed
from server.norming.models import SecondAnswer, SecondCoding, SecondsAsked
from server.norming.twice import Said, Twice, coded_twice, independent
from server.projects.access import Access


def are_asked(db: Session, of: Revealed) -> bool | None:
    """Whether second codings are asked for; None where they never were."""
    return db.scalar(select(col(SecondsAsked.is_open)).where(col(SecondsAsked.round_id) == of.round.id))


def ask(db: Session, access: Access, of: Revealed, *, is_open: bool) -> None:
    """Ask for second codings of a revealed round, or close them; what was given stays."""
    one_at_a_time(db, access)
    row = db.get(SecondsAsked, of.round.id)
    if is_open == (row is not None and row.is_open):
        return
    moment = now()
    if row is None:
        row = SecondsAsked(
            round_id=of.round.id, is_open=is_open, changed_by=access.account_id, changed_at=moment
        )
    row.is_open, row.changed_by, row.changed_at = is_open, access.account_id, moment
    db.add(row)
    db.flush()
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="norming.ask_again" if is_open else "norming.close",
        subject=f"round {of.round.number}",
    )


def why_not(db: Session, access: Access, of: Revealed, table: Table) -> str:
    """Why this annotator cannot code a post of a round again; empty where they can."""
    if not are_asked(db, of):
        return _("Second codings are not asked for in this round. The lead can ask for them.")
    if independent(db, of, table.post.id, access.member_id) is None:
        return _("You did not code this post before the round was revealed, so there is no second coding.")
    return ""


def filled_in(db: Session, access: Access, of: Revealed, table: Table) -> Typed:
    """The fields of the form: what they said after the discussion, else what they said independently."""
    said = _own(db, access, of, table)
    first: Said = said.after if said else independent(db, of, table.post.id, access.member_id) or {}
    answers = tuple(answer for answers in first.values() for answer in answers)
    stored = Coded(tuple(each for each in answers if each.variable_id in of.book.variable_by_id), "", False)
    return {name: tuple(values) for name, values in typed_of(of.book, stored).items()}


def code_again(db: Session, access: Access, of: Revealed, table: Table, typed: Typed) -> bool:
    """Store a second coding; False where it says what their last one says, so that nothing is stored.

    Raises:
        Forbidden: The reader does not code in the round.
        Refusal: It is not asked for, an answer cannot be taken, or the post was taken down.
    """
    if not of.codes_here:
        raise Forbidden(_("Those who coded in the round code its posts again."))
    one_at_a_time(db, access)
    refuse_down_by_now(db, table.post.id)
    if reason := why_not(db, access, of, table):
        raise Refusal(reason)
    value = coded(of.book, typed)
    last = _own(db, access, of, table)
    if last is not None and _flat(last.after) == frozenset(value.answers):
        return False
    _store(db, access, of, table, value)
    _record(db, access, of, table, value)
    return True


def _own(db: Session, access: Access, of: Revealed, table: Table) -> Twice | None:
    every = coded_twice(db, of, table.post.id)
    return next((each for each in every if each.member_id == access.member_id), None)


def _flat(said: Said) -> frozenset[Answer]:
    return frozenset(answer for answers in said.values() for answer in answers)


def _store(db: Session, access: Access, of: Revealed, table: Table, value: Coded) -> None:
    row = SecondCoding(
        round_id=of.round.id,
        post_id=table.post.id,
        member_id=access.member_id,
        version_id=of.book.version_id,
        submitted_at=now(),
    )
    db.add(row)
    db.flush()
    db.add_all(SecondAnswer(second_coding_id=row.id or 0, **vars(answer)) for answer in value.answers)
    db.flush()


def _record(db: Session, access: Access, of: Revealed, table: Table, value: Coded) -> None:
    first = independent(db, of, table.post.id, access.member_id) or {}
    now_said: dict[int, set[Answer]] = {}
    for answer in value.answers:
        now_said.setdefault(answer.variable_id, set()).add(answer)
    changed = [
        each.key for each in of.book.variables if now_said.get(each.id, set()) != first.get(each.id, set())
    ]
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="norming.code_again",
        subject=f"round {of.round.number} post {table.post.number}",
        details={"changed": changed},
    )
