"""Codings that other programs export: read as rows of post, coder, question and code."""

import json
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlmodel import col

from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.codebooks.when import ConditionSheet
from server.corpora.parsing import Table
from server.db.engine import Database
from server.errors import Refusal
from server.exchange.ratings.actions import import_ratings
from server.exchange.ratings.moving import codings_in
from server.exchange.ratings.one_question import about, question_of
from server.exchange.ratings.reading import RatingsPlan, read_ratings
from server.exchange.ratings.remarks import remarks
from server.exchange.ratings.unanswered import n_without_label, settled
from server.projects.models import Member
from server.rounds.models import Round, RoundAnnotator
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

LABEL_STUDIO = [
    {
        "id": 7,
        "data": {"text": "I miss it", "post_id": "p1"},
        "annotations": [
            {
                "completed_by": {"id": 3, "email": "a@example.org"},
                "updated_at": "2026-03-09T22:16:08Z",
                "result": [
                    {"from_name": "stance", "type": "choices", "value": {"choices": ["Favour"]}},
                    {"from_name": "expression", "type": "choices", "value": {"choices": ["a", "b"]}},
                    {"from_name": "theme", "type": "taxonomy", "value": {"taxonomy": [["top", "leaf"]]}},
                    {"from_name": "emotion", "type": "rating", "value": {"rating": 3}},
                    {"from_name": "why", "type": "textarea", "value": {"text": ["one", "two"]}},
                    {"from_name": "spans", "type": "labels", "value": {"start": 0, "labels": ["x"]}},
                ],
            },
            {"completed_by": 4, "was_cancelled": True, "result": [{"from_name": "stance"}]},
            {"completed_by": 5, "result": []},
        ],
    }
]
POTATO = [
    {
        "user_id": "ann",
        "instance_id": "p1",
        "label_annotations": {
            "stance": {"favour": "true", "against": "false"},
            "emotion": {"emotion": "3"},
            "why": {"text_box": "because"},
        },
    },
    {"user_id": "ben", "instance_id": "p1", "label_annotations": {"stance": {"against": "against"}}},
]
DOCCANO = [{"id": 1, "text": "I miss it", "label": ["a", "b"]}, {"id": 2, "text": "No", "label": []}]
AB = (CodeSheet("a", "A"), CodeSheet("b", "B"))
AFTER_A = frozenset({ConditionSheet("stance", "a")})
BOOK = CodebookSheet(
    (
        VariableSheet("stance", "single", "Stance", codes=(*AB, CodeSheet("none", "Neither"))),
        VariableSheet("topics", "multiple", "Topics", codes=AB),
        VariableSheet("depth", "multiple", "Depth", codes=AB, when=AFTER_A),
        VariableSheet("why", "text", "Why"),
    )
)


def rows(content: str, name: str) -> list[tuple[str, ...]]:
    """The rows that hold answers."""
    return [row.cells[:6] for row in read(content, name).rows if "yes" not in row.cells[6:]]


def of_book(content: str, name: str) -> RatingsPlan:
    """What a file says in terms of `BOOK`."""
    return read_ratings(settled(read(content, name), BOOK), BOOK)


def read(content: str, name: str) -> Table:
    return codings_in(BytesIO(content.encode()), name)


def lines(records: Sequence[object]) -> str:
    return "".join(json.dumps(one) + "\n" for one in records)


def test_label_studio_names_people_questions_and_moments() -> None:
    at = "2026-03-09T22:16:08Z"
    said = [
        ("stance", "Favour"),
        ("expression", "a"),
        ("expression", "b"),
        ("theme", "leaf"),
        ("emotion", "3"),
    ]
    assert rows(json.dumps(LABEL_STUDIO), "export.json") == [
        *(("p1", "a@example.org", question, code, "", at) for question, code in said),
        ("p1", "a@example.org", "why", "one\ntwo", "", at),
    ]
    assert rows(lines(LABEL_STUDIO), "export.jsonl") == rows(json.dumps(LABEL_STUDIO), "export.json")


def test_potato_holds_labels_with_what_stands_beside_them() -> None:
    assert rows(lines(POTATO), "annotated_instances.jsonl") == [
        ("p1", "ann", "stance", "favour", "", ""),
        ("p1", "ann", "emotion", "3", "", ""),
        ("p1", "ann", "why", "because", "", ""),
        ("p1", "ben", "stance", "against", "", ""),
    ]


def test_doccano_has_a_file_an_annotator() -> None:
    assert rows(lines(DOCCANO), "ann.jsonl") == [("1", "ann", "", "a", "", ""), ("1", "ann", "", "b", "", "")]


def chosen(name: str, code: str) -> dict[str, object]:
    """A result of Label Studio."""
    return {"from_name": name, "type": "choices", "value": {"choices": [code]}}


