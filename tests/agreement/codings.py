"""Codings as the tests write them, turned into what the package takes."""

from collections.abc import Sequence
from dataclasses import asdict

import pytest

from server.agreement import Coefficient, CountPatterns, Level, agree_on_patterns
from server.agreement.grouping import counted

Posts = Sequence[Sequence[int]]


def patterns_of(posts: Posts, categories: int) -> CountPatterns:
    """The patterns of posts given as lists of categories, which may be none at all."""
    unit = [number for number, post in enumerate(posts) for _ in post]
    return counted(unit, [value for post in posts for value in post], categories)


def posts_of(rows: Sequence[str], symbols: str) -> list[list[int]]:
    """Posts from a row of symbols for each annotator, a dot where the annotator did not code."""
    return [
        [symbols.index(symbol) for symbol in column if symbol != "."] for column in zip(*rows, strict=True)
    ]


def coefficients(
    patterns: CountPatterns, values: Sequence[float | None] | None = None, level: Level = "nominal"
) -> dict[str, Coefficient]:
    """The coefficients of the patterns by name."""
    answer = agree_on_patterns(patterns, values, level, resamples=100)
    return {coefficient.name: coefficient for coefficient in answer}


def estimates(
    posts: Posts, categories: int, values: Sequence[float | None] | None = None, level: Level = "nominal"
) -> dict[str, float | None]:
    """The estimates by name of posts given as lists of categories."""
    found = coefficients(patterns_of(posts, categories), values, level)
    return {name: coefficient.estimate for name, coefficient in found.items()}


def assert_same(found: Sequence[Coefficient], expected: Sequence[Coefficient]) -> None:
    """All that is said of these coefficients is the same, but for the order in which numbers were added."""
    for one, other in zip(found, expected, strict=True):
        for (name, value), wanted in zip(asdict(one).items(), asdict(other).values(), strict=True):
            assert value == (pytest.approx(wanted) if isinstance(wanted, float | tuple) else wanted), name
