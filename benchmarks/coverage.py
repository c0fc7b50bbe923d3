"""How often 95 % intervals of agreement hold the true value: `python -m benchmarks.coverage`.

Studies of 200 posts and three annotators are simulated from a known model, and every kind of interval is
made of each. The annotators stay the same; posts, or authors with four posts each, are new in every study.
Each post has a truth, and each annotator errs in ways of their own, whatever the others say. Half
of the posts of an author take their truth from the author, so that two of them resemble each other.

The true value is the coefficient of the model itself: the eight patterns of answers with their exact
probabilities, as frequencies of ten thousand million posts (a formula, not a sample). Authors
do not change these probabilities. Studies that have no interval, where nothing varies, are left out.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from server.agreement import (
    ClusterWeights,
    Coefficient,
    CountPatterns,
    IntervalMethod,
    agree_on_patterns,
    clustered_count_patterns,
    count_patterns,
)

POSTS, POSTS_OF_AN_AUTHOR = 200, 4
PREVALENCES = (0.5, 0.2, 0.05)
METHODS: tuple[IntervalMethod, ...] = ("bootstrap", "bca", "t", "krippendorff")
# The probability that each annotator sees the code where it applies, and where it does not.
ORDINARY = np.array([[0.9, 0.85, 0.8], [0.02, 0.04, 0.03]])
CAREFUL = np.array([[0.95, 0.95, 0.9], [0.005, 0.01, 0.005]])
ANNOTATORS = 3
OF_AUTHOR = 0.5
MANY_POSTS = 10**10
COEFFICIENTS = ("percent_agreement", "krippendorff_alpha", "fleiss_kappa", "gwet_ac")

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Setting:
    """What is simulated: how often the code applies, whether authors have several posts, who codes."""

    prevalence: float
    is_clustered: bool
    is_careful: bool = False

    @property
    def name(self) -> str:
        """In words, for the table."""
        return f"{self.prevalence:g}, " + ("4 posts an author" if self.is_clustered else "posts alone")

    @property
    def sees(self) -> NDArray[np.float64]:
        """How likely each annotator gives the code, where it applies and where not (2 × n_annotators)."""
        return CAREFUL if self.is_careful else ORDINARY


@dataclass(frozen=True)
class Coverage:
    """How many of the intervals held the true value, and how wide they were at the median."""

    held: int
    given: int
    width: float

    def __str__(self) -> str:
        if not self.given:
            return "none"
        share = self.held / self.given
        error = sqrt(share * (1 - share) / self.given)
        return f"{100 * share:.1f} ± {100 * error:.1f}"


def truth(setting: Setting) -> dict[str, float]:
    """The coefficients of the model, by name."""
    answers = np.array(list(product((0, 1), repeat=ANNOTATORS)))
    applies, not_applies = (np.where(answers == 1, p, 1 - p).prod(axis=1) for p in setting.sees)
    probability = setting.prevalence * applies + (1 - setting.prevalence) * not_applies
    chosen = answers.sum(axis=1)
    counts = np.column_stack([ANNOTATORS - chosen, chosen])
    patterns = CountPatterns(counts, np.rint(probability * MANY_POSTS).astype(np.int64))
    return {one.name: one.estimate or 0.0 for one in agree_on_patterns(patterns, method="t")}


def study(setting: Setting, dice: np.random.Generator) -> tuple[CountPatterns, ClusterWeights | None]:
    """One study: its patterns, and its authors if they have several posts."""
    author = np.arange(POSTS) // (POSTS_OF_AN_AUTHOR if setting.is_clustered else 1)
    own, of_author = (dice.random(POSTS) < setting.prevalence for _ in range(2))
    applies = np.where(dice.random(POSTS) < OF_AUTHOR, of_author[author], own)
    chance = np.where(applies[:, None], setting.sees[0], setting.sees[1])
    answers = (dice.random(chance.shape) < chance).astype(np.int64)
    unit = np.repeat(np.arange(POSTS), ANNOTATORS)
    if not setting.is_clustered:
        return count_patterns(unit, answers.ravel(), 2), None
    return clustered_count_patterns(unit, answers.ravel(), np.repeat(author, ANNOTATORS), 2)


def intervals(
    setting: Setting, n_studies: int, seed: int
) -> Iterator[dict[IntervalMethod, Sequence[Coefficient]]]:
    """For each study what each method says."""
    dice = np.random.default_rng([seed, int(1000 * setting.prevalence), setting.is_clustered])
    for _ in range(n_studies):
        patterns, clusters = study(setting, dice)
        drawn = int(dice.integers(2**31))
        yield {
            method: agree_on_patterns(patterns, clusters=clusters, seed=drawn, method=method)
            for method in METHODS
        }


def coverages(setting: Setting, n_studies: int, seed: int) -> dict[tuple[str, IntervalMethod], Coverage]:
    """The coverage of each coefficient by each method."""
    true = truth(setting)
    found: dict[tuple[str, IntervalMethod], list[tuple[float, float]]] = {}
    for by_method in intervals(setting, n_studies, seed):
        for method, coefficients in by_method.items():
            for one in coefficients:
                if one.interval is not None:
                    found.setdefault((one.name, method), []).append(one.interval)
    return {key: _coverage(np.array(ends), true[key[0]]) for key, ends in found.items()}


def _coverage(ends: NDArray[np.float64], true: float) -> Coverage:
    held = (ends[:, 0] <= true) & (true <= ends[:, 1])
    return Coverage(int(held.sum()), len(ends), float(np.median(np.ptp(ends, axis=1))))


def _line(name: str, setting: Setting, of: dict[tuple[str, IntervalMethod], Coverage]) -> str:
    cells = [str(of.get((name, method), "none")) for method in METHODS]
    return f"| {name} | {setting.name} | {truth(setting)[name]:.3f} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print one line a coefficient and setting: the true value and the coverage of each method in percent."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--studies", type=int, default=2_000, help="simulated a setting")
    asked.add_argument("--seed", type=int, default=20250806)
    asked.add_argument("--careful", action="store_true", help="annotators who seldom err")
    given = asked.parse_args()
    print(
        f"Coverage in percent, ± its Monte Carlo error, of {given.studies} studies each; seed {given.seed}.\n"
    )
    print("| coefficient | prevalence, authors | true value | percentiles | BCa (default) | t | KALPHA's |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    settings = [
        Setting(prevalence, clustered, given.careful)
        for clustered in (False, True)
        for prevalence in PREVALENCES
    ]
    found = {setting: coverages(setting, given.studies, given.seed) for setting in settings}
    for name in COEFFICIENTS:
        print("\n".join(_line(name, setting, of) for setting, of in found.items()))


if __name__ == "__main__":
    main()