def test_who_submitted_without_choosing_said_that_nothing_applies() -> None:
    """Where several may be chosen, and where the question was asked; a single choice was skipped."""
    submitted = {
        "x": [chosen("stance", "a"), chosen("topics", "b"), chosen("depth", "a")],
        "y": [chosen("stance", "a")],
        "z": [chosen("stance", "b"), chosen("topics", "a")],
        "nothing": [],
    }
    annotations = [{"completed_by": who, "result": result} for who, result in submitted.items()]
    cancelled = {"completed_by": "gone", "was_cancelled": True, "result": []}
    again = {"completed_by": "z", "result": []}
    task = {"id": 1, "data": {"post_id": "p1"}, "annotations": [*annotations, cancelled, again]}
    plan = of_book(json.dumps([task]), "export.json")
    none = [(each.coder, each.question) for each in plan.answers if each.nothing_applies]
    assert none == [("y", "topics"), ("y", "depth"), ("nothing", "topics")]
    assert len(plan.answers) == 9
    assert [each.message for each in plan.notices] == [
        "The annotator gave no answer to “stance”; the post counts as not coded there."
    ]
    assert plan.problems == []


def test_records_of_doccano_without_a_label_say_what_the_lead_says() -> None:
    table = about(read(lines(DOCCANO), "ann.jsonl"), "topics")
    assert n_without_label(table, BOOK, "topics") == 1
    assert n_without_label(table, BOOK, "stance") == 0
    for says_none, none, n_told in ((True, [False, True], 0), (False, [False], 1)):
        plan = read_ratings(settled(table, BOOK, says_none=says_none), BOOK)
        assert ([each.nothing_applies for each in plan.answers], len(plan.notices)) == (none, n_told)


def test_whether_a_question_was_asked_may_not_be_in_the_file() -> None:
    """It is asked after another that the file does not hold, so nobody knows what was left open there."""
    said = "Whether “depth” was asked is not in the file; the post counts as not coded there."
    table = about(read(lines(DOCCANO), "ann.jsonl"), "depth")
    assert n_without_label(table, BOOK, "depth") == 0
    potato = [
        {"id": "p1", "label_annotations": {"topics": {"a": "1"}}},
        {"id": "p2", "label_annotations": {"depth": {"a": "1"}}},
    ]
    for found in (settled(table, BOOK, says_none=True), settled(read(lines(potato), "ann.jsonl"), BOOK)):
        plan = read_ratings(found, BOOK)
        assert [(one.number, one.message) for one in plan.notices if "depth" in one.message] == [
            (found.left_out[0].number, said)
        ]
        assert "depth" not in {one.question for one in plan.answers if one.nothing_applies}


def test_potato_is_read_in_each_of_its_shapes() -> None:
    """Files of one annotator, keys instead of labels, scales, menus, and a table of everybody."""
    own = [
        {"id": "p1", "label_annotations": {"stance": {"a": "2"}, "topics": {"a": "1", "b": "0"}}},
        {"id": "p2", "label_annotations": {"stance": {"select-one": "b"}, "why": {"first": "since"}}},
    ]
    plan = of_book(lines(own), "ann.jsonl")
    assert [(one.external_id, one.question, *sorted(one.codes)) for one in plan.answers] == [
        *(("p1", "stance", "a"), ("p1", "topics", "a", "b")),
        *(("p2", "stance", "b"), ("p2", "why"), ("p2", "topics")),
    ]
    assert {one.coder for one in plan.answers} == {"ann"}
    assert (plan.answers[3].text, plan.answers[4].nothing_applies) == ("since", True)
    scale = {"id": "p1", "label_annotations": {"emotion": {"scale_10": "0"}, "age": {"slider": 40}}}
    assert [cells[2:4] for cells in rows(lines([scale]), "x.jsonl")] == [("emotion", "10"), ("age", "40")]
    header = "user\tinstance_id\tdisplayed_text\tstance:::a\tstance:::b\ttopics:::a\tspan_annotation:::x\n"
    tsv = header + "ann\tp1\tI miss it\ttrue\t\ta\t[]\nben\tp1\tI miss it\t\tb\t\t[]\n"
    plan = of_book(tsv, "annotated_instances.tsv")
    assert [(one.coder, one.question, *one.codes) for one in plan.answers] == [
        *(("ann", "stance", "a"), ("ann", "topics", "a"), ("ben", "stance", "b"), ("ben", "topics")),
    ]
    assert plan.answers[-1].nothing_applies
    with pytest.raises(Refusal, match="do not say who annotated"):
        read(lines([own[0], own[0]]), "annotated_instances.jsonl")


def test_a_table_may_have_a_column_an_annotator() -> None:
    found = rows("post_id,ann,ben\np1,favour,NA\np2,a;b,none\n", "stance.csv")
    assert found == [
        ("p1", "ann", "stance", "favour", "", ""),
        ("p2", "ann", "stance", "a", "", ""),
        ("p2", "ann", "stance", "b", "", ""),
        ("p2", "ben", "stance", "none", "", ""),
    ]


@pytest.mark.parametrize("content", ["[]", "{}", '[{"a": 1}]', "[1, 2]", '{"label": "x"}\n{', "[" * 100_000])
def test_what_is_of_no_known_program_is_refused(content: str) -> None:
    with pytest.raises(Refusal, match="no known program"):
        read(content, "x.json")


