"""Import, agreement, results and export through the shell, on both databases."""

import csv
import json
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from server.cli.people import lead_of
from server.corpora.models import Post
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.models import Project
from server.projects.roles import Role
from tests import make
from tests.cli.shell import Shell, Told
from tests.stock import on_one_database

POSTS = (
    'id,text,author\n1,"Hello, there\nfriend 💔",anna\n2,I miss the old one,ben\n3,I miss the old one,ben\n'
)
CODEBOOK = (
    "question,type,code,value,label,definition\n"
    "tone,ordinal,low,1,Low,\ntone,ordinal,high,2,High,\n"
    "themes,multi,grief,,Grief,\nthemes,multi,anger,,Anger,\n"
)
RATINGS = (
    "post_id,coder,question,code,value,coder_group\n"
    "1,c1,tone,low,1,crowd\n1,c2,tone,low,1,crowd\n1,c3,tone,high,2,experts\n"
    "2,c1,tone,high,2,crowd\n2,c2,tone,low,1,crowd\n2,c3,tone,high,2,experts\n"
    "1,c1,themes,grief,1,crowd\n1,c2,themes,none,1,crowd\n"
)


@pytest.fixture
def study(shell: Shell, database: Database) -> Shell:
    """A server with an empty project called P."""
    with database.writing() as db:
        make.member(db, make.project(db, "P"), Role.LEAD, "lead")
    return shell


@pytest.fixture
def coded(study: Shell, tmp_path: Path) -> Shell:
    """The project with everything in it."""
    assert brought(study, tmp_path, posts=POSTS, codebook=CODEBOOK, ratings=RATINGS).code == 0
    return study


def brought(shell: Shell, folder: Path, *more: str, **files: str | bytes) -> Told:
    """Write the files and import them."""
    arguments = []
    for name, content in files.items():
        path = folder / f"{name}.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        arguments.append(f"--{name}={path}")
    return shell("import", "--project", "P", *arguments, *more)


def rows(database: Database) -> dict[str, int]:
    with database.reading() as db:
        tables = SQLModel.metadata.sorted_tables
        return {table.name: db.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def printed(answer: Told) -> Any:
    assert (answer.code, answer.err) == (0, "")
    return json.loads(answer.out)


def test_everything_is_imported_at_once(study: Shell, database: Database, tmp_path: Path) -> None:
    answer = brought(study, tmp_path, posts=POSTS, codebook=CODEBOOK, ratings=RATINGS)

    assert answer.out.splitlines() == [
        "posts: 3 new, 0 unchanged, 0 changed, 0 coded already and left as they are, 0 duplicates, 0 refused",
        "codebook: version 1 with 2 variables",
        "ratings: 6 codings of 2 posts by 3 annotators, stored as round 1",
    ]
    with database.reading() as db:
        events = db.execute(select(col(HistoryEvent.action), col(HistoryEvent.actor_id))).all()
    assert ("shell.import", None) in [tuple(event) for event in events]


def test_posts_of_a_known_export_are_drawn_and_masked(
    study: Shell, database: Database, tmp_path: Path
) -> None:
    line = '{"cid":"Ug%s","text":"hi @bo, %s","time":"1 year ago","author":"@m","votes":"1","reply":false}\n'
    content = "".join(line % (place, place) for place in range(9)) + '{"cut'

    wanted = ("--pseudonyms", "--mask-mentions", "--sample", "4", "--seed", "3", "--skip-refused")
    answer = brought(study, tmp_path, *wanted, posts=content)

    assert answer.out.splitlines()[:3] == [
        "posts: recognised as an export of youtube-comment-downloader",
        "posts: 4 new, 0 unchanged, 0 changed, 0 coded already and left as they are, 0 duplicates, 1 refused",
        "posts: Drawn by chance: 4 of 9 posts, with the seed 3.",
    ]
    with database.reading() as db:
        stored = db.execute(select(col(Post.text), col(Post.author), col(Post.sampling_fraction))).all()
    assert all(text.startswith("hi @user, ") and author.startswith("p_") for text, author, _f in stored)
    assert {fraction for _text, _author, fraction in stored} == {4 / 9}


def test_the_same_files_again_change_nothing(coded: Shell, database: Database, tmp_path: Path) -> None:
    before = rows(database)

    answer = brought(coded, tmp_path, posts=POSTS, codebook=CODEBOOK, ratings=RATINGS)

    assert answer.code == 0
    assert "there already as round 1" in answer.out
    assert rows(database) == before


@on_one_database
@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("posts", "", "is empty"),
        ("posts", "number,remark\n1,2\n2,3\n", "cannot be told"),
        ("posts", "id,text\n1,one text\n1,another text\n", "Row 2"),
        ("posts", b"PK\x03\x04" + b"x" * 100, "posts: "),
        ("codebook", "question,type,code\ntone,single,a\ntone,single,a\n", "already in row 2"),
        ("codebook", "question,code\ntone,a\n", "type"),
        ("codebook", "question,type,code\ntone,fuzzy,a\n", "Row 2"),
        ("ratings", "post_id,coder,code\n1,c1,low\n", "lack the column “question”"),
        ("ratings", RATINGS + "1,c9,tone,middle,,\n", "Row 10: The question “tone” has no code “middle”"),
        ("ratings", RATINGS + "1,c1,tone,middle,,\n", "has no code “middle”"),
        ("ratings", RATINGS + "1,c9,mood,low,,\n", "no question “mood”"),
        ("ratings", RATINGS + "77,c9,tone,low,,\n", "not among the posts"),
        ("ratings", RATINGS + '1,c9,tone,"low,,\n', "ratings: "),
        ("ratings", RATINGS + "1,c9,tone,low,,,,more\n", "Row 10"),
    ],
)
def test_nothing_is_half_imported(
    study: Shell, database: Database, tmp_path: Path, name: str, content: str | bytes, part: str
) -> None:
    before = rows(database)
    files: dict[str, str | bytes] = {"posts": POSTS, "codebook": CODEBOOK, "ratings": RATINGS}

    refusal = brought(study, tmp_path, **files | {name: content}).refusal

    assert f"{name}: " in refusal
    assert part in refusal
    assert rows(database) == before


