"""Writing the codebook.

Everything works on the draft. An edit takes the sheet the draft is now to the sheet it shall be; the draft
begins with the first edit, as a copy of the newest version. Each edit counts the `edition` up, and an edit
made from another edition is a `Conflict`.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import or_, update
from sqlmodel import Session, col

from server.clock import now
from server.codebooks import drafting, queries
from server.codebooks.changes import for_history
from server.codebooks.checks import Incomplete, Problem, problems
from server.codebooks.comparing import compared
from server.codebooks.drafting import Move
from server.codebooks.editing import (
    code_subject,
    locked_draft,
    opened,
    origins_of_draft,
    record_edit,
    write_edit,
)
from server.codebooks.entries import delete_entries, write_marks
from server.codebooks.lineage import renamed
from server.codebooks.marks import NOTHING_SAID, Marks, settled
from server.codebooks.queries import sheet_of
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.errors import NotFound, Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member


def add_variable(db: Session, access: Access, edition: int, value: VariableSheet) -> str:
    """Add a variable at the end; returns its key, made of the label where none was typed."""
    before = opened(db, access, edition)
    gone = queries.past(db, access.project_id).removed_variables(before)
    keys = [found.entry.key for found in gone]
    variable = drafting.keyed_variable(before, replace(value, codes=()), keys)
    after = drafting.with_variable(before, variable)
    write_edit(db, access, before, after, "codebook.add_variable", f"variable {variable.key}")
    return variable.key


def edit_variable(db: Session, access: Access, edition: int, key: str, value: VariableSheet) -> str:
    """Change what the draft says of a variable; returns its key."""
    before = opened(db, access, edition)
    drafting.variable_of(before, key)
    variable = replace(value, key=value.key or key)
    if variable.key != key and queries.past(db, access.project_id).variable(key):
        raise _published_key()
    after = drafting.with_variable_changed(before, key, variable)
    write_edit(db, access, before, after, "codebook.edit_variable", f"variable {key}")
    return variable.key


def remove_variable(db: Session, access: Access, edition: int, key: str) -> None:
    """Take a variable out of the draft: a published one is retired, and versions and codings keep it."""
    before = opened(db, access, edition)
    after = drafting.without_variable(before, key)
    is_published = queries.past(db, access.project_id).variable(key) is not None
    write_edit(
        db,
        access,
        before,
        after,
        "codebook.retire_variable" if is_published else "codebook.remove_variable",
        f"variable {key}",
    )


def move_variable(db: Session, access: Access, edition: int, key: str, move: Move) -> None:
    """Move a variable; at the end of the list it stays."""
    before = opened(db, access, edition)
    after = drafting.with_variable_at(before, key, move)
    write_edit(db, access, before, after, "codebook.move_variable", f"variable {key}")


def restore_variable(db: Session, access: Access, edition: int, key: str) -> None:
    """Bring a removed variable back as the last version had it."""
    before = opened(db, access, edition)
    gone = queries.past(db, access.project_id).removed_variables(before)
    variable = next((found.entry for found in gone if found.entry.key == key), None)
    if variable is None:
        raise NotFound
    after = drafting.with_variable(before, variable)
    write_edit(
        db, access, before, after, "codebook.restore_variable", f"variable {key}", may_return_to_keys=True
    )


def add_code(db: Session, access: Access, edition: int, variable_key: str, value: CodeSheet) -> str:
    """Add a code at the end of a variable; returns its key, made of the label where none was typed."""
    before = opened(db, access, edition)
    variable = drafting.variable_of(before, variable_key)
    gone = queries.past(db, access.project_id).removed_codes(variable)
    code = drafting.keyed_code(before, variable_key, value, [found.entry.key for found in gone])
    after = drafting.with_code(before, variable_key, code)
    write_edit(db, access, before, after, "codebook.add_code", code_subject(variable_key, code.key))
    return code.key


def edit_code(
    db: Session, access: Access, edition: int, variable_key: str, key: str, value: CodeSheet
) -> str:
    """Change what the draft says of a code; returns its key. Only a scale's codes take a new value."""
    before = opened(db, access, edition)
    variable = drafting.variable_of(before, variable_key)
    old = drafting.code_of(variable, key)
    code = replace(
        value, key=value.key or key, value=value.value if variable.kind == "ordinal" else old.value
    )
    if code.key != key and queries.past(db, access.project_id).code(variable_key, key):
        raise _published_key()
    after = drafting.with_code_changed(before, variable_key, key, code)
    origins = renamed(origins_of_draft(db, access), variable_key, key, code.key)
    subject = code_subject(variable_key, key)
    write_edit(db, access, before, after, "codebook.edit_code", subject, origins=origins)
    return code.key


