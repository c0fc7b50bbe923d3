"""Reading the codebook: searching in it, and what changed since one opened it last."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from server.codebooks.actions import publish_sheet
from server.codebooks.nesting import nested_variables
from server.codebooks.search import Found, search
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.access import Access
from server.projects.models import Member
from tests.cast import Cast
from tests.conftest import ClientOf

ANGER = CodeSheet("anger", "Anger", definition="Rage or fury.", use_when="Somebody shouts.")
GRIEF = CodeSheet(
    "grief", "Grief", avoid_when="Only anger is shown.", example="I miss <it> so", parent_key="anger"
)
EMOTION = VariableSheet(
    "emotion", "single", "Which emotion?", hint="The strongest counts.", codes=(ANGER, GRIEF)
)
YEAR = VariableSheet("year", "number", "Since which year?")
SHEET = CodebookSheet((EMOTION, YEAR))
LATER = CodebookSheet(
    (VariableSheet("emotion", "single", "Which emotion?", codes=(ANGER, CodeSheet("joy", "Joy"))), YEAR)
)


def found(typed: str) -> Found:
    result = search(nested_variables(SHEET), typed)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("typed", "codes", "n_questions"),
    [
        ("anger", ["anger", "grief"], 0),
        ("FURY", ["anger"], 0),
        ("shouts", ["anger"], 0),
        ("miss", ["grief"], 0),
        ("anger shown", ["grief"], 0),
        ("anger nowhere", [], 0),
        ("strongest", [], 1),
        ("year", [], 1),
    ],
)
def test_all_words_stand_in_what_is_found(typed: str, codes: list[str], n_questions: int) -> None:
    result = found(typed)
    assert [place.code.key for item in result.variables for place in item.codes] == codes
    assert (result.n_codes, result.n_questions) == (len(codes), n_questions)


def test_no_word_is_no_search() -> None:
    assert search(nested_variables(SHEET), " \n ") is None


@pytest.fixture
def root(cast: Cast, database: Database) -> str:
    with database.writing() as db:
        publish_sheet(db, cast.lead, SHEET, note="As we began.")
    return f"/projects/{cast.project.key}/codebook"


@pytest.fixture
def client(client_of: ClientOf, cast: Cast) -> TestClient:
    return client_of(cast.annotator)


def publish_later(database: Database, cast: Cast) -> None:
    with database.writing() as db:
        publish_sheet(db, cast.lead, LATER, note="Joy is new.")


def opened(database: Database, of: Access) -> int | None:
    with database.reading() as db:
        return db.scalar(select(col(Member.codebook_opened)).where(Member.id == of.member_id))


@pytest.mark.parametrize("page", ["", "/versions/1"])
def test_the_page_marks_what_was_found_and_keeps_what_was_typed(
    root: str, client: TestClient, page: str
) -> None:
    text = client.get(root + page, params={"q": "Anger"}).text
    assert "2 codes found" in text
    assert "<mark>Anger</mark>" in text
    assert "Only <mark>anger</mark> is shown." in text
    assert "Since which year?" not in text
    assert 'name="q" value="Anger"' in text


def test_finding_nothing_says_what_to_do(root: str, client: TestClient) -> None:
    text = client.get(root, params={"q": "<nowhere>\0"}).text
    assert "Nothing found" in text
    assert "says “&lt;nowhere&gt;”" in text
    assert f'href="{root}">Show all</a>' in text


def test_a_search_finds_questions_and_never_fails(root: str, client: TestClient) -> None:
    assert "0 codes found, 1 question" in re.sub(r"\s+", " ", client.get(root, params={"q": "year"}).text)
    for typed in ("%", "\0", "x" * 5_000, "🙂", "' OR 1"):
        assert client.get(root, params={"q": typed}).status_code == 200
    assert client.get(root, params={"q": " "}).text.count("Since which year?") > 0


def test_opening_a_version_is_remembered_for_everybody_and_told_to_nobody(
    root: str, client_of: ClientOf, cast: Cast, database: Database
) -> None:
    with database.reading() as db:
        before = db.exec(select(HistoryEvent)).all()
    for person in (cast.lead, cast.viewer, cast.annotator):
        assert opened(database, person) is None
        client_of(person).get(root + "/versions/1")
        assert opened(database, person) == 1
    with database.reading() as db:
        assert len(db.exec(select(HistoryEvent)).all()) == len(before)


def test_the_newest_version_one_opened_counts(
    root: str, client: TestClient, cast: Cast, database: Database
) -> None:
    publish_later(database, cast)
    client.get(root)
    client.get(root + "/versions/1")
    assert opened(database, cast.annotator) == 2
    assert opened(database, cast.other_annotator) is None


def test_what_is_new_is_open_once_for_who_knew_an_older_version(
    root: str, client: TestClient, cast: Cast, database: Database
) -> None:
    client.get(root)
    publish_later(database, cast)
    with database.writing() as db:
        publish_sheet(db, cast.lead, CodebookSheet(LATER.variables[:1]))
    first = client.get(root).text
    assert '<details class="news" open>' in first
    assert "What is new since version 1" in first
    again = client.get(root).text
    assert '<details class="news">' in again
    assert "What is new since version 2" in again


def test_the_changes_between_two_versions(
    root: str, client: TestClient, cast: Cast, database: Database
) -> None:
    publish_later(database, cast)
    text = client.get(root + "/versions/2/since/1").text
    assert "What changed since version 1" in text
    assert "Joy is new." in text
    assert "As we began." not in text
    assert re.search(r"new</span>\s*<span dir=\"auto\">Joy", text)
    assert re.search(r"retired</span>\s*<span dir=\"auto\">Grief", text)
    assert opened(database, cast.annotator) == 2
    assert "Nothing that is asked has changed" in client.get(root + "/versions/2/since/2").text
    for path in ("/versions/1/since/2", "/versions/2/since/7", "/versions/9/since/1", "/versions/2/since/x"):
        assert client.get(root + path).status_code == 404


def test_the_changes_lead_on_to_coding_only_those_who_code(
    root: str, client_of: ClientOf, cast: Cast, database: Database
) -> None:
    publish_later(database, cast)
    said = {
        person: "Go on coding" in client_of(person).get(root + "/versions/2/since/1").text
        for person in (cast.annotator, cast.viewer)
    }
    assert said == {cast.annotator: True, cast.viewer: False}


def test_the_way_back_to_the_post_that_is_coded_stays_in_each_page(
    root: str, client_of: ClientOf, cast: Cast, database: Database
) -> None:
    publish_later(database, cast)
    asked, back = (
        "?round=3&position=7",
        f'href="/projects/{cast.project.key}/rounds/3/code/7">Back to the post',
    )
    annotator, viewer = client_of(cast.annotator), client_of(cast.viewer)
    for path in ("", "/versions/1", "/versions/2/since/1"):
        page = annotator.get(root + path + asked).text
        assert back in page
        assert "?round=3&amp;position=7" in page
        assert "Back to the post" not in annotator.get(root + path).text
        assert "Back to the post" not in viewer.get(root + path + asked).text
    found = annotator.get(root + asked + "&q=anger").text
    assert back in found
    assert '<input type="hidden" name="position" value="7">' in found
    came = asked + "&from=mine&wanted=skipped&words=a%26b&page=2"
    for path in ("", "/versions/1", "/versions/2/since/1"):
        page = annotator.get(root + path + came).text
        assert 'code/7?from=mine&amp;wanted=skipped&amp;words=a%26b&amp;page=2">Back to the post' in page
    for odd in ("?round=3", "?round=x&position=7", "?round=//elsewhere.example&position=1"):
        assert "Back to the post" not in annotator.get(root + odd).text
