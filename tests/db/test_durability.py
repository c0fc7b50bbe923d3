import subprocess
import sys
from pathlib import Path

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
