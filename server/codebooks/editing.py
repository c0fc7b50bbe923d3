"""One edit of the draft: locked, checked, written and told to the history."""

from sqlmodel import Session, col, select

from server.clock import now
from server.codebooks import queries
from server.codebooks.changes import differences, for_history
from server.codebooks.checks import contradictions
from server.codebooks.entries import write_entries
from server.codebooks.lineage import Origins, standing
from server.codebooks.models import CodebookVersion
from server.codebooks.past import Past, refuse_changed_kinds, refuse_reused_keys, refuse_taken_up
from server.codebooks.queries import sheet_of
from server.codebooks.sheet import CodebookSheet
from server.errors import Conflict, Refusal
from server.history.actions import record
from server.history.contents import NO_POST, told_line
from server.history.models import HistoryHead
from server.language import gettext as _
from server.projects.access import Access
from server.projects.actions import hold_project


def opened(db: Session, access: Access, edition: int | None) -> CodebookSheet:
    """The sheet of the draft, locked until this transaction ends; `Conflict` if it is another edition."""
    if locked_draft(db, access.project_id) is None:
        hold_project(db, access.project_id)  # Two who begin a draft at once would both find none.
        locked_draft(db, access.project_id)
    written = queries.being_written(db, access.project_id)
    if edition is not None and edition != written.edition:
        raise Conflict(
            _(
                "The draft was changed after this form was opened, perhaps in another window. "
                "Nothing was saved, and what you typed is still here. "
                "Look at what the draft says now; then send the form again."
            )
        )
    return sheet_of(written)


def locked_draft(db: Session, project_id: int) -> CodebookVersion | None:
    """The draft's row, if there is one, locked until this transaction ends."""
    return db.exec(
        select(CodebookVersion)
        .where(CodebookVersion.project_id == project_id, col(CodebookVersion.published_at).is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def write_edit(
    db: Session,
    access: Access,
    before: CodebookSheet,
    after: CodebookSheet,
    action: str,
    subject: str,
    *,
    may_return_to_keys: bool = False,
    origins: Origins | None = None,
) -> None:
    """Check and write an edit, and tell the history. An edit that changes nothing leaves no trace.

    `origins`: those of the draft after the edit; None where it leaves them as they are.
    """
    if before == after:
        return
    _refuse_new_contradictions(before, after)
    past = queries.past(db, access.project_id)
    refuse_taken_up(past, before, after)
    if not may_return_to_keys:
        refuse_reused_keys(past, before, after)
    refuse_changed_kinds(past, after)
    earlier = origins_of_draft(db, access)
    now_taken = earlier if origins is None else origins
    version = locked_draft(db, access.project_id) or _new_draft(db, access, past)
    write_entries(db, version, after, standing(now_taken, past.places, after))
    version.edition += 1
    db.flush()
    changes = differences(before, after, [now_taken - earlier])
    record_edit(db, access, action, subject, for_history(changes))


def origins_of_draft(db: Session, access: Access) -> Origins:
    """Which codes of the draft took up others since the newest version."""
    return queries.being_written(db, access.project_id).origins


def _new_draft(db: Session, access: Access, past: Past) -> CodebookVersion:
    # Editions go on counting after a draft is published or discarded: every edit leaves an event in the
    # history, so their count is above all earlier editions, and no form of an earlier draft fits this one.
    events = db.scalar(select(HistoryHead.sequence).where(HistoryHead.chain == access.project_id)) or 0
    number = 1 + (past.versions[0][0] if past.versions else 0)
    version = CodebookVersion(project_id=access.project_id, number=number, edition=events, created_at=now())
    db.add(version)
    db.flush()
    return version


def _refuse_new_contradictions(before: CodebookSheet, after: CodebookSheet) -> None:
    earlier = set(contradictions(before))
    found = [problem for problem in contradictions(after) if problem not in earlier]
    if found:
        told = " ".join(dict.fromkeys(problem.message for problem in found))
        raise Refusal(told, {problem.field: problem.message for problem in reversed(found)})


def record_edit(
    db: Session, access: Access, action: str, subject: str, details: dict[str, object], **more: object
) -> None:
    """Tell the history of something that was done to the codebook, in words that a takedown can erase."""
    told = details | more
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action=action,
        subject=subject,
        contents=[told_line(NO_POST, told)] if told else (),
    )


def code_subject(variable_key: str, key: str) -> str:
    """A code as the history names it."""
    return f"code {variable_key}.{key}"