def test_rows_that_cannot_be_taken_are_left_out_on_request(study: Shell, tmp_path: Path) -> None:
    answer = brought(
        study,
        tmp_path,
        "--skip-refused",
        posts=POSTS + "3,Something else,ben\n",
        codebook=CODEBOOK,
        ratings=RATINGS + "1,c9,tone,middle,,\n",
    )

    assert answer.code == 0
    assert "posts, row 5" in answer.out
    assert "ratings, row 10: The question “tone” has no code “middle”." in answer.out
    assert "ratings: 6 codings" in answer.out


def test_an_annotator_who_rates_twice_is_reported(study: Shell, tmp_path: Path) -> None:
    twice = RATINGS + "1,c3,tone,low,1,experts\n2,c3,tone,high,2,experts\n"

    answer = brought(study, tmp_path, posts=POSTS, codebook=CODEBOOK, ratings=twice)

    assert answer.code == 0
    assert "ratings, row 10: The coder “c3” answered “tone” of post “1” differently in row 4" in answer.out
    assert "ratings, row 11: The row repeats row 7 and counts once." in answer.out
    assert "ratings: 5 codings" in answer.out


def test_ratings_before_the_codebook_are_refused(study: Shell, tmp_path: Path) -> None:
    assert "Publish the codebook first" in brought(study, tmp_path, ratings=RATINGS).refusal


def test_an_archived_project_is_not_added_to(study: Shell, database: Database, tmp_path: Path) -> None:
    with database.writing() as db:
        db.scalars(select(Project).where(col(Project.title) == "P")).one().archived_at = make.MOMENT

    assert "archived" in brought(study, tmp_path, posts=POSTS).refusal


@on_one_database
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_files_come_in_common_encodings(study: Shell, tmp_path: Path, encoding: str) -> None:
    posts = "id;text;author\n1;Déjà vu, again;anna\n2;Naïve – or not;ben\n".encode(encoding)
    codebook = "question\ttype\tcode\tlabel\ntone\tsingle\tlow\tGräm\ntone\tsingle\thigh\tHoch\n"

    answer = brought(study, tmp_path, posts=posts, codebook=codebook.encode(encoding))

    assert (answer.code, answer.out.splitlines()[1]) == (0, "codebook: version 1 with 1 variable")
    assert answer.out.startswith("posts: 2 new")


