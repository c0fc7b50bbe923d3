"""The reasons for skipping that a project offers: the usual ones until the lead changes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from server.clock import now
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.db.tables import sql_table
from server.errors import Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.projects.actions import hold_project
from server.rounds.models import SkipReason
from server.rounds.skipping import DISTRESSING, TOPIC, Offered, usual_reasons

MOST = 20
MAX_LABEL = 80
_table = sql_table(SkipReason)

# The annotator's page asks this at every post that can be skipped, where the lead has changed the reasons.
_of_project = Prepared(
    select(_table.c.key, _table.c.label, _table.c.retired_at)
    .where(_table.c.project_id == bindparam("project_id"))
    .order_by(_table.c.position)
)


@dataclass(frozen=True)
class Reason:
    """A reason of a project, with its words. `own` are the lead's words; empty where the usual ones stand."""

    key: str
    label: str
    own: str
    is_offered: bool

    @property
    def is_fixed(self) -> bool:
        """Whether it can be worded and moved, and not taken away."""
        return self.key == DISTRESSING


@dataclass(frozen=True)
class WantedReason:
    """A reason as the lead wants it. `key` is empty for a new one; `place` (None: no number) orders them."""

    key: str
    label: str
    place: int | None
    is_offered: bool


def reasons(db: Session, project_id: int) -> tuple[Reason, ...]:
    """Every reason the project offers or has offered, in its order."""
    usual = dict(usual_reasons())
    rows = _of_project.all(connection_of(db), {"project_id": project_id})
    if not rows:
        return tuple(Reason(key, label, "", True) for key, label in usual.items())
    return tuple(
        Reason(row.key, row.label or usual.get(row.key, row.key), row.label, row.retired_at is None)
        for row in rows
    )


def offered(of: Sequence[Reason]) -> Offered:
    """The reasons to choose from."""
    return tuple((reason.key, reason.label) for reason in of if reason.is_offered)


def labels(db: Session, project_id: int) -> Mapping[str, str]:
    """The words of each reason, those that are offered no longer, too."""
    said = dict(usual_reasons()) | {reason.key: reason.label for reason in reasons(db, project_id)}
    return said | {TOPIC: _("Topic opted out of")}


def change_reasons(db: Session, access: Access, wanted: Sequence[WantedReason]) -> None:
    """Make these the project's reasons. What was skipped keeps its reason, also one that is taken away.

    Raises `Refusal`, with a sentence at each reason that cannot be offered so.
    """
    # Two leads who change the list at once come one after the other.
    hold_project(db, access.project_id)
    before = reasons(db, access.project_id)
    _refuse_impossible(before, wanted)
    stored = {row.key: row for row in _stored(db, access)}
    for position, reason in enumerate(sorted(wanted, key=lambda each: each.place or 0)):
        key = reason.key or _free_key(before)
        row = stored.get(key) or SkipReason(project_id=access.project_id, key=key, label="", position=0)
        usual = dict(usual_reasons()).get(key)
        row.label = "" if reason.label in ("", usual) else reason.label
        row.position = position
        is_offered = reason.is_offered or key == DISTRESSING
        row.retired_at = None if is_offered else (row.retired_at or now())
        db.add(row)
    db.flush()
    _record(db, access, before, reasons(db, access.project_id))


def _stored(db: Session, access: Access) -> Sequence[SkipReason]:
    found = db.scalars(select(SkipReason).where(col(SkipReason.project_id) == access.project_id))
    return found.all()


def _free_key(before: Sequence[Reason]) -> str:
    """A key that no reason of the project has or had."""
    taken = {reason.key for reason in before}
    return next(key for number in range(1, MOST + 2) if (key := f"own-{number}") not in taken)


def _refuse_impossible(before: Sequence[Reason], wanted: Sequence[WantedReason]) -> None:
    if {reason.key for reason in before} != {reason.key for reason in wanted if reason.key}:
        raise Refusal(_("The list was changed elsewhere in the meantime. Here it is as it stands now."))
    if len(wanted) > MOST:
        message = _("A project has at most %(most)s reasons. Word one anew that is offered no longer.")
        raise Refusal(message % {"most": MOST}, {"added": message % {"most": MOST}})
    wrong = {
        f"label-{each.key}" if each.key else "added": fault for each in wanted if (fault := _fault(each))
    }
    wrong |= {f"place-{each.key}": _("Please write a whole number.") for each in wanted if each.place is None}
    if wrong:
        raise Refusal(_("Nothing was saved yet."), wrong)


def _fault(reason: WantedReason) -> str:
    if len(reason.label) > MAX_LABEL:
        return _("This is too long: at most %(most)s characters.") % {"most": MAX_LABEL}
    if not reason.label and reason.key not in dict(usual_reasons()):
        return _("Please fill this in.")
    return ""


def _record(db: Session, access: Access, before: Sequence[Reason], after: Sequence[Reason]) -> None:
    said_before, said_after = ([label for _key, label in offered(each)] for each in (before, after))
    if said_before != said_after:
        record(
            db,
            project_id=access.project_id,
            actor_id=access.account_id,
            action="project.edit_skip_reasons",
            subject="project",
            details={"reasons": {"before": said_before, "after": said_after}},
        )
