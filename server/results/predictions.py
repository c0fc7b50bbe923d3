"""Shares with the help of a model that predicts a code for all posts, in a column that came with them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.errors import Refusal
from server.estimation import PPI_TUNED, AssistedProportion, dsl_mean, ppi_mean
from server.language import N_
from server.language import gettext as _
from server.results.estimating import Estimator
from server.results.fields import Pick
from server.results.outcomes import Bases, Basis, Counts, Flags, is_coded_on
from server.results.shares import Share, share_of

_WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
Floats = NDArray[np.float64]
_NOT_BY_WEIGHTS = N_(
    "Prediction-powered inference takes all posts as equally likely to be coded. Where posts weigh by their "
    "draw, design-based supervised learning knows how likely each was."
)


@dataclass(frozen=True)
class Assisted:
    """The share by prediction-powered inference and by design-based supervised learning.

    `people` is the plain share of the posts that people coded and that have a prediction; `n_without` posts
    have none and are left out, and so are `n_unseen` that have one, but are of strata where no coded post
    does: nothing corrects what is predicted there.
    """

    people: Share

    tuned: AssistedProportion
    supervised: AssistedProportion
    n_without: int
    n_unseen: int


def predictions_of(found: Sequence[tuple[int, str]], pick: Pick, numbers: Counts) -> Floats:
    """What the column predicts of the code, from 0 to 1, NaN where it is empty (posts,).

    A cell is a probability, yes or no, or the key or label of the code that the model gave.

    Raises:
        Refusal: where the column cannot be read so.
    """
    names = {pick.code.key.casefold(), pick.code.label.casefold()}
    values = [value.strip().casefold() for _number, value in found]
    is_named = any(value in names for value in values)
    read = [float(value in names) if is_named else _number(value) for value in values]
    predicted = np.full(numbers.size, np.nan)
    predicted[np.searchsorted(numbers, [number for number, _value in found])] = read
    return predicted


def _number(value: str) -> float:
    try:
        read = _WORDS[value] if value in _WORDS else float(value.replace(",", "."))
    except ValueError:
        read = np.nan
    if not 0 <= read <= 1:
        message = _(
            "This column does not predict the code: “{value}” is no probability from 0 to 1, no yes or no, "
            "and no cell names the code."
        )
        raise Refusal(message.format(value=value[:40]), {"predictions": message.format(value=value[:40])})
    return read


def assisted(carries: Flags, basis: Bases, predicted: Floats, estimator: Estimator) -> Assisted:
    """Both shares of all posts that have a prediction, by what people coded, on which `basis` (posts,).

    Where it was coded that the question is not asked of a post, that post is coded: it does not carry the
    code. Where authors have several posts, authors are clusters. Where posts weigh, only the second knows how
    likely people were to code each.
    """
    coded = is_coded_on(basis) & (basis != Basis.UNRESOLVED)
    has = ~np.isnan(predicted)
    n_without, strata = int((~has).sum()), estimator.weighing.strata if estimator.weighing else None
    is_seen = _is_seen(coded & has, strata)
    n_unseen = int((has & ~is_seen).sum())
    has &= is_seen
    people, others = has & coded, has & ~coded
    alone = share_of(carries & people, basis, estimator, of_carriers=False, within=people)
    y = carries[people].astype(float)
    authors = estimator.authors.clusters if estimator.clusters_of(has) else None
    of_people = None if authors is None else [*authors[people].tolist(), *authors[others].tolist()]
    weighing, of_all = estimator.weighing, None if authors is None else authors[has].tolist()
    if weighing is None:
        tuned = ppi_mean(
            y.tolist(), predicted[people].tolist(), predicted[others].tolist(), power=None, clusters=of_people
        )
    else:
        extent = (int(people.sum()), int(others.sum()))
        tuned = AssistedProportion(None, None, None, None, None, *extent, PPI_TUNED, _NOT_BY_WEIGHTS)
    codes = np.where(coded, carries, np.nan)[has].tolist()
    chances = _chances(people, has, strata)
    weights = None if weighing is None else (1 / weighing.at_import[has]).tolist()
    supervised = dsl_mean(predicted[has].tolist(), codes, chances.tolist(), clusters=of_all, weights=weights)
    return Assisted(alone, tuned, supervised, n_without, n_unseen)


def _is_seen(people: Flags, strata: Counts | None) -> Flags:
    """Whether the stratum of each post has a post of `people`, both (posts,)."""
    if strata is None:
        return np.ones_like(people)
    return np.asarray((np.bincount(strata, people) > 0)[strata])


def _chances(people: Flags, has: Flags, strata: Counts | None) -> Floats:
    """Which part of the posts with a prediction people coded, within each stratum; of those posts."""
    of = np.zeros(has.size, dtype=np.int64) if strata is None else strata
    drawn, there = (np.bincount(of[some], minlength=int(of.max(initial=0)) + 1) for some in (people, has))
    # Where people coded none of them, nothing is divided by the chance.
    return np.where(drawn > 0, drawn / np.maximum(there, 1), 1.0)[of[has]]
