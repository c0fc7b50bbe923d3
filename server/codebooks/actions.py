"""Writing the codebook.

Everything works on the draft. An edit takes the sheet the draft is now to the sheet it shall be; the draft
begins with the first edit, as a copy of the newest version. Each edit counts the `edition` up, and an edit
made from another edition is a `Conflict`.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from server.clock import now
from server.codebooks import drafting, queries
from server.codebooks.changes import differences, for_history
from server.codebooks.checks import Problem, contradictions, problems
from server.codebooks.entries import delete_entries, write_entries
from server.codebooks.models import CodebookVersion
from server.codebooks.past import Past, refuse_changed_kinds, refuse_reused_keys
from server.codebooks.queries import sheet_of
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.errors import Conflict, NotFound, Refusal
from server.history.actions import record
from server.history.models import HistoryHead
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member


def add_variable(db: Session, access: Access, edition: int, value: VariableSheet) -> str:
    """Add a variable at the end; returns its key, made of the label where none was typed."""
    before = _opened(db, access, edition)
    gone = queries.past(db, access.project_id).removed_variables(before)
    keys = [found.entry.key for found in gone]
    variable = drafting.keyed_variable(before, replace(value, codes=()), keys)
    after = drafting.with_variable(before, variable)
    _change(db, access, before, after, "codebook.add_variable", f"variable {variable.key}")
    return variable.key


def edit_variable(db: Session, access: Access, edition: int, key: str, value: VariableSheet) -> str:
    """Change what the draft says of a variable; returns its key."""
    before = _opened(db, access, edition)
    drafting.variable_of(before, key)
    variable = replace(value, key=value.key or key)
    if variable.key != key and queries.past(db, access.project_id).variable(key):
        raise _published_key()
    after = drafting.with_variable_changed(before, key, variable)
    _change(db, access, before, after, "codebook.edit_variable", f"variable {key}")
    return variable.key


def remove_variable(db: Session, access: Access, edition: int, key: str) -> None:
    """Take a variable out of the draft. Published versions and codings keep it."""
    before = _opened(db, access, edition)
    after = drafting.without_variable(before, key)
    _change(db, access, before, after, "codebook.remove_variable", f"variable {key}")


def move_variable(db: Session, access: Access, edition: int, key: str, step: int) -> None:
    """Move a variable one place up (-1) or down (1); at the end of the list it stays."""
    before = _opened(db, access, edition)
    after = drafting.with_variable_moved(before, key, step)
    _change(db, access, before, after, "codebook.move_variable", f"variable {key}")


def restore_variable(db: Session, access: Access, edition: int, key: str) -> None:
    """Bring a removed variable back as the last version had it."""
    before = _opened(db, access, edition)
    gone = queries.past(db, access.project_id).removed_variables(before)
    variable = next((found.entry for found in gone if found.entry.key == key), None)
    if variable is None:
        raise NotFound
    after = drafting.with_variable(before, variable)
    _change(
        db, access, before, after, "codebook.restore_variable", f"variable {key}", may_return_to_keys=True
    )


def add_code(db: Session, access: Access, edition: int, variable_key: str, value: CodeSheet) -> str:
    """Add a code at the end of a variable; returns its key, made of the label where none was typed."""
    before = _opened(db, access, edition)
    variable = drafting.variable_of(before, variable_key)
    gone = queries.past(db, access.project_id).removed_codes(variable)
    code = drafting.keyed_code(before, variable_key, value, [found.entry.key for found in gone])
    after = drafting.with_code(before, variable_key, code)
    _change(db, access, before, after, "codebook.add_code", _code_subject(variable_key, code.key))
    return code.key


def edit_code(
    db: Session, access: Access, edition: int, variable_key: str, key: str, value: CodeSheet
) -> str:
    """Change what the draft says of a code; returns its key. Only a scale's codes take a new value."""
    before = _opened(db, access, edition)
    variable = drafting.variable_of(before, variable_key)
    old = drafting.code_of(variable, key)
    code = replace(
        value, key=value.key or key, value=value.value if variable.kind == "ordinal" else old.value
    )
    if code.key != key and queries.past(db, access.project_id).code(variable_key, key):
        raise _published_key()
    after = drafting.with_code_changed(before, variable_key, key, code)
    _change(db, access, before, after, "codebook.edit_code", _code_subject(variable_key, key))
    return code.key


def remove_code(db: Session, access: Access, edition: int, variable_key: str, key: str) -> None:
    """Take a code out of the draft; what stood below it moves up."""
    before = _opened(db, access, edition)
    after = drafting.without_code(before, variable_key, key)
    _change(db, access, before, after, "codebook.remove_code", _code_subject(variable_key, key))


def move_code(db: Session, access: Access, edition: int, variable_key: str, key: str, step: int) -> None:
    """Move a code before (-1) or after (1) its neighbour under the same parent."""
    before = _opened(db, access, edition)
    after = drafting.with_code_moved(before, variable_key, key, step)
    _change(db, access, before, after, "codebook.move_code", _code_subject(variable_key, key))


