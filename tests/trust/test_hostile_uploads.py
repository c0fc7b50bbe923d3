"""Figure 16: while somebody uploads one hostile file after the other, annotators save as on any other day."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import httpx
import pytest

from server.db.engine import Database
from server.projects.models import Project
from server.projects.roles import Role
from tests import make
from tests.browse import form_key
from tests.corpora.hostile_files import hostile_files
from tests.corpora.hostile_files.given import PAGES, Hostile
from tests.stock import on_one_database
from tests.trust.annotating import all_errors, all_saved, at_work, wait_for_saves
from tests.trust.reporting import report
from tests.trust.servers import Server, serving
from tests.trust.sizes import IS_FULL
from tests.trust.study import Study, fill

P99_SECONDS = 0.1


def studied(database: Database) -> tuple[Study, str]:
    """A study at work, and the session of a lead who brings files into it."""
    with database.writing() as db:
        study = fill(db, 10_000, 32)
        lead = make.member(db, db.get_one(Project, study.project_id), Role.LEAD, "importing")
        return study, make.session(db, lead.account_id)


def uploads() -> list[tuple[Hostile, str]]:
    """Every hostile file with each page that it is given for."""
    return [(each, PAGES[reader]) for each in hostile_files() for reader in each.given_for]


def upload_all(port: int, session: str, project: str) -> set[int]:
    """Upload each and look at its preview; what was answered. Runs in a process of its own."""
    address = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=address, cookies={"session": session}, timeout=60) as client:
        return {uploaded(client, f"/projects/{project}/{page}", each) for each, page in uploads()}


def uploaded(client: httpx.Client, path: str, each: Hostile) -> int:
    """What the page answers to a file, or the preview that it leads to."""
    file = {"file": (each.filename.replace("\n", " ")[-200:] or "x", each.make())}
    answer = client.post(path, data={"form_key": form_key(client)}, files=file)
    return client.get(answer.headers["location"]).status_code if answer.is_redirect else answer.status_code


@on_one_database
@pytest.mark.skipif(not IS_FULL, reason="takes minutes")
@pytest.mark.timeout(3600)
def test_annotators_go_on_while_hostile_files_come(database: Database, server: Server) -> None:
    study, session = studied(database)
    with (
        serving(server),
        ProcessPoolExecutor(1, get_context("spawn")) as other,
        at_work(study, server.port, pause=1.0) as crowd,
    ):
        wait_for_saves(crowd, len(crowd))
        statuses = other.submit(upload_all, server.port, session, study.key).result()
    assert statuses <= {200, 409, 422}
    assert all_errors(crowd) == []
    waits = sorted(each.moment - each.sent_at for each in all_saved(crowd))
    p99 = waits[int(0.99 * len(waits))]
    n_files = len(uploads())
    report(16, f"{len(waits)} saves while {n_files} hostile uploads came: p99 {1_000 * p99:.0f} ms, 0 errors")
    assert p99 <= P99_SECONDS
