"""A list of takedowns beside the database, so that an older backup does not bring posts back.

One line a post in `takedowns.jsonl`: the project, the post's number and id, and whether its codings stayed.
It holds no text and no author. Each server adds to the one in its data folder what was taken down there; each
backup adds to the one beside it all that the database knows of, whoever did it; restoring reads both.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from sqlalchemy import Connection, select
from sqlmodel import Session, col

from server.corpora.models import Post, Takedown
from server.corpora.tombstones import hidden_id
from server.db.engine import Database
from server.errors import Refusal
from server.language import gettext as _
from server.projects.models import Project
from server.takedown.actions import Order, take_down
from server.takedown.wiping import wipe

FILE = "takedowns.jsonl"
_AT_ONCE = 5_000  # A statement names no more posts than that.


@dataclass(frozen=True)
class Entry:
    """A post that was taken down."""

    project: str
    number: int
    post_id: str
    keeps_codings: bool


def entries_of(
    db: Session, project_key: str, project_id: int, numbers: Iterable[int], keeps: bool
) -> list[Entry]:
    """What the list says of these posts of a project."""
    it = (col(Post.project_id) == project_id, col(Post.number).in_(tuple(numbers)))
    rows = db.execute(select(col(Post.number), col(Post.external_id)).where(*it).order_by(col(Post.number)))
    return [Entry(project_key, number, external_id, keeps) for number, external_id in rows]


def entries_of_all(db: Connection | Session) -> list[Entry]:
    """What a database knows of every post that is down, in all projects; it may be of an older Intercoder."""
    what = (col(Project.key), col(Post.number), col(Post.external_id), col(Takedown.keeps_codings))
    of_takedown = select(*what).join_from(Post, Takedown, col(Takedown.id) == col(Post.takedown_id))
    rows = db.execute(of_takedown.join(Project, col(Project.id) == col(Post.project_id)).order_by(*what[:2]))
    return [Entry(*row) for row in rows]


def add_new(folder: Path, entries: Iterable[Entry]) -> bool:
    """Add to the list what it does not have yet; False where the folder cannot be written to."""
    there = set(entries_in(folder))
    new = [entry for entry in dict.fromkeys(entries) if entry not in there]
    return not new or append(folder, new)


def append(folder: Path, entries: Iterable[Entry]) -> bool:
    """Add to the list, and wait until it is on the disk; False where the folder cannot be written to."""
    try:
        _write(folder, entries)
    except OSError:
        return False
    return True


def _write(folder: Path, entries: Iterable[Entry]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("a", encoding="utf-8") as file:
        # After a line that was cut off, as by a full disk, the next would be lost with it.
        file.write("\n" * _ends_within_a_line(folder / FILE))
        file.writelines(json.dumps(asdict(entry), ensure_ascii=False) + "\n" for entry in entries)
        file.flush()
        os.fsync(file.fileno())


def _ends_within_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


def entries_in(folder: Path) -> Iterator[Entry]:
    """The entries of the list; a line that was cut off is left out. `Refusal` where it cannot be read."""
    for line in _lines_in(folder / FILE):
        try:
            yield Entry(**json.loads(line))
        except (ValueError, TypeError):
            continue


def _lines_in(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\n")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as problem:
        raise Refusal(_("The list of what was taken down cannot be read: %s") % path) from problem


def repeat(database: Database, folder: Path) -> int:
    """Take down again what a restored backup has brought back; returns how many posts."""
    entries = sorted(set(entries_in(folder)), key=lambda each: (each.project, each.keeps_codings))
    groups = groupby(entries, key=lambda each: (each.project, each.keeps_codings))
    n = sum(
        _repeat(database, project, keeps, some)
        for (project, keeps), every in groups
        for some in _some_at_once(list(every))
    )
    if n:
        wipe(database)  # The files of the database, too; before anybody else works on it.
    return n


def _some_at_once(entries: list[Entry]) -> Iterator[list[Entry]]:
    return (entries[first : first + _AT_ONCE] for first in range(0, len(entries), _AT_ONCE))


def _repeat(database: Database, project_key: str, keeps: bool, entries: list[Entry]) -> int:
    with database.writing() as db:
        project_id = db.scalar(select(col(Project.id)).where(col(Project.key) == project_key))
        back = _brought_back(db, project_id, entries) if project_id else []
        if back and project_id:
            take_down(db, Order(project_id, None, back, keeps, "repeated on an older backup"))
    return len(back)


def _brought_back(db: Session, project_id: int, entries: list[Entry]) -> list[int]:
    # A number may have been another post's, too, where posts came after an older backup was restored.
    down = {(entry.number, entry.post_id) for entry in entries}
    numbers = {number for number, _post_id in down}
    it = (col(Post.project_id) == project_id, col(Post.number).in_(numbers), col(Post.takedown_id).is_(None))
    rows = db.execute(select(col(Post.id), col(Post.number), col(Post.external_id)).where(*it))
    return [
        post_id
        for post_id, number, external_id in rows
        if not down.isdisjoint({(number, external_id), (number, hidden_id(external_id))})
    ]
