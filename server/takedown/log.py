"""A list of takedowns beside the database, so that an older backup does not bring posts back.

One line a post in `takedowns.jsonl` of the data folder: the project, the post's number and id, and whether
its codings stayed. It holds no text and no author. Whoever keeps backups keeps this file with the newest.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from server.corpora.models import Post
from server.corpora.parcels import clear
from server.corpora.tombstones import hidden_id
from server.db.engine import Database
from server.db.scrubbing import scrub
from server.projects.models import Project
from server.takedown.actions import Order, take_down
from server.takedown.places import SCRUBBED

FILE = "takedowns.jsonl"


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
        file.writelines(json.dumps(asdict(entry), ensure_ascii=False) + "\n" for entry in entries)
        file.flush()
        os.fsync(file.fileno())


def entries_in(folder: Path) -> Iterator[Entry]:
    """The entries of the list; a line that was cut off is left out."""
    path = folder / FILE
    if not path.exists():
        return
    for line in path.read_text("utf-8").splitlines():
        try:
            yield Entry(**json.loads(line))
        except (ValueError, TypeError):
            continue


def repeat(database: Database, folder: Path) -> int:
    """Take down again what a restored backup has brought back; returns how many posts."""
    entries = sorted(set(entries_in(folder)), key=lambda each: (each.project, each.keeps_codings))
    groups = groupby(entries, key=lambda each: (each.project, each.keeps_codings))
    n = sum(_repeat(database, project, keeps, list(some)) for (project, keeps), some in groups)
    if n:
        clear(database)
        scrub(database, SCRUBBED)  # The files of the database, too; before anybody else works on it.
    return n


def _repeat(database: Database, project_key: str, keeps: bool, entries: list[Entry]) -> int:
    with database.writing() as db:
        project_id = db.scalar(select(col(Project.id)).where(col(Project.key) == project_key))
        back = _brought_back(db, project_id, entries) if project_id else []
        if back and project_id:
            take_down(db, Order(project_id, None, back, keeps, "repeated on an older backup"))
    return len(back)


def _brought_back(db: Session, project_id: int, entries: list[Entry]) -> list[int]:
    names = {entry.number: entry.post_id for entry in entries}
    it = (col(Post.project_id) == project_id, col(Post.number).in_(names), col(Post.takedown_id).is_(None))
    rows = db.execute(select(col(Post.id), col(Post.number), col(Post.external_id)).where(*it))
    return [
        post_id
        for post_id, number, external_id in rows
        if names[number] in {external_id, hidden_id(external_id)}
    ]
