"""The codebook's pages: reading it, writing its draft, uploading it."""

import re
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from fastapi.testclient import TestClient
from httpx import Response

from server.codebooks import queries
from server.codebooks.queries import Codebook
from server.db.engine import Database
from tests import make
from tests.browse import form_fields, form_key, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

GETS = (
    "",
    "/versions/1",
    "/versions/1/csv",
    "/draft",
    "/draft/csv",
    "/draft/add-variable",
    "/draft/variables/stance",
    "/draft/variables/stance/add-code",
    "/draft/variables/stance/codes/against",
    "/upload",
)


class Browser:
    """A signed-in browser at one study's codebook."""

    def __init__(self, client: TestClient, key: str) -> None:
        self.client = client
        self.root = f"/projects/{key}/codebook"

    def get(self, path: str = "") -> Response:
        answer: Response = self.client.get(self.root + path)
        return answer

    def post(self, path: str, **fields: Any) -> Response:
        return post(self.client, self.root + path, fields)

    def send(self, page: str, action: str = "", **changed: Any) -> Response:
        """Fill in the form that stands on `page`, and send it."""
        fields = {name: values[-1] for name, values in form_fields(self.get(page), action or page).items()}
        fields |= {name: value for name, value in changed.items() if value is not None}
        for name in [name for name, value in changed.items() if value is None]:
            fields.pop(name, None)
        return self.post(action or page, **fields)

    def send_form(self, page: Response, action: str) -> Response:
        """Send the form of a page as it stands."""
        return self.post(action, **{name: values[-1] for name, values in form_fields(page, action).items()})

    def upload(self, content: bytes, filename: str = "codebook.csv") -> Response:
        files = {"file": (filename, content, "text/csv")}
        answer: Response = self.client.post(
            self.root + "/upload", data={"form_key": form_key(self.client)}, files=files
        )
        return answer


@pytest.fixture
def lead(cast: Cast, client_of: ClientOf) -> Browser:
    return Browser(client_of(cast.lead), cast.project.key)


@pytest.fixture
def published(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        make.published(db, cast.project)


def draft(database: Database, cast: Cast) -> Codebook | None:
    with database.reading() as db:
        return queries.draft(db, cast.lead.project_id)


def written(database: Database, cast: Cast) -> Codebook:
    found = draft(database, cast)
    assert found is not None
    return found


@on_one_database
@pytest.mark.usefixtures("published")
def test_every_page_of_the_lead_opens(lead: Browser) -> None:
    assert [lead.get(path).status_code for path in GETS] == [200] * len(GETS)


@on_one_database
def test_an_empty_study_says_what_to_do_first(lead: Browser, cast: Cast, client_of: ClientOf) -> None:
    page = lead.get().text
    assert "Write it here, or upload it" in page
    assert "The draft is empty" in lead.get("/draft").text

    other = Browser(client_of(cast.annotator), cast.project.key).get().text
    assert "The lead is still writing it" in other
    assert "Upload a file" not in other


@on_one_database
@pytest.mark.usefixtures("published")
def test_the_page_shows_variables_codes_and_definitions(lead: Browser) -> None:
    page = lead.get().text

    for words in ("version 1", "Expression", "Attachment", "What attachment means.", "Nothing applies"):
        assert words in page


@on_one_database
@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("number", ["2", "0", "x", "99999999999999999999"])
def test_a_version_that_is_not_there_is_not_found(lead: Browser, number: str) -> None:
    assert lead.get(f"/versions/{number}").status_code == 404


@on_one_database
@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    "path", ["/draft/variables/gone", "/draft/variables/gone/add-code", "/draft/variables/stance/codes/gone"]
)
def test_what_the_draft_does_not_have_is_not_found(lead: Browser, path: str) -> None:
    assert lead.get(path).status_code == 404
    assert lead.post(path, edition="-1", label="A", kind="text").status_code == 404
    assert lead.post(path, edition="x").status_code == 404


