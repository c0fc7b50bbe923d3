"""Downloads: whole, safe to open in a spreadsheet, and no more than the reader may have."""

import csv
import re
import tempfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import IO

import pytest
from sqlmodel import Session, col, select

from server.accounts.models import Account
from server.codebooks.queries import latest_published
from server.coding.spans import Span
from server.corpora.models import Post
from server.corpora.parsing import read_table
from server.datasets.table import Column, Dataset, Format, Row
from server.exchange.downloads import files
from server.exchange.downloads.coding_tables import long_columns
from server.exchange.downloads.files import data_file, left_out
from server.exchange.downloads.history_files import COLUMNS as HISTORY_COLUMNS
from server.exchange.downloads.wanted import Shape, Wanted, What
from server.exchange.ratings.actions import import_ratings
from server.exchange.spreadsheets import unguarded
from server.projects.access import Access
from server.results.columns import draw_columns, post_columns, version_column
from server.results.columns import long_columns as final_columns
from server.results.outcomes import Basis, Rule
from server.results.sheets import CORRECTED_COLUMNS, GROUP_COLUMNS, SHARE_COLUMNS, TOGETHER_COLUMNS
from server.rounds.models import Assignment
from tests import make
from tests.cast import Cast, make_cast
from tests.stock import on_one_database

CODING_COLUMNS = tuple(column.key for column in long_columns([]))
DATA = (What.FINAL, What.CODINGS)
BOOK = {**make.CODEBOOK, "age": ("number", ()), "why": ("text", ())}


def coded(db: Session, cast: Cast, *annotators: Access) -> None:
    book = make.published(db, cast.project, BOOK)
    posts = make.posts(db, cast.project, 3)
    round_ = make.round_(db, cast.project, book, posts, annotators)
    answers: make.Answers = {
        "expression": ["attachment", "quality"],
        "emotion": "2",
        "stance": "against",
        "age": 40.5,
        "why": "=1+1",
    }
    make.coding(db, book, round_, posts[0], annotators[0], answers, is_unsure=True, memo="+look, twice")
    make.coding(
        db, book, round_, posts[0], annotators[1], {"expression": [], "emotion": "2", "stance": "favour"}
    )
    make.coding(db, book, round_, posts[1], annotators[1], {"stance": "favour"})


def text(db: Session, access: Access, wanted: Wanted) -> str:
    with data_file(db, access, wanted) as file:
        return file.read().decode()


def rows(db: Session, access: Access, wanted: Wanted) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text(db, access, wanted), newline="")))


def test_marked_passages_stand_beside_their_code(db: Session, cast: Cast) -> None:
    book = make.published(db, cast.project)
    [post] = make.posts(db, cast.project, 1)
    round_ = make.round_(db, cast.project, book, [post], [cast.annotator])
    variable = book.variable_by_key["expression"]
    code = variable.code_by_key["attachment"]
    spans = [Span(variable.id, code.id, start, start + 3) for start in (9, 0)]
    answers = {"expression": ["attachment", "quality"]}
    make.coding(db, book, round_, post, cast.annotator, answers, spans=spans)

    found = rows(db, cast.lead, Wanted(What.CODINGS))

    assert [(row["code"], row["evidence"]) for row in found] == [("attachment", "0-3 9-12"), ("quality", "")]


def test_codings_come_in_long_form(db: Session, cast: Cast) -> None:
    coded(db, cast, cast.annotator, cast.other_annotator)

    found = rows(db, cast.lead, Wanted(What.CODINGS))

    assert tuple(found[0]) == CODING_COLUMNS
    said = [(row["annotator"], row["variable"], row["code"], row["value"]) for row in found]
    assert said == [
        ("annotator-3", "expression", "attachment", "1"),
        ("annotator-3", "expression", "quality", "1"),
        ("annotator-3", "emotion", "2", "2"),
        ("annotator-3", "stance", "against", "1"),
        ("annotator-3", "age", "", "40.5"),
        ("annotator-3", "why", "", "'=1+1"),
        ("annotator-4", "expression", "none", "1"),
        ("annotator-4", "emotion", "2", "2"),
        ("annotator-4", "stance", "favour", "1"),
        ("annotator-4", "stance", "favour", "1"),
    ]
    first = found[0]
    assert (first["round"], first["codebook_version"], first["unsure"]) == ("1", "1", "1")
    assert first["submitted_at"] == "2025-08-08T21:14:00+00:00"
    assert first["memo"] == "'+look, twice"
    assert first["post_id"].endswith("00001")


def test_extras_are_told_apart(db: Session, cast: Cast) -> None:
    coded(db, cast, cast.annotator, cast.other_annotator)
    late = db.scalars(select(Assignment).where(col(Assignment.member_id) == cast.annotator.member_id))
    for assignment in late:
        assignment.is_extra = True
    db.flush()

    found = rows(db, cast.lead, Wanted(What.CODINGS))

    said = {(row["annotator"], row["is_extra"]) for row in found}
    assert said == {
        ("annotator-3", "1"),
        ("annotator-4", "0"),
    }


