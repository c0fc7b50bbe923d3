"""The shapes of downloads: wide and long, for programs of agreement, and without what tells a person."""

import csv
import json
import zipfile
from io import StringIO
from typing import Any

import pytest
from sqlmodel import Session, select

from server.codebooks.queries import CodeInfo
from server.corpora.models import Post
from server.datasets.table import Format
from server.exchange.downloads.coder_tables import tidy_table
from server.exchange.downloads.coding_tables import coding_table
from server.exchange.downloads.files import data_file
from server.exchange.downloads.final_tables import final_table
from server.exchange.downloads.wanted import Shape, Wanted, What
from server.projects.access import Access
from server.results.columns import coded_column
from server.rounds.models import Round, RoundAnnotator
from tests import make
from tests.cast import Cast
from tests.stock import on_one_database

BOOK = {**make.CODEBOOK, "age": ("number", ()), "why": ("text", ())}


@pytest.fixture
def posts(db: Session, cast: Cast) -> list[Post]:
    """Three posts: one that two annotators coded, one that one did, one that nobody did."""
    book = make.published(db, cast.project, BOOK)
    posts = make.posts(db, cast.project, 3)
    round_ = make.round_(db, cast.project, book, posts, (cast.annotator, cast.other_annotator))
    first: make.Answers = {
        "expression": ["attachment", "quality"],
        "emotion": "2",
        "stance": "against",
        "age": 40.5,
        "why": "a friend",
    }
    make.coding(db, book, round_, posts[0], cast.annotator, first, memo="look", is_unsure=True)
    second: make.Answers = {"expression": [], "emotion": "2", "stance": "favour"}
    make.coding(db, book, round_, posts[0], cast.other_annotator, second)
    make.coding(db, book, round_, posts[1], cast.other_annotator, {"stance": "favour"})
    return posts


def rows(db: Session, access: Access, what: What, shape: Shape, **how: Any) -> list[dict[str, Any]]:
    wanted = Wanted(what, format=Format.JSON_LINES, asked_shape=shape, **how)
    with data_file(db, access, wanted) as file:
        return [json.loads(line) for line in file.read().decode().splitlines()]


def told(row: dict[str, Any], *names: str) -> list[Any]:
    return [row[name] for name in names]


def test_codings_in_wide_form(db: Session, cast: Cast, posts: list[Post]) -> None:
    first, second, third = rows(db, cast.lead, What.CODINGS, Shape.WIDE)
    head = ("post_id", "annotator", "round", "codebook_version", "unsure", "memo")
    assert told(first, *head) == [posts[0].external_id, "annotator-3", 1, 1, 1, "look"]
    answers = ("expression_attachment", "expression_dependency", "expression_quality", "emotion_value")
    assert told(first, *answers, "stance", "age", "why") == [1, 0, 1, 2, "against", 40.5, "a friend"]
    assert told(second, *answers, "stance", "age") == [0, 0, 0, 2, "favour", None]
    assert told(third, *answers, "stance", "post_id") == [None] * 4 + ["favour", posts[1].external_id]


def test_the_final_dataset_in_long_form(db: Session, cast: Cast, posts: list[Post]) -> None:
    found = rows(db, cast.lead, What.FINAL, Shape.LONG)
    cells = ("number", "variable", "code", "value", "text", "basis", "codings", "codebook_versions")
    assert [told(row, *cells) for row in found] == [
        [1, "expression", "attachment", None, None, "unresolved", 2, "1"],
        [1, "expression", "dependency", 0, None, "unanimous", 2, "1"],
        [1, "expression", "quality", None, None, "unresolved", 2, "1"],
        [1, "emotion", "2", 2, None, "unanimous", 2, "1"],
        [1, "stance", None, None, None, "unresolved", 2, "1"],
        [1, "age", None, 40.5, None, "single", 1, "1"],
        [1, "why", None, None, "a friend", "single", 1, "1"],
        [2, "stance", "favour", None, None, "single", 1, "1"],
    ]


def test_each_post_names_the_versions_it_was_coded_under(db: Session, cast: Cast, posts: list[Post]) -> None:
    newer = make.published(db, cast.project, BOOK)
    again = make.round_(db, cast.project, newer, posts[:1], [cast.annotator])
    make.coding(db, newer, again, posts[0], cast.annotator, {"stance": "against"})
    found = rows(db, cast.lead, What.FINAL, Shape.WIDE)
    assert [row["codebook_versions"] for row in found] == ["1 2", "1", None]


@pytest.mark.parametrize(
    ("what", "shape"),
    [(what, shape) for what in (What.FINAL, What.CODINGS) for shape in (Shape.WIDE, Shape.LONG)],
)
def test_ids_and_codes_alone(db: Session, cast: Cast, posts: list[Post], what: What, shape: Shape) -> None:
    usual = str(rows(db, cast.lead, what, shape, with_texts=True, with_names=True))
    found = rows(db, cast.lead, what, shape, is_bare=True, with_texts=True, with_names=True)
    assert "a friend" in usual
    for told_by in ("a friend", "look", posts[0].text, str(posts[0].author), "Annotator"):
        assert told_by not in str(found)
    assert not {"author", "link", "posted_at", "memo", "text", "why"} & found[0].keys()
    assert posts[0].external_id in str(found)
    assert "favour" in str(found)


def test_authors_as_numbers_stay_the_same(db: Session, cast: Cast, posts: list[Post]) -> None:
    for post, author in zip(posts, ("kim", None, "kim"), strict=True):
        post.author = author
    db.flush()
    found = rows(db, cast.lead, What.FINAL, Shape.WIDE, with_pseudonyms=True)
    assert [row["author"] for row in found] == ["author-1", None, "author-1"]


