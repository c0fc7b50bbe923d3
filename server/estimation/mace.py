"""Which codes posts carry and how often each annotator guesses, when neither is known (Hovy et al. 2013)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from server.deferred import special
from server.estimation.arrays import FloatArray, IntArray, codings_of_annotators, stand_for
from server.language import N_

# The priors of Hovy et al. (2013), section 3.2: an annotator mostly knows or mostly guesses.
_KNOWING = 0.5
_GUESSING = 0.5
_GUESSES = 10.0

TWO_ANNOTATORS = N_(
    "With fewer than three annotators the model cannot tell who of two guesses, "
    "so these figures should not be reported."
)


@dataclass(frozen=True, eq=False)
class Mace:
    """A fitted model. Posteriors are what the model believes, not the truth; so no interval is given.

    Attributes:
        competence: (annotators,) the probability, from 0 to 1, that an annotator knows the code instead of
            guessing; NaN for who coded nothing.
        guesses: (annotators, codes) how probably each guesses each code when guessing; NaN likewise.
        posteriors: (posts, codes) the probability of each code at each post; equal where no one coded.
        log_likelihood: of all codings under the best of the starts.
        notes: why the figures are to be read with care, in words; empty if nothing was found.
    """

    competence: FloatArray
    guesses: FloatArray
    posteriors: FloatArray
    log_likelihood: float
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Codings:
    """Coding c is of post `post[c]` by annotator `by[c]`, who gave code `code[c]`, all from 0.

    Each post stands for `weight` (posts,) that were coded alike.
    """

    post: IntArray
    by: IntArray
    code: IntArray
    n_codes: int
    weight: FloatArray

    @property
    def n_posts(self) -> int:
        return int(self.post.max()) + 1

    @property
    def n_annotators(self) -> int:
        return int(self.by.max()) + 1

    def of_annotators(self, amount: FloatArray) -> FloatArray:
        """An amount of each coding, summed by annotator (annotators,)."""
        weighted = amount * self.weight[self.post]
        return np.bincount(self.by, weighted, minlength=self.n_annotators).astype(float)

    def given_by(self, amount: FloatArray) -> FloatArray:
        """The same, summed by annotator and given code (annotators, codes)."""
        place = self.by * self.n_codes + self.code
        weighted = amount * self.weight[self.post]
        sums = np.bincount(place, weighted, minlength=self.n_annotators * self.n_codes).astype(float)
        return sums.reshape(self.n_annotators, self.n_codes)


@dataclass(frozen=True, eq=False)
class _Model:
    """How much each annotator knows (annotators,), how much they guess, and how each guesses a code."""

    knows: FloatArray
    guesses: FloatArray
    strategy: FloatArray


@dataclass(frozen=True, eq=False)
class _Beliefs:
    """Posteriors (posts, codes), the probability that each coding was known (codings,), the likelihood."""

    posteriors: FloatArray
    known: FloatArray
    log_likelihood: float


def mace(
    post: ArrayLike,
    annotator: ArrayLike,
    code: ArrayLike,
    n_codes: int,
    *,
    posts_alike: ArrayLike | None = None,
    seed: int = 0,
    restarts: int = 10,
    iterations: int = 50,
) -> Mace:
    """True codes and the competence of annotators by variational Bayes.

    Multi-Annotator Competence Estimation (Hovy, Berg-Kirkpatrick, Vaswani & Hovy 2013, NAACL-HLT:1120-1130,
    sections 2 and 3): every code is as likely as the others at a post; an annotator knows it with
    probability θ and then gives it, and guesses otherwise, by habits ξ that do not depend on the post.
    The priors are Beta(.5, .5) on θ and Dirichlet(10) on ξ. The best of several random starts is kept, by
    the likelihood of the codings.

    Args:
        post: the post of each coding, numbered from 0, shape (codings,).
        annotator: the annotator of each coding, numbered from 0, shape (codings,).
        code: what was coded, numbered from 0, shape (codings,).
        n_codes: how many codes there are, used or not; at least two.
        posts_alike: shape (posts,), for how many posts each stands that the same annotators coded alike; one
            each when left out.
        seed: what the starts are drawn with.
        restarts: how many starts, at least one.
        iterations: the rounds of each start, at least one.

    Returns:
        The model, with `notes` where fewer than three annotators coded.

    Raises:
        ValueError: when shapes or ranges are not kept, or nothing was coded.
    """
    codings = _codings(post, annotator, code, n_codes, posts_alike)
    if restarts < 1 or iterations < 1:
        raise ValueError("at least one start and one iteration are needed")
    generator = np.random.default_rng(seed)
    fitted = [_fitted(codings, _start(codings, generator), iterations) for _ in range(restarts)]
    model, beliefs = max(fitted, key=lambda each: each[1].log_likelihood)
    return _said(codings, model, beliefs)


def _codings(
    post: ArrayLike, annotator: ArrayLike, code: ArrayLike, n_codes: int, posts_alike: ArrayLike | None
) -> _Codings:
    at, by, given = codings_of_annotators(post, annotator, code, n_codes)
    return _Codings(at, by, given, n_codes, stand_for(posts_alike, int(at.max()) + 1))


def _start(codings: _Codings, generator: "np.random.Generator") -> _Model:
    """Annotators who know more often than not: otherwise a start may find that all always guess."""
    knows = generator.uniform(0.5, 1, codings.n_annotators)
    strategy = generator.dirichlet(np.ones(codings.n_codes), codings.n_annotators)
    return _Model(knows, 1 - knows, strategy)


def _fitted(codings: _Codings, model: _Model, iterations: int) -> tuple[_Model, _Beliefs]:
    for _ in range(iterations):
        model = _maximised(codings, _expected(codings, model).known)
    return model, _expected(codings, model)


def _expected(codings: _Codings, model: _Model) -> _Beliefs:
    known = model.knows[codings.by]
    guessed = model.guesses[codings.by] * model.strategy[codings.by, codings.code]
    # What a coding says for its own code over any other; the rest is the same for all codes of the post.
    place = codings.post * codings.n_codes + codings.code
    speaks = np.bincount(place, np.log1p(known / guessed), minlength=codings.n_posts * codings.n_codes)
    joint = speaks.reshape(codings.n_posts, codings.n_codes)
    posteriors = special.softmax(joint, axis=1)
    of_posts = special.logsumexp(joint, axis=1) - np.log(codings.n_codes)
    likelihood = float(codings.weight[codings.post] @ np.log(guessed) + codings.weight @ of_posts)
    return _Beliefs(
        posteriors, posteriors[codings.post, codings.code] * known / (known + guessed), likelihood
    )


def _maximised(codings: _Codings, known: FloatArray) -> _Model:
    """Exponents of the expected logarithms: what variational Bayes has in place of shares."""
    knows, guesses = codings.of_annotators(known), codings.of_annotators(1 - known)
    given = codings.given_by(1 - known)
    every = special.digamma(knows + guesses + _KNOWING + _GUESSING)
    of_guesses = special.digamma(guesses + codings.n_codes * _GUESSES)[:, None]
    return _Model(
        np.exp(special.digamma(knows + _KNOWING) - every),
        np.exp(special.digamma(guesses + _GUESSING) - every),
        np.exp(special.digamma(given + _GUESSES) - of_guesses),
    )


def _said(codings: _Codings, model: _Model, beliefs: _Beliefs) -> Mace:
    coded = np.bincount(codings.by, minlength=codings.n_annotators) > 0
    competence = np.where(coded, model.knows / (model.knows + model.guesses), np.nan)
    strategy = model.strategy / model.strategy.sum(axis=1, keepdims=True)
    guesses = np.where(coded[:, None], strategy, np.nan)
    notes = (TWO_ANNOTATORS,) if int(coded.sum()) < 3 else ()
    return Mace(competence, guesses, beliefs.posteriors, beliefs.log_likelihood, notes)
