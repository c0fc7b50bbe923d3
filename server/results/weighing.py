"""What each coded post counts where posts had unequal chances of being coded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from server.errors import Refusal
from server.language import gettext as _
from server.language import number
from server.results.choices import Denominator, Reach, Ways
from server.results.outcomes import Counts, Flags

Floats = NDArray[np.float64]
_NAMED = 5


@dataclass(frozen=True, eq=False)
class Weighing:
    """The weight of each post, which are `coded`, and the strata that rounds drew within, each (posts,).

    The weight is one over the chance that the post had to be drawn, at its import `at_import` and among the
    posts of its stratum. `sizes` are the posts of the project in each stratum, of which the `coded` ones are
    corrected as drawn, `names` what these are called, both (strata,). In strata that are `unseen` no post is
    coded.
    """

    weights: Floats
    at_import: Floats
    coded: Flags
    strata: Counts | None = None
    sizes: tuple[float, ...] = ()
    unseen: tuple[str, ...] = ()
    names: Sequence[str] = ()

    def rows(self) -> Iterator[tuple[float, int | None, float]]:
        """Of each post the chance it had at its import, the number of its stratum from 1, and its weight.

        Strata go by numbers: their names are words of the posts' further columns.
        """
        strata = repeat(None) if self.strata is None else (self.strata + 1).tolist()
        yield from zip(self.at_import.tolist(), strata, self.weights.tolist(), strict=False)

    def on(self, coded: Flags) -> "Weighing":
        """The same of those posts alone that are `coded` on one question (posts,).

        They stand for all posts of their strata, also where others are coded on other questions.
        """
        if np.array_equal(coded, self.coded):
            return self
        return weighing(self.at_import, None if self.strata is None else (self.names, self.strata), coded)

    def drawn_as(self, coded: Flags) -> "Weighing":
        """The same, corrected for finite strata as if only those `coded` on one code were drawn (posts,).

        The others count as not carrying it, which nobody saw: were they taken for drawn, a share of few that
        were asked would be as sure as one of all. The sizes keep n_h of the code over N_h the part drawn.
        """
        if self.strata is None or np.array_equal(coded, self.coded):
            return self
        there = np.array(self.sizes)
        taken, known = (np.bincount(self.strata[some], minlength=there.size) for some in (self.coded, coded))
        # Where nobody was asked less than one was drawn, so that not even a single post is a census.
        return replace(self, sizes=tuple((there * taken / np.maximum(known, 0.5)).tolist()))

    @property
    def left_out(self) -> str:
        """Of which strata nothing is known, in words; empty where of none."""
        if not self.unseen:
            return ""
        names = [name or _("none") for name in self.unseen[:_NAMED]]
        shown = ", ".join(names) + (" …" if len(self.unseen) > _NAMED else "")
        said = _("No post is coded in {n} of {all} groups ({names}): the shares speak of the others.")
        return said.format(n=number(len(self.unseen)), all=number(len(self.sizes)), names=shown)


def weighing(fractions: Floats, strata: tuple[Sequence[str], Counts] | None, coded: Flags) -> Weighing:
    """Weights by how posts were drawn.

    A post weighs one over the chance that it had to be drawn at its import, `fractions` (posts,), and N_h/n_h
    where n_h of the N_h posts of its stratum are `coded` (posts,): so the posts of a stratum stand for all of
    it (Horvitz & Thompson 1952, J. Am. Stat. Assoc. 47:663-685; Cochran 1977, Sampling Techniques, section
    5A.9). `strata` are their names and the stratum of each post.
    """
    weights = 1 / fractions
    if strata is None:
        return Weighing(weights, fractions, coded)
    names, of = strata
    there = np.bincount(of, minlength=len(names))
    drawn = np.bincount(of[coded], minlength=len(names))
    per_post = there / np.maximum(drawn, 1)
    unseen = tuple(names[place] for place in np.flatnonzero((drawn == 0) & (there > 0)).tolist())
    return Weighing(weights * per_post[of], fractions, coded, of, tuple(there.tolist()), unseen, names)


def strata_of_cells(found: Sequence[tuple[int, str]], numbers: Counts) -> tuple[Sequence[str], Counts]:
    """The strata that a further column makes; posts without a value in it are one of their own.

    `found`: numbers of posts and what stands there; `numbers` those of all posts, ascending (posts,).
    """
    values = np.full(numbers.size, "", dtype=object)
    values[np.searchsorted(numbers, [post for post, _value in found])] = [value for _post, value in found]
    names, of = np.unique(values.astype(str), return_inverse=True)
    return names.tolist(), of.reshape(-1)


def check_weights(ways: Ways, fields: Sequence[str], *, has_unequal_chances: bool) -> None:
    """Refuse to weigh where posts have no weights, or none for what the shares shall speak of.

    `fields`: those whose groups rounds drew from. `has_unequal_chances`: whether posts had them at import.
    """
    field, message = "weights", ""
    if len(fields) > 1:
        said = _("Rounds drew from the groups of different fields ({fields}), so no post has one weight.")
        message = said.format(fields=", ".join(fields))
    elif not (fields or has_unequal_chances):
        message = _("All posts had the same chance of being drawn, so there is nothing to weigh.")
    elif ways.denominator is Denominator.ALL:
        field = "denominator"
        message = _("Of all posts nothing is drawn: posts that are not coded count as not carrying a code.")
    elif has_unequal_chances and ways.reach is Reach.CORPUS:
        field = "reach"
        message = _("Posts were drawn at their import, so the shares speak of the file they came from.")
    if message:
        raise Refusal(message, {field: message})
