"""The change log of a codebook: what each version changed, a line a change, in words."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.codebooks import queries
from server.codebooks.changes import ADDED, REMOVED, Changes, CodeChange, FieldChange, VariableChange
from server.codebooks.comparing import compared
from server.language import gettext as _


@dataclass(frozen=True)
class LogLine:
    """One change. `is_semantic`: whether the meaning changed; None where nobody said."""

    is_semantic: bool | None
    text: str

    @property
    def weight(self) -> str:
        """Wording or meaning, in a word; empty where nobody said."""
        return "" if self.is_semantic is None else _("meaning") if self.is_semantic else _("wording")


@dataclass(frozen=True)
class LogEntry:
    """A version: when it was published, what the lead said of it, and what it changed."""

    number: int
    published_at: datetime
    note: str
    lines: tuple[LogLine, ...]


def change_log(db: Session, project_id: int, until: int) -> tuple[LogEntry, ...]:
    """All published versions up to the one with the number `until`, newest first."""
    found = []
    for row in queries.versions(db, project_id):
        if row.number > until:
            continue
        lines: tuple[LogLine, ...] = ()
        if row.number > 1:
            before, after = (
                queries.published_numbered(db, project_id, each) for each in (row.number - 1, row.number)
            )
            lines = tuple(_lines(compared(db, project_id, before, after)))
        found.append(LogEntry(row.number, row.published_at, row.note, lines))
    return tuple(found)


def _lines(changes: Changes) -> list[LogLine]:
    found = []
    for change in changes.variables:
        if change.is_own:
            found.append(LogLine(change.is_semantic, _of_variable(change)))
        found += [
            LogLine(code.is_semantic, f"{change.label}{_(':')} {_of_code(code)}")
            for code in change.codes
            if not code.is_heir
        ]
    if changes.reordered:
        found.append(LogLine(None, _("The questions stand in another order.")))
    return found


def _of_variable(change: VariableChange) -> str:
    if change.what == ADDED:
        return _("The question “{label}” is new.").format(label=change.label)
    if change.what == REMOVED:
        return _("The question “{label}” was retired.").format(label=change.label)
    parts = [_field(each) for each in change.fields]
    if change.codes_reordered:
        parts.append(_("Its codes stand in another order."))
    return f"{change.label}{_(':')} " + " ".join(parts)


def _of_code(change: CodeChange) -> str:
    if change.said:
        return change.said
    if change.what == ADDED:
        return _("The code “{label}” is new.").format(label=change.label)
    if change.what == REMOVED:
        return _("The code “{label}” was retired.").format(label=change.label)
    return f"“{change.label}”{_(':')} " + " ".join(_field(each) for each in change.fields)


def _field(change: FieldChange) -> str:
    if not change.after:
        return _("{field}: was “{before}”, is empty now.").format(field=change.word, before=change.before)
    if not change.before:
        return _("{field}: now “{after}”.").format(field=change.word, after=change.after)
    message = _("{field}: was “{before}”, now “{after}”.")
    return message.format(field=change.word, before=change.before, after=change.after)
