"""MACE against a slow version of it and against simulated annotators who know or guess."""

import math

import numpy as np
import pytest
from scipy.special import digamma

from server.estimation import Mace, mace
from server.estimation.mace import TWO_ANNOTATORS

Codings = list[tuple[int, int, int]]


def fit(codings: Codings, n_codes: int, seed: int = 0, restarts: int = 10, iterations: int = 50) -> Mace:
    post, annotator, code = zip(*codings, strict=True)
    return mace(post, annotator, code, n_codes, seed=seed, restarts=restarts, iterations=iterations)


def simulated(competence: list[float], posts: int, n_codes: int, seed: int) -> tuple[Codings, list[int]]:
    """Annotators who know the code with these probabilities and otherwise guess the first code mostly."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, n_codes, posts)
    habit = np.r_[0.7, np.full(n_codes - 1, 0.3 / (n_codes - 1))]
    codings = []
    for post in range(posts):
        for by, knows in enumerate(competence):
            guess = int(generator.choice(n_codes, p=habit))
            codings.append((post, by, int(truth[post]) if generator.random() < knows else guess))
    return codings, truth.tolist()


def slow_fit(
    codings: Codings, n_codes: int, seed: int, iterations: int
) -> tuple[list[float], list[list[float]]]:
    """Competence and posteriors of one start, written down coding by coding."""
    posts, annotators = 1 + max(post for post, _, _ in codings), 1 + max(by for _, by, _ in codings)
    generator = np.random.default_rng(seed)
    knows = generator.uniform(0.5, 1, annotators).tolist()
    guesses = [1 - each for each in knows]
    habits = generator.dirichlet(np.ones(n_codes), annotators).tolist()

    def believed(post: int) -> list[float]:
        own = [(by, code) for at, by, code in codings if at == post]
        joint = [
            math.prod(guesses[by] * habits[by][code] + (knows[by] if code == k else 0) for by, code in own)
            for k in range(n_codes)
        ]
        return [each / sum(joint) for each in joint]

    def known(post: int, by: int, code: int) -> float:
        share: float = knows[by] / (knows[by] + guesses[by] * habits[by][code])
        return believed(post)[code] * share

    for _ in range(iterations):
        said = [(by, code, known(post, by, code)) for post, by, code in codings]
        for by in range(annotators):
            knew = sum(each for other, _, each in said if other == by)
            guessed = [
                sum(1 - each for at, given, each in said if (at, given) == (by, k)) for k in range(n_codes)
            ]
            every = digamma(knew + sum(guessed) + 1)
            knows[by] = math.exp(digamma(knew + 0.5) - every)
            guesses[by] = math.exp(digamma(sum(guessed) + 0.5) - every)
            of_guesses = digamma(sum(guessed) + 10 * n_codes)
            habits[by] = [math.exp(digamma(each + 10) - of_guesses) for each in guessed]
    competence = [mine / (mine + other) for mine, other in zip(knows, guesses, strict=True)]
    return competence, [believed(post) for post in range(posts)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_slow_version_finds_the_same(seed: int) -> None:
    codings, _ = simulated([0.9, 0.6, 0.2], 8, 3, seed)
    found = fit(codings, 3, seed=seed, restarts=1, iterations=4)
    competence, posteriors = slow_fit(codings, 3, seed, 4)
    assert found.competence == pytest.approx(competence)
    assert found.posteriors == pytest.approx(np.array(posteriors))


def test_who_guesses_is_found_and_so_are_the_codes() -> None:
    codings, truth = simulated([0.95, 0.8, 0.6, 0.05], 600, 4, 5)
    found = fit(codings, 4)
    assert found.competence == pytest.approx([0.95, 0.8, 0.6, 0.05], abs=0.08)
    assert found.guesses[3][0] == pytest.approx(0.7, abs=0.1)
    assert np.mean(found.posteriors.argmax(axis=1) == truth) > 0.95
    assert found.posteriors.sum(axis=1) == pytest.approx(np.ones(600))
    assert found.notes == ()


def test_names_of_annotators_and_posts_do_not_matter() -> None:
    codings, _ = simulated([0.9, 0.7, 0.5], 200, 3, 6)
    found = fit(codings, 3)
    other = fit([(199 - post, 2 - by, code) for post, by, code in reversed(codings)], 3)
    assert other.competence == pytest.approx(found.competence[::-1], abs=1e-3)
    assert other.posteriors == pytest.approx(found.posteriors[::-1], abs=1e-2)


def test_more_starts_never_fit_worse_and_a_seed_repeats_them() -> None:
    codings, _ = simulated([0.9, 0.4, 0.3], 60, 3, 7)
    few, many = fit(codings, 3, restarts=1), fit(codings, 3, restarts=10)
    assert many.log_likelihood >= few.log_likelihood
    assert (fit(codings, 3).posteriors == many.posteriors).all()


def test_many_codings_of_one_post_do_not_overflow() -> None:
    codings = [(0, by, 1) for by in range(2_000)] + [(1, by, by % 2) for by in range(2_000)]
    found = fit(codings, 2, restarts=1)
    assert np.isfinite(found.posteriors).all()
    assert np.isfinite(found.log_likelihood)
    assert found.posteriors[0, 1] == pytest.approx(1)


def test_gaps_are_no_annotators_and_two_are_too_few() -> None:
    found = fit([(0, 0, 1), (2, 3, 0), (2, 0, 0)], 2)
    assert np.isnan(found.competence).tolist() == [False, True, True, False]
    assert found.posteriors[1] == pytest.approx([0.5, 0.5])
    assert found.notes == (TWO_ANNOTATORS,)


@pytest.mark.parametrize(
    ("codings", "options", "said"),
    [
        (([], [], []), {}, "nothing"),
        (([0], [0], [2]), {}, "below n_codes"),
        (([0], [0, 1], [1]), {}, "same length"),
        (([0], [0], [1]), {"restarts": 0}, "one start"),
        (([0], [0], [1]), {"iterations": 0}, "one iteration"),
        (([-1], [0], [1]), {}, "post"),
    ],
)
def test_what_is_refused(codings: tuple[list[int], ...], options: dict[str, int], said: str) -> None:
    post, annotator, code = codings
    with pytest.raises(ValueError, match=said):
        mace(post, annotator, code, 2, **options)
    with pytest.raises(ValueError, match="two codes"):
        mace([0], [0], [0], 1)


def test_posts_coded_alike_may_be_counted() -> None:
    codings, _ = simulated([0.9, 0.6, 0.3], 40, 2, 8)
    rows = [tuple(code for at, _, code in codings if at == post) for post in range(40)]
    distinct = sorted(set(rows))
    few = [(at, by, code) for at, row in enumerate(distinct) for by, code in enumerate(row)]
    post, annotator, code = zip(*few, strict=True)
    counted = mace(post, annotator, code, 2, posts_alike=[rows.count(row) for row in distinct])
    whole = fit(codings, 2)
    assert counted.competence == pytest.approx(whole.competence)
    assert counted.log_likelihood == pytest.approx(whole.log_likelihood)
    assert counted.posteriors[[distinct.index(row) for row in rows]] == pytest.approx(whole.posteriors)
    with pytest.raises(ValueError, match="at least one"):
        mace([0], [0], [0], 2, posts_alike=[0])
