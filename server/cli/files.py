"""Files that a command writes: whole, or not at all."""

import secrets
import shutil
import sys
from io import BytesIO
from pathlib import Path
from typing import IO

from server.errors import Refusal
from server.figures import Format, Subject, Width, drawn
from server.language import gettext as _
from server.typeset import ApaTable, Kind, typeset


def write_whole(content: IO[bytes], out: Path) -> None:
    """Write to a file, which appears when it is whole, or to the standard output for `-`."""
    if str(out) == "-":
        sys.stdout.flush()
        shutil.copyfileobj(content, sys.stdout.buffer)
        return
    unfinished = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        with unfinished.open("xb") as file:
            shutil.copyfileobj(content, file)
        unfinished.replace(out)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise Refusal(
            _("%(file)s cannot be written: %(reason)s.") % {"file": out, "reason": reason}
        ) from problem
    finally:
        unfinished.unlink(missing_ok=True)


def check_endings(figure: Path | None, table: Path | None) -> None:
    """Whether the endings of both names are those of a kind of figure and of table; `Refusal` if not."""
    for out, endings in ((figure, Format), (table, Kind)):
        if out is not None and _ending(out) not in list(endings):
            known = ", ".join(f".{one}" for one in endings)
            raise Refusal(
                _("%(file)s cannot be written: it has to end in one of %(endings)s.")
                % {"file": out, "endings": known}
            )


def write_figure(subject: Subject | None, out: Path) -> None:
    """Draw a figure as wide as a page; the ending of its name says of which kind."""
    if subject is None:
        raise Refusal(_nothing(out))
    if not subject.fits(Width.PAGE.millimetres):
        raise Refusal(_("This is more than a figure can hold. Choose one variable with --variable."))
    write_whole(BytesIO(drawn(subject, Format(_ending(out)))), out)


def write_table(table: ApaTable | None, out: Path) -> None:
    """Set a table for a paper; the ending of its name says of which kind."""
    if table is None:
        raise Refusal(_nothing(out))
    write_whole(BytesIO(typeset(table, Kind(_ending(out)))), out)


def _ending(out: Path) -> str:
    return out.suffix.removeprefix(".").lower()


def _nothing(out: Path) -> str:
    return _("There is nothing to write into %s: no post is coded on this.") % out
