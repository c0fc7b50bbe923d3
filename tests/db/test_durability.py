import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from server.db.durability import may_be_lost
from server.db.engine import Database
from server.keeping.checks import check_all

ASKS = """
import sys
from sqlalchemy import text
from server.db.engine import Database
database = Database(sys.argv[1])
with database.writing() as db:
    for name in ("synchronous", "journal_mode", "foreign_keys", "secure_delete"):
        print(db.execute(text(f"PRAGMA {name}")).scalar())
"""


def test_the_writer_waits_for_the_disk(tmp_path: Path) -> None:
    # In a process of its own, since the tests themselves do not wait.
    asked = [sys.executable, "-c", ASKS, f"sqlite:///{tmp_path / 'intercoder.sqlite3'}"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["2", "wal", "1", "1"]  # 2: FULL


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_postgresql_waits_whatever_it_is_set_to_and_is_told_of_where_it_cannot(database: Database) -> None:
    set_to = text("SELECT setting FROM pg_file_settings WHERE name = 'synchronous_commit' AND applied")
    with database.reading() as db:
        assert db.scalar(set_to) == "off", "the tests' own server is set to lose what was saved"
        assert db.scalar(text("SHOW synchronous_commit")) == "on"
        file = next(iter(check_all(db)))
    assert "does not wait for its disk (fsync = off)" in file.told
    assert file.wrong == ""
    hasty = Database(f"{database.url}&options=-c%20synchronous_commit%3Doff")
    with hasty.reading() as db:
        assert "(fsync = off, synchronous_commit = off)" in may_be_lost(db)
    hasty.dispose()
