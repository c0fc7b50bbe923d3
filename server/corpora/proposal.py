"""What importing a file would do, as the lead is shown it before anything is written."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TypeVar

from server.corpora.compact import Lazy
from server.corpora.mapping import PostDraft, RowNotice
from server.corpora.planning import ImportPlan
from server.language import gettext as _

SHOWN = 100
T = TypeVar("T")


@dataclass(frozen=True)
class Remarks:
    """What is said of some rows of a file, for one reason. `total` counts those that are not shown, too."""

    kind: str
    heading: str
    meaning: str
    rows: tuple[RowNotice, ...]
    total: int


def remarks(plan: ImportPlan, shown: int = SHOWN) -> tuple[Remarks, ...]:
    """Every row that is not simply taken, by the reason; at most `shown` rows a reason."""
    return tuple(
        Remarks(kind, heading, meaning, tuple(rows[:shown]), len(rows))
        for kind, heading, meaning, rows in _groups(plan)
        if rows
    )


_Group = tuple[str, str, str, Sequence[RowNotice]]


def _groups(plan: ImportPlan) -> Iterator[_Group]:
    yield (
        "refused",
        _("Refused"),
        _("These rows are not imported. Mend them in the file and upload it again, or import the others."),
        _said(plan.refused, lambda row: RowNotice(row.number, row.reason)),
    )
    yield (
        "left_out",
        _("Left out"),
        _("There is nothing to code in these rows."),
        _said(plan.left_out, lambda row: RowNotice(row.number, row.reason)),
    )
    yield (
        "locked",
        _("Left as they are coded"),
        _("The file says something else, but annotators have coded these posts as they are here."),
        _about(plan.locked, _("The coded post “{id}” is not changed.")),
    )
    yield (
        "taken_down",
        _("Taken down"),
        _("These posts were taken down here. They are not imported again."),
        _about(plan.taken_down, _("The post “{id}” stays away.")),
    )
    yield (
        "changed",
        _("Changed"),
        _("These posts are here already and take what the file says now. Nobody has coded them yet."),
        _about(plan.changed, _("The post “{id}” is changed.")),
    )
    yield (
        "duplicate",
        _("Duplicates"),
        _("These rows repeat the id and the text of a row above them, which is taken once."),
        plan.duplicates,
    )
    yield (
        "alike",
        _("Alike"),
        _("These posts have their own ids, but repeat what another says."),
        plan.alike,
    )
    yield (
        "notice",
        _("Taken, with a remark"),
        _("These rows are taken all the same. Look whether the file says what you mean."),
        plan.notices,
    )


def _about(drafts: Sequence[PostDraft], sentence: str) -> Sequence[RowNotice]:
    return _said(drafts, lambda draft: RowNotice(draft.row_number, sentence.format(id=draft.external_id)))


def _said(rows: Sequence[T], say: Callable[[T], RowNotice]) -> Sequence[RowNotice]:
    return Lazy(range(len(rows)), lambda place: say(rows[place]))


def remarks_csv(plan: ImportPlan) -> str:
    """All remarks as a table for a spreadsheet. No cell begins with what a file said."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([_("row"), _("kind"), _("remark")])
    for _kind, heading, _meaning, rows in _groups(plan):
        writer.writerows([row.number, heading, row.message] for row in rows)
    return out.getvalue()
