"""Reading the files of the archive: questions, posts, codings and decisions."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Row = dict[str, str]
NOTHING = "none"


@dataclass(frozen=True)
class Code:
    """A code of a question; `rounds` are those that offer it."""

    key: str
    value: float | None
    column: str
    basis_column: str
    rounds: frozenset[int]


@dataclass(frozen=True)
class Question:
    """A question as a computation reads it. `after`: it is asked after one of these answers alone.

    An answer is the key of a question and that of a code, or `none` where nothing applied. `rounds` count,
    and those of `offered_in` put the question.
    """

    key: str
    kind: str
    level: str
    column: str
    basis_column: str
    rounds: frozenset[int]
    after: tuple[tuple[str, str], ...]
    codes: tuple[Code, ...]
    offered_in: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Answer:
    """What one annotator answered about one post in one round: codes, or a number."""

    annotator: int
    round: int
    codes: frozenset[str]
    number: float | None


@dataclass(frozen=True)
class Decided:
    """What was decided on a question of a post, and on which basis."""

    basis: str
    codes: frozenset[str]
    number: float | None


# Post → the answers about it, in the order of the annotators and rounds.
Answers = dict[str, list[Answer]]


def rows(folder: Path, name: str) -> Iterator[Row]:
    """The rows of one of the CSV files."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def questions(folder: Path, purpose: str) -> list[Question]:
    """The questions of `questions.csv` for one purpose, `final` or `agreement`, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows(folder, "questions.csv"):
        if row["for"] == purpose:
            found.setdefault(row["variable"], []).append(row)
    return [_question(of) for of in found.values()]


def _question(of: list[Row]) -> Question:
    first = of[0]
    after = tuple(each.split(":", 1) for each in first["asked_after"].split())
    return Question(
        key=first["variable"],
        kind=first["kind"],
        level=first["level"],
        column=first["column"],
        basis_column=first["basis_column"],
        rounds=_rounds(first["rounds"]),
        after=tuple((on, code) for on, code in after),
        codes=tuple(_code(row) for row in of if row["code"]),
        offered_in=frozenset().union(*(_rounds(row["offered_in"]) for row in of)),
    )


def _code(row: Row) -> Code:
    return Code(
        row["code"],
        _number(row["value"]),
        row["code_column"],
        row["code_basis_column"],
        _rounds(row["offered_in"]),
    )


def _rounds(text: str) -> frozenset[int]:
    return frozenset(int(each) for each in text.split())


def _number(text: str) -> float | None:
    return float(text) if text else None


def answers(folder: Path, question: Question, purpose: str) -> Answers:
    """What the codings that count for a purpose, `final` or `agreement`, say on one question."""
    codes = {code.key for code in question.codes}
    found: dict[tuple[str, int, int], tuple[set[str], float | None]] = {}
    for row in rows(folder, "codings.csv"):
        if row[f"in_{purpose}"] != "1" or row["variable"] != question.key:
            continue
        place = (row["post_id"], int(row["round"]), int(row["annotator_number"]))
        if place[1] not in question.rounds:
            continue
        chosen, number = found.get(place, (set(), None))
        if question.kind == "number":
            number = float(row["value"])
        elif row["code_read_as"] in codes | {NOTHING}:
            chosen.add(row["code_read_as"])
        elif not (purpose == "agreement" and question.kind == "multiple"):
            # A code that the question no longer has says no more than that others were not chosen.
            continue
        found[place] = (chosen, number)
    by_post: Answers = {}
    for (post, round_, annotator), (chosen, number) in sorted(found.items()):
        by_post.setdefault(post, []).append(Answer(annotator, round_, frozenset(chosen - {NOTHING}), number))
    return by_post


def rounds_coded_in(folder: Path) -> dict[str, set[int]]:
    """The rounds in which each post is coded, of those that count for final values."""
    found: dict[str, set[int]] = {}
    for row in rows(folder, "codings.csv"):
        if row["in_final"] == "1":
            found.setdefault(row["post_id"], set()).add(int(row["round"]))
    return found


def decisions(folder: Path, question: Question) -> dict[str, Decided]:
    """The decisions that stand on one question, by post."""
    found: dict[str, Decided] = {}
    for row in rows(folder, "decisions.csv"):
        if row["stands"] != "1" or row["variable"] != question.key or row["basis"] == "withdrawn":
            continue
        before = found.get(row["post_id"], Decided(row["basis"], frozenset(), None))
        codes = before.codes | ({row["code_read_as"]} - {NOTHING, ""})
        number = _number(row["value"]) if question.kind == "number" else None
        found[row["post_id"]] = Decided(row["basis"], codes, number)
    return found
