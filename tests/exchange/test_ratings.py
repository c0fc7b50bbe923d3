"""Ratings from files: complete answers, and every contradiction told with its row."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.corpora.compact import Row
from server.corpora.parsing import Table, read_table
from server.errors import Refusal
from server.exchange.codebooks import read_codebook_file
from server.exchange.ratings.reading import RatedAnswer, RatingsPlan, read_ratings

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real data sets are not here")

HEADER = "post_id,coder,question,code,value\n"
AB = (CodeSheet("a", "A", 0.0), CodeSheet("b", "B", 1.0))
BOOK = CodebookSheet(
    (
        VariableSheet("tone", "single", "Tone", codes=AB),
        VariableSheet("rank", "ordinal", "Rank", codes=AB),
        VariableSheet("topics", "multiple", "Topics", codes=AB),
        VariableSheet("age", "number", "Age", minimum=0, maximum=120),
        VariableSheet("why", "text", "Why"),
    )
)


def read(rows: str, header: str = HEADER, posts: set[str] | None = None) -> RatingsPlan:
    table = read_table((header + rows).encode(), "ratings.csv")
    return read_ratings(table, BOOK, posts, derived={"frames"})


def told(plan: RatingsPlan) -> list[tuple[int, str]]:
    return [(problem.number, problem.message) for problem in plan.problems]


def test_rows_become_answers() -> None:
    plan = read(
        "1,x,tone,a,1\n1,x,topics,a,1\n1,x,topics,b,1\n1,x,age,,40.5\n1,x,why,,because\n2,y,rank,b,1\n"
    )
    assert plan.answers == [
        RatedAnswer("1", "x", None, "tone", codes=frozenset("a")),
        RatedAnswer("1", "x", None, "topics", codes=frozenset("ab")),
        RatedAnswer("1", "x", None, "age", number=40.5),
        RatedAnswer("1", "x", None, "why", text="because"),
        RatedAnswer("2", "y", None, "rank", codes=frozenset("b")),
    ]
    assert (plan.problems, plan.notices) == ([], [])


def test_none_says_that_nothing_applies() -> None:
    (answer,) = read("1,x,topics,none,1\n").answers
    assert (answer.nothing_applies, answer.codes) == (True, frozenset())


def test_group_and_time_are_read() -> None:
    header = "post_id,coder,question,code,coder_group,rated_at\n"
    rows = (
        "1,x,topics,a,crowd,2019-05-26T21:25:26Z\n1,x,topics,b,crowd,2019-05-26T21:25:27Z\n1,y,tone,a,,soon\n"
    )
    plan = read(rows, header)
    assert (plan.answers[0].coder_group, plan.answers[0].rated_at) == (
        "crowd",
        datetime(2019, 5, 26, 21, 25, 27, tzinfo=UTC),
    )
    assert (plan.answers[1].rated_at, [notice.number for notice in plan.notices]) == (None, [4])


@pytest.mark.parametrize(
    ("rows", "answers", "number", "words"),
    [
        ("1,x,tone,a,\n1,x,tone,b,\n", 0, 3, "answered “tone” of post “1” differently in row 2"),
        ("1,x,rank,a,\n1,x,rank,b,\n", 0, 3, "neither answer is taken"),
        ("1,x,age,,1\n1,x,age,,2\n", 0, 3, "differently in row 2"),
        ("1,x,tone,a,1\n1,x,tone,a,1\n", 1, 3, "repeats row 2 and counts once"),
        ("1,x,tone,a,1\n1,x,tone,a,2\n", 1, 3, "same answer in row 2 already"),
        ("1,x,topics,a,1\n1,x,topics,a,1\n", 1, 3, "repeats row 2"),
        ("1,x,topics,a,\n1,x,topics,none,\n", 0, 3, "nothing applies, but row 2 gives a code"),
        ("1,x,topics,a,1\n1,x,topics,b,0\n", 0, 3, "the value 0"),
        ("1,x,topics,a,\n1,x,topics,c,\n", 0, 3, "“topics” has no code “c”"),
        (
            "1,x,tone,none,\n",
            0,
            2,
            "“tone” has no code “none”. “none” answers multiple-choice questions only",
        ),
        ("1,x,age,none,\n", 0, 2, "not “none”. “none” answers multiple-choice questions only"),
        ("1,x,tone,,\n", 0, 2, "names no code"),
        ("1,x,mood,a,\n", 0, 2, "no question “mood”"),
        ("9,x,tone,a,\n", 0, 2, "“9” is not among the posts"),
        (",x,tone,a,\n", 0, 2, "names no post"),
        ("1,,tone,a,\n", 0, 2, "names no coder"),
        ("1,x,age,,old\n", 0, 2, "takes a number, not “old”"),
        ("1,x,age,,121\n", 0, 2, "outside"),
        ("1,x,age,,-1\n", 0, 2, "outside"),
        ("1,x,why,,\n", 0, 2, "holds no answer"),
        ("1,x,tone,a,,,\n1,x,why,b,c,d\n", 1, 3, "6 cells"),
    ],
)
def test_what_is_wrong_is_told_and_never_merged(rows: str, answers: int, number: int, words: str) -> None:
    plan = read(rows, posts={"1"})
    assert (len(plan.answers), [problem[0] for problem in told(plan)]) == (answers, [number])
    assert words in told(plan)[0][1]


def test_problems_of_one_answer_leave_the_others() -> None:
    plan = read("1,x,tone,a,\n1,x,tone,b,\n1,y,tone,a,\n2,x,tone,b,\n")
    assert [(answer.external_id, answer.coder) for answer in plan.answers] == [("1", "y"), ("2", "x")]


def test_a_coder_in_two_groups_is_told() -> None:
    header = "post_id,coder,question,code,coder_group\n"
    plan = read("1,x,tone,a,crowd\n2,x,tone,a,student\n", header)
    assert "group “student” here and in “crowd” in row 2" in told(plan)[0][1]


def test_derived_questions_are_passed_over_with_one_notice() -> None:
    plan = read("1,x,frames,RE,1\n1,x,frames,HI,1\n1,x,tone,a,1\n")
    assert (len(plan.answers), plan.problems, [notice.number for notice in plan.notices]) == (1, [], [2])


def test_a_missing_column_is_refused() -> None:
    with pytest.raises(Refusal, match="lack the column “coder”"):
        read("1,tone,a\n", "post_id,question,code\n")


CELLS = st.sampled_from(
    ["1", "x", "tone", "rank", "topics", "age", "why", "frames", "a", "b", "none", "0", ""]
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS), max_size=8))
def test_every_row_is_in_an_answer_or_told(rows: list[tuple[str, ...]]) -> None:
    columns = ("post_id", "coder", "question", "code", "value")
    numbered = [Row(number, row) for number, row in enumerate(rows, start=2)]
    plan = read_ratings(Table(columns, numbered, "UTF-8", ","), BOOK, {"1"}, {"frames"})
    taken = {(answer.external_id, answer.coder, answer.question) for answer in plan.answers}
    told_about = {problem.number for problem in plan.problems}
    passed_over = {row.number for row in numbered if row.cells[2] == "frames"}
    by_answer = {row.cells[:3] for row in numbered if row.number in told_about}
    assert len(taken) == len(plan.answers)
    assert all(
        row.cells[:3] in taken | by_answer for row in numbered if row.number not in told_about | passed_over
    )


@needs_shared
@pytest.mark.parametrize(
    ("name", "judgements", "codes", "coders"),
    [
        ("ecosent", 2430, 2430, 35),
        ("narrative_frames", 972, 10_122, 4),
        ("goemotions_slice", 4895, 5847, 79),
    ],
)
def test_real_ratings_are_read_completely(name: str, judgements: int, codes: int, coders: int) -> None:
    reading = read_codebook_file((SHARED / name / "codebook.csv").read_bytes(), "codebook.csv")
    posts = read_table((SHARED / name / "posts.csv").read_bytes(), "posts.csv")
    table = read_table((SHARED / name / "ratings.csv").read_bytes(), "ratings.csv")
    known = {row.cells[0] for row in posts.rows}
    plan = read_ratings(table, reading.checked(), known, reading.derived)
    assert (plan.problems, plan.notices) == ([], [])
    assert len(plan.answers) == judgements
    assert sum(len(answer.codes) or answer.nothing_applies for answer in plan.answers) == codes
    assert len({answer.coder for answer in plan.answers}) == coders
    if name == "ecosent":
        assert Counter(next(iter(answer.codes)) for answer in plan.answers) == {
            "negative": 818,
            "neutral": 909,
            "positive": 703,
        }
        assert {answer.coder_group for answer in plan.answers} == {"crowd", "student"}