@on_one_database
def test_a_codebook_is_written_in_the_browser_and_published(
    lead: Browser, database: Database, cast: Cast
) -> None:
    added = lead.send("/draft/add-variable", label="What stance?", kind="single", hint="Of the author")
    assert added.status_code == 303
    assert added.headers["location"].endswith("/codebook/draft#variable-what_stance")
    for label in ("Against", "For"):
        path = "/draft/variables/what_stance/add-code"
        assert lead.send(path, label=label, definition=f"{label} it.", use_when="Said so").status_code == 303

    published = lead.send("/draft", "/draft/publish", note="First words")

    assert published.status_code == 303
    assert draft(database, cast) is None
    page = lead.get().text
    for words in ("version 1", "What stance?", "Of the author", "Against it.", "Said so", "First words"):
        assert words in page


@on_one_database
@pytest.mark.usefixtures("published")
def test_a_code_can_be_added_and_the_next_one_begun(lead: Browser, database: Database, cast: Cast) -> None:
    path = "/draft/variables/stance/add-code"
    assert "Add and write the next" in lead.get(path).text
    added = lead.send(path, label="Neither", then="next")
    assert (added.status_code, added.headers["location"]) == (303, lead.root + path)
    page = lead.get(path)
    assert "“Neither” is added to the draft." in page.text
    assert form_fields(page, path)["label"] == [""]
    assert [code.label for code in written(database, cast).variable_by_key["stance"].codes][-1] == "Neither"
    assert "Add and write the next" not in lead.get("/draft/variables/stance/codes/against").text


@on_one_database
def test_limits_are_said_to_be_of_a_number_alone(lead: Browser) -> None:
    assert "<legend>Limits, only for a number</legend>" in lead.get("/draft/add-variable").text


@on_one_database
@pytest.mark.usefixtures("published")
def test_buttons_move_remove_and_bring_back(lead: Browser, database: Database, cast: Cast) -> None:
    path = "/draft/variables/stance/codes/ambivalent"
    lead.send("/draft", path + "/move", direction="up")
    lead.send("/draft", "/draft/variables/stance/move", direction="up")
    lead.send("/draft/variables/stance/codes/favour", "/draft/variables/stance/codes/favour/remove")
    lead.send("/draft/variables/emotion", "/draft/variables/emotion/remove")

    found = written(database, cast)
    assert list(found.variable_by_key) == ["expression", "stance"]
    assert list(found.variable_by_key["stance"].code_by_key) == ["ambivalent", "against"]

    assert lead.send("/draft", "/draft/variables/stance/codes/favour/restore").status_code == 303
    assert lead.send("/draft", "/draft/variables/emotion/restore").status_code == 303
    found = written(database, cast)
    assert list(found.variable_by_key) == ["expression", "stance", "emotion"]
    assert list(found.variable_by_key["stance"].code_by_key) == ["ambivalent", "against", "favour"]


@on_one_database
@pytest.mark.usefixtures("published")
def test_a_move_to_nowhere_is_refused(lead: Browser, database: Database, cast: Cast) -> None:
    answer = lead.post("/draft/variables/stance/move", edition="-1", direction="sideways")

    assert answer.status_code == 422
    assert draft(database, cast) is None


@on_one_database
@pytest.mark.usefixtures("published")
def test_the_kind_of_a_published_variable_stays(lead: Browser, database: Database, cast: Cast) -> None:
    answer = lead.send("/draft/variables/stance", kind="multiple")

    assert answer.status_code == 422
    assert "Make a new variable" in answer.text
    assert draft(database, cast) is None


@on_one_database
@pytest.mark.usefixtures("published")
def test_a_code_goes_below_another(lead: Browser, database: Database, cast: Cast) -> None:
    lead.send("/draft/variables/stance/codes/against", parent_key="favour")

    assert [code.key for code in written(database, cast).variable_by_key["stance"].codes] == [
        "ambivalent",
        "favour",
        "against",
    ]
    offered = lead.get("/draft/variables/stance/codes/favour").text
    assert 'value="ambivalent"' in offered
    assert 'value="against"' not in offered