def test_computed_questions_of_the_codebook_are_passed_over(study: Shell, tmp_path: Path) -> None:
    answer = brought(
        study,
        tmp_path,
        posts=POSTS,
        codebook=CODEBOOK + "frame,derived,loss,,Loss,\n",
        ratings=RATINGS + "1,c1,frame,loss,1,crowd\n",
    )

    assert answer.code == 0
    assert "ratings, row 10: The question “frame” is computed from others" in answer.out


def test_agreement_is_json_and_nothing_else(coded: Shell) -> None:
    report = printed(coded("agreement", "--project", "P", "--format", "json"))

    tone, themes = report["variables"]
    assert (tone["variable"], tone["kind"], tone["units"], tone["annotators"], tone["codings"]) == (
        "tone",
        "ordinal",
        2,
        3,
        6,
    )
    levels = {one["name"]: one["level"] for one in tone["coefficients"]}
    assert levels["krippendorff_alpha"] == "ordinal"
    assert {"name", "level", "estimate", "interval", "undefined"} <= set(tone["coefficients"][0])
    assert [code["code"] for code in themes["codes"]] == ["grief", "anger"]
    assert {"code", "prevalence", "coefficients"} <= set(themes["codes"][0])
    assert len(tone["pairs"]) == 3


def test_agreement_is_narrowed_by_level_group_and_variable(coded: Shell) -> None:
    narrowed = ("--variable", "tone", "--group", "crowd", "--level", "nominal", "--round", "1")

    report = printed(coded("agreement", "--project", "P", "--format", "json", *narrowed))

    (tone,) = report["variables"]
    assert (tone["annotators"], tone["codings"]) == (2, 4)
    assert {one["level"] for one in tone["coefficients"] if one["name"] == "krippendorff_alpha"} == {
        "nominal"
    }


@on_one_database
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--group", "nobody"), "nobody"),
        (("--variable", "mood"), "mood"),
        (("--round", "7"), "no round 7"),
    ],
)
def test_what_is_not_there_is_refused(coded: Shell, arguments: tuple[str, ...], part: str) -> None:
    assert part in coded("agreement", "--project", "P", *arguments).refusal


@on_one_database
def test_a_project_that_is_not_there_is_refused(study: Shell, tmp_path: Path) -> None:
    commands = (
        ("agreement",),
        ("results",),
        ("export", "--out", "-"),
        ("import", "--posts", __file__),
    )

    for command in commands:
        assert "no project with the key or title Q" in study(*command, "--project", "Q").refusal


@on_one_database
@pytest.mark.parametrize("command", ["agreement", "results"])
def test_tables_are_for_people(coded: Shell, command: str) -> None:
    answer = coded(command, "--project", "P")

    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[0].split()[:2] == ["variable", "code"]
    assert "grief" in answer.out


def test_results_are_json_and_nothing_else(coded: Shell) -> None:
    report = printed(coded("results", "--project", "P", "--format", "json", "--rule", "majority"))

    tone = report["variables"][0]
    assert (report["rule"], tone["posts"]) == ("majority", 2)
    assert {code["code"]: code["count"] for code in tone["codes"]} == {"low": 1, "high": 1}


@on_one_database
def test_results_are_drawn_and_typeset_by_the_endings_of_the_files(coded: Shell, tmp_path: Path) -> None:
    figure, table = tmp_path / "shares.svg", tmp_path / "shares.tex"
    where = ("results", "--project", "P", "--figure", str(figure), "--table", str(table))
    assert coded(*where).code == 0
    assert "<svg" in figure.read_text("utf-8")
    assert r"\toprule" in table.read_text("utf-8")
    assert "no post is coded on this" in coded(*where, "--variable", "none").refusal
    assert "one of .svg, .pdf, .png" in coded(*where[:3], "--figure", "shares.gif").refusal
    assert sorted(file.name for file in tmp_path.glob("shares*")) == ["shares.svg", "shares.tex"]


def test_exports_go_to_a_file_that_is_whole(coded: Shell, tmp_path: Path) -> None:
    out = tmp_path / "final.csv"
    out.write_text("an older file")

    answer = coded(
        "export", "--project", "P", "--what", "final", "--format", "csv", "--out", str(out), "--bom"
    )

    assert (answer.code, answer.out, answer.err) == (0, "", "")
    assert out.read_bytes().startswith(b"\xef\xbb\xbfpost_id,")
    assert len(list(csv.reader(StringIO(out.read_text("utf-8-sig"), newline="")))) == 4
    assert [file.name for file in tmp_path.glob(".final*")] == []


