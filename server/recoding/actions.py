"""Publishing a version together with what becomes of the codings it gives another meaning."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlmodel import Session, col

from server.adjudication.writing import one_at_a_time
from server.codebooks import actions as codebook_actions
from server.codebooks.comparing import compared
from server.codebooks.marks import Marks, settled
from server.codebooks.models import Code, EntryChange, Fate
from server.codebooks.queries import being_written, latest_published, published_numbered
from server.errors import Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.recoding.affected import Touched, merged_touch
from server.recoding.again import Again, open_again
from server.recoding.fates import Choice, choices


class Undecided(Refusal):
    """Nobody has said yet what becomes of some codings."""

    def __init__(self, open_: tuple[Choice, ...], missing: Mapping[str, str]) -> None:
        self.choices = open_
        super().__init__(_("Nothing is published yet: say what becomes of each."), missing)


@dataclass(frozen=True)
class Wish:
    """What the lead wants published. `fates`: the field of each choice → what was chosen there."""

    edition: int
    note: str
    said: Marks
    fates: Mapping[str, str]
    shows_earlier: bool


@dataclass(frozen=True)
class Published:
    """The number of the new version, and of the rounds in which posts are coded again."""

    number: int
    rounds: tuple[int, ...]


def publish(db: Session, access: Access, wish: Wish) -> Published:
    """Publish the draft, and do with older codings what was chosen.

    Raises:
        Undecided: Something is left to choose.
        Refusal, Conflict: As `server.codebooks.actions.publish`.
    """
    one_at_a_time(db, access)  # The project is held before what belongs to it.
    found = open_choices(db, access, wish.said)
    fates = _decided(found, wish.fates)
    number = codebook_actions.publish(db, access, wish.edition, wish.note, wish.said)
    if not fates:
        return Published(number, ())
    book = published_numbered(db, access.project_id, number)
    _keep(db, book.version_id, found, fates)
    details = {"=".join(choice.place): fates[choice.name].value for choice in found}
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="codebook.decide_on_codings",
        subject=f"codebook version {number}",
        details={"fates": details},
    )
    opened = [
        open_again(db, access, book, Again(book.variable_by_id[each.variable_id], each, wish.shows_earlier))
        for each in _again(found, fates)
    ]
    return Published(number, tuple(each for each in opened if each is not None))


def open_choices(db: Session, access: Access, said: Marks) -> tuple[Choice, ...]:
    """What has to be decided before the draft as it is now is published."""
    newest, draft = latest_published(db, access.project_id), being_written(db, access.project_id)
    changes = compared(db, access.project_id, newest, draft)
    return choices(db, access, newest, changes, settled(changes, said))


def _decided(found: tuple[Choice, ...], chosen: Mapping[str, str]) -> dict[str, Fate]:
    missing = {
        choice.name: _("Say what becomes of these codings.")
        for choice in found
        if chosen.get(choice.name) not in choice.options
    }
    if missing:
        raise Undecided(found, missing)
    return {choice.name: Fate(chosen[choice.name]) for choice in found}


def _keep(db: Session, version_id: int, found: tuple[Choice, ...], fates: Mapping[str, Fate]) -> None:
    for choice in found:
        _variable, code_key = choice.place
        code = select(col(Code.id)).where(
            col(Code.variable_id) == choice.variable.id, col(Code.key) == code_key
        )
        is_it = (
            col(EntryChange.code_id) == code.scalar_subquery()
            if code_key
            else col(EntryChange.code_id).is_(None)
        )
        of_variable = col(EntryChange.variable_id) == choice.variable.id
        changed = update(EntryChange).where(col(EntryChange.version_id) == version_id, of_variable, is_it)
        db.execute(changed.values(fate=fates[choice.name].value))


def _again(found: tuple[Choice, ...], fates: Mapping[str, Fate]) -> list[Touched]:
    """What is coded again, once a question."""
    touched: dict[int, list[Touched]] = {}
    for choice in found:
        if again := choice.again(fates[choice.name]):
            touched.setdefault(again.variable_id, []).append(again)
    return [merged_touch(each) for each in touched.values()]
