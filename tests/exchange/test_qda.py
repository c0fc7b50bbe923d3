"""Whole projects of REFI-QDA: ours go out and come back the same, those of others are read leniently."""

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from sqlmodel import Session, col, select

from server.codebooks.actions import publish_sheet
from server.codebooks.queries import Codebook, latest_published, sheet_of
from server.codebooks.refi import write_refi
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.codebooks.when import ConditionSheet
from server.coding.spans import Span
from server.corpora.models import Post
from server.corpora.storing import Source
from server.db.engine import Database
from server.errors import Refusal
from server.exchange.downloads.files import left_out
from server.exchange.qda.outward import People, project_file, said_codings
from server.exchange.qda.positions import Counting, PlacedText, counting_of
from server.exchange.qda.storing import import_project, propose, read_file
from server.projects.access import Access
from server.projects.roles import Role
from server.rebuilding.differences import Rebuilt
from server.rebuilding.queries import rebuild
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

FORMATS = Path(__file__).parents[3] / "shared/data/formats/refi-qda"
needs_formats = pytest.mark.skipif(not FORMATS.exists(), reason="the real files are not there")
HEART = "\N{BROKEN HEART}"
TEXT = f"I miss {HEART} the old one\nand <its> & warmth {HEART}"
SHEET = CodebookSheet(
    (
        VariableSheet(
            "expression",
            "multiple",
            "What is said?",
            "Mark the words.",
            codes=(
                CodeSheet(
                    "attachment", "Attachment", definition="Bound to it.", use_when="Value: it says so."
                ),
                CodeSheet("grief", "Grief", parent_key="attachment"),
                CodeSheet("quality", "Quality"),
            ),
        ),
        VariableSheet(
            "emotion",
            "ordinal",
            "How strong?",
            codes=(CodeSheet("low", "Low", 0.0), CodeSheet("high", "High", 1.5)),
        ),
        VariableSheet("years", "number", "How many years?", "", False, 0.0, 99.0),
        VariableSheet("why", "text", "Why?", when=frozenset({ConditionSheet("expression", "grief")})),
    )
)
# What a file cannot bring back: which round it was, and what was corrected before it.
APART = {"round", "codebook_version"}


def study(db: Session, cast: Cast) -> None:
    """Three posts, two rounds, two annotators, and every kind of answer."""
    publish_sheet(db, cast.lead, SHEET)
    book = latest_published(db, cast.project.id or 0)
    assert book is not None
    posts = make.posts(db, cast.project, 3)
    posts[0].text, posts[1].link, posts[1].posted_at = TEXT, "https://example.org/1", None
    posts[1].posted_at_text, posts[2].extra = "last summer", {"lang": "fr", "note": "a\r\nb\t<c>"}
    db.flush()
    expression = book.variable_by_key["expression"]
    grief = expression.code_by_key["grief"]
    spans = [Span(expression.id, grief.id, *place) for place in ((7, 8), (21, 41))]
    first = make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
    second = make.round_(db, cast.project, book, posts[:1], [cast.annotator])
    for one in posts:
        said: dict[str, Any] = {"expression": ["grief", "quality"], "emotion": "high", "years": 2.5}
        marked = spans if one is posts[0] else []
        memo = f"Question years: a memo\nof two lines {HEART}" if one is posts[0] else ""
        said["why"] = "Unsure: for\n\nreasons"
        make.coding(db, book, first, one, cast.annotator, said, is_unsure=True, memo=memo, spans=marked)
    for one in posts[:2]:
        make.coding(db, book, first, one, cast.other_annotator, {"expression": [], "emotion": "low"})
    make.coding(db, book, second, posts[0], cast.annotator, {"expression": ["attachment"]}, spans=())


def project(db: Session, access: Access, people: People = People()) -> bytes:  # noqa: B008 - frozen
    with project_file(db, access, people) as file:
        return file.read()


def take(db: Session, access: Access, content: bytes, name: str = "study.qdpx") -> Any:
    return import_project(db, access, read_file(BytesIO(content), name), Source(name, "0" * 64))


