"""Hostile files: each is read or refused in words, within bounds, and no page fails over one."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.db.engine import Database
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.hostile_files import one_of_each_family
from tests.corpora.hostile_files.given import PAGES, Hostile
from tests.stock import on_one_database
from tests.trust.reporting import report

ROOT = Path(__file__).parents[2]
SECONDS, MEGABYTES, AT_ONCE = 5, 256, 2


@on_one_database
def test_no_page_fails_over_a_file_of_any_family(database: Database, cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    with database.writing() as db:
        make.published(db, cast.project)
        make.posts(db, cast.project, 2)

    strange = [
        (each.family, each.name, reader, statuses)
        for each, reader in one_of_each_family()
        if not set(statuses := sent(client, cast, each, reader)) <= {200, 303, 409, 422}
    ]

    assert strange == []


def sent(client: TestClient, cast: Cast, each: Hostile, reader: str) -> list[int]:
    """What the pages answer to the file, from its upload to the lead's word that it shall be imported."""
    address = f"/projects/{cast.project.key}/{PAGES[reader]}"
    file = {"file": (each.filename.replace("\n", " ")[-200:] or "x", each.make(), "application/octet-stream")}
    answer = post(client, address, files=file)
    if answer.status_code != 303:
        return [answer.status_code]
    page = client.get(answer.headers["location"])
    if page.url.path not in page.text or 'name="fingerprint"' not in page.text:
        return [303, page.status_code]
    fields = {name: values[-1] for name, values in form_fields(page, page.url.path).items()}
    return [303, page.status_code, post(client, page.url.path, fields).status_code]


@pytest.mark.skipif(not os.environ.get("INTERCODER_EVERY_FILE"), reason="takes a minute: `make hostile`")
@pytest.mark.skipif(sys.platform != "linux", reason="bounds a process as Linux does")
@pytest.mark.timeout(600)
def test_every_file_is_read_or_refused_within_bounds() -> None:
    command = [sys.executable, "-m", "tests.corpora.hostile_files.run"]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = list(pool.map(lambda part: said_by([*command, str(part), str(AT_ONCE)]), range(AT_ONCE)))
    found = [json.loads(line) for run in runs for line in run.splitlines()]

    n_failed = sum(bool(one["fault"]) for one in found)
    seconds, megabytes = (max(one[name] for one in found) for name in ("seconds", "megabytes"))
    report(16, f"{len(found)} readings: {n_failed} failures, at most {seconds:.1f} s, {megabytes:.0f} MB")
    assert len({one["file"].rpartition(" as ")[0] for one in found}) >= 300
    assert [one for one in found if one["fault"]] == []
    assert [one for one in found if one["seconds"] > SECONDS or one["megabytes"] > MEGABYTES] == []


def said_by(command: list[str]) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
