"""Which codes posts carry and how reliable each annotator is, when neither is known (Dawid & Skene 1979)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from server.deferred import sparse, special
from server.estimation.arrays import FloatArray, IntArray, codings_of_annotators, stand_for
from server.language import N_

TWO_ANNOTATORS = N_(
    "With fewer than three annotators the model is not identified: very different error rates fit the "
    "codings equally well, so these figures should not be reported."
)
SWITCHED = N_(
    "At least one code is mostly coded as another by all annotators together, so the codes that the model "
    "found may have changed names."
)
NOT_CONVERGED = N_("The iteration was stopped before the figures settled.")

ConfusionMatrix = tuple[tuple[float, ...] | None, ...]


@dataclass(frozen=True, eq=False)
class DawidSkene:
    """A fitted model. Posteriors are what the model believes, not the truth; so no interval is given.

    Attributes:
        proportions: (codes,) the estimated share of each true code.
        confusion: one matrix an annotator: a row for each true code with the probabilities that this
            annotator codes it as each; None where the annotator coded no post believed to carry it.
        posteriors: (posts, codes) the probability of each code at each post; the proportions where no one
            coded.
        log_likelihood: of all codings; a larger one from another start is a better fit.
        iterations: the rounds of expectation and maximisation.
        has_converged: whether the posteriors settled.
        notes: why the figures are to be read with care, in words; empty if nothing was found.
    """

    proportions: FloatArray
    confusion: tuple[ConfusionMatrix, ...]
    posteriors: FloatArray
    log_likelihood: float
    iterations: int
    has_converged: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Codings:
    """`counts`, a sparse array: column a · codes + k is how often annotator a gave code k to each post."""

    counts: Any
    codes: int

    @property
    def annotators(self) -> int:
        return int(self.counts.shape[1]) // self.codes

    @property
    def by_code(self) -> FloatArray:
        """How often each post was given each code (posts, codes)."""
        folded = sparse.kron(np.ones((self.annotators, 1)), sparse.eye_array(self.codes))
        return np.asarray((self.counts @ folded).toarray(), dtype=float)


@dataclass(frozen=True, eq=False)
class _Model:
    """`proportions` (codes,) and `given`, how probably each true code is coded as each.

    `given` are the shares of `evidence`, the expected codings; both are (annotators, true code, coded).
    """

    proportions: FloatArray
    given: FloatArray
    evidence: FloatArray


def dawid_skene(
    post: ArrayLike,
    annotator: ArrayLike,
    code: ArrayLike,
    n_codes: int,
    *,
    posts_alike: ArrayLike | None = None,
    max_iterations: int = 1000,
    tolerance: float = 1e-7,
) -> DawidSkene:
    """Shares of true codes and error rates of annotators by maximum likelihood.

    Each post has one true code, drawn with the proportions p; annotator a codes it as l with probability π_kl
    that depends on the true code k alone. The EM algorithm of Dawid & Skene (1979, Applied Statistics
    28:20-28, eq. 2.3-2.5) starts from the shares of the codings of each post, and repeats: p and π from the
    posteriors, the posteriors from p and π. An annotator may code a post several times, or not at all.

    Args:
        post: the post of each coding, numbered from 0, shape (codings,).
        annotator: the annotator of each coding, numbered from 0, shape (codings,).
        code: what was coded, numbered from 0, shape (codings,).
        n_codes: how many codes there are, used or not; at least two.
        posts_alike: shape (posts,), for how many posts each stands that the same annotators coded alike; one
            each when left out.
        max_iterations: after how many rounds to give up, at least one.
        tolerance: the largest change of a posterior that counts as settled.

    Returns:
        The model, with `notes` where fewer than three annotators coded (the model is then not identified),
        where the codes may have changed names, and where it did not converge. The maximum may be a local one.

    Raises:
        ValueError: when shapes or ranges are not kept, or nothing was coded.
    """
    codings = _codings(post, annotator, code, n_codes)
    if max_iterations < 1:
        raise ValueError("at least one iteration is needed")
    return _fitted(codings, stand_for(posts_alike, codings.counts.shape[0]), max_iterations, tolerance)


def _fitted(codings: _Codings, weight: FloatArray, max_iterations: int, tolerance: float) -> DawidSkene:
    votes = codings.by_code
    coded = votes.sum(axis=1) > 0
    posteriors = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    iteration, settled = 0, False
    while not settled and iteration < max_iterations:
        iteration += 1
        before, model = posteriors, _maximised(codings, posteriors * weight[:, None], coded)
        posteriors, evidence = _expected(codings, model)
        # A post that nobody coded follows the proportions and says nothing itself.
        settled = bool(np.abs(posteriors - before)[coded].max() <= tolerance)
    notes = _notes(model, has_converged=settled)
    matrices = tuple(_matrix(each) for each in model.evidence)
    likelihood = float(weight @ evidence)
    return DawidSkene(model.proportions, matrices, posteriors, likelihood, iteration, settled, notes)


def _codings(post: ArrayLike, annotator: ArrayLike, code: ArrayLike, n_codes: int) -> _Codings:
    at, by, given = codings_of_annotators(post, annotator, code, n_codes)
    return _Codings(_counted(at, by * n_codes + given, (at.max() + 1, (by.max() + 1) * n_codes)), n_codes)


def _counted(row: IntArray, column: IntArray, shape: tuple[int, int]) -> Any:
    ones = np.ones(row.size)
    # Codings of one post, annotator and code add up.
    return sparse.coo_array((ones, (row, column)), shape=shape).tocsr()


def _maximised(
    codings: _Codings, believed: FloatArray, coded: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> _Model:
    """`believed` (posts, codes): the posteriors times the posts that each row stands for."""
    expected = np.asarray(codings.counts.T @ believed, dtype=float)
    evidence = expected.reshape(codings.annotators, codings.codes, codings.codes).transpose(0, 2, 1)
    total = evidence.sum(axis=2, keepdims=True)
    given = np.divide(evidence, total, out=np.zeros_like(evidence), where=total > 0)
    posts = believed[coded].sum(axis=0)
    return _Model(posts / posts.sum(), given, evidence)


def _expected(codings: _Codings, model: _Model) -> tuple[FloatArray, FloatArray]:
    """The posteriors (posts, codes) and the log-likelihood of the codings of each post (posts,)."""
    with np.errstate(divide="ignore"):
        prior, given = np.log(model.proportions), np.log(model.given)
    by_coding = given.transpose(0, 2, 1).reshape(-1, codings.codes)
    # What the model holds impossible is -inf; only codings that were made are multiplied, so never 0 · inf.
    joint = prior + codings.counts @ by_coding
    evidence = special.logsumexp(joint, axis=1, keepdims=True)
    return np.exp(joint - evidence), np.asarray(evidence[:, 0])


def _notes(model: _Model, *, has_converged: bool) -> tuple[str, ...]:
    active = int((model.evidence.sum(axis=(1, 2)) > 0).sum())
    together = model.evidence.sum(axis=0)
    used = together.sum(axis=1) > 0
    switched = (together.argmax(axis=1) != np.arange(len(together)))[used].any()
    found = [(active < 3, TWO_ANNOTATORS), (bool(switched), SWITCHED), (not has_converged, NOT_CONVERGED)]
    return tuple(note for holds, note in found if holds)


def _matrix(evidence: FloatArray) -> ConfusionMatrix:
    totals = evidence.sum(axis=1)
    return tuple(
        tuple((row / total).tolist()) if total > 0 else None
        for row, total in zip(evidence, totals, strict=True)
    )