def test_every_column_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "downloads.md").read_text()
    sections = {part.partition("\n")[0]: part for part in re.split(r"^# ", text, flags=re.MULTILINE)}

    def said(title: str) -> tuple[str, ...]:
        return tuple(re.findall(r"^\| `(\w+)` \|", sections[title], re.MULTILINE))

    assert sorted(said("What a final value rests on")) == sorted({basis.word for basis in Basis} - {""})
    assert said("The columns of the download of codings") == CODING_COLUMNS
    of_posts = tuple(column.key for column in (*post_columns(), version_column(), *draw_columns()))
    assert said("The columns of the final dataset") == of_posts
    long = tuple(column.key for column in (*final_columns([]), *draw_columns()))
    assert said("The columns of the final dataset in long form") == long
    assert said("The formats of the data") == tuple(Format)
    assert said("The columns of the download of the history") == HISTORY_COLUMNS
    assert said("The columns of the download of shares") == SHARE_COLUMNS
    assert said("The columns of the download of groups") == GROUP_COLUMNS
    assert said("The columns of the download of codes together") == TOGETHER_COLUMNS
    assert said("The columns of the download of corrected shares") == CORRECTED_COLUMNS


def test_a_file_that_fails_is_closed(db: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[IO[bytes]] = []

    def file(**more: int) -> IO[bytes]:
        opened.append(tempfile.TemporaryFile())  # noqa: SIM115 - closed by what is tested
        return opened[-1]

    def fails(*_given: object) -> Dataset:
        def rows() -> Iterator[Row]:
            yield ("17",)
            raise RuntimeError

        return Dataset("A study", (Column("post_id", "Post"),), rows())

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", file)
    monkeypatch.setattr(files, "coding_table", fails)
    with pytest.raises(RuntimeError):
        data_file(db, cast.lead, Wanted(What.CODINGS))
    assert [each.closed for each in opened] == [True]


def test_names_only_when_asked_for_and_never_ambiguous(db: Session, cast: Cast) -> None:
    coded(db, cast, cast.annotator, cast.other_annotator)
    for who in (cast.annotator, cast.other_annotator):
        db.get_one(Account, who.account_id).display_name = "Kim"
    db.flush()

    assert "Kim" not in text(db, cast.lead, Wanted(What.CODINGS))
    named = rows(db, cast.lead, Wanted(What.CODINGS, with_names=True))
    assert {row["annotator"] for row in named} == {"Kim (3)", "Kim (4)"}


def test_the_final_dataset_has_a_row_for_every_post(db: Session, cast: Cast) -> None:
    coded(db, cast, cast.annotator, cast.other_annotator)

    found = rows(db, cast.lead, Wanted(What.FINAL))

    assert [row["number"] for row in found] == ["1", "2", "3"]
    assert (found[0]["emotion"], found[0]["emotion_basis"]) == ("2", "unanimous")
    assert (found[0]["stance"], found[0]["stance_basis"]) == ("", "unresolved")
    assert (found[1]["stance"], found[1]["stance_basis"]) == ("favour", "single")
    assert (found[2]["stance"], found[2]["stance_basis"]) == ("", "")


def test_the_rule_is_kept(db: Session, cast: Cast) -> None:
    coded(db, cast, cast.annotator, cast.other_annotator)

    found = rows(db, cast.lead, Wanted(What.FINAL, rule=Rule.DECISIONS))

    assert {row["emotion"] for row in found} == {""}


@on_one_database
@pytest.mark.parametrize("what", DATA)
def test_the_mark_for_excel_comes_on_request(db: Session, cast: Cast, what: What) -> None:
    coded(db, cast, cast.annotator, cast.other_annotator)

    plain, marked = (text(db, cast.lead, Wanted(what, with_bom=bom)) for bom in (False, True))

    assert marked == "\ufeff" + plain
    assert not plain.startswith("\ufeff")


@pytest.mark.parametrize("what", DATA)
def test_no_cell_is_a_formula(db: Session, cast: Cast, what: What) -> None:
    coded(db, cast, cast.annotator, cast.other_annotator)
    db.get_one(Account, cast.annotator.account_id).display_name = "@SUM(A1)"
    db.flush()

    found = text(db, cast.lead, Wanted(what, with_names=True))

    cells = [cell for row in csv.reader(StringIO(found, newline="")) for cell in row]
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]


@pytest.mark.parametrize("what", DATA)
def test_a_study_without_codings_gives_a_header(db: Session, cast: Cast, what: What) -> None:
    assert len(text(db, cast.lead, Wanted(what)).splitlines()) == 1


