"""Shares with the help of a model that predicts a code for all posts, in a column that came with them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.errors import Refusal
from server.estimation import AssistedProportion, dsl_mean, ppi_mean
from server.language import gettext as _
from server.results.estimating import Estimator
from server.results.fields import Pick
from server.results.outcomes import Counts, Flags

_WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Assisted:
    """The share by prediction-powered inference and by design-based supervised learning.

    `n_without` posts have no prediction and are left out.
    """

    tuned: AssistedProportion
    supervised: AssistedProportion
    n_without: int


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


def assisted(carries: Flags, coded: Flags, predicted: Floats, estimator: Estimator) -> Assisted:
    """Both shares of all posts that have a prediction; people coded those that are `coded` (posts,).

    Where authors have several of them, authors are clusters.
    """
    has = ~np.isnan(predicted)
    people, others = has & coded, has & ~coded
    y = carries[people].astype(float)
    authors = estimator.authors.clusters if estimator.clusters_of(has) else None
    of_people = None if authors is None else [*authors[people].tolist(), *authors[others].tolist()]
    tuned = ppi_mean(
        y.tolist(), predicted[people].tolist(), predicted[others].tolist(), power=None, clusters=of_people
    )
    codes = np.where(coded, carries, np.nan)[has].tolist()
    share = people.sum() / has.sum() if people.any() else 1.0
    of_all = None if authors is None else authors[has].tolist()
    supervised = dsl_mean(predicted[has].tolist(), codes, float(share), clusters=of_all)
    return Assisted(tuned, supervised, int((~has).sum()))