def codings(db: Session, access: Access, *, with_names: bool) -> list[tuple[tuple[str, Any], ...]]:
    rows = said_codings(db, access, with_names=with_names)
    return sorted(tuple((name, cell) for name, cell in row.items() if name not in APART) for row in rows)


def posts_of(db: Session, access: Access) -> list[tuple[Any, ...]]:
    statement = select(Post).where(col(Post.project_id) == access.project_id).order_by(col(Post.number))
    return [
        (one.external_id, one.text, one.author, one.link, one.posted_at or one.posted_at_text, one.extra)
        for one in db.scalars(statement)
    ]


def empty(db: Session) -> Access:
    other = make.project(db, title="Elsewhere")
    return make.member(db, other, Role.LEAD, "other_lead")


def test_a_project_goes_out_and_comes_back_the_same(db: Session, cast: Cast) -> None:
    study(db, cast)
    there = empty(db)

    outcome = take(db, there, project(db, cast.lead))

    book = latest_published(db, there.project_id)
    assert book is not None
    assert sheet_of(book) == SHEET
    assert codings(db, there, with_names=True) == codings(db, cast.lead, with_names=False)
    # What came in is held by the history, passages and memos, too.
    assert rebuild(db, there.project_id) == Rebuilt(n_codings=6)
    assert posts_of(db, there) == posts_of(db, cast.lead)
    assert (outcome.n_posts, outcome.n_codings, outcome.version, len(outcome.rounds)) == (3, 6, 1, 2)


@on_one_database
def test_a_file_of_a_project_is_what_the_standard_wants(db: Session, cast: Cast) -> None:
    schema = pytest.importorskip("xmlschema")
    if not FORMATS.exists():
        pytest.skip("the schemas are not there")
    study(db, cast)
    content = project(db, cast.lead)

    with zipfile.ZipFile(BytesIO(content)) as packed:
        described, names = packed.read("project.qde"), packed.namelist()
        texts = {name: packed.read(name).decode() for name in names if name.startswith("sources/")}
    codebook = write_refi(SHEET, "study")

    schema.XMLSchema(str(FORMATS / "Project.xsd")).validate(BytesIO(described))
    schema.XMLSchema(str(FORMATS / "Codebook.xsd")).validate(BytesIO(codebook.encode()))
    assert len(names) == 4
    assert TEXT in texts.values()
    assert project(db, cast.lead) == content


def test_the_project_holds_what_its_reader_may_see_and_no_post_taken_down(db: Session, cast: Cast) -> None:
    study(db, cast)
    posts_in(db, cast)[0].takedown_id = 1
    mine = make.round_(db, cast.project, latest(db, cast.lead), posts_in(db, cast)[1:], [cast.lead])
    db.flush()

    described = opened(project(db, cast.lead, People(with_names=True)))

    assert [sight.number for sight in left_out(db, cast.lead)] == [mine.number]
    assert TEXT not in described
    assert "creatingUser" not in described
    assert described.count("<TextSource") == 2


def test_a_second_import_changes_nothing_and_other_texts_stay_away(db: Session, cast: Cast) -> None:
    study(db, cast)
    there = empty(db)
    content = project(db, cast.lead)
    take(db, there, content)
    before = codings(db, there, with_names=True)

    with pytest.raises(Refusal, match="holds all of this"):
        take(db, there, content)
    twice = propose(db, cast.lead, read_file(BytesIO(content), "study.qdpx"))
    assert "would stand twice" in twice.remarks[0]
    posts_in(db, cast)[0].text = "Another text."
    db.flush()
    found = propose(db, there, read_file(BytesIO(project(db, cast.lead)), "study.qdpx"))

    assert any("another text under this id" in remark for remark in found.remarks)
    assert codings(db, there, with_names=True) == before


