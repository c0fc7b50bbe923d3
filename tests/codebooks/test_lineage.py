"""Merging, splitting and retiring codes, and what versions say of it."""

from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from server.codebooks import actions, queries, succession
from server.codebooks.comparing import compared, marks_of
from server.codebooks.lineage import Origin
from server.codebooks.models import CodeOrigin, EntryChange
from server.codebooks.queries import Codebook, sheet_of
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.codebooks.when import ConditionSheet
from server.errors import Refusal
from server.projects.access import Access
from tests.cast import make_cast
from tests.stock import noise, on_one_database

TOPIC = VariableSheet(
    "topic",
    "single",
    "What topic?",
    codes=(
        CodeSheet("grief", "Grief", example="I cried.", definition="Loss."),
        CodeSheet("loss", "Loss", parent_key="grief"),
        CodeSheet("anger", "Anger"),
        CodeSheet("joy", "Joy"),
    ),
)
SCALE = VariableSheet(
    "scale", "ordinal", "How much?", codes=(CodeSheet("low", "Low", 0.0), CodeSheet("high", "High", 1.0))
)
WHY = VariableSheet("why", "text", "Why?", when=frozenset({ConditionSheet("topic", "grief")}))
SHEET = CodebookSheet((TOPIC, SCALE, WHY))


@pytest.fixture
def lead(db: Session) -> Access:
    noise(db)
    lead = make_cast(db).lead
    actions.publish_sheet(db, lead, SHEET)
    return lead


def book(db: Session, lead: Access) -> Codebook:
    return queries.being_written(db, lead.project_id)


def merge(db: Session, lead: Access, key: str, into: str, variable: str = "topic") -> None:
    succession.merge_code(db, lead, book(db, lead).edition, variable, key, into)


def split(db: Session, lead: Access, key: str, *labels: str, variable: str = "topic") -> tuple[str, ...]:
    return succession.split_code(db, lead, book(db, lead).edition, variable, key, labels)


def publish(db: Session, lead: Access) -> int:
    return actions.publish(db, lead, book(db, lead).edition)


def said(db: Session, lead: Access, earlier: int) -> list[str]:
    """What became of codes since a version, in words, and what else is told of codes."""
    before = queries.published_numbered(db, lead.project_id, earlier)
    changes = compared(db, lead.project_id, before, book(db, lead))
    codes = [code for change in changes.variables for code in change.codes if not code.is_heir]
    return [code.said or f"{code.what} {code.key}" for code in codes]


def test_a_merged_code_is_taken_up_whole(db: Session, lead: Access) -> None:
    merge(db, lead, "grief", "anger")

    topic, _scale, why = sheet_of(book(db, lead)).variables
    assert [(code.key, code.parent_key) for code in topic.codes] == [
        ("anger", None),
        ("loss", "anger"),
        ("joy", None),
    ]
    assert topic.codes[0] == CodeSheet("anger", "Anger", example="I cried.")
    assert why.when == {ConditionSheet("topic", "anger")}
    assert book(db, lead).origins == {Origin("topic", "anger", "grief")}
    assert said(db, lead, 1)[-1] == "“Grief” was merged into “Anger”."
    version = book(db, lead).version_id
    row = db.exec(select(CodeOrigin).where(col(CodeOrigin.version_id) == version)).one()
    codes = queries.published_numbered(db, lead.project_id, 1).variable_by_key["topic"].code_by_key
    assert (row.code_id, row.origin_id) == (codes["anger"].id, codes["grief"].id)


