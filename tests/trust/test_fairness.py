"""Figure 8: with many annotators at work nobody waits long, and nobody longer than the others."""

import statistics
import time

import pytest

from server.db.engine import Database
from tests.stock import on_one_database
from tests.trust.annotating import all_errors, all_saved, at_work
from tests.trust.reporting import report
from tests.trust.servers import Server, serving
from tests.trust.sizes import IS_FULL, size
from tests.trust.study import fill

SECONDS = size(5, 600)


@on_one_database
@pytest.mark.timeout(3600)
def test_everybody_gets_their_share(database: Database, server: Server) -> None:
    with database.writing() as db:
        study = fill(db, size(200, 10_000), 32)
    with serving(server), at_work(study, server.port, pause=1.0) as crowd:
        time.sleep(SECONDS)
    assert all_errors(crowd) == []
    shares = [len(annotator.saved) for annotator in crowd]
    waits = sorted(each.moment - each.sent_at for each in all_saved(crowd))
    p99, slowest = waits[int(0.99 * len(waits))], min(shares) / statistics.median(shares)
    assert all(each.n_sent == 1 for each in all_saved(crowd))
    assert min(shares) > 0
    if IS_FULL:
        assert p99 <= 0.1
        assert waits[-1] <= 1.0
        assert slowest >= 0.8
    report(
        8,
        f"{len(waits)} saves in {SECONDS} s, 0 errors: p99 {1_000 * p99:.0f} ms, "
        f"max {1_000 * waits[-1]:.0f} ms, slowest {slowest:.2f} of the median",
    )
