import csv
from typing import Any

import pytest

from server.accounts.models import Account
from server.db.engine import Database
from server.reliability import agreement_page
from server.reliability.screens import pair_line
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.reliability.scene import coded
from tests.stock import on_one_database


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


@on_one_database
@pytest.mark.parametrize("table", ["answers", "codes", "annotators", "pairs", "confusion"])
def test_every_table_can_be_downloaded(
    cast: Cast, database: Database, client_of: ClientOf, table: str
) -> None:
    coded(database, cast)
    client = client_of(cast.lead)
    page = client.get(f"/projects/{cast.project.key}/agreement?variable=stance").text
    assert f"agreement.csv?variable=stance&amp;table={table}" in page
    answer = client.get(f"/projects/{cast.project.key}/agreement.csv?variable=stance&table={table}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    found = rows(answer.text)
    assert len(found) > 1
    assert {len(row) for row in found} == {len(found[0])}


def test_names_cannot_become_formulas(cast: Cast, database: Database, client_of: ClientOf) -> None:
    coded(database, cast)
    with database.writing() as db:
        db.get_one(Account, cast.annotator.account_id).display_name = "=1+1"
    answer = client_of(cast.lead).get(f"/projects/{cast.project.key}/agreement.csv?table=annotators")
    assert rows(answer.text)[1][0] == "'=1+1"


def test_a_viewer_downloads_no_annotators(cast: Cast, database: Database, client_of: ClientOf) -> None:
    coded(database, cast)
    client = client_of(cast.viewer)
    for table in ("annotators", "pairs", "confusion", "moods"):
        assert client.get(f"/projects/{cast.project.key}/agreement.csv?table={table}").status_code == 404
    assert client.get(f"/projects/{cast.project.key}/agreement.csv?table=codes").status_code == 200


@on_one_database
@pytest.mark.parametrize(("table", "compares"), [("codes", False), ("answers", False), ("pairs", True)])
def test_pairs_are_compared_for_their_own_tables_only(
    cast: Cast,
    database: Database,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    compares: bool,
) -> None:
    coded(database, cast)
    compared = []

    def counted(pair: Any) -> Any:
        compared.append(pair)
        return pair_line(pair)

    monkeypatch.setattr(agreement_page, "pair_line", counted)
    path = f"/projects/{cast.project.key}/agreement.csv?variable=stance&table={table}"
    assert client_of(cast.lead).get(path).status_code == 200
    assert bool(compared) == compares