def test_a_split_code_gives_way_to_new_ones(db: Session, lead: Access) -> None:
    keys = split(db, lead, "grief", "Grief", "Loss of a friend")
    steps = split(db, lead, "low", "None", "Some", variable="scale")

    topic, scale, why = sheet_of(book(db, lead)).variables
    assert keys == ("grief_2", "loss_of_a_friend")
    assert [(code.key, code.definition) for code in topic.codes[:2]] == [(key, "Loss.") for key in keys]
    assert [code.parent_key for code in topic.codes] == [None] * 5
    assert why.when == {ConditionSheet("topic", key) for key in keys}
    assert [(code.key, code.value) for code in scale.codes] == [
        (steps[0], 0.0),
        (steps[1], 0.5),
        ("high", 1.0),
    ]
    assert said(db, lead, 1) == [
        "changed loss",
        "“Grief” was split into “Grief” and “Loss of a friend”.",
        "“Low” was split into “None” and “Some”.",
    ]


def test_what_was_taken_up_is_passed_on_over_versions(db: Session, lead: Access) -> None:
    merge(db, lead, "anger", "joy")
    merge(db, lead, "joy", "loss")
    assert book(db, lead).origins == {Origin("topic", "loss", key) for key in ("anger", "joy")}
    assert publish(db, lead) == 2
    split(db, lead, "loss", "A", "B")
    assert said(db, lead, 1)[-3:] == [
        "“Loss” was split into “A” and “B”.",
        "“Anger” was split into “A” and “B”.",
        "“Joy” was split into “A” and “B”.",
    ]

    gone = {found.entry.key: found for found in queries.past(db, lead.project_id).removed_codes(TOPIC)}
    assert gone == {}
    for restored in ("anger", "joy"):
        with pytest.raises(Refusal, match="became “Loss” in version 2, so it cannot come back"):
            actions.restore_code(db, lead, book(db, lead).edition, "topic", restored)
    with pytest.raises(Refusal, match="cannot come back"):
        actions.save_sheet(db, lead, SHEET)
    with pytest.raises(Refusal, match="cannot come back"):
        actions.add_code(db, lead, book(db, lead).edition, "topic", CodeSheet("anger", "Anger"))


def test_a_draft_takes_back_what_it_merged_and_a_retired_code_comes_back(db: Session, lead: Access) -> None:
    merge(db, lead, "anger", "joy")
    actions.restore_code(db, lead, book(db, lead).edition, "topic", "anger")
    assert book(db, lead).origins == frozenset()
    actions.remove_code(db, lead, book(db, lead).edition, "topic", "anger")
    publish(db, lead)
    assert said(db, lead, 1) == ["removed anger"]
    actions.restore_code(db, lead, book(db, lead).edition, "topic", "anger")
    merge(db, lead, "anger", "joy")
    actions.discard_draft(db, lead, book(db, lead).edition)
    assert book(db, lead).origins == frozenset()
    assert db.exec(select(CodeOrigin)).all() == []


def test_a_code_that_was_never_published_leaves_no_trace(db: Session, lead: Access) -> None:
    actions.add_code(db, lead, book(db, lead).edition, "topic", CodeSheet("new", "New"))
    merge(db, lead, "anger", "new")
    actions.edit_code(db, lead, book(db, lead).edition, "topic", "new", CodeSheet("newer", "Newer"))
    assert book(db, lead).origins == {Origin("topic", "newer", "anger")}
    merge(db, lead, "newer", "joy")
    assert book(db, lead).origins == {Origin("topic", "joy", "anger")}


@on_one_database
@pytest.mark.parametrize(
    ("key", "into", "words"),
    [
        ("grief", "grief", "“Grief” cannot be merged into itself."),
        ("grief", "loss", "“Loss” stands below “Grief”. Take it out from there first"),
        ("grief", "low", "“Low” answers “How much\\?”. Only codes of “What topic\\?”"),
        ("grief", "gone", "The draft has no code “gone” any more."),
        ("grief", "", "Choose the code that takes it up."),
    ],
)
def test_what_cannot_be_merged(db: Session, lead: Access, key: str, into: str, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        merge(db, lead, key, into)
    assert list(refused.value.fields) == ["into"]
    assert queries.draft(db, lead.project_id) is None


@on_one_database
@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (("One",), "from two to 20 labels"),
        (("One", "one "), "“one ” would stand there twice"),
        (("Joy", "One"), "“Joy” would stand there twice"),
        (("a" * 301, "b"), "at most 300"),
    ],
)
def test_what_cannot_be_split(db: Session, lead: Access, labels: tuple[str, ...], words: str) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        split(db, lead, "grief", *labels)
    assert list(refused.value.fields) == ["labels"]