@on_one_database
def test_exports_go_to_the_standard_output(coded: Shell) -> None:
    plain = coded("export", "--project", "P", "--what", "codings", "--out", "-").out
    named = coded("export", "--project", "P", "--what", "codings", "--out", "-", "--names").out

    found = list(csv.DictReader(StringIO(named, newline="")))
    assert len(found) == RATINGS.count("\n") - 1
    assert {row["annotator"] for row in found} == {"c1", "c2", "c3"}
    assert "c1" not in plain
    assert "annotator-2" in plain


@on_one_database
def test_exports_come_in_the_format_and_shape_that_is_asked_for(coded: Shell) -> None:
    ask = ("export", "--project", "P", "--format", "jsonl", "--out", "-")
    rows = [json.loads(line) for line in coded(*ask, "--shape", "long", "--ids-and-codes").out.splitlines()]
    assert {row["variable"] for row in rows} == {"themes", "tone"}
    assert "text" not in rows[0]
    refused = coded(*ask, "--shape", "recal")
    assert (refused.code, refused.out) == (2, "")
    assert "wide, long" in refused.err


def test_an_export_is_noted(coded: Shell, database: Database) -> None:
    coded("export", "--project", "P", "--out", "-")

    with database.reading() as db:
        event = db.scalars(select(HistoryEvent).order_by(col(HistoryEvent.id).desc())).first()
    assert event is not None
    assert (event.action, event.actor_id) == ("export", None)


@on_one_database
@pytest.mark.parametrize("out", ["missing/final.csv", "folder"])
def test_a_file_that_cannot_be_written_is_refused(
    coded: Shell, database: Database, tmp_path: Path, out: str
) -> None:
    (tmp_path / "folder").mkdir()
    before = rows(database)

    assert "cannot be written" in coded("export", "--project", "P", "--out", str(tmp_path / out)).refusal
    assert rows(database) == before
    assert list((tmp_path / "folder").iterdir()) == []
    assert list(tmp_path.glob(".folder*")) == []


@on_one_database
def test_an_export_that_breaks_off_leaves_the_older_file(
    coded: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "final.csv"
    out.write_text("an older file")

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("server.cli.files.shutil.copyfileobj", full)

    assert "No space left" in coded("export", "--project", "P", "--out", str(out)).refusal
    assert out.read_text() == "an older file"
    assert list(tmp_path.glob(".final*")) == []


def test_what_a_coding_lead_may_not_see_is_left_out_and_said(study: Shell, database: Database) -> None:
    commands = (("export", "--out", "-", "--what", "codings"), ("agreement",), ("results",))
    with database.writing() as db:
        project, lead = db.scalars(select(Project)).one(), lead_of(db, "P")
        annotator = make.member(db, project, Role.ANNOTATOR, "annotator")
        book, posts = make.published(db, project), make.posts(db, project, 2)
        round_ = make.round_(db, project, book, posts, [lead, annotator])
    before = [study(*command, "--project", "P") for command in commands]
    with database.writing() as db:
        make.coding(db, book, round_, posts[0], annotator, {"stance": "against"})

    after = [study(*command, "--project", "P") for command in commands]

    assert after == before
    for answer in after:
        assert answer.code == 0
        assert answer.err.startswith("intercoder: round 1 is left out: You code in this round yourself.")


@on_one_database
def test_refi_qda_is_written_as_the_pages_write_it(coded: Shell, tmp_path: Path) -> None:
    out = tmp_path / "project.qdpx"
    ask = ("export", "--project", "P", "--out", str(out), "--what")
    assert "Add --texts if they may go out." in coded(*ask, "qdpx").refusal
    assert "leave --format and --shape out" in coded(*ask, "qdpx", "--format", "xlsx").refusal
    assert not out.exists()
    assert coded(*ask, "qdpx", "--texts").code == 0
    with zipfile.ZipFile(out) as packed:
        assert "project.qde" in packed.namelist()
    book = coded("export", "--project", "P", "--what", "qdc", "--out", "-").out
    assert book.startswith("<?xml")
    assert "CodeBook" in book