def test_a_broken_line_is_named_and_the_rest_taken() -> None:
    content = lines(POTATO[:1]) + "{broken\n" + lines(POTATO[1:]) + '{"id": 1}\n'
    assert [row.number for row in read(content, "x.jsonl").refused] == [2, 4]
    assert len(rows(content, "x.jsonl")) == 4


@on_one_database
def test_codings_of_another_program_become_a_round(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    with database.writing() as db:
        make.published(db, cast.project)
        posts = make.posts(db, cast.project, 2)
        ids = [each.external_id for each in posts]
    lead: TestClient = client_of(cast.lead)
    wide = f"post_id,ann,ben\n{ids[0]},Favour,against\n{ids[1]},ambivalent,AMBIVALENT\n"
    sent = post(lead, f"/projects/{cast.project.key}/ratings", files={"file": ("stance.csv", wide.encode())})
    page = lead.get(sent.headers["location"]).text
    assert "ann" in page
    assert "4 codings" in page


@on_one_database
def test_what_a_file_does_not_say_is_asked(cast: Cast, client_of: ClientOf, database: Database) -> None:
    """A file of doccano names no question, and its annotator may go by another name than in the project."""
    with database.writing() as db:
        make.published(db, cast.project)
        ids = [each.external_id for each in make.posts(db, cast.project, 3)]
    lead: TestClient = client_of(cast.lead)
    labels: tuple[list[str], ...] = (["favour"], ["favour"], [])
    records = [{"id": each, "text": "…", "label": label} for each, label in zip(ids, labels, strict=True)]
    labelled = lines(records).encode()
    sent = post(lead, f"/projects/{cast.project.key}/ratings", files={"file": ("a.m.jsonl", labelled)})
    where = sent.headers["location"]
    asking = lead.get(where).text
    assert "do not say which question" in asking
    assert 'name="fingerprint"' not in asking
    assert "Who “a” is" in lead.get(where, params={"question": "stance"}).text
    assert "no answer to “stance”" in lead.get(where, params={"question": "stance"}).text
    none = lead.get(where, params={"question": "expression", "says_none": "on"})
    assert "1 record without a label says that nothing applies" in none.text
    assert form_fields(none, "/ratings/")["says_none"] == ["on"]
    page = lead.get(where, params={"question": "stance", "who": "2=a"})
    fields = {name: values[-1] for name, values in form_fields(page, "/ratings/").items()}
    assert (fields["question"], fields["who"]) == ("stance", "2=a")
    assert post(lead, where, fields | {"who": ""}).status_code == 409
    assert post(lead, where, fields).status_code == 303
    with database.reading() as db:
        taken = select(col(Member.number)).join(RoundAnnotator, col(RoundAnnotator.member_id) == Member.id)
        assert list(db.scalars(taken.join(Round).where(col(Round.is_imported)))) == [2]


@on_one_database
def test_a_file_that_a_round_holds_without_who_chose_nothing_is_known(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    """As a file was read before, and as doccano's is while the lead says nothing."""
    with database.writing() as db:
        make.published(db, cast.project)
        first, *others = (each.external_id for each in make.posts(db, cast.project, 3))
        results = {first: [chosen("expression", "quality")]} | {each: [] for each in others}
        tasks = [
            {"id": 1, "data": {"post_id": each}, "annotations": [{"completed_by": "ann", "result": result}]}
            for each, result in results.items()
        ]
        table = read(json.dumps(tasks), "export.json")
        before = replace(table, rows=[row for row in table.rows if row.cells[2]])
        assert import_ratings(db, cast.lead, before).is_new
    lead: TestClient = client_of(cast.lead)
    file = {"file": ("export.json", json.dumps(tasks).encode())}
    page = lead.get(post(lead, f"/projects/{cast.project.key}/ratings", files=file).headers["location"])
    assert "Round 1 holds this file already, without the 2 answers that nothing applies" in page.text
    assert 'name="fingerprint"' not in page.text
    with database.writing() as db:
        outcome = import_ratings(db, cast.lead, table)
    assert (outcome.is_new, outcome.round_number, outcome.n_lacking) == (False, 1, 2)


def test_what_is_the_same_for_many_rows_is_said_once() -> None:
    table = read("post_id,ann,ben\np1,yes,yes\np2,a,no\np3,yes,a\n", "tone.csv")
    codes = (CodeSheet("a", "A"), CodeSheet("b", "B"))
    book = CodebookSheet((VariableSheet("tone", "single", "Tone", codes=codes),))
    found = remarks(read_ratings(table, book).problems)
    assert [(one.number, one.n) for one in found] == [(2, 2), (3, 1)]


def test_the_one_possible_question_is_taken() -> None:
    codes = (CodeSheet("a", "A"), CodeSheet("b", "B"))
    several, one = (VariableSheet(kind, kind, kind, codes=codes) for kind in ("multiple", "single"))
    book = CodebookSheet((several, one))
    assert question_of(read("1,2\n", "data.csv"), book) == "single"
    assert question_of(read("post_id,ann,ben\np1,a,b\n", "data.csv"), book) == "data", "either is possible"
