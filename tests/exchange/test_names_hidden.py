"""A page of X goes out in every format with authors as numbers, and nowhere stands whose posts they are."""

import json
import re
import tempfile
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import polars
import pyreadstat
import pytest
from sqlmodel import Session

from server.archive.forms import Options
from server.archive.making import archive
from server.archive.study import study_of
from server.archive.tables import further_columns
from server.coding.spans import Span
from server.corpora.actions import import_posts
from server.datasets.table import Format
from server.exchange.downloads.files import data_file
from server.exchange.downloads.wanted import Wanted, What
from server.exchange.qda.outward import People, project_file
from tests import make
from tests.cast import Cast
from tests.stock import on_one_database

NAMES = ("mara_k", "Mara Kolb", "8111", "boris77", "Boris Bo", "8222", "Lee_The_Third")
KEPT = ("author-2", "https://x.com/i/status/1950000000000000001", "Warm and kind", "Dear @user, I", "lang")
MARA, BORIS = (
    {"id": "8111", "username": "mara_k", "name": "Mara Kolb"},
    {"id": "8222", "username": "boris77", "name": "Boris Bo"},
)
PAGE = {
    "data": [
        {
            "id": "1950000000000000001",
            "text": "Dear @Lee_The_Third, I miss it",
            "author_id": "8111",
            "created_at": "2025-08-08T12:00:00Z",
            "in_reply_to_user_id": "8222",
            "referenced_tweets": [{"type": "quoted", "id": "1950000000000000002"}],
            "entities": {
                "mentions": [{"username": "Lee_The_Third"}],
                "urls": [{"expanded_url": "https://x.com/Lee_The_Third/status/1950000000000000003"}],
            },
            "source": "mara_k’s own client",
            "lang": "en",
        },
        {
            "id": "1950000000000000002",
            "text": "Warm and kind, ＠mara_k",
            "author_id": "8222",
            "created_at": "2025-08-08T13:00:00Z",
            "lang": "fr",
        },
    ],
    "includes": {"users": [MARA, BORIS]},
    "meta": {"result_count": 2},
}


@pytest.fixture
def cast_with_page(db: Session, cast: Cast) -> Cast:
    make.published(db, cast.project)
    import_posts(db, cast.lead, "page.jsonl", json.dumps(PAGE).encode())
    return cast


def unzipped(content: bytes) -> str:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return "".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def in_statistics(content: bytes, ending: str) -> str:
    read = pyreadstat.read_sav if ending == "sav" else pyreadstat.read_dta
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"data.{ending}")
        path.write_bytes(content)
        frame, meta = read(path, output_format="polars")
        return f"{frame.to_dicts()}{meta.column_names_to_labels}"


def opened(content: bytes, format_: Format) -> str:
    """All that stands in a file, whatever packs it."""
    if format_ in {Format.SPSS, Format.STATA}:
        return in_statistics(content, format_.value)
    if format_ is Format.PARQUET:
        return str(polars.read_parquet(BytesIO(content)).to_dicts())
    return unzipped(content) if content.startswith(b"PK") else content.decode()


def told(text: str) -> set[str]:
    return {name for name in NAMES if name.casefold() in text.casefold()}


@on_one_database
@pytest.mark.parametrize("format_", list(Format))
def test_no_name_in_the_final_dataset(db: Session, cast_with_page: Cast, format_: Format) -> None:
    found = {}
    for hides in (False, True):
        wanted = Wanted(What.FINAL, with_texts=True, format=format_)
        wanted = replace(wanted, with_pseudonyms=hides, masks_mentions=hides)
        with data_file(db, cast_with_page.lead, wanted) as file:
            found[hides] = opened(file.read(), format_)
    assert told(found[False]) == set(NAMES)
    assert told(found[True]) == set()
    for kept in KEPT:
        assert kept in found[True]


@on_one_database
def test_no_name_in_a_project_for_other_programs(db: Session, cast_with_page: Cast) -> None:
    found = {}
    for people in (People(), People(with_pseudonyms=True, masks_mentions=True)):
        with project_file(db, cast_with_page.lead, people) as file:
            found[people.with_pseudonyms] = unzipped(file.read())
    assert told(found[False]) == set(NAMES)
    assert told(found[True]) == set()
    for kept in KEPT:
        assert kept in found[True]


@on_one_database
@pytest.mark.parametrize("with_texts", [True, False])
def test_no_name_in_an_archive_without_names(db: Session, cast_with_page: Cast, with_texts: bool) -> None:
    found = {}
    for names in (True, False):
        options = Options(with_texts, names, with_figures=False, masks_mentions=not names)
        with archive(db, cast_with_page.lead, options) as file:
            found[names] = unzipped(file.read())
    assert told(found[True]) >= ({*NAMES} if with_texts else {"mara_k", "boris77"})
    assert told(found[False]) == set()
    assert ("https://x.com/i/status/1950000000000000001" in found[False]) is with_texts
    assert ("extra_lang" in found[False]) is with_texts


@on_one_database
def test_lists_of_mentions_stay_out_wherever_mentions_are_masked(db: Session, cast_with_page: Cast) -> None:
    lead = cast_with_page.lead
    study = study_of(db, lead, Options(with_texts=True, with_names=True))
    for masks in (False, True):
        wanted = Wanted(What.FINAL, with_texts=True, masks_mentions=masks)
        with (
            data_file(db, lead, wanted) as table,
            project_file(db, lead, People(masks_mentions=masks)) as project,
        ):
            out = [table.read().decode(), unzipped(project.read())]
        archived = replace(study, options=replace(study.options, masks_mentions=masks))
        out.append(" ".join(further_columns(archived)))
        assert ["mentions" in content for content in out] == [not masks] * 3


@on_one_database
def test_passages_stay_where_they_were_when_mentions_are_masked(db: Session, cast: Cast) -> None:
    book = make.published(db, cast.project)
    [post] = make.posts(db, cast.project, 1)
    post.text = "@a and @somebody_else said it"
    round_ = make.round_(db, cast.project, book, [post], [cast.annotator])
    variable = book.variable_by_key["expression"]
    code = variable.code_by_key["attachment"]
    places = [(post.text.index(word), post.text.index(word) + 4) for word in ("said", "some", "body")]
    spans = [Span(variable.id, code.id, *place) for place in places]
    make.coding(db, book, round_, post, cast.annotator, {"expression": ["attachment"]}, spans=spans)
    with project_file(db, cast.lead, People(masks_mentions=True)) as file:
        described = unzipped(file.read())
    text = "@user and @user said it"
    assert text in described
    found = re.findall(r'startPosition="(\d+)" endPosition="(\d+)"', described)
    # Passages within one mention are one: two would be called by one GUID.
    assert sorted(text[int(start) : int(end)] for start, end in found) == ["@user", "said"]
