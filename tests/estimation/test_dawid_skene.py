"""The model of Dawid & Skene against their own data, a slow version of it and simulated annotators."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from server.estimation import DawidSkene, dawid_skene

# Dawid & Skene (1979), Applied Statistics 28:20-28, table 1: 45 patients, the fitness for anaesthesia as five
# anaesthetists rated it from 1 to 4; the first three times (three digits), the others once.
ANAESTHETISTS = (
    "1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 "
    "2223212 1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 "
    "2322222 1111111 1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 "
    "1111111 1111111 1212111 2322222 1211111 2222222"
)
BY = [0, 0, 0, 1, 2, 3, 4]
Codings = list[tuple[int, int, int]]


def anaesthetists() -> Codings:
    return [
        (patient, BY[at], int(code) - 1)
        for patient, row in enumerate(ANAESTHETISTS.split())
        for at, code in enumerate(row)
    ]


def fit(codings: Codings, n_codes: int, **options: float) -> DawidSkene:
    post, annotator, code = zip(*codings, strict=True)
    return dawid_skene(post, annotator, code, n_codes, **options)  # type: ignore[arg-type]


def test_published() -> None:
    found = fit(anaesthetists(), 4)
    assert found.proportions == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=6e-3)
    assert found.has_converged
    assert found.notes == ()


def slow_rounds(codings: Codings, n_codes: int, rounds: int) -> tuple[list[float], list[list[float]], float]:
    """Proportions, posteriors and likelihood after so many rounds, written down coding by coding."""
    posts, annotators = 1 + max(post for post, _, _ in codings), 1 + max(by for _, by, _ in codings)
    own = [[code for post, _, code in codings if post == at] for at in range(posts)]
    believed = [[codes.count(k) / len(codes) for k in range(n_codes)] for codes in own]
    for _ in range(rounds):
        p = [sum(row[k] for row in believed) / posts for k in range(n_codes)]
        given_ = [[[0.0] * n_codes for _ in range(n_codes)] for _ in range(annotators)]
        for post, by, code in codings:
            for k in range(n_codes):
                given_[by][k][code] += believed[post][k]
        rates = [[[x / sum(row) if sum(row) else 0 for x in row] for row in matrix] for matrix in given_]
        joint = [
            [
                p[k] * math.prod(rates[by][k][code] for at, by, code in codings if at == post)
                for k in range(n_codes)
            ]
            for post in range(posts)
        ]
        believed = [[x / sum(row) for x in row] for row in joint]
    return p, believed, sum(math.log(sum(row)) for row in joint)


codings_of_all = some.lists(
    some.tuples(some.integers(0, 5), some.integers(0, 3), some.integers(0, 2)), min_size=1, max_size=20
).map(lambda extra: [*extra, *[(post, post % 3, (post * 7) % 3) for post in range(6)]])


@settings(max_examples=50)
@given(codings_of_all, some.integers(1, 4))
def test_round_by_round_it_is_the_slow_version(codings: Codings, rounds: int) -> None:
    found = fit(codings, 3, max_iterations=rounds, tolerance=-1)
    proportions, posteriors, likelihood = slow_rounds(codings, 3, rounds)
    assert found.proportions == pytest.approx(proportions, abs=1e-9)
    assert found.posteriors == pytest.approx(np.array(posteriors), abs=1e-9)
    assert found.log_likelihood == pytest.approx(likelihood)
    assert found.iterations == rounds
    assert "stopped" in found.notes[-1]


@settings(max_examples=30)
@given(codings_of_all, some.permutations(range(6)), some.permutations(range(4)), some.permutations(range(3)))
def test_names_do_not_matter(
    codings: Codings, posts: Sequence[int], annotators: Sequence[int], codes: Sequence[int]
) -> None:
    found = fit(codings, 3, max_iterations=5, tolerance=-1)
    named = [(posts[post], annotators[by], codes[code]) for post, by, code in codings]
    renamed = fit(named, 3, max_iterations=5, tolerance=-1)
    assert renamed.proportions[list(codes)] == pytest.approx(found.proportions, abs=1e-9)
    assert renamed.posteriors[np.ix_(posts, codes)] == pytest.approx(found.posteriors, abs=1e-9)
    assert renamed.log_likelihood == pytest.approx(found.log_likelihood)


def test_the_likelihood_never_falls() -> None:
    path = [fit(anaesthetists(), 4, max_iterations=n, tolerance=-1).log_likelihood for n in range(1, 12)]
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(path))


def test_it_finds_what_simulated_annotators_were_given() -> None:
    rng = np.random.default_rng(17)
    truth = rng.choice(3, 2000, p=[0.6, 0.27, 0.13])
    skill = [0.9, 0.8, 0.7, 0.85, 0.6]
    codings = [
        (post, by, int(code if rng.random() < skill[by] else (code + rng.integers(1, 3)) % 3))
        for post, code in enumerate(truth)
        for by in rng.choice(5, 4, replace=False).tolist()
    ]
    found = fit(codings, 3)
    assert found.proportions == pytest.approx([0.6, 0.27, 0.13], abs=0.03)
    for matrix, expected in zip(found.confusion, skill, strict=True):
        right = [row[k] for k, row in enumerate(matrix) if row is not None]
        assert right == pytest.approx([expected] * 3, abs=0.08)
    # Better than the majority, as the skilled count for more.
    votes = np.zeros((2000, 3))
    np.add.at(votes, tuple(np.array(codings)[:, [0, 2]].T), 1)
    assert (found.posteriors.argmax(axis=1) == truth).mean() > (votes.argmax(axis=1) == truth).mean()


def test_two_annotators_are_not_enough_and_that_is_said() -> None:
    found = fit([(0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 0), (2, 0, 1), (2, 1, 1)], 2)
    assert "not identified" in found.notes[0]
    assert "not identified" in fit([(0, 0, 0), (0, 7, 0)], 2).notes[0]


def test_codes_that_may_have_changed_names_are_told() -> None:
    # Where code 2 was given at all, two annotators of three gave code 0.
    rows = ["002", "000", "111"]
    codings = [(post, by, int(code)) for post, row in enumerate(rows) for by, code in enumerate(row)]
    assert "changed names" in fit(codings, 3, max_iterations=1).notes[0]


def test_what_was_not_coded() -> None:
    found = fit([(0, 0, 0), (0, 1, 0), (0, 2, 0), (2, 0, 1), (2, 1, 1), (2, 2, 1), (2, 4, 1)], 3)
    assert found.posteriors[1] == pytest.approx(found.proportions)
    assert found.proportions == pytest.approx([0.5, 0.5, 0])
    assert found.confusion[3] == (None, None, None)
    assert found.confusion[4] == (None, (0.0, 1.0, 0.0), None)


def test_what_cannot_be_is_refused() -> None:
    for post, annotator, code, n_codes, words in [
        ([], [], [], 2, "nothing has been coded"),
        ([0], [0], [2], 2, "below n_codes"),
        ([0], [0], [0], 1, "two codes"),
        ([0, 1], [0], [0], 2, "same length"),
        ([-1], [0], [0], 2, "negative"),
        ([0.5], [0], [0], 2, "whole numbers"),
    ]:
        with pytest.raises(ValueError, match=words):
            dawid_skene(post, annotator, code, n_codes)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="iteration"):
        dawid_skene([0], [0], [0], 2, max_iterations=0)


def test_posts_coded_alike_may_be_counted() -> None:
    codings = anaesthetists()
    rows = ANAESTHETISTS.split()
    distinct = sorted(set(rows))
    few = [
        (at, BY[place], int(code) - 1) for at, row in enumerate(distinct) for place, code in enumerate(row)
    ]
    post, annotator, code = zip(*few, strict=True)
    counted = dawid_skene(post, annotator, code, 4, posts_alike=[rows.count(row) for row in distinct])
    whole = fit(codings, 4)
    assert counted.proportions == pytest.approx(whole.proportions)
    assert counted.log_likelihood == pytest.approx(whole.log_likelihood)
    assert counted.posteriors[[distinct.index(row) for row in rows]] == pytest.approx(whole.posteriors)
