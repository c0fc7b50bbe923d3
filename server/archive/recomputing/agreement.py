"""Agreement on one question: on whole answers, and on each code against the rest."""

from collections.abc import Iterator
from dataclasses import replace

from server.archive.recomputing.coefficients import of_counts, of_sets
from server.archive.recomputing.patterns import NOBODY, Bools, Patterns, patterns
from server.archive.recomputing.reading import Answers, Question
from server.archive.recomputing.resampling import measured

Numbers = dict[str, float | int | None]


def agreement(
    question: Question, answers: Answers, authors: dict[str, int], seed: int, resamples: int
) -> Iterator[tuple[str, str, Numbers]]:
    """Rows (code, coefficient, numbers); the code is empty where whole answers are meant."""
    if question.kind == "text":
        return
    whole = patterns(question, answers, authors)
    for name, numbers in _of_answers(question, whole, seed, resamples):
        yield "", name, numbers
    for place, code in enumerate(question.codes):
        # A code says nothing of rounds that did not offer it.
        offering = replace(question, rounds=code.rounds)
        asked = (
            whole if code.rounds == question.rounds else patterns(offering, _in(answers, offering), authors)
        )
        for name, numbers in _of_code(asked, place, seed, resamples):
            yield code.key, name, numbers


def _in(answers: Answers, question: Question) -> Answers:
    """The answers of the rounds of a question."""
    kept = {post: [one for one in said if one.round in question.rounds] for post, said in answers.items()}
    return {post: said for post, said in kept.items() if said}


def _of_answers(question: Question, of: Patterns, seed: int, resamples: int) -> Iterator[tuple[str, Numbers]]:
    codings = (of.rows != NOBODY).sum(axis=1)
    extent = _extent(of, codings > 1)
    if question.kind == "multiple":
        statistics = of_sets(of)
    else:
        values: list[float | None] = (
            list(of.values) if question.kind == "number" else [code.value for code in question.codes]
        )
        is_ranked = question.level == "nominal" or None not in values
        level = question.level if is_ranked else "nominal"
        statistics = of_counts(of.counts(max(len(values), 1)), level, values or [0.0])
        # Numbers have no list of categories, and values that some codes lack make no alpha.
        statistics = statistics[:2] if question.kind == "number" else statistics
        statistics = statistics if is_ranked else [one for one in statistics if "alpha" not in one.name]
    for one, estimate, (low, high), error in measured(
        statistics, of.frequency, codings > 1, of.clusters, seed, resamples
    ):
        yield one.name, extent | {"estimate": estimate, "low": low, "high": high, "standard_error": error}


def _of_code(of: Patterns, code: int, seed: int, resamples: int) -> Iterator[tuple[str, Numbers]]:
    counts, frequency, clusters = of.yes_no(code)
    pairable = counts.sum(axis=1) > 1
    extent = _extent(of, (of.rows != NOBODY).sum(axis=1) > 1)
    extent |= {"chosen": int(frequency @ counts[:, 1])}
    statistics = of_counts(counts, "nominal", [None, None])
    for one, estimate, (low, high), error in measured(
        statistics, frequency, pairable, clusters, seed, resamples
    ):
        yield one.name, extent | {"estimate": estimate, "low": low, "high": high, "standard_error": error}


def _extent(of: Patterns, pairable: Bools) -> Numbers:
    """How many posts, posts with two codings or more, and codings there are."""
    codings = (of.rows != NOBODY).sum(axis=1)
    return {
        "posts": int(of.frequency[codings > 0].sum()),
        "pairable": int(of.frequency[pairable].sum()),
        "codings": int(of.frequency @ codings),
    }
