"""Figure 10: a backup made while annotators work holds all that was acknowledged before it began."""

from pathlib import Path

import pytest

from server.db.engine import Database
from server.keeping.backups import back_up, restore_sqlite
from tests.trust.annotating import all_errors, all_saved, at_work, wait_for_saves
from tests.trust.finding import faults
from tests.trust.reporting import report
from tests.trust.servers import Server, serving
from tests.trust.sizes import name_of, size
from tests.trust.study import fill

BACKUPS = size(1, 100)


@pytest.mark.timeout(7200)
def test_a_backup_holds_what_was_acknowledged_before(
    database: Database, server: Server, tmp_path: Path
) -> None:
    with database.writing() as db:
        study = fill(db, size(100, 6_000), 16)
    n_before = 0
    with serving(server), at_work(study, server.port, pause=size(4, 20) / 10) as crowd:
        for number in range(BACKUPS):
            wait_for_saves(crowd, 10)
            before = all_saved(crowd)
            kept = back_up(database, tmp_path / f"{number}.sqlite3")
            file = tmp_path / f"restored {number}" / "intercoder.sqlite3"
            assert restore_sqlite(kept.file, file).digests == kept.digests
            restored = Database(f"sqlite:///{file}")
            with restored.reading() as db:
                assert faults(db, study, before) == []
            restored.dispose()
            n_before = len(before)
    assert all_errors(crowd) == []
    kind = name_of(database)
    report(10, f"{kind}: {BACKUPS} backups restored, whole, with all of up to {n_before} saves from before")