@on_one_database
def test_examples_that_would_be_too_long_are_left(db: Session, lead: Access) -> None:
    long = replace(TOPIC.codes[2], example="x" * 19_995)
    actions.edit_code(db, lead, book(db, lead).edition, "topic", "anger", long)
    with pytest.raises(Refusal, match="longer than 20000 characters"):
        merge(db, lead, "grief", "anger")


def test_a_code_that_a_question_rests_on_is_not_retired(db: Session, lead: Access) -> None:
    with pytest.raises(Refusal, match="“Why\\?” is asked if “What topic\\?” is “grief”"):
        actions.remove_code(db, lead, book(db, lead).edition, "topic", "grief")


def test_each_change_is_one_of_wording_or_of_meaning(db: Session, lead: Access) -> None:
    def edit(key: str, code: CodeSheet) -> None:
        actions.edit_code(db, lead, book(db, lead).edition, "topic", key, code)

    edit("loss", CodeSheet("loss", "Loss", parent_key="grief", definition="Of a person."))
    edit("joy", CodeSheet("joy", "Joy", example="Ha!"))
    edit("anger", CodeSheet("anger", "Wrath"))
    actions.edit_variable(
        db, lead, book(db, lead).edition, "why", replace(WHY, required=False, hint="Short.")
    )
    actions.remove_code(db, lead, book(db, lead).edition, "topic", "joy")
    actions.restore_code(db, lead, book(db, lead).edition, "topic", "joy")
    merge(db, lead, "low", "high", "scale")
    actions.add_code(db, lead, book(db, lead).edition, "scale", CodeSheet("higher", "Higher", 2.0))
    actions.edit_code(
        db, lead, book(db, lead).edition, "topic", "joy", CodeSheet("joy", "Joy", counter_example="No")
    )
    asked = compared(db, lead.project_id, queries.latest_published(db, lead.project_id), book(db, lead))
    found = {(each.key, code.key): code for each in asked.variables for code in each.codes}
    assert {place: (code.is_semantic, code.is_open) for place, code in found.items()} == {
        ("topic", "loss"): (True, True),
        ("topic", "joy"): (False, True),
        ("topic", "anger"): (True, True),
        ("scale", "low"): (True, False),
        ("scale", "higher"): (True, False),
    }
    said = {("topic", "anger"): False, ("topic", "joy"): True, ("why", ""): False, ("scale", "low"): False}
    actions.publish(db, lead, book(db, lead).edition, said=said)

    second = queries.published_numbered(db, lead.project_id, 2)
    marks = marks_of(db, lead.project_id, [1, 2])
    assert marks == {
        1: {},
        2: {
            ("topic", "loss"): True,
            ("topic", "joy"): True,
            ("topic", "anger"): False,
            ("why", ""): True,
            ("scale", "low"): True,
            ("scale", "higher"): True,
        },
    }
    edit("anger", CodeSheet("anger", "Rage"))
    publish(db, lead)
    first, third = (queries.published_numbered(db, lead.project_id, number) for number in (1, 3))
    for earlier, number in ((first, 1), (second, 2)):
        told = compared(db, lead.project_id, earlier, third).variables[0]
        assert {code.key: code.is_semantic for code in told.codes}["anger"] is True, number
    codes = {row.code_id: row for row in db.exec(select(EntryChange))}
    assert codes[second.variable_by_key["topic"].code_by_key["joy"].id].version_id == second.version_id
