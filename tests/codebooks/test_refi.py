"""Codebooks of REFI-QDA: our own come back as they were, those of other programs as questions and codes."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from server.codebooks.files import read_file
from server.codebooks.refi import read_refi, write_refi
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.codebooks.when import ConditionSheet
from server.db.engine import Database
from server.errors import Refusal
from server.sample.codebook import CODEBOOK
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

FORMATS = Path(__file__).parents[3] / "shared/data/formats/refi-qda"
OPENING = '<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="NVivo"><Codes>'
NVIVO = OPENING + (
    '<Code guid="1" name="Attitude" isCodable="false"><Description>How they feel.</Description>'
    '<Code guid="2" name="Für"><Code guid="3" name="sehr"/></Code><Code guid="4" name="none"/></Code>'
    '<Code guid="5" name="Alone"/><Code guid="6" name="Alone"/></Codes><Sets/></CodeBook>'
)
TAGUETTE = OPENING.replace("NVivo", "Taguette") + (
    '<Code guid="1" name="places"/><Code guid="2" name="places\\near"/><Code guid="3" name="people"/>'
    "</Codes><Sets/></CodeBook>"
)
text = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff\u2028\u2029\x85"),
    max_size=30,
).map(lambda said: " ".join(said.split()))
paragraphs = st.lists(st.one_of(text, st.just("Key: stance"), st.just("\\Value: 3")), max_size=3).map(
    lambda lines: "\n".join(line for line in lines if line)
)


def read(content: str) -> CodebookSheet:
    return read_refi(content.encode(), "codes.qdc").checked()


def test_our_own_codebook_comes_back_as_it_was() -> None:
    assert read(write_refi(CODEBOOK, "study")) == CODEBOOK


@given(paragraphs, paragraphs, paragraphs, text)
def test_whatever_is_written_in_it_comes_back(hint: str, definition: str, example: str, label: str) -> None:
    codes = (
        CodeSheet("a", label or "A", 2.5, definition, use_when=example, example=hint),
        CodeSheet("b", "B", 1.0, avoid_when=definition, counter_example=example, parent_key="a"),
    )
    sheet = CodebookSheet(
        (
            VariableSheet("one", "multiple", label or "One", hint, codes=codes),
            VariableSheet("two", "number", "Two", "", False, 0.5, 9.0),
            VariableSheet("three", "text", "Three", when=frozenset({ConditionSheet("one", "b")})),
        )
    )
    assert read(write_refi(sheet, "study")) == sheet


def test_codes_below_others_become_questions() -> None:
    single, attitude = read(NVIVO).variables
    assert [(code.key, code.label) for code in single.codes] == [("alone", "Alone"), ("alone_2", "Alone")]
    assert (attitude.key, attitude.kind, attitude.hint) == ("attitude", "multiple", "How they feel.")
    assert [(code.key, code.parent_key) for code in attitude.codes] == [
        ("fur", None),
        ("sehr", "fur"),
        ("none_2", None),
    ]


def test_names_that_lead_to_codes_nest_them() -> None:
    single, places = read(TAGUETTE).variables
    assert [code.label for code in single.codes] == ["people"]
    assert (places.label, [code.label for code in places.codes]) == ("places", ["near"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<!DOCTYPE x [<!ENTITY a 'b'>]>" + NVIVO, "defines entities"),
        (NVIVO[:120], "no whole XML file"),
        (NVIVO.replace("codebook:1.0", "codebook:9"), "no REFI-QDA file that is known"),
        (OPENING + "</Codes></CodeBook>", "holds no codes"),
        (OPENING + '<Code name="x">' * 60 + "</Code>" * 60 + "</Codes></CodeBook>", "more than"),
        ("PK\x03\x04urn", "is neither a CSV"),
    ],
)
def test_what_cannot_be_read_is_said(content: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        read(content)


def test_a_project_is_unpacked() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("Sources/1.txt", "a post")
        file.writestr(
            "Project.qde", NVIVO.replace("codebook:1.0", "project:1.0").replace("CodeBook", "Project")
        )
    assert read_file(packed.getvalue(), "study.qdpx").checked() == read(NVIVO)
    empty = BytesIO()
    with zipfile.ZipFile(empty, "w") as file:
        file.writestr("a.txt", "a")
    with pytest.raises(Refusal, match="is neither a CSV"):
        read_file(empty.getvalue(), "study.zip")


def test_a_table_may_name_the_format() -> None:
    table = f"question,type,code,definition\nsource,single,qdc,As in {NVIVO.split()[1]}\n"
    assert read_file(table.replace('"', "").encode(), "codes.csv").checked().variables[0].key == "source"
    assert read_file(b"\xef\xbb\xbf" + NVIVO.encode(), "codes.qdc").checked() == read(NVIVO)


@pytest.mark.skipif(not FORMATS.exists(), reason="the exports of other programs are not here")
def test_real_exports_are_read_and_come_back() -> None:
    files = [*FORMATS.glob("[!b]*.qdc"), *FORMATS.glob("*.qde"), *FORMATS.glob("*.qdpx")]
    assert len(files) >= 9
    for file in files:
        sheet = read_file(file.read_bytes(), file.name).checked()
        assert read(write_refi(sheet, "study")) == sheet, file.name


@on_one_database
def test_a_version_is_handed_out_and_taken_again(cast: Cast, client_of: ClientOf, database: Database) -> None:
    with database.writing() as db:
        make.published(db, cast.project)
    lead: TestClient = client_of(cast.lead)
    at = f"/projects/{cast.project.key}/codebook"
    assert "/versions/1/refi" in lead.get(at).text
    file = lead.get(f"{at}/versions/1/refi")
    assert file.headers["content-disposition"] == 'attachment; filename="codebook-version-1.qdc"'
    page = post(lead, f"{at}/upload", files={"file": ("codes.qdc", file.content)})
    assert page.status_code == 200
    assert "There is nothing to take over." in page.text