def remove_code(db: Session, access: Access, edition: int, variable_key: str, key: str) -> None:
    """Take a code out of the draft: a published one is retired. What stood below it moves up."""
    before = opened(db, access, edition)
    after = drafting.without_code(before, variable_key, key)
    is_published = queries.past(db, access.project_id).code(variable_key, key) is not None
    write_edit(
        db,
        access,
        before,
        after,
        "codebook.retire_code" if is_published else "codebook.remove_code",
        code_subject(variable_key, key),
    )


def move_code(db: Session, access: Access, edition: int, variable_key: str, key: str, move: Move) -> None:
    """Move a code among its neighbours, below another or out from there; what stands below it goes along."""
    before = opened(db, access, edition)
    after = drafting.with_code_at(before, variable_key, key, move)
    write_edit(db, access, before, after, "codebook.move_code", code_subject(variable_key, key))


def restore_code(db: Session, access: Access, edition: int, variable_key: str, key: str) -> None:
    """Bring a removed code back as the last version had it, below its parent if that is still there."""
    before = opened(db, access, edition)
    variable = drafting.variable_of(before, variable_key)
    gone = queries.past(db, access.project_id).removed_codes(variable)
    code = next((found.entry for found in gone if found.entry.key == key), None)
    if code is None:
        raise NotFound
    present = {other.key for other in variable.codes}
    code = replace(code, parent_key=code.parent_key if code.parent_key in present else None)
    after = drafting.with_code(before, variable_key, code)
    subject = code_subject(variable_key, key)
    write_edit(db, access, before, after, "codebook.restore_code", subject, may_return_to_keys=True)


def save_sheet(db: Session, access: Access, sheet: CodebookSheet, edition: int | None = None) -> None:
    """Let the draft say what `sheet` says; variables and codes are recognised by their keys.

    `edition` is the one the sheet was compared with; None takes the draft as it is now.
    """
    before = opened(db, access, edition)
    after = drafting.in_order(sheet)
    write_edit(db, access, before, after, "codebook.upload", "codebook draft", may_return_to_keys=True)


def begin_as_copy(db: Session, access: Access, sheet: CodebookSheet) -> None:
    """Let the first draft of a new project say what the codebook of another one says, under the same keys."""
    before = opened(db, access, None)
    write_edit(db, access, before, sheet, "codebook.begin_as_copy", "codebook draft")


def publish_sheet(db: Session, access: Access, sheet: CodebookSheet, note: str = "") -> int:
    """Save and publish `sheet` at once; returns the number of the version, the newest if it says the same."""
    newest = queries.latest_published(db, access.project_id)
    if newest is not None and sheet_of(newest) == drafting.in_order(sheet):
        return newest.number
    save_sheet(db, access, sheet)
    return publish(db, access, queries.being_written(db, access.project_id).edition, note)


def publish(db: Session, access: Access, edition: int, note: str = "", said: Marks = NOTHING_SAID) -> int:
    """Make the draft a version that never changes; returns its number.

    `said`: which entries changed in their meaning, and which in their wording, where the lead can say so.
    """
    sheet = opened(db, access, edition)
    _refuse_incomplete(problems(sheet))
    newest = queries.latest_published(db, access.project_id)
    changes = compared(db, access.project_id, newest, queries.being_written(db, access.project_id))
    version = locked_draft(db, access.project_id)
    if version is None or not changes:
        raise Refusal(_("Nothing has changed since the newest version, so there is nothing to publish."))
    if newest is not None:
        write_marks(db, version, settled(changes, said))
    version.note = note
    version.published_at, version.published_by = now(), access.account_id
    db.flush()
    record_edit(
        db, access, "codebook.publish", f"codebook version {version.number}", for_history(changes), note=note
    )
    return version.number


def discard_draft(db: Session, access: Access, edition: int) -> None:
    """Give the draft up. Published versions stay as they are; without a draft nothing happens."""
    opened(db, access, edition)
    version = locked_draft(db, access.project_id)
    if version is None:
        return
    delete_entries(db, version)
    db.delete(version)
    db.flush()
    record_edit(db, access, "codebook.discard_draft", f"codebook version {version.number}", {})


def note_opened(db: Session, access: Access, number: int) -> None:
    """Remember that the member has opened this version. A note for them alone: the history leaves it out."""
    is_older = or_(col(Member.codebook_opened).is_(None), col(Member.codebook_opened) < number)
    db.execute(
        update(Member).where(col(Member.id) == access.member_id, is_older).values(codebook_opened=number)
    )


def _refuse_incomplete(found: Sequence[Problem]) -> None:
    if found:
        raise Incomplete(found)


def _published_key() -> Refusal:
    message = _("The key was published, and codings are stored under it, so it stays.")
    return Refusal(message, {"key": message})
