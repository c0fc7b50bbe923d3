"""Computes the published numbers of this study again, from the files beside this one.

    python recompute.py

It needs Python 3.11 and numpy. It reads codings.csv, decisions.csv, final.csv, imports.csv and questions.csv,
and compares with published.json: counts exactly, all else to 12 digits, but standard errors and intervals of
agreement to 6, since they rest on numerical derivatives. It ends with 0 if all numbers are the same, else
with 1.
"""

import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.archive.recomputing import finals, reading, shares, together, told, weights
from server.archive.recomputing.agreement import agreement
from server.archive.recomputing.over_time import shares_over_time
from server.archive.recomputing.reading import Question, Row

EXACT, CLOSE = 1e-12, 1e-6
# What of agreement rests on numerical derivatives.
_ROUGH = {"low", "high", "standard_error"}
Numbers = dict[str, Any]
# Where a number belongs (table, question, code, coefficient), and the numbers there.
Found = tuple[tuple[str, ...], Numbers]


def main(folder: Path) -> int:
    """Compare all numbers, print a table of them, and give the exit code."""
    published = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    known = {tuple(one["at"]): one["numbers"] for one in published["numbers"]}
    found = dict(recomputed(folder, published))
    n_wrong = sum(
        _compare(at, known.get(at, {}), found.get(at, {})) for at in [*known, *(found.keys() - known)]
    )
    n_numbers = sum(len(numbers) for numbers in known.values())
    print(f"{n_numbers} published numbers, {n_wrong} not the same.")
    return 1 if n_wrong else 0


def recomputed(folder: Path, published: dict[str, Any]) -> Iterator[Found]:
    """Every number that can be computed from the files; of `published` it reads only how they are made."""
    posts = list(reading.rows(folder, "final.csv"))
    yield from _of_finals(folder, posts, published["time_step"])
    seed, resamples = published["seed"], published["resamples"]
    authors = {row["post_id"]: int(row["author_number"] or -1) for row in posts}
    for question in reading.questions(folder, "agreement"):
        answers = reading.answers(folder, question, "agreement")
        for code, name, numbers in agreement(question, answers, authors, seed, resamples):
            yield ("agreement", question.key, code, name), numbers


def _of_finals(folder: Path, posts: list[Row], step: str) -> Iterator[Found]:
    questions = reading.questions(folder, "final")
    coded = [question for question in questions if question.kind != "text"]
    values = finals.as_asked(
        coded,
        {
            one.key: finals.final_values(
                one,
                [row["post_id"] for row in posts],
                reading.answers(folder, one, "final"),
                reading.decisions(folder, one),
            )
            for one in coded
        },
        reading.rounds_coded_in(folder),
    )
    yield ("final values that differ from final.csv",), {"n": sum(_differing(posts, coded, values))}
    on_any = _coded(posts, questions, values)
    yield ("counts",), _counts(folder, posts, questions, values, on_any)
    yield ("dates",), told.dates(posts)
    yield ("imports",), told.imports(folder)
    yield ("decisions",), told.decisions(folder)
    authors = {row["post_id"]: row["author_number"] for row in posts}
    for question in coded:
        of = values[question.key]
        for code, numbers in shares.shares(question, of, authors).items():
            yield ("share", question.key, code), numbers
        moments = shares.moments(question, of)
        if moments is not None:
            yield ("moments", question.key), moments
        yield ("basis", question.key), _bases(of)
        if step:
            found = shares_over_time(step, question, of, posts)
            yield from ((("over time", question.key, code, time), numbers) for code, time, numbers in found)
    if on_any:
        yield from ((("together", *at), numbers) for at, numbers in together.pairs(coded, values))
    if posts and "weight" in posts[0]:
        yield from _of_weights(posts, coded, values, on_any)


def _of_weights(
    posts: list[Row],
    questions: list[Question],
    values: dict[str, dict[str, finals.Final]],
    coded: set[str],
) -> Iterator[Found]:
    """The shares once more, each post counting by its draw."""
    drawn = weights.draws(posts, coded)
    differing = [not same(float(row["weight"]), drawn[row["post_id"]].weight, EXACT) for row in posts]
    yield ("weights that differ from final.csv",), {"n": sum(differing)}
    authors = {row["post_id"]: row["author_number"] for row in posts}
    for question in questions:
        found = weights.weighted_shares(question, values[question.key], authors, posts)
        yield from ((("weighted share", question.key, code), numbers) for code, numbers in found.items())
        moments = weights.weighted_moments(question, values[question.key], posts)
        if moments is not None:
            yield ("weighted moments", question.key), moments


