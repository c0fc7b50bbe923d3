"""What will happen to a file is shown before it is imported."""

import csv as standard_csv
import re
from io import StringIO

import pytest
from sqlmodel import select

from server.corpora import parsing, records
from server.corpora.models import Post, Upload
from server.db.engine import Database
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.files import HEADER, csv, import_shown, path, previewed, row
from tests.corpora.test_pages import n_stored
from tests.stock import on_one_database

pytestmark = on_one_database


def test_an_enormous_cell_is_refused_alone(client_of: ClientOf, cast: Cast) -> None:
    page = previewed(client_of(cast.lead), cast, csv(1) + row(2, "x" * (records.MAX_CELL + 1)).encode())
    assert "A cell holds more than 100,000 characters." in page.text
    assert "Import 1 post<" in page.text


def test_every_row_that_is_not_taken_is_named_with_its_reason(client_of: ClientOf, cast: Cast) -> None:
    rows = (
        row(1) + row(1) + row(2, "one thing") + row(2, "another") + ",no id,mara,,,\n" + "7, ,mara,,,\n"
    ) + "8,dated,mara,08/06/2025,javascript:alert(1),en\n"
    lead = client_of(cast.lead)
    page = previewed(lead, cast, (HEADER + rows).encode())
    for said in (
        "The row repeats row 2.",
        "Duplicates are rows that repeat both the id and the text of a row above.",
        "Taken, with a remark",
        "All 4 rows.",
        "The one row.",
        "Rows 4 and 5 give the id “1955550000000000002” to different texts.",
        "The row has no id.",
        "The row has no text.",
        "The date “08/06/2025” cannot be read",
        "is not a web address",
        "Import 2 posts",
    ):
        assert said in page.text
    assert 'href="javascript' not in page.text


def test_a_refused_row_stands_among_the_first_rows_with_its_reason(client_of: ClientOf, cast: Cast) -> None:
    content = csv(1) + b"2,too,many,cells,in,this,row\n" + row(3).encode()
    page = previewed(client_of(cast.lead), cast, content).text
    shown = page[page.index('<table class="cells">') : page.index("</table>")]
    numbers = re.findall(r'<td class="r num">(\d+)</td>', shown)
    assert numbers == ["2", "3", "4"]
    assert "The row has 7 cells, but the header has 6." in shown


def test_all_remarks_can_be_downloaded(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    rows = "".join(f"=cmd{number},,mara,,,\n" for number in range(130))
    page = previewed(lead, cast, csv(1) + rows.encode())
    assert "The first 100 rows." in page.text
    address = next(part for part in page.text.split('"') if "remarks.csv" in part).replace("&amp;", "&")
    answer = lead.get(address)
    assert answer.headers["content-disposition"] == 'attachment; filename="import-remarks.csv"'
    table = list(standard_csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert table[0] == ["row", "kind", "remark"]
    assert table[1] == ["3", "Refused", "The row has no text."]
    assert len(table) == 131
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in table for cell in line)


def test_remarks_of_columns_that_are_not_chosen(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    address = previewed(lead, cast, csv(1)).url.path
    assert lead.get(f"{address}/remarks.csv").status_code == 422


def test_the_lead_maps_the_columns(client_of: ClientOf, cast: Cast, database: Database) -> None:
    lead = client_of(cast.lead)
    content = b"a;b;c\n1;a long text of a post;Zoe\n2;another text of a post;Yan\n"
    page = previewed(lead, cast, content, "?id=1&text=2&author=3&date=&link=")
    assert page.status_code == 200
    assert "cells separated by semicolons" in page.text
    assert import_shown(lead, page).status_code == 303
    with database.reading() as db:
        stored = db.exec(select(Post).where(Post.project_id == cast.project.id, Post.number == 2)).one()
    assert (stored.external_id, stored.text, stored.author) == ("2", "another text of a post", "Yan")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?id=1&text=&author=", "Choose the column that holds the text of each post."),
        ("?id=&text=2", "Choose the column that holds the id of each post."),
        ("?id=1&text=1", "The column “post_id” is chosen as the id already."),
        ("?id=1&text=2&author=2", "The column “text” is chosen as the text already."),
        ("?id=1&text=2&author=3&date=3", "The column “author” is chosen as the author already."),
        ("?id=1&text=99", "The file has no such column."),
        ("?id=1&text=words", "Please write a whole number."),
        ("?id=1&text=99999999999999999999", "This must be at most"),
    ],
)
def test_columns_that_do_not_fit_are_said_at_their_field(
    client_of: ClientOf, cast: Cast, query: str, message: str
) -> None:
    page = previewed(client_of(cast.lead), cast, csv(1), query)
    assert page.status_code == 422
    assert message in page.text
    assert "Import 1 post" not in page.text
    assert 'aria-invalid="true"' in page.text


