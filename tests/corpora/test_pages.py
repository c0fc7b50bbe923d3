"""The pages of posts: upload, preview, import, the list, one post."""

import csv as standard_csv
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import col, func, select

from server.app import create_app
from server.corpora.models import ImportBatch, Post, Upload
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.settings import Settings
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.files import HEADER, csv, import_shown, imported, path, previewed, row, upload
from tests.stock import on_one_database

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def n_stored(database: Database, cast: Cast, table: Any = Post) -> int:
    with database.reading() as db:
        statement = select(func.count()).select_from(table)
        return db.scalar(statement.where(table.project_id == cast.project.id)) or 0


def notice(response: Response) -> str:
    return unquote(response.cookies["notice"])


# Uploading


def test_a_known_export_is_said_and_needs_no_correction(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    one = '{"id":"eew1","body":"%s","author":"bo","subreddit":"nrl","link_id":"t3_aj1","parent_id":"t1_eew0"}'
    content = "\n".join((one % "a &gt; b", one.replace("eew1", "eew2") % "[deleted]", '{"cut', "")).encode()
    page = previewed(lead, cast, content)
    assert "This is an export of <strong>Reddit comments (RC)</strong>" in page.text
    assert "3 records, read from JSON Lines." in page.text
    assert "The post was deleted by its author; no text is left." in page.text
    assert "The line is cut off: its JSON does not end." in page.text
    answer = import_shown(lead, page)
    said = "1 post was imported. 1 row was refused. 1 record without a text was left out."
    assert (answer.status_code, notice(answer)) == (303, said)
    assert "a &gt; b" in lead.get(path(cast, "1")).text


def test_links_to_media_are_links(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    imported(
        lead,
        cast,
        b"id,text,media,note\n1,look,https://a.example/1.jpg https://a.example/2.jpg,javascript:x\n",
    )
    page = lead.get(path(cast, "1")).text
    assert page.count('rel="nofollow noopener noreferrer"') == 2
    assert 'href="javascript' not in page


@on_one_database
@pytest.mark.parametrize(
    ("link", "is_shown"), [("https://a.example/1", True), ("javascript:alert(1)", False)]
)
def test_only_a_web_address_is_a_link(
    client_of: ClientOf, cast: Cast, database: Database, link: str, is_shown: bool
) -> None:
    with database.writing() as db:
        [only] = make.posts(db, cast.project, 1)
        only.link = link
    page = client_of(cast.lead).get(path(cast, "1")).text
    assert (f'href="{link}"' in page) == is_shown
    assert ("The post where it was published" in page) == is_shown


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


@on_one_database
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
    ("posts.xlsx", b"PK\x03\x04 xl/workbook.xml", "a ZIP archive or an Excel workbook but is damaged"),
    ("posts.csv", b"%PDF-1.7 ...", "is a PDF document"),
    ("posts.csv", b'[{"id": 1', "goes wrong or ends too soon on line 1"),
    ("posts.csv", b'{"name": "no list"}  ', "holds no posts"),
    ("posts.csv", b"", "is empty"),
    ("posts.csv", b"\xef\xbb\xbf\r\n", "is empty"),
    ("posts.csv", HEADER.encode(), "a header but no rows"),
    ("posts.csv", b"text\nhello\nworld\n", "has one column only"),
    ("posts.csv", b"id,text\n1,caf\xc3\xa9 \xc3\xa9\n2,broken \xff\n", "cannot be read: line 3"),
    ("posts.csv", b"id,text\n1,a\0b\n", "NUL character"),
    ("posts.csv", b'id,text\n1,"never closed\n2,b\n', "is never closed"),
]


@on_one_database
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


@on_one_database
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
    assert "You chose something else after this was shown. Nothing was imported." in page.text
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
