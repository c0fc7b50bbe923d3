"""What was read in a file is kept, and is the same when it is looked at again."""

from dataclasses import replace

import pytest
from sqlmodel import select

from server.corpora.actions import guessed_mapping, receive_file
from server.corpora.compact import AtHand, Rows
from server.corpora.drafting import post_drafts, survey
from server.corpora.kept import Reading, as_kept, from_kept
from server.corpora.mapping import Mapping
from server.corpora.models import Post, Upload
from server.corpora.planning import Known, plan_import
from server.corpora.reading import read_posts
from server.db.engine import Database
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.files import HEADER, content_hash, csv, import_shown, path, row, upload
from tests.corpora.workbooks import table_rows, xlsx
from tests.stock import on_one_database

ODD = HEADER + row(1) + "2,too,many,cells,in,this,row\n3,few\n" + row(4, "two\nlines") + ",no id,,,,\n"


def kept_again(reading: Reading) -> Reading:
    return from_kept(AtHand(b"".join(as_kept(reading))))


@pytest.mark.parametrize("content", [csv(*range(3_000)), ODD.encode()])
def test_a_reading_comes_out_as_it_went_in(content: bytes) -> None:
    table = read_posts(content, "posts.csv")
    again = kept_again(Reading(table, "hash"))
    assert again == Reading(table, "hash")
    assert isinstance(again.table.rows, Rows)
    assert again.table.rows[-1] == table.rows[-1]


def test_a_look_at_all_rows_is_kept_with_them() -> None:
    """Whoever takes the columns that were guessed is told what a new look would tell."""
    rows = row(1) + row(1) + row(2).replace(",en", ",de") + row(2) + row(3) + row(3, "Else") + ",no id,,,,\n"
    table = read_posts((HEADER + rows + "4,a,mara,last week,nowhere,en\n5,few\n").encode(), "posts.csv")
    again = kept_again(Reading(table, "")).table
    mapping = guessed_mapping(table)
    assert again.surveyed == survey(table, mapping)
    posts = post_drafts(table, mapping)
    assert [len(posts.drafts), len(posts.duplicates), len(posts.refused), len(posts.notices)] == [4, 2, 3, 3]
    assert post_drafts(again, mapping) == posts
    other = replace(mapping, author=None)
    assert post_drafts(again, other) == post_drafts(table, other) != posts


def test_an_export_with_a_meaning_of_its_own_is_kept_as_it_is_meant() -> None:
    content = b'[{"id": "1", "text": "one", "tags": ["a", "b"]}, {"id": "2", "text": "two"}]'
    table = read_posts(content, "posts.json")
    assert kept_again(Reading(table, "")).table == table


def test_rows_together_are_read_as_rows_alone() -> None:
    """Of many rows with faults and remarks among them, each is what it would be in a file of its own."""
    rows = [
        "1,a,mara,2025-08-06,https://x.example/1,en",
        "2,b,,last week,nowhere,",
        "3, ,,,,",
        '4,"c\r\nd",x,,,de',
    ]
    header, mapping = HEADER, Mapping("post_id", "text", "author", "created_at", "url")
    many = [line.replace(",", f"{place},", 1) for place in range(700) for line in rows]
    together = post_drafts(read_posts((header + "\n".join(many)).encode(), "a.csv"), mapping)
    alone = [
        draft
        for line in many[:40]
        for draft in post_drafts(read_posts((header + line).encode(), "a.csv"), mapping).drafts
    ]
    assert [draft._replace(row_number=2) for draft in list(together.drafts)[: len(alone)]] == alone
    assert [together.drafts[place] for place in range(-5, 0)] == list(together.drafts)[-5:]
    assert len(together.refused) == 700
    assert {notice.message for notice in together.notices[:2]} == {
        "The date “last week” cannot be read; it is kept as it is written.",
        "“nowhere” is not a web address; it is kept as an extra field.",
    }
    plan = plan_import(together, Known())
    assert list(map(content_hash, plan.new)) == list(map(content_hash, together.drafts))


@on_one_database
def test_what_an_older_version_kept_in_one_piece_is_looked_at_and_imported(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    table = read_posts(csv(1, 2), "posts.csv")
    with database.writing() as db:
        key = receive_file(db, cast.lead, "posts.csv")
        reading = b"".join(as_kept(Reading(table, "hash")))
        db.exec(select(Upload)).one().reading = reading
    lead = client_of(cast.lead)
    page = lead.get(path(cast, "import", key))
    assert "Import 2 posts<" in page.text
    assert import_shown(lead, page).status_code == 303
    with database.reading() as db:
        shown = db.exec(select(Post.text).where(Post.project_id == cast.project.id)).all()
    assert len(shown) == 2


@on_one_database
def test_another_sheet_of_a_workbook_is_read_when_the_lead_chooses_it(
    client_of: ClientOf, cast: Cast
) -> None:
    header, text = ("id", "text"), "A text of some length"
    sheets = {
        "First": table_rows(header, ("a", text)),
        "Second": table_rows(header, ("b", text), ("c", text)),
        "Empty": [],
    }
    lead = client_of(cast.lead)
    page = lead.get(upload(lead, cast, xlsx(sheets), "posts.xlsx").headers["location"])
    assert "Import 1 post<" in page.text
    assert "Read from the sheet “First”, the first with rows." in page.text
    fields = form_fields(page, f"{page.url.path}/sheet")
    assert fields["sheet"] == ["1"]
    address = f"{page.url.path}/sheet"
    page = lead.post(address, data=fields | {"sheet": "2"}, follow_redirects=True)
    assert "Import 2 posts<" in page.text
    assert "Read from the sheet “Second”." in page.text
    refused = post(lead, address, {"sheet": "3"})
    assert refused.status_code == 422
    assert "The sheet “Empty” has no header row with rows below it." in refused.text
    assert '<option value="2" selected>Second</option>' in refused.text