FOREIGN = """<?xml version="1.0"?>
<Project xmlns="urn:QDA-XML:project:1.0" name="Breakfast" origin="QualCoder">
<Users><User guid="{{a0}}" name="Ann"/><User guid="a1" name="Ann"/></Users><CodeBook><Codes>
<Code guid="c1" name="Food" isCodable="true"><Code guid="c2" name="milk"/></Code><Code guid="c3" name="calm"/>
</Codes></CodeBook><Sources>{sources}</Sources></Project>"""


def foreign(sources: str, files: Mapping[str, bytes], described: str = "Project.qde") -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(described, FOREIGN.format(sources=sources))
        for name, content in files.items():
            packed.writestr(name, content)
    return file.getvalue()


def selection(start: int, end: int, code: str, user: str = "A0") -> str:
    return (
        f'<PlainTextSelection guid="s" startPosition="{start}" endPosition="{end}"><Coding guid="k" '
        f'creatingUser="{user}"><CodeRef targetGUID="{code}"/></Coding></PlainTextSelection>'
    )


def test_a_project_of_another_program_becomes_posts_questions_and_codings(db: Session) -> None:
    there = empty(db)
    text = f"Milk {HEART} first.\r\nThen calm."
    document = docx_of("One", "two milk")
    content = foreign(
        f'<TextSource guid="T1" name="day one" plainTextPath="internal://T1.TXT">'
        f"{selection(0, 4, 'C2')}{selection(5, 6, 'c1')}{selection(17, 21, 'c3', '{a1}')}"
        f"{selection(0, 999, 'c3')}{selection(1, 2, 'gone')}</TextSource>"
        f'<TextSource guid="T2" name="day two" richTextPath="internal://t2.docx">{selection(8, 12, "c2")}'
        '</TextSource><TextSource guid="T3" name="far" plainTextPath="relative:///far.txt"/>'
        f'<PDFSource guid="T4" name="menu"><PDFSelection><Coding guid="z"/></PDFSelection></PDFSource>',
        {"Sources/t1.txt": text.encode("utf-8-sig"), "Sources/t2.docx": document},
    )

    found = read_file(BytesIO(content), "breakfast.qdpx")
    take(db, there, content, "breakfast.qdpx")

    said = {
        tuple(row[name] for name in ("post_id", "annotator", "variable", "code", "evidence"))
        for row in said_codings(db, there, with_names=True)
    }
    assert said == {
        ("day one", "Ann", "food", "milk", "0-4"),
        ("day one", "Ann", "food", "food", "5-6"),
        ("day one", "Ann (2)", "codes", "calm", "16-20"),
        ("day one", "Ann", "codes", "calm", ""),
        ("day two", "Ann", "food", "milk", "8-12"),
    }
    remarks = " ".join(found.remarks)
    for part in ("“far”", "1 source is no text (PDF)", "1 passage lies outside", "1 coding names a code"):
        assert part in remarks


def docx_of(*paragraphs: str) -> bytes:
    file = BytesIO()
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(file)
    return file.getvalue()


def test_positions_are_counted_as_words_say() -> None:
    text = PlacedText(f"{HEART}{HEART} milk\r\nand bread {HEART} again")
    words = ("milk", "bread", "again")

    for way in (Counting(), Counting(joined=True), Counting(units=True), Counting(units=True, joined=True)):
        base = text.text if way.joined else text.raw
        places = []
        for word in words:
            before = base[: base.index(word)]
            start = len(before.encode("utf-16-le")) // 2 if way.units else len(before)
            places.append((start, start + len(word)))

        found = counting_of([(text, places)])

        assert found == way
        passages = [text.passage(*place, found) for place in places]
        assert [text.text[slice(*passage)] for passage in passages if passage] == list(words)


