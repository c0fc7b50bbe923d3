"""A file is looked over, and becomes the draft."""

import re

import pytest

from server.codebooks.sheet import COLUMNS
from server.db.engine import Database
from tests import make
from tests.browse import form_fields
from tests.cast import Cast
from tests.codebooks.test_pages import Browser, draft, written
from tests.conftest import ClientOf
from tests.stock import on_one_database

pytestmark = on_one_database


@pytest.fixture
def lead(cast: Cast, client_of: ClientOf) -> Browser:
    return Browser(client_of(cast.lead), cast.project.key)


@pytest.fixture
def published(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        make.published(db, cast.project)


CSV = "question,type,code,label\nstance,single,against,Against\nstance,single,favour,<b>For</b>\n"


def test_an_upload_is_previewed_and_writes_nothing(lead: Browser, database: Database, cast: Cast) -> None:
    answer = lead.upload(CSV.encode())

    assert answer.status_code == 200
    for words in ("codebook.csv", "1 variable, 2 codes", "&lt;b&gt;For", "Nothing is written yet"):
        assert words in answer.text
    assert draft(database, cast) is None


def test_a_previewed_upload_becomes_the_draft(lead: Browser, database: Database, cast: Cast) -> None:
    preview = lead.upload(CSV.encode())
    fields = {name: values[-1] for name, values in form_fields(preview, "/upload/save").items()}

    assert lead.post("/upload/save", **fields).status_code == 303
    assert list(written(database, cast).variable_by_key["stance"].code_by_key) == ["against", "favour"]


@pytest.mark.usefixtures("published")
def test_a_preview_says_what_is_added_changed_and_removed(lead: Browser) -> None:
    answer = lead.upload(CSV.replace("favour,<b>For</b>", "new,New").encode())

    for words in ("Expression", "removed", "new", "changed"):
        assert words in answer.text
    counts = re.findall(r"\d+ variables?, \d+ codes?", answer.text)
    assert counts == ["0 variables, 1 code", "1 variable, 1 code", "2 variables, 9 codes"]


@pytest.mark.usefixtures("published")
def test_a_download_uploaded_again_changes_nothing(lead: Browser) -> None:
    download = lead.get("/versions/1/csv")
    assert download.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="codebook-version-1.csv"' in download.headers["content-disposition"]
    assert download.content.decode("utf-8-sig").splitlines()[0] == ",".join(COLUMNS)

    assert "The file says what the draft says" in lead.upload(download.content).text


@pytest.mark.parametrize(
    ("content", "filename", "words"),
    [
        (b"", "codebook.csv", "is empty"),
        (b"PK\x03\x04", "codebook.xlsx", "is neither a CSV nor"),
        (b"question,code\na,b\n", "codebook.csv", "lacks the column “type”"),
        (CSV.encode() + b"stance,single,against,Again\n", "codebook.csv", "is already in row 2"),
        (CSV.replace("<b>For</b>", "Against").encode(), "codebook.csv", "two codes called “Against”"),
        (b"question,type,code\n<b>,poem,c\n", "<b>.csv", "The type “poem” is not known"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_reason(
    lead: Browser, database: Database, cast: Cast, content: bytes, filename: str, words: str
) -> None:
    answer = lead.upload(content, filename)

    assert answer.status_code == 422
    assert words in answer.text
    assert "<b>.csv" not in answer.text
    assert draft(database, cast) is None


def test_no_file_is_refused(lead: Browser) -> None:
    answer = lead.post("/upload")

    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


@pytest.mark.usefixtures("published")
def test_an_upload_with_another_kind_is_refused(lead: Browser, database: Database, cast: Cast) -> None:
    answer = lead.upload(CSV.replace("single", "multiple").encode())

    assert answer.status_code == 422
    assert "Make a new variable" in answer.text


@pytest.mark.usefixtures("published")
def test_a_stale_preview_is_shown_again_with_the_changes_as_they_are_now(
    lead: Browser, database: Database, cast: Cast
) -> None:
    preview = lead.upload(CSV.encode())
    fields = {name: values[-1] for name, values in form_fields(preview, "/upload/save").items()}
    lead.send("/draft/variables/emotion", hint="Changed in the meantime")

    answer = lead.post("/upload/save", **fields)

    assert answer.status_code == 409
    assert written(database, cast).variable_by_key["emotion"].hint == "Changed in the meantime"
    again = {name: values[-1] for name, values in form_fields(answer, "/upload/save").items()}
    assert lead.post("/upload/save", **again).status_code == 303
    assert list(written(database, cast).variable_by_key) == ["stance"]


@pytest.mark.parametrize("sheet", ["", "nonsense", "question,type,code\na,poem,b\n", "a\0b"])
def test_a_confirmation_is_checked_again(lead: Browser, database: Database, cast: Cast, sheet: str) -> None:
    answer = lead.post("/upload/save", edition="0", sheet=sheet, filename="f.csv")

    assert answer.status_code == 422
    assert draft(database, cast) is None