@on_one_database
def test_an_empty_codebook_is_not_published(lead: Browser) -> None:
    answer = lead.post("/draft/publish", edition="0", note="My note")

    assert answer.status_code == 422
    assert "no variable yet" in answer.text
    assert form_fields(answer, "/publish")["note"] == ["My note"]


@on_one_database
def test_what_is_missing_stands_at_the_publish_box(lead: Browser) -> None:
    lead.send("/draft/add-variable", label="What stance?", kind="single")

    assert "needs at least 2 codes, and has 0" in lead.get("/draft").text
    assert lead.send("/draft", "/draft/publish").status_code == 422


@on_one_database
@pytest.mark.usefixtures("published")
def test_a_key_that_was_made_is_told(lead: Browser) -> None:
    lead.send("/draft/add-variable", label="ما هو الموقف؟")
    page = lead.get("/draft").text
    assert "Its key is question_4, and can be changed until it is published." in page
    lead.send("/draft/variables/question_4/add-code", label="ضد")
    assert "Its key is code_1," in lead.get("/draft").text
    lead.send("/draft/variables/question_4", key="stance_ar")
    lead.send("/draft/add-variable", label="Typed", key="typed")
    assert "Its key" not in lead.get("/draft").text
    assert lead.get("/draft/variables/stance_ar").status_code == 200


@on_one_database
@pytest.mark.usefixtures("published")
def test_a_draft_can_be_discarded(lead: Browser, database: Database, cast: Cast) -> None:
    lead.send("/draft/variables/emotion", hint="Changed")
    assert "Edit the draft" in lead.get().text

    assert lead.send("/draft", "/draft/discard").status_code == 303
    assert draft(database, cast) is None
    assert "Edit the codebook" in lead.get().text


@on_one_database
@pytest.mark.usefixtures("published")
def test_the_next_version_says_what_is_new(lead: Browser) -> None:
    lead.send("/draft/variables/stance/codes/against", label="Against it")
    lead.send("/draft", "/draft/publish", note="Clearer")

    page = lead.get().text
    assert "What is new since version 1" in page
    assert "<del" in page
    assert "This is not the newest version" in lead.get("/versions/1").text


@on_one_database
def test_words_of_a_codebook_are_never_markup(lead: Browser) -> None:
    evil = "<script>alert(1)</script>"
    lead.send("/draft/add-variable", label=evil, kind="single", key="q", hint=evil)
    for label in (evil, "B"):
        lead.send("/draft/variables/q/add-code", label=label, definition=evil, example=evil)
    pages = ["/draft", "/draft/variables/q", "/draft/variables/q/add-code"]
    texts = [lead.get(path).text for path in pages]
    lead.send("/draft", "/draft/publish", note=evil)
    texts += [lead.get("").text, lead.get("/versions/1").text]

    assert all("&lt;script&gt;" in text and evil not in text for text in texts)


@on_one_database
def test_the_neighbouring_study_shows_nowhere(lead: Browser) -> None:
    for path in ("", "/draft", "/upload"):
        assert "Attachment" not in lead.get(path).text