@on_one_database
def test_the_final_dataset_says_how_posts_were_drawn(db: Session, cast: Cast, posts: list[Post]) -> None:
    """The first and third of three posts are of one group, of which one is coded; the second is alone."""
    names = ("sampling_fraction", "stratum", "weight")
    assert not {*names} & rows(db, cast.lead, What.FINAL, Shape.WIDE)[0].keys()
    for post, lang in zip(posts, ("fr", "en", "fr"), strict=True):
        post.extra, post.sampling_fraction = {"lang": lang}, 0.25
    first = db.exec(select(Round).where(Round.project_id == cast.lead.project_id)).one()
    for round_annotator in db.exec(select(RoundAnnotator).where(RoundAnnotator.round_id == first.id)):
        round_annotator.n_submitted = 1
    for design, second in (("random", 4), ("file", None)):
        first.design = {"posts": "all", "order": design}
        db.flush()
        found = rows(db, cast.lead, What.FINAL, Shape.WIDE)
        assert [told(row, *names) for row in found] == [
            [0.25, None, second],
            [0.25, None, second],
            [0.25, None, None],
        ]
    first.design = {
        "posts": "strata",
        "strata_field": "lang",
        "per_stratum": 1,
        "seed": 3,
        "order": "random",
    }
    db.flush()
    found = rows(db, cast.lead, What.FINAL, Shape.WIDE, is_bare=True)
    assert [told(row, *names) for row in found] == [[0.25, 2, 8], [0.25, 1, 4], [0.25, 2, None]]
    long = rows(db, cast.lead, What.FINAL, Shape.LONG)
    assert {(row["number"], *told(row, *names)) for row in long} == {(1, 0.25, 2, 8), (2, 0.25, 1, 4)}


def test_what_tidycomm_reads(db: Session, cast: Cast, posts: list[Post]) -> None:
    found = rows(db, cast.lead, What.AGREEMENT, Shape.TIDYCOMM)
    cells = ("coder_id", "expression_attachment", "emotion", "stance", "age")
    assert [told(row, *cells) for row in found] == [
        ["annotator-3", 1, 2, "against", 40.5],
        ["annotator-4", 0, 2, "favour", None],
        ["annotator-4", None, None, "favour", None],
    ]
    assert [row["post_id"] for row in found] == [posts[place].external_id for place in (0, 0, 1)]


def test_the_lowest_step_of_a_scale_stands_first() -> None:
    def columns(*steps: tuple[str, float | None]) -> tuple[list[tuple[str, int]], bool]:
        codes = [CodeInfo(1, key, key, value, "", "", "", "", "", None) for key, value in steps]
        found = coded_column("emotion", "Emotion", "ordinal", codes)
        return [(code.key, code.number) for code in found.codes], found.is_ordered

    assert columns(("high", 2.0), ("none", 0.0), ("low", 1.0)) == (
        [("none", 0), ("low", 1), ("high", 2)],
        True,
    )
    assert columns(("high", 1.0), ("low", 0.5)) == ([("low", 1), ("high", 2)], True)
    assert columns(("high", None), ("low", None)) == ([("high", 1), ("low", 2)], True)
    # The numbers that the keys are contradict the order of the codebook, so that there is none to rely on.
    assert columns(("3", None), ("1", None)) == ([("3", 3), ("1", 1)], False)


@on_one_database
def test_scales_go_out_in_their_order(db: Session, cast: Cast, posts: list[Post]) -> None:
    tables = [
        final_table(db, cast.lead, Wanted(What.FINAL)),
        coding_table(db, cast.lead, Wanted(What.CODINGS, asked_shape=Shape.WIDE)),
        tidy_table(db, cast.lead, Wanted(What.AGREEMENT)),
    ]
    for table in tables:
        columns = {column.key: column for column in table.columns}
        assert [column.key for column in table.columns if column.is_ordered] == ["emotion"]
        assert [(code.key, code.label, code.number) for code in columns["emotion"].codes] == [
            (str(step), str(step), step) for step in range(4)
        ]


def test_what_recal_reads(db: Session, cast: Cast, posts: list[Post]) -> None:
    wanted = Wanted(What.AGREEMENT, asked_shape=Shape.RECAL)
    with data_file(db, cast.lead, wanted) as file, zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert parts["stance.csv"] == "1,3\r\n"
    assert parts["expression_attachment.csv"] == "1,0\r\n"
    assert "age.csv" not in parts
    key = [row for row in csv.reader(StringIO(parts["key.csv"])) if row[0] == "stance.csv"]
    assert [row[1:3] for row in key if row[1] != "code"] == [
        ["question", ""],
        ["column", "1"],
        ["column", "2"],
        ["posts", "1"],
        ["left out", "1"],
    ]
    assert next(row[2:] for row in key if row[1] == "code") == ["1", "against: Against"]
    assert f"stance.csv,1,{posts[0].external_id}\r\n" in parts["rows.csv"]


@pytest.mark.parametrize("shape", list(Shape))
def test_who_still_codes_gets_nobody_elses_codings(
    db: Session, cast: Cast, posts: list[Post], shape: Shape
) -> None:
    hidden = make.round_(
        db, cast.project, make.published(db, cast.project, BOOK), posts, (cast.lead, cast.annotator)
    )
    assert hidden.id
    what = What.AGREEMENT if shape in {Shape.TIDYCOMM, Shape.RECAL} else What.CODINGS
    with data_file(db, cast.lead, Wanted(what, asked_shape=shape, is_plain=True)) as file:
        content = file.read()
    with data_file(db, cast.adjudicator, Wanted(what, asked_shape=shape, is_plain=True)) as file:
        assert len(file.read()) > len(content)
    assert b"against" not in content
