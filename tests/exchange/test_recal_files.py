"""Codings in the shape of ReCal, a column an annotator and nothing else, that are brought in."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient

from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.db.engine import Database
from server.errors import Refusal
from server.exchange.ratings import recal
from server.exchange.ratings.reading import read_ratings
from server.exchange.ratings.told import told_questions
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.exchange.test_moving import read
from tests.stock import on_one_database


def test_recal_s_numbers_stand_for_codes_by_their_place() -> None:
    table = read("1,2\n2,\n-1,1\n", "stance.csv")
    codes = (CodeSheet("for", "For"), CodeSheet("against", "Against"))
    book = CodebookSheet((VariableSheet("stance", "single", "Stance", codes=codes),))
    found = recal.placed(table, ["p7", "p8", "p9"], book)
    assert [row.cells for row in found.rows] == [
        ("p7", "coder 1", "stance", "1"),
        ("p7", "coder 2", "stance", "2"),
        ("p8", "coder 1", "stance", "2"),
        ("p9", "coder 1", "stance", "-1"),
        ("p9", "coder 2", "stance", "1"),
    ]
    plan = read_ratings(found, book)
    assert [(each.external_id, *each.codes) for each in plan.answers] == [
        *(("p7", "for"), ("p7", "against"), ("p8", "against"), ("p9", "for"))
    ]
    (told,) = told_questions(plan, book)
    assert [(code.label, code.names, code.n) for code in told.codes] == [
        *(("For", ("1",), 2), ("Against", ("2",), 2))
    ]
    gaps = recal.placed(read("1,1\n,\n2,1\n,\n", "stance.csv"), ["p1", "p2", "p3", "p4"], book)
    assert {(row.number, row.cells[0]) for row in gaps.rows} == {(1, "p1"), (3, "p3")}
    with pytest.raises(Refusal, match="Row 2"):
        read("1,1\n1,1,1\n2,2\n", "stance.csv")
    with pytest.raises(Refusal, match="3 rows, the project 2 posts"):
        recal.placed(table, ["p7", "p8"], book)


def test_recal_s_numbers_are_the_keys_where_all_keys_are_numbers() -> None:
    for keys, values, known, unknown in (
        (("0", "1"), (None, None), {"0": "0", "1": "1"}, "2"),
        (("0", "1"), (1.0, 2.0), {"1": "0", "2": "1"}, "0"),
        (("0", "no"), (None, None), {"1": "0", "2": "no"}, "0"),
    ):
        codes = tuple(CodeSheet(key, key, value=value) for key, value in zip(keys, values, strict=True))
        book = CodebookSheet((VariableSheet("stance", "single", "Stance", codes=codes),))
        table = recal.placed(read(",".join((*known, unknown)) + "\n", "stance.csv"), ["p1"], book)
        plan = read_ratings(table, book)
        assert [code for each in plan.answers for code in each.codes] == [*known.values()]
        (told,) = told_questions(plan, book)
        assert [(code.label, *code.names) for code in told.codes] == [(key, n) for n, key in known.items()]
        assert [each.message for each in plan.problems] == [f"The question “stance” has no code “{unknown}”."]


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        ("1,2\n", True),
        ("\ufeff1;2;3\r\n", True),
        ("1\t\n", True),
        (",2\n", True),
        ('"1", "2"\n', True),
        ("post_id,1\n", False),
        ("1\n", False),
        (",\n", False),
        ("1" + 60 * "\t" + "x\n", False),
        ("1," + 50_000 * " " + "x\n", False),
    ],
)
def test_recal_s_files_begin_with_numbers(content: str, is_one: bool) -> None:
    assert recal.is_matrix(BytesIO(content.encode())) is is_one


@on_one_database
def test_a_matrix_of_ours_comes_in_again(cast: Cast, client_of: ClientOf, database: Database) -> None:
    """What the download for ReCal wrote is the same agreement when it is brought in."""
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts, two = make.posts(db, cast.project, 3), [cast.annotator, cast.other_annotator]
        round_ = make.round_(db, cast.project, book, posts, two, revealed_at=make.MOMENT)
        for post_, said in zip(
            posts, (("favour", "favour"), ("against", "favour"), ("ambivalent",) * 2), strict=True
        ):
            for who, code in zip(two, said, strict=True):
                make.coding(db, book, round_, post_, who, {"stance": code})
    lead: TestClient = client_of(cast.lead)
    address = f"/projects/{cast.project.key}"
    archive = post(lead, f"{address}/download/agreement", {"shape": "recal"})
    with ZipFile(BytesIO(archive.content)) as unpacked:
        matrix = unpacked.read("stance.csv")
    sent = post(lead, f"{address}/ratings", files={"file": ("stance.csv", matrix)})
    assert "6 codings" in lead.get(sent.headers["location"]).text
    expression = post(lead, f"{address}/ratings", files={"file": ("expression.csv", b"1,0\n1,1\n0,0\n")})
    assert expression.status_code == 422
    assert "may have several codes" in expression.text
