"""Imports in words."""

from server.corpora.counts import Counts
from server.corpora.jobs import READING, SHOWING, WRITING, Job
from server.corpora.parsing import Table
from server.corpora.planning import ImportPlan
from server.language import gettext as _
from server.language import ngettext
from server.web.words import number

_MINUTE = 60
_TELLING_SECONDS = 1


def _with(count: int, said: str) -> str:
    """A sentence with the number in the place of `{n}`; empty for none."""
    return said.format(n=number(count)) if count else ""


def outcome_words(counts: Counts) -> str:
    """What an import did."""
    said = [
        _with(counts.new, ngettext("{n} post was imported.", "{n} posts were imported.", counts.new)),
        _with(counts.changed, ngettext("{n} post was changed.", "{n} posts were changed.", counts.changed)),
        _with(
            counts.locked,
            ngettext(
                "{n} coded post was left as it is.",
                "{n} coded posts were left as they are.",
                counts.locked,
            ),
        ),
        _with(counts.refused, ngettext("{n} row was refused.", "{n} rows were refused.", counts.refused)),
    ]
    said.append(
        _with(
            counts.left_out,
            ngettext(
                "{n} record without a text was left out.",
                "{n} records without a text were left out.",
                counts.left_out,
            ),
        )
    )
    if counts.changes_nothing:
        said.insert(0, _("Nothing was imported: the project has what the file says."))
    return " ".join(filter(None, said))


def button_words(plan: ImportPlan) -> str:
    """What the button of an import says; empty where it would do nothing."""
    if not plan.new:
        return _with(len(plan.changed), ngettext("Change {n} post", "Change {n} posts", len(plan.changed)))
    said = _with(len(plan.new), ngettext("Import {n} post", "Import {n} posts", len(plan.new)))
    changing = _with(len(plan.changed), ngettext("and change {n}", "and change {n}", len(plan.changed)))
    return f"{said} {changing}".strip()


def nothing_words(plan: ImportPlan) -> str:
    """Why there is nothing to import, and what to do about it."""
    if (plan.unchanged or plan.locked or plan.taken_down) and plan.refused:
        return _("There is nothing to import: the rows that can be taken are in the project already.")
    if plan.taken_down and not (plan.unchanged or plan.locked):
        return _("There is nothing to import: the posts of this file were taken down here.")
    if plan.unchanged or plan.locked or plan.taken_down:
        return _("There is nothing to import: every post of this file is in the project already.")
    return _("There is nothing to import: no row of this file can be taken. The reasons stand below.")


def reading_words(table: Table) -> str:
    """How a file was read: `1,482 rows, read as UTF-8, cells separated by commas`."""
    n_rows = len(table.rows) + len(table.refused) + len(table.left_out)
    if not table.delimiter:
        records = _with(n_rows, ngettext("{n} record", "{n} records", n_rows))
        return _("{rows}, read from {kind}.").format(rows=records, kind=table.origin.kind)
    separator = {",": _("commas"), ";": _("semicolons"), "\t": _("tabs")}[table.delimiter]
    rows = _with(n_rows, ngettext("{n} row", "{n} rows", n_rows))
    return _("{rows}, read as {encoding}, cells separated by {separator}.").format(
        rows=rows, encoding=table.encoding, separator=separator
    )


def phase_words(job: Job) -> str:
    """What an import is doing."""
    if job.is_unwanted and not job.is_shown:
        return _("The import is being cancelled.")
    words = {
        READING: _("Reading and checking the rows."),
        WRITING: _("Writing the posts where nobody sees them yet."),
        SHOWING: _("Bringing the posts into the project."),
    }
    return words.get(job.phase, _("The import has ended."))


def time_left_words(job: Job) -> str:
    """How long this step of an import will take if it goes on as it did; empty while that is unknown."""
    took = (job.heard_at - job.phase_began_at).total_seconds()
    if job.is_finished or took < _TELLING_SECONDS or not job.done:
        return ""
    seconds = max(1, round(took * (job.total - job.done) / job.done))
    rate = number(round(job.done / took))
    if seconds < _MINUTE:
        said = ngettext(
            "about {n} second left for this step", "about {n} seconds left for this step", seconds
        )
        left = said.format(n=seconds)
    else:
        minutes = round(seconds / _MINUTE)
        said = ngettext(
            "about {n} minute left for this step", "about {n} minutes left for this step", minutes
        )
        left = said.format(n=minutes)
    return _("{rate} a second, {left}").format(rate=rate, left=left)
