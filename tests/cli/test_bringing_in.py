"""What the shell brings into a study."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from server.corpora.models import Post
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.models import Project
from tests import make
from tests.cli.shell import Shell
from tests.cli.studies import CODEBOOK, POSTS, RATINGS, brought, coded, rows, study
from tests.stock import on_one_database

__all__ = ["coded", "study"]  # Fixtures.


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