@pytest.mark.parametrize("what", DATA)
def test_the_neighbour_does_not_come_along(db: Session, cast: Cast, what: What) -> None:
    make.published(db, cast.project)

    assert rows(db, cast.lead, Wanted(what)) == []


def test_a_lead_who_codes_gets_nobody_elses_codings_before_the_round_is_locked(
    db: Session, cast: Cast
) -> None:
    coded(db, cast, cast.lead, cast.other_annotator)

    assert [sight.number for sight in left_out(db, cast.lead)] == [1]
    assert rows(db, cast.lead, Wanted(What.CODINGS)) == []
    assert {row["stance_basis"] for row in rows(db, cast.lead, Wanted(What.FINAL))} == {""}
    # Somebody who does not code here gets them.
    assert left_out(db, cast.adjudicator) == ()
    assert rows(db, cast.adjudicator, Wanted(What.CODINGS)) != []


def test_what_goes_out_can_come_in_again(db: Session, cast: Cast) -> None:
    coded(db, cast, cast.annotator, cast.other_annotator)
    out = text(db, cast.lead, Wanted(What.CODINGS, with_bom=True, with_names=True))
    other = make_cast(db)
    make.published(db, other.project, BOOK)
    make.posts(db, other.project, 3)

    outcome = import_ratings(db, other.lead, unguarded(read_table(out.encode(), "codings.csv")))

    assert outcome.plan.problems == []
    again = rows(db, other.lead, Wanted(What.CODINGS, with_names=True))
    kept = ("post_id", "annotator", "variable", "code", "value", "submitted_at")
    assert [[row[name] for name in kept] for row in again] == [
        [row[name] for name in kept] for row in csv.DictReader(StringIO(out.lstrip("\ufeff"), newline=""))
    ]


def test_codings_of_a_post_wait_while_the_reader_codes_it_in_another_round(db: Session, cast: Cast) -> None:
    coded(db, cast, cast.annotator, cast.other_annotator)
    posts = db.scalars(
        select(Post).where(col(Post.project_id) == cast.project.id).order_by(col(Post.number))
    ).all()
    book = latest_published(db, cast.project.id or 0)
    assert book
    again = make.round_(db, cast.project, book, posts[:1], [cast.lead])
    assert _coded_posts(db, cast.lead) == {posts[1].external_id}
    assert [sight.number for sight in left_out(db, cast.lead)] == [again.number]
    assert "in other rounds too" in left_out(db, cast.lead)[0].why_no_codings
    again.locked_at = make.MOMENT
    db.flush()
    assert _coded_posts(db, cast.lead) == {posts[0].external_id, posts[1].external_id}


def _coded_posts(db: Session, reader: Access) -> set[str]:
    return {row["post_id"] for row in rows(db, reader, Wanted(What.CODINGS))}


def test_whole_numbers_are_written_without_a_point(db: Session, cast: Cast) -> None:
    book = make.published(db, cast.project, {**BOOK, "score": ("number", ())})
    posts = make.posts(db, cast.project, 3)
    round_ = make.round_(db, cast.project, book, posts, [cast.annotator])
    for post, score in zip(posts, (-1, 0, 2.5), strict=True):
        make.coding(db, book, round_, post, cast.annotator, {"score": score, "emotion": "3"})
    found = rows(db, cast.lead, Wanted(What.FINAL))
    assert [row["score"] for row in found] == ["-1", "0", "2.5"]
    assert {row["emotion_value"] for row in found} == {"3"}


@on_one_database
@pytest.mark.parametrize("what", DATA)
def test_a_plain_file_has_no_guard(db: Session, cast: Cast, what: What) -> None:
    coded(db, cast, cast.annotator, cast.other_annotator)
    assert "'=1+1" in text(db, cast.lead, Wanted(what))
    plain = text(db, cast.lead, Wanted(what, is_plain=True))
    assert "=1+1" in plain
    assert "'" not in plain


def test_texts_and_further_columns_can_be_had(db: Session, cast: Cast) -> None:
    coded(db, cast, cast.annotator, cast.other_annotator)
    usual = rows(db, cast.lead, Wanted(What.FINAL))
    found = rows(db, cast.lead, Wanted(What.FINAL, with_texts=True))
    assert [
        {**row, "text": said["text"], "lang": "en"} for row, said in zip(usual, found, strict=True)
    ] == found
    assert "Post 2" in found[1]["text"]
    assert "text" not in usual[0]


def test_a_coding_that_left_everything_open_is_a_row_with_its_memo(db: Session, cast: Cast) -> None:
    book, posts = make.published(db, cast.project, BOOK), make.posts(db, cast.project, 1)
    round_ = make.round_(db, cast.project, book, posts, [cast.annotator], locked_at=make.MOMENT)
    make.coding(db, book, round_, posts[0], cast.annotator, {}, memo="cannot be read")
    found = text(db, cast.lead, Wanted(What.CODINGS, asked_shape=Shape.WIDE))
    assert "cannot be read" in found