@on_one_database
@pytest.mark.usefixtures("published")
def test_codes_are_merged_and_split_on_their_page_and_everybody_reads_it(
    lead: Browser, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    page = "/draft/variables/stance/codes/against"
    assert "Retire this code" in lead.get(page).text
    refused = lead.send(page, page + "/split", labels="For all\n favour ")
    assert refused.status_code == 422
    assert "“favour” would stand there twice" in refused.text
    assert form_fields(refused, page + "/split")["labels"] == ["For all\n favour "]
    assert lead.send(page, page + "/merge", into="against").status_code == 422
    assert draft(database, cast) is None

    assert lead.send(page, page + "/merge", into="favour").status_code == 303
    other = "/draft/variables/expression/codes/quality"
    assert lead.send(other, other + "/split", labels="Loss of speed\n\nLoss of wit").status_code == 303
    shown = lead.get("/draft").text
    assert "becomes “Loss of speed” and “Loss of wit”" in shown
    assert "“Against” was merged into “Favour”." in shown
    assert lead.post(page + "/merge", edition="1", into="favour").status_code == 409
    lead.send("/draft", "/draft/publish")

    read = Browser(client_of(cast.annotator), cast.project.key)
    for path in ("", "/versions/2/since/1"):
        told = read.get(path).text
        assert "“Quality” was split into “Loss of speed” and “Loss of wit”." in told
        assert "“Against” was merged into “Favour”." in told
    shown = lead.get("/draft").text
    assert "became “Favour” in version 2" in shown
    assert "/codes/against/restore" not in shown


@on_one_database
@pytest.mark.usefixtures("published")
def test_the_lead_says_what_changes_the_meaning(lead: Browser, cast: Cast, client_of: ClientOf) -> None:
    lead.send("/draft/variables/stance/codes/against", label="Not for it")
    lead.send("/draft/variables/stance/codes/favour", definition="Said so.")
    page = lead.get("/draft")
    marks = form_fields(page, "/draft/publish")["marks"]
    assert marks == ["meaning:stance=against", "meaning:stance=favour"]
    assert lead.send("/draft", "/draft/publish", marks="wording:stance").status_code == 422
    answer = lead.send("/draft", "/draft/publish", marks=["wording:stance=against", "meaning:stance=favour"])
    assert answer.status_code == 303

    told = Browser(client_of(cast.annotator), cast.project.key).get("/versions/2/since/1").text
    assert re.search(r"Not for it|against</code>\s*<span class=\"tag\">wording", told)
    assert re.search(r"favour</code>\s*<span class=\"tag on\">meaning", told)


@on_one_database
def test_a_refused_publication_leads_to_what_is_missing(lead: Browser) -> None:
    refused = lead.send("/draft", "/draft/publish")
    assert refused.status_code == 422
    alert = refused.text[refused.text.index('role="alert"') :].partition("</div>")[0]
    assert "The codebook cannot be published yet." in alert
    assert '/draft/add-variable">The codebook has no variable yet.' in alert


@on_one_database
@pytest.mark.usefixtures("published")
def test_markdown_and_docx_hand_the_codebook_out_and_markdown_comes_back(lead: Browser) -> None:
    lead.send("/draft/variables/stance/codes/against", label="Not *for* it", example="a | b\n# c\x0b")
    other = "/draft/variables/stance/codes/ambivalent"
    lead.send(other, other + "/merge", into="favour")
    lead.send("/draft", "/draft/publish", note="Two became one.")

    markdown = lead.get("/versions/2/markdown")
    assert markdown.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "“Ambivalent” was merged into “Favour”." in markdown.text
    assert "*meaning*" in markdown.text
    preview = lead.upload(markdown.content, "codebook.md")
    assert preview.status_code == 200
    assert "The file says what the draft says" in preview.text
    changed = lead.upload(markdown.content.replace(b"What against means.", b"Else."), "codebook.md")
    assert lead.send_form(changed, "/upload/save").status_code == 303
    assert "Else." in lead.get("/draft").text
    faulty = lead.upload(markdown.content.replace(b"- Kind: single", b"- Kind: poem"), "codebook.md")
    assert faulty.status_code == 422
    assert "The type “poem” is not known." in faulty.text

    document = Document(BytesIO(lead.get("/versions/2/docx").content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for words in ("Not *for* it", "a | b\n# c", "Two became one.", "“Ambivalent” was merged into “Favour”."):
        assert words in text
    shown = lead.get().text
    assert "Change log" in shown