def test_a_column_by_which_too_many_rows_are_refused_can_be_changed(
    client_of: ClientOf, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, "MAX_REFUSED", 3)
    lead = client_of(cast.lead)
    address = previewed(lead, cast, csv(1, 2, 3, 4)).url.path
    page = lead.get(f"{address}?id=3&text=2")
    assert page.status_code == 422
    for said in ("More than 3 rows of this file cannot be taken", "The first is row 2", 'name="id"'):
        assert said in page.text


def test_the_address_of_a_post_may_be_its_id(client_of: ClientOf, cast: Cast) -> None:
    page = previewed(client_of(cast.lead), cast, csv(1), "?id=5&text=2&link=5")
    assert page.status_code == 200
    assert "Import 1 post" in page.text


def test_columns_that_cannot_be_guessed_are_asked_for(client_of: ClientOf, cast: Cast) -> None:
    page = previewed(client_of(cast.lead), cast, b"x,y\n1,1\n1,1\n")
    assert page.status_code == 200
    assert "Choose the column that holds the text of each post." in page.text
    assert "Choose the columns first." in page.text


def test_a_header_with_a_line_break_can_be_mapped(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    lead = client_of(cast.lead)
    page = previewed(lead, cast, b'id,"The\r\ntext"\n1,hello there\n', "?id=1&text=2")
    assert import_shown(lead, page).status_code == 303
    assert n_stored(database, cast) == 1


def test_uploads_stay_within_the_project(client_of: ClientOf, cast: Cast, database: Database) -> None:
    key = previewed(client_of(cast.lead), cast, csv(1)).url.path.rsplit("/", 1)[1]
    with database.writing() as db:
        other = make.project(db)
        stranger = make.member(db, other, cast.lead.role, "stranger")
    client = client_of(stranger)
    address = f"/projects/{other.key}/posts/import/{key}"
    assert client.get(address).status_code == 404
    assert client.get(f"{address}/remarks.csv?id=1&text=2").status_code == 404
    # As for a file that is gone: back to the posts, with what to do.
    assert post(client, address, {"id": "1", "text": "2"}).headers["location"].endswith("/posts")
    assert post(client, f"{address}/discard").status_code == 404
    assert n_stored(database, cast, Upload) == 1


def test_uploads_are_for_those_who_may_import(client_of: ClientOf, cast: Cast, database: Database) -> None:
    address = previewed(client_of(cast.lead), cast, csv(1)).url.path
    viewer = client_of(cast.viewer)
    assert viewer.get(address).status_code == 403
    assert viewer.get(f"{address}/remarks.csv").status_code == 403
    assert post(viewer, address).status_code == 403
    assert post(viewer, f"{address}/discard").status_code == 403
    assert n_stored(database, cast, Upload) == 1


def test_a_file_that_never_was(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    page = lead.get(path(cast, "import", "nonsense"))
    assert page.status_code == 404
    assert "imported or discarded" in page.text
    assert post(lead, path(cast, "import", "nonsense", "discard")).status_code == 404
