"""An archive made and laid out in a folder."""

import csv
import zipfile
from pathlib import Path

from sqlmodel import Session

from server.archive.forms import Options
from server.archive.making import archive
from server.projects.access import Access

PLAIN = Options(with_figures=False)


def unpacked(db: Session, access: Access, folder: Path, options: Options | None = None) -> Path:
    """The folder in which the files of the archive lie; without figures, which take long, if not said."""
    with archive(db, access, options or PLAIN) as file, zipfile.ZipFile(file) as packed:
        packed.extractall(folder)
    [found] = folder.iterdir()
    return found


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of one of its tables."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def alter(folder: Path, name: str, old: str, new: str) -> None:
    """Write one thing otherwise, where it stands first."""
    path = folder / name
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())
