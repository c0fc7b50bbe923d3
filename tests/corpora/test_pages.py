"""The pages of posts: upload, preview, import, the list, one post."""

import csv as standard_csv
import re
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import col, func, select

from server.app import create_app
from server.corpora import parsing, records
from server.corpora.models import ImportBatch, Post, Upload
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.settings import Settings
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.files import HEADER, csv, import_shown, imported, path, previewed, row, upload

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def n_stored(database: Database, cast: Cast, table: Any = Post) -> int:
    with database.reading() as db:
        statement = select(func.count()).select_from(table)
        return db.scalar(statement.where(table.project_id == cast.project.id)) or 0


def notice(response: Response) -> str:
    return unquote(response.cookies["notice"])


# Uploading


def test_the_lead_uploads_a_file_and_sees_what_will_happen(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    lead = client_of(cast.lead)
    assert lead.get(path(cast, "import")).status_code == 200
    page = previewed(lead, cast, csv(1, 2, 3))
    assert page.status_code == 200
    assert "3 rows, read as UTF-8, cells separated by commas" in page.text
    assert "Import 3 posts" in page.text
    assert "I miss the old one \N{BROKEN HEART}" in page.text
    assert "1955550000000000001" in page.text
    assert n_stored(database, cast) == 0
    assert "posts.csv" in lead.get(path(cast, "import")).text


@pytest.mark.parametrize(
    ("who", "status"),
    [("lead", 200), ("adjudicator", 403), ("annotator", 403), ("viewer", 403), (None, 303)],
)
def test_only_the_lead_may_upload(client_of: ClientOf, cast: Cast, who: str | None, status: int) -> None:
    client = client_of(getattr(cast, who) if who else None)
    assert client.get(path(cast, "import")).status_code == status


def test_a_file_of_somebody_who_may_not_import_is_not_kept(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    assert upload(client_of(cast.viewer), cast, csv(1)).status_code == 403
    assert n_stored(database, cast, Upload) == 0


def test_an_outsider_finds_nothing(client_of: ClientOf, cast: Cast, database: Database) -> None:
    with database.writing() as db:
        stranger = make.member(db, make.project(db), cast.lead.role, "stranger")
    client = client_of(stranger)
    for page in ("", "import", "imports", "1"):
        assert client.get(path(cast, page).rstrip("/")).status_code == 404
    assert upload(client, cast, csv(1)).status_code == 404


BAD_FILES: list[tuple[str, bytes, str]] = [
    ("posts.xlsx", b"PK\x03\x04 xl/workbook.xml", "is an Excel workbook, not a CSV file"),
    ("posts.csv", b"%PDF-1.7 ...", "is a PDF document"),
    ("posts.csv", b'[{"id": 1}]', "is a JSON file"),
    ("posts.csv", b"", "is empty"),
    ("posts.csv", b"\xef\xbb\xbf\r\n", "is empty"),
    ("posts.csv", HEADER.encode(), "a header but no rows"),
    ("posts.csv", b"text\nhello\nworld\n", "has one column only"),
    ("posts.csv", b"id,text\n1,caf\xc3\xa9 \xc3\xa9\n2,broken \xff\n", "cannot be read: line 3"),
    ("posts.csv", b"id,text\n1,a\0b\n", "NUL character"),
    ("posts.csv", b'id,text\n1,"never closed\n2,b\n', "is never closed"),
]


@pytest.mark.parametrize(("filename", "content", "message"), BAD_FILES)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    client_of: ClientOf, cast: Cast, database: Database, filename: str, content: bytes, message: str
) -> None:
    page = upload(client_of(cast.lead), cast, content, filename)
    assert page.status_code == 422
    assert message in page.text
    assert 'aria-invalid="true"' in page.text
    assert n_stored(database, cast, Upload) == 0


def test_no_file_chosen(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    for files in ({"file": ("", b"")}, None):
        page = post(lead, path(cast, "import"), files=files)
        assert page.status_code == 422
        assert "Choose a file first." in page.text


def test_a_file_that_is_too_large(
    settings: Settings, client_of: ClientOf, cast: Cast, database: Database
) -> None:
    token = client_of(cast.lead).cookies["session"]
    small = create_app(settings.model_copy(update={"max_upload_mb": 1}))
    with TestClient(small, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        client.cookies.set("session", token)
        assert "At most 1 MB." in client.get(path(cast, "import")).text
        assert upload(client, cast, b"id,text\n" + b"1,hello\n" * 200_000).status_code == 413
    assert n_stored(database, cast, Upload) == 0


def test_a_filename_is_shown_and_not_obeyed(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    sent = upload(lead, cast, csv(1), "..\\..\\<b>evil</b>.csv")
    page = lead.get(sent.headers["location"])
    assert "<b>evil" not in page.text
    assert "b&gt;.csv" in page.text


# The preview


def test_an_enormous_cell_is_refused_alone(
    client_of: ClientOf, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MAX_CELL", 1_000)
    page = previewed(client_of(cast.lead), cast, csv(1) + row(2, "x" * 2_000).encode())
    assert "A cell holds more than 1,000 characters." in page.text
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
    assert post(client, address, {"id": "1", "text": "2"}).status_code == 404
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


# Importing


def test_importing_writes_posts_a_batch_and_history(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    lead = client_of(cast.lead)
    answer = imported(lead, cast, csv(1, 2, 3))
    assert answer.status_code == 303
    assert answer.headers["location"] == path(cast)
    assert notice(answer) == "3 posts were imported."
    assert n_stored(database, cast, Upload) == 0
    with database.reading() as db:
        stored = db.exec(
            select(Post).where(Post.project_id == cast.project.id).order_by(col(Post.number))
        ).all()
        event = db.exec(
            select(HistoryEvent).where(
                HistoryEvent.chain == cast.project.id, HistoryEvent.action == "posts.import"
            )
        ).one()
    assert [one.number for one in stored] == [1, 2, 3]
    assert stored[0].external_id == "1955550000000000001"
    assert stored[0].extra == {"lang": "en"}
    assert stored[0].link == "https://x.example/1"
    assert event.actor_id == cast.lead.account_id
    assert "I miss" not in event.details


def test_the_same_file_again_changes_nothing(client_of: ClientOf, cast: Cast, database: Database) -> None:
    lead = client_of(cast.lead)
    imported(lead, cast, csv(1, 2, 3))
    page = previewed(lead, cast, csv(1, 2, 3))
    assert "There is nothing to import: every post of this file is in the project already." in page.text
    assert 'name="fingerprint"' not in page.text
    assert n_stored(database, cast, ImportBatch) == 1


@pytest.mark.parametrize(
    ("extra_row", "said"),
    [
        ("9,,mara,,,\n", "the rows that can be taken are in the project already"),
        ("", "every post of this file"),
    ],
)
def test_why_there_is_nothing_to_import(client_of: ClientOf, cast: Cast, extra_row: str, said: str) -> None:
    lead = client_of(cast.lead)
    imported(lead, cast, csv(1))
    assert said in previewed(lead, cast, csv(1) + extra_row.encode()).text
    refused = previewed(lead, cast, (HEADER + "9,,mara,,,\n").encode())
    assert "no row of this file can be taken" in refused.text


def test_a_double_click_imports_once(client_of: ClientOf, cast: Cast, database: Database) -> None:
    lead = client_of(cast.lead)
    page = previewed(lead, cast, csv(1, 2))
    assert import_shown(lead, page).status_code == 303
    second = import_shown(lead, page)
    assert second.status_code == 303
    assert "imported or discarded already" in notice(second)
    assert n_stored(database, cast) == 2
    assert n_stored(database, cast, ImportBatch) == 1


def test_a_preview_that_is_out_of_date_is_shown_again(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    lead = client_of(cast.lead)
    stale = previewed(lead, cast, csv(1, 2, 3))
    imported(lead, cast, csv(1))
    page = import_shown(lead, stale)
    assert page.status_code == 409
    assert "Nothing was imported." in page.text
    assert "Import 2 posts" in page.text
    assert n_stored(database, cast) == 1
    assert import_shown(lead, page).status_code == 303
    assert n_stored(database, cast) == 3


def test_columns_that_were_changed_and_not_looked_at_are_shown_first(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    lead = client_of(cast.lead)
    shown = previewed(
        lead, cast, b"id,said,title,by\n1,the text,the title,ada\n2,more,so,bo\n", "?id=1&text=2"
    )
    page = import_shown(lead, shown, text="3")
    assert page.status_code == 409
    assert "You chose other columns after this was shown. Nothing was imported." in page.text
    assert n_stored(database, cast) == 0
    assert import_shown(lead, page).status_code == 303
    with database.reading() as db:
        texts = db.exec(select(Post.text).where(Post.project_id == cast.project.id)).all()
    assert set(texts) == {"the title", "so"}


def test_looking_again_leads_to_the_columns_that_are_chosen(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    shown = previewed(lead, cast, b"id,said,title\n1,the text,the title\n", "?id=1&text=2")
    sent = import_shown(lead, shown, text="3", look="again")
    assert sent.status_code == 303
    assert "id=1&text=3" in sent.headers["location"]
    assert "form_key" not in sent.headers["location"]
    assert lead.get(sent.headers["location"]).status_code == 200


def test_changed_posts_take_the_new_text_unless_they_are_coded(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    lead = client_of(cast.lead)
    imported(lead, cast, csv(1, 2))
    with database.writing() as db:
        book = make.published(db, cast.project)
        coded = db.exec(select(Post).where(Post.project_id == cast.project.id, Post.number == 1)).one()
        round_ = make.round_(db, cast.project, book, [coded], [cast.annotator])
        make.coding(db, book, round_, coded, cast.annotator, {"emotion": "2"})
    page = previewed(lead, cast, (HEADER + row(1, "altered") + row(2, "altered")).encode())
    assert "Change 1 post<" in page.text
    assert "The coded post “1955550000000000001” is not changed." in page.text
    assert "1 coded post was left as it is." in notice(import_shown(lead, page))
    with database.reading() as db:
        texts = db.exec(
            select(Post.text).where(Post.project_id == cast.project.id).order_by(col(Post.number))
        ).all()
    assert texts == ["I miss the old one \N{BROKEN HEART}, 1", "altered, 2"]


def test_an_import_with_faulty_columns_is_refused_at_the_field(
    client_of: ClientOf, cast: Cast, database: Database
) -> None:
    lead = client_of(cast.lead)
    page = previewed(lead, cast, csv(1))
    refused = import_shown(lead, page, text="1")
    assert refused.status_code == 422
    assert "is chosen as the id already" in refused.text
    assert n_stored(database, cast) == 0
    assert n_stored(database, cast, Upload) == 1


def test_a_file_can_be_discarded(client_of: ClientOf, cast: Cast, database: Database) -> None:
    lead = client_of(cast.lead)
    address = previewed(lead, cast, csv(1)).url.path
    assert post(lead, f"{address}/discard").status_code == 303
    assert n_stored(database, cast, Upload) == 0
    assert n_stored(database, cast) == 0


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real data sets are not here")
@pytest.mark.parametrize("name", ["ecosent", "narrative_frames", "goemotions_slice"])
def test_real_files_are_imported_once(client_of: ClientOf, cast: Cast, database: Database, name: str) -> None:
    lead = client_of(cast.lead)
    content = (SHARED / name / "posts.csv").read_bytes()
    rows = list(standard_csv.DictReader(StringIO(content.decode(), newline="")))
    assert imported(lead, cast, content).status_code == 303
    assert n_stored(database, cast) == len(rows)
    with database.reading() as db:
        of_project = select(Post.external_id, Post.text).where(Post.project_id == cast.project.id)
        stored = dict(db.exec(of_project).all())
    unlike = [one for one in rows if stored[one["post_id"]] != one["text"].replace("\r\n", "\n")]
    assert not unlike
    again = previewed(lead, cast, content)
    assert "every post of this file is in the project already" in again.text


# Reading


@pytest.fixture
def study(client_of: ClientOf, cast: Cast) -> TestClient:
    """The lead's browser in a study of three posts."""
    lead = client_of(cast.lead)
    imported(lead, cast, csv(1, 2) + row(3, "100% of_it", "petra").encode())
    return lead


def test_an_empty_list_says_what_to_do_first(client_of: ClientOf, cast: Cast) -> None:
    page = client_of(cast.lead).get(path(cast))
    assert "No posts yet" in page.text
    assert path(cast, "import") in page.text
    assert path(cast, "import") not in client_of(cast.viewer).get(path(cast)).text


@pytest.mark.parametrize(("who", "status"), [("adjudicator", 200), ("viewer", 200), ("annotator", 403)])
def test_who_may_read_the_posts(client_of: ClientOf, cast: Cast, who: str, status: int) -> None:
    client = client_of(getattr(cast, who))
    assert client.get(path(cast)).status_code == status
    assert client.get(path(cast, "imports")).status_code == status


def test_the_list_shows_the_posts_of_this_project_alone(study: TestClient, cast: Cast) -> None:
    page = study.get(path(cast))
    assert page.text.count('class="post little"') == 3
    assert "petra" in page.text
    assert "user_1" not in page.text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("100%", 1),
        ("OF_IT", 1),
        ("%", 1),
        ("old one", 2),
        ("1955550000000000002", 1),
        ("petra", 0),
        ("nowhere", 0),
    ],
)
def test_the_search_takes_every_character_as_it_is(
    study: TestClient, cast: Cast, search: str, found: int
) -> None:
    page = study.get(path(cast), params={"search": search})
    assert page.text.count('class="post little"') == found


def test_a_nul_in_the_search_breaks_nothing(study: TestClient, cast: Cast) -> None:
    page = study.get(f"{path(cast)}?search=old%00+one")
    assert page.status_code == 200
    assert page.text.count('class="post little"') == 2


def test_the_list_is_cut_into_pages(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    imported(lead, cast, csv(*range(1, 61)))
    first, second = lead.get(path(cast)), lead.get(f"{path(cast)}?page=2")
    assert (first.text.count('class="post little"'), second.text.count('class="post little"')) == (50, 10)
    assert "Page 1 of 2" in first.text
    for odd in ("0", "-1", "x", "9" * 30, "٣"):
        assert lead.get(f"{path(cast)}?page={odd}&batch={odd}").status_code == 200
    assert "page=2" in lead.get(f"{path(cast)}?batch=1").text


@pytest.mark.parametrize("who", ["adjudicator", "viewer"])
def test_authors_are_for_the_lead(study: TestClient, client_of: ClientOf, cast: Cast, who: str) -> None:
    client = client_of(getattr(cast, who))
    for page in (client.get(path(cast)), client.get(path(cast, "3"))):
        assert page.status_code == 200
        assert "100% of_it" in page.text
        assert "petra" not in page.text
        assert "x.example" not in page.text
    assert "The author" not in client.get(path(cast, "3")).text
    search = client.get(path(cast), params={"search": "1955550000000000002"})
    assert "No post fits." in search.text


def test_a_post_with_all_that_the_file_says(study: TestClient, cast: Cast, database: Database) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = db.exec(select(Post).where(Post.project_id == cast.project.id, Post.number == 1)).all()
        make.round_(db, cast.project, book, posts, [cast.annotator], title="Pilot round")
    page = study.get(path(cast, "1"))
    for said in (
        "I miss the old one \N{BROKEN HEART}, 1",
        "8 August 2025, 21:14",
        "1955550000000000001",
        "https://x.example/1",
        "lang",
        "Pilot round",
    ):
        assert said in page.text
    assert "No round hands" in study.get(path(cast, "2")).text


@pytest.mark.parametrize("number", ["4", "0", "-1", "abc", "99999999999999999999"])
def test_posts_that_are_not_there(study: TestClient, cast: Cast, number: str) -> None:
    assert study.get(path(cast, number)).status_code == 404


def test_the_imports_are_listed(study: TestClient, cast: Cast) -> None:
    page = study.get(path(cast, "imports"))
    assert "posts.csv" in page.text
    assert "batch=1" in page.text


def test_a_post_is_text_and_never_markup(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    evil = "<script>alert(1)</script>"
    head = f"post_id,text,author,created_at,url,{evil}\n"
    line = f'1,"{evil} {{{{ 7*7 }}}}",{evil},{evil},https://x.example/?{evil},{evil}\n'
    page = previewed(lead, cast, (head + line).encode(), "?id=1&text=2&author=3&date=4&link=5")
    assert evil not in page.text
    assert import_shown(lead, page).status_code == 303
    for shown in (lead.get(path(cast)), lead.get(path(cast, "1"))):
        assert evil not in shown.text
        assert "{{ 7*7 }}" in shown.text


@pytest.mark.parametrize("action", ["", "/discard"])
def test_a_form_of_another_sign_in_is_refused(
    client_of: ClientOf, cast: Cast, database: Database, action: str
) -> None:
    lead = client_of(cast.lead)
    address = previewed(lead, cast, csv(1)).url.path
    forged = {"form_key": "x", "id": "1", "text": "2"}
    assert lead.post(address + action, data=forged).status_code == 403
    assert n_stored(database, cast, Upload) == 1
    assert n_stored(database, cast) == 0