@needs_formats
def test_every_real_file_is_read_or_refused_with_a_reason() -> None:
    outcomes: dict[str, Any] = {}
    for file in sorted(FORMATS.iterdir()):
        with file.open("rb") as opened_file:
            try:
                content = read_file(opened_file, file.name)
            except Refusal as refusal:
                outcomes[file.suffix] = refusal.message
            else:
                codes = sum(len(one.codes) for one in content.codebook.sheet.variables)
                outcomes[file.name] = (codes, len(content.remarks))
    assert outcomes.pop(".qdc").endswith("Upload it on the page of the codebook.")
    assert outcomes == {
        ".csv": "“validation.csv” is no whole XML file. Export it again.",
        ".xsd": "“Project.xsd” is no REFI-QDA file that is known.",
        "real_atlasti8_standard_project.qde": (14, 8),
        "real_atlasti8_standard_project.qdpx": (14, 8),
        "real_nvivo12_project_no_text.qde": (140, 2),
    }


def address(cast: Cast, rest: str) -> str:
    return f"/projects/{cast.project.key}/{rest}"


@on_one_database
def test_a_project_is_looked_over_and_imported_once(
    database: Database, cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.lead)
    content = foreign(
        f'<TextSource guid="T" name="day"><PlainTextContent>Milk.</PlainTextContent>{selection(0, 4, "C2")}'
        '</TextSource><AudioSource guid="U"/>',
        {},
    )
    refused = post(client, address(cast, "qdpx"), files={"file": ("x.qdpx", b"PK\x03\x04", "a/b")})
    sent = post(client, address(cast, "qdpx"), files={"file": ("day.qdpx", content, "application/zip")})
    page = client.get(sent.headers["location"])
    fields = {name: values[-1] for name, values in form_fields(page, "/qdpx/").items()}
    first, second = (post(client, str(page.url.path), fields) for _time in range(2))

    assert (refused.status_code, "damaged or cut off" in refused.text) == (422, True)
    assert "1 source is no text (Audio)" in page.text
    assert "1+post+was+imported" in first.headers["location"] or first.status_code == 303
    assert second.status_code == 303
    assert "Milk." in client.get(address(cast, "posts/1")).text
    with database.reading() as db:
        assert [row["code"] for row in said_codings(db, cast.lead, with_names=False)] == ["milk"]


@on_one_database
@needs_formats
def test_every_real_file_goes_through_the_page(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.lead)
    pages = {}
    for file in sorted(FORMATS.iterdir()):
        sent = post(client, address(cast, "qdpx"), files={"file": (file.name, file.read_bytes(), "a/b")})
        pages[file.name] = client.get(sent.headers["location"]) if sent.status_code == 303 else sent

    taken = {name: page for name, page in pages.items() if page.status_code == 200}
    assert {page.status_code for name, page in pages.items() if name not in taken} == {422}
    assert sorted(Path(name).suffix for name in taken) == [".qde", ".qde", ".qdpx"]
    # The first leaves a draft; the same project again agrees with it, and another one has to wait.
    statuses = []
    for page in taken.values():
        fields = {name: values[-1] for name, values in form_fields(page, page.url.path).items()}
        statuses.append(post(client, page.url.path, fields).status_code)
    assert statuses == [303, 303, 422]


@on_one_database
def test_the_project_is_downloaded_with_its_texts_or_not_at_all(
    database: Database, cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.lead)
    with database.writing() as db:
        study(db, cast)

    refused = post(client, address(cast, "download/qdpx"))
    sent = post(client, address(cast, "download/qdpx"), {"texts": "on"})

    assert (refused.status_code, "made of the texts" in refused.text) == (422, True)
    assert "attachment" in opened(sent.content)
    assert "download/qdpx" in client.get(address(cast, "download")).text
    assert "qdpx" in client.get(address(cast, "history")).text


def opened(content: bytes) -> str:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        texts = [packed.read(name).decode() for name in packed.namelist()]
    return "\n".join(texts)


def latest(db: Session, access: Access) -> Codebook:
    book = latest_published(db, access.project_id)
    assert book is not None
    return book


def posts_in(db: Session, cast: Cast) -> list[Post]:
    found = select(Post).where(col(Post.project_id) == cast.project.id).order_by(col(Post.number))
    return list(db.scalars(found))
