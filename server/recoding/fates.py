"""What a lead has to decide before a version is published: what becomes of codings it gives another meaning.

There is a choice for each change of meaning that concerns codings.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session

from server.codebooks.changes import (
    ADDED,
    CHANGED,
    MERGED,
    REMOVED,
    SPLIT,
    Changes,
    CodeChange,
    VariableChange,
)
from server.codebooks.lineage import Place
from server.codebooks.marks import Marks
from server.codebooks.models import Fate
from server.codebooks.over_time import read_as, with_codes_read
from server.codebooks.queries import Codebook, VariableInfo
from server.language import gettext as _
from server.projects.access import Access
from server.recoding.affected import Affected, Touched, affected


@dataclass(frozen=True)
class Choice:
    """A change of meaning, in words, and what can become of the codings it concerns.

    `of_all`: those of everybody who answered the question, where that is more than those of `found`.
    """

    place: Place
    said: str
    variable: VariableInfo
    touched: Touched
    found: Affected
    of_all: Affected | None
    options: tuple[Fate, ...]
    heir: str = ""

    @property
    def name(self) -> str:
        """The field of the form that decides it."""
        return f"fate-{'='.join(self.place)}"

    def again(self, fate: Fate) -> Touched | None:
        """Whose posts are coded again after this decision."""
        if fate is Fate.RECODE_ALL:
            return Touched(self.variable.id)
        return self.touched if fate is Fate.RECODE else None


def choices(
    db: Session, access: Access, newest: Codebook | None, changes: Changes, marks: Marks
) -> tuple[Choice, ...]:
    """What has to be decided about the changes since the newest version that are marked as of meaning."""
    if newest is None:
        return ()
    of_meaning, successors = list(_of_meaning(changes, marks)), read_as(db, access.project_id)
    asked = {
        change.key: with_codes_read(newest.variable_by_key[change.key], successors)
        for change, _code in of_meaning
    }
    # Who answered a question is counted once, however many of its codes changed.
    answered = {key: affected(db, access, Touched(variable.id)) for key, variable in asked.items()}
    found = (_choice(db, access, asked[of[0].key], answered[of[0].key], of) for of in of_meaning)
    return tuple(each for each in found if each is not None)


_Change = tuple[VariableChange, CodeChange | None]


def _of_meaning(changes: Changes, marks: Marks) -> Iterator[_Change]:
    for change in changes.variables:
        if change.what != CHANGED:
            continue  # Nobody has answered a new question, and what was said to a retired one stays.
        if change.is_own and marks.get((change.key, "")):
            yield change, None
        yield from (
            (change, code) for code in change.codes if marks.get((change.key, code.key)) and not code.is_heir
        )


def _choice(
    db: Session, access: Access, variable: VariableInfo, everybody: Affected, of: _Change
) -> Choice | None:
    change, code = of
    old = variable.code_by_key.get(code.key) if code else None
    touched = Touched(variable.id, old.ids if old else ())
    found = affected(db, access, touched) if old else everybody
    if not everybody.n_codings or (old and not found.n_codings and code and code.what != CHANGED):
        return None
    is_wider = old is not None and everybody.n_codings > found.n_codings
    return Choice(
        (change.key, code.key if code else ""),
        _said(change, code),
        variable,
        touched,
        found,
        everybody if is_wider else None,
        tuple(_options(code, found, is_wider=is_wider)),
        code.heirs[0].label if code and code.what == MERGED else "",
    )


def _options(code: CodeChange | None, found: Affected, *, is_wider: bool) -> Iterator[Fate]:
    if code is not None and code.what == MERGED:
        yield Fate.MAP
    yield Fate.KEEP
    if found.n_codings:
        yield Fate.RECODE
    if is_wider:
        yield Fate.RECODE_ALL


def _said(change: VariableChange, code: CodeChange | None) -> str:
    if code is None:
        return _("What is asked with “{label}” has changed.").format(label=change.label)
    words = {
        ADDED: _("“{label}” is new among the codes of “{question}”."),
        REMOVED: _("“{label}” is retired from “{question}”."),
        CHANGED: _("The meaning of “{label}” has changed, a code of “{question}”."),
    }
    if code.what in {MERGED, SPLIT}:
        return code.said
    return words[code.what].format(label=code.label, question=change.label)