def restore_code(db: Session, access: Access, edition: int, variable_key: str, key: str) -> None:
    """Bring a removed code back as the last version had it, below its parent if that is still there."""
    before = _opened(db, access, edition)
    variable = drafting.variable_of(before, variable_key)
    gone = queries.past(db, access.project_id).removed_codes(variable)
    code = next((found.entry for found in gone if found.entry.key == key), None)
    if code is None:
        raise NotFound
    present = {other.key for other in variable.codes}
    code = replace(code, parent_key=code.parent_key if code.parent_key in present else None)
    after = drafting.with_code(before, variable_key, code)
    subject = _code_subject(variable_key, key)
    _change(db, access, before, after, "codebook.restore_code", subject, may_return_to_keys=True)


def save_sheet(db: Session, access: Access, sheet: CodebookSheet, edition: int | None = None) -> None:
    """Let the draft say what `sheet` says; variables and codes are recognised by their keys.

    `edition` is the one the sheet was compared with; None takes the draft as it is now.
    """
    before = _opened(db, access, edition)
    after = drafting.in_order(sheet)
    _change(db, access, before, after, "codebook.upload", "codebook draft", may_return_to_keys=True)


def begin_as_copy(db: Session, access: Access, sheet: CodebookSheet) -> None:
    """Let the first draft of a new project say what the codebook of another one says, under the same keys."""
    before = _opened(db, access, None)
    _change(db, access, before, sheet, "codebook.begin_as_copy", "codebook draft")


def publish_sheet(db: Session, access: Access, sheet: CodebookSheet, note: str = "") -> int:
    """Save and publish `sheet` at once; returns the number of the version, the newest if it says the same."""
    newest = queries.latest_published(db, access.project_id)
    if newest is not None and sheet_of(newest) == drafting.in_order(sheet):
        return newest.number
    save_sheet(db, access, sheet)
    return publish(db, access, queries.being_written(db, access.project_id).edition, note)


def publish(db: Session, access: Access, edition: int, note: str = "") -> int:
    """Make the draft a version that never changes; returns its number."""
    sheet = _opened(db, access, edition)
    newest = queries.latest_published(db, access.project_id)
    _refuse_incomplete(problems(sheet))
    changes = differences(CodebookSheet() if newest is None else sheet_of(newest), sheet)
    version = _locked_draft(db, access.project_id)
    if version is None or not changes:
        raise Refusal(_("Nothing has changed since the newest version, so there is nothing to publish."))
    version.note = note
    version.published_at, version.published_by = now(), access.account_id
    db.flush()
    _record(
        db, access, "codebook.publish", f"codebook version {version.number}", for_history(changes), note=note
    )
    return version.number


def discard_draft(db: Session, access: Access, edition: int) -> None:
    """Give the draft up. Published versions stay as they are; without a draft nothing happens."""
    _opened(db, access, edition)
    version = _locked_draft(db, access.project_id)
    if version is None:
        return
    delete_entries(db, version)
    db.delete(version)
    db.flush()
    _record(db, access, "codebook.discard_draft", f"codebook version {version.number}", {})


def note_opened(db: Session, access: Access, number: int) -> None:
    """Remember that the member has opened this version. A note for them alone: the history leaves it out."""
    is_older = or_(col(Member.codebook_opened).is_(None), col(Member.codebook_opened) < number)
    db.execute(
        update(Member).where(col(Member.id) == access.member_id, is_older).values(codebook_opened=number)
    )


def _opened(db: Session, access: Access, edition: int | None) -> CodebookSheet:
    """The sheet of the draft, locked until this transaction ends; `Conflict` if it is another edition."""
    _locked_draft(db, access.project_id)
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


def _locked_draft(db: Session, project_id: int) -> CodebookVersion | None:
    return db.exec(
        select(CodebookVersion)
        .where(CodebookVersion.project_id == project_id, col(CodebookVersion.published_at).is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _change(
    db: Session,
    access: Access,
    before: CodebookSheet,
    after: CodebookSheet,
    action: str,
    subject: str,
    *,
    may_return_to_keys: bool = False,
) -> None:
    """Check and write an edit, and tell the history. An edit that changes nothing leaves no trace."""
    changes = differences(before, after)
    if before == after:
        return
    _refuse_new_contradictions(before, after)
    past = queries.past(db, access.project_id)
    if not may_return_to_keys:
        refuse_reused_keys(past, before, after)
    refuse_changed_kinds(past, after)
    version = _locked_draft(db, access.project_id) or _new_draft(db, access, past)
    write_entries(db, version, after)
    version.edition += 1
    db.flush()
    _record(db, access, action, subject, for_history(changes))


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


def _refuse_incomplete(found: Sequence[Problem]) -> None:
    if found:
        told = " ".join(dict.fromkeys(problem.message for problem in found))
        raise Refusal(_("The codebook cannot be published yet.") + " " + told)


def _published_key() -> Refusal:
    message = _("The key was published, and codings are stored under it, so it stays.")
    return Refusal(message, {"key": message})


def _code_subject(variable_key: str, key: str) -> str:
    return f"code {variable_key}.{key}"


def _record(
    db: Session, access: Access, action: str, subject: str, details: dict[str, object], **more: object
) -> None:
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action=action,
        subject=subject,
        details=details | more,
    )
