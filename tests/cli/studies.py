"""A study that is brought in through the shell, and what tests say to it."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

from server.db.engine import Database
from server.projects.roles import Role
from tests import make
from tests.cli.shell import Shell, Told

POSTS = (
    'id,text,author\n1,"Hello, there\nfriend 💔",anna\n2,I miss the old one,ben\n3,I miss the old one,ben\n'
)
CODEBOOK = (
    "question,type,code,value,label,definition\n"
    "tone,ordinal,low,1,Low,\ntone,ordinal,high,2,High,\n"
    "themes,multi,grief,,Grief,\nthemes,multi,anger,,Anger,\n"
)
RATINGS = (
    "post_id,coder,question,code,value,coder_group\n"
    "1,c1,tone,low,1,crowd\n1,c2,tone,low,1,crowd\n1,c3,tone,high,2,experts\n"
    "2,c1,tone,high,2,crowd\n2,c2,tone,low,1,crowd\n2,c3,tone,high,2,experts\n"
    "1,c1,themes,grief,1,crowd\n1,c2,themes,none,1,crowd\n"
)


@pytest.fixture
def study(shell: Shell, database: Database) -> Shell:
    """A server with an empty project called P."""
    with database.writing() as db:
        make.member(db, make.project(db, "P"), Role.LEAD, "lead")
    return shell


@pytest.fixture
def coded(study: Shell, tmp_path: Path) -> Shell:
    """The project with everything in it."""
    assert brought(study, tmp_path, posts=POSTS, codebook=CODEBOOK, ratings=RATINGS).code == 0
    return study


def brought(shell: Shell, folder: Path, *more: str, **files: str | bytes) -> Told:
    """Write the files and import them."""
    arguments = []
    for name, content in files.items():
        path = folder / f"{name}.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        arguments.append(f"--{name}={path}")
    return shell("import", "--project", "P", *arguments, *more)


def rows(database: Database) -> dict[str, int]:
    with database.reading() as db:
        tables = SQLModel.metadata.sorted_tables
        return {table.name: db.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def printed(answer: Told) -> Any:
    assert (answer.code, answer.err) == (0, "")
    return json.loads(answer.out)
