"""Drawing posts by strata, from the same seed and with whole numbers only, as `plan` does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.errors import Refusal
from server.language import gettext as _
from server.language import number
from server.rounds.blocks import Integers
from server.rounds.draws import Stream, shuffled

MOST_STRATA = 100


@dataclass(frozen=True, eq=False)
class Strata:
    """The stratum of each post, as a place among the sorted `values`."""

    values: tuple[str, ...]
    of: Integers

    @property
    def sizes(self) -> Integers:
        """How many posts each stratum has."""
        return np.bincount(self.of, minlength=len(self.values)).astype(np.int64)


def strata_of(values: Sequence[str], field: str) -> Strata:
    """The strata of posts with these values, one a post; a post without one has the empty value.

    Raises:
        Refusal: naming `field`, which has too many values to be strata.
    """
    names = tuple(sorted(set(values)))
    if len(names) > MOST_STRATA:
        message = _("This field has {n} different values, which is too many for strata. Choose another.")
        said = message.format(n=number(len(names)))
        raise Refusal(said, {field: said})
    place = {name: at for at, name in enumerate(names)}
    return Strata(names, np.array([place[value] for value in values], dtype=np.int64))


def allotted(total: int, sizes: Integers) -> Integers:
    """`total` shared out in proportion to the sizes, by largest remainders; the first wins where they tie."""
    whole, rest = np.divmod(total * sizes, max(int(sizes.sum()), 1))
    first = np.lexsort((np.arange(sizes.size), -rest))[: total - int(whole.sum())]
    whole[first] += 1
    return np.asarray(whole, dtype=np.int64)


def first_of_each(order: Integers, strata: Strata, wanted: Integers) -> np.ndarray:
    """Which elements of `order` (places of posts) are among the first `wanted` of their stratum."""
    groups = strata.of[order]
    by_group = np.argsort(groups, kind="stable")
    begins = np.concatenate([[0], np.cumsum(np.bincount(groups, minlength=len(strata.values)))[:-1]])
    place = np.empty(order.size, dtype=np.int64)
    place[by_group] = np.arange(order.size) - begins[groups[by_group]]
    return np.asarray(place < wanted[groups])


def draw_stratified(strata: Strata, seed: int, *, size: int | None, each: int | None) -> Integers:
    """A random sample by strata, as ascending places: `each` of every stratum, or `size` in proportion.

    A stratum that has fewer than `each` is taken whole.

    Raises:
        Refusal: naming `size`.
    """
    sizes, n_posts = strata.sizes, strata.of.size
    if each is None and (size is None or size > n_posts):
        message = _("The sample cannot be larger than the number of posts. There are {n}.")
        said = message.format(n=number(n_posts))
        raise Refusal(said, {"size": said})
    wanted = np.minimum(sizes, each) if each is not None else allotted(size or 0, sizes)
    order = shuffled(n_posts, seed, Stream.SAMPLE)
    return np.sort(order[first_of_each(order, strata, wanted)])


def doubles_first(order: Integers, strata: Strata, n_double: int) -> Integers:
    """The same posts in another order: first `n_double` of them, from each stratum in proportion."""
    is_double = first_of_each(order, strata, allotted(n_double, strata.sizes))
    return np.concatenate([order[is_double], order[~is_double]])