def _differing(
    posts: list[Row], questions: list[Question], values: dict[str, dict[str, finals.Final]]
) -> Iterator[bool]:
    """For each post and question, whether the value or its basis is another one than in final.csv."""
    for question in questions:
        for row in posts:
            final = values[question.key][row["post_id"]]
            yield _cells(question, final) != _stored(question, row)


def _cells(question: Question, final: finals.Final) -> list[str | float | None]:
    """What final.csv is to have of a value: numbers as numbers, whatever way they are written."""
    if question.kind != "multiple":
        value = final.number if question.kind == "number" else next(iter(final.codes), "")
        return [value, _word(final.basis[0])]
    cells: list[str | float | None] = []
    for code, basis in zip(question.codes, final.basis, strict=True):
        is_open = not finals.has_value(basis) or basis == finals.UNRESOLVED
        cells += ["" if is_open else str(int(code.key in final.codes)), _word(basis)]
    return cells


def _word(basis: str) -> str:
    return finals.NOT_ASKED if basis == finals.NOT_PUT else basis


def _stored(question: Question, row: Row) -> list[str | float | None]:
    if question.kind == "multiple":
        return [cell for code in question.codes for cell in (row[code.column], row[code.basis_column])]
    value: str | float | None = row[question.column]
    if question.kind == "number":
        value = float(row[question.column]) if row[question.column] else None
    return [value, row[question.basis_column]]


def _coded(
    posts: list[Row], questions: list[Question], values: dict[str, dict[str, finals.Final]]
) -> set[str]:
    """The posts that are coded on any question."""
    found = set()
    for question in questions:
        for row in posts:
            basis: tuple[str, ...] = (row[question.basis_column],) if question.kind == "text" else ()
            basis = basis or values[question.key][row["post_id"]].basis
            if any(finals.has_value(each) for each in basis):
                found.add(row["post_id"])
    return found


def _counts(
    folder: Path,
    posts: list[Row],
    questions: list[Question],
    values: dict[str, dict[str, finals.Final]],
    coded: set[str],
) -> Numbers:
    unresolved = {
        post for of in values.values() for post, final in of.items() if finals.UNRESOLVED in final.basis
    }
    who: dict[str, set[str]] = {}
    if any(question.kind in {"single", "multiple", "ordinal"} for question in questions):
        for row in reading.rows(folder, "codings.csv"):
            if row["in_final"] == "1":
                who.setdefault(row["post_id"], set()).add(row["annotator_number"])
    return {
        "posts": len(posts),
        "coded": len(coded),
        "authors": len({row["author_number"] for row in posts} - {""}),
        "annotators": len(set().union(*who.values())),
        "double_coded": sum(len(annotators) > 1 for annotators in who.values()),
        "unresolved": len(unresolved),
    }


def _bases(of: dict[str, finals.Final]) -> Numbers:
    """How many values rest on what."""
    counted = Counter(basis for final in of.values() for basis in final.basis if finals.has_value(basis))
    return dict(sorted(counted.items()))


def _compare(at: tuple[str, ...], published: Numbers, found: Numbers) -> int:
    """Print a line for each number that is published, or found; give how many are not the same."""
    n_wrong = 0
    for name in [*published, *(each for each in found if each not in published)]:
        one, other = published.get(name, "missing"), found.get(name, "missing")
        is_rough = at[0] == "agreement" and name in _ROUGH
        is_same = same(one, other, CLOSE if is_rough else EXACT)
        n_wrong += not is_same
        print(
            "same     " if is_same else "DIFFERENT", " / ".join(filter(None, at)), name, one, other, sep="\t"
        )
    return n_wrong


def same(one: object, other: object, tolerance: float) -> bool:
    """Whether two numbers are the same: whole ones exactly, others but for the last digits."""
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
    return one == other


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent))
