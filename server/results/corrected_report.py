"""One corrected share: for errors of coding, and with the predictions of a model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlmodel import Session

from server.codebooks.kinds import CHOICES
from server.errors import Refusal
from server.estimation import CorrectedProportion, Interval, rogan_gladen
from server.language import gettext as _
from server.language import locale, number
from server.projects.access import Access
from server.projects.roles import Permission
from server.results.accuracy import (
    Checked,
    Undecided,
    checked_by_gold,
    checked_twice,
    confused_twice,
    gold_on,
    rounds_offering,
    undecided_twice,
)
from server.results.choices import USUAL, Ways
from server.results.estimating import Estimator
from server.results.fields import Pick, cells, choices_of, picks
from server.results.finals import finals_of, needed_for
from server.results.groups_report import OptionGroups, chosen_code, code_options
from server.results.memory import (
    remembered_correction,
    remembered_fields,
    remembered_slices,
)
from server.results.misclassified import (
    Confused,
    Misclassification,
    confused,
    misclassification,
    nothing_confused,
)
from server.results.outcomes import Bases, Basis, Counts, Flags, has_value, is_coded_on
from server.results.predictions import Assisted, assisted, predictions_of
from server.results.queries import Scope, scope_of_figures, variables
from server.results.sampling import UNWEIGHABLE, Sampling, Weighted, sampling_of, weighted_by
from server.results.shares import Share, share_of
from server.results.tallies import FinalSlice
from server.rounds.queries import Sight


@dataclass(frozen=True)
class Correction:
    """A share corrected for errors of coding, beside the plain one of the same posts.

    `why_not` says in words why there is none. `every` corrects all codes of a single choice at once.
    On `n_undecided` posts annotators differ without a majority, and nobody has decided: their errors are not
    among those checked.
    The plain share is as sure as that of `worth` independent posts.
    """

    plain: Share
    checked: Checked
    corrected: CorrectedProportion | None
    why_not: str
    every: Misclassification | None = None
    n_undecided: int = 0
    worth: float = 0.0


@dataclass(frozen=True)
class CorrectedReport:
    """One code: the plain share, what gold and second codings make of it, and what predictions do.

    Gold is told to leads alone. On `n_unresolved` coded posts nothing is settled yet, so that they are in no
    share; `bounds` are what the plain one would be if none or all of them carried the code. `only_if` says of
    which posts the question is asked, where not of all: all but the predictions speak of these posts alone.
    """

    pick: Pick | None
    codes: OptionGroups
    columns: tuple[str, ...]
    predictions: str
    plain: Share | None
    by_gold: Correction | None
    by_second: Correction | None
    assisted: Assisted | None
    sampling: Sampling
    weighted: Weighted
    hidden: tuple[Sight, ...]
    only_if: str = ""
    n_unresolved: int = 0
    bounds: Interval | None = None

    @property
    def is_estimated(self) -> bool:
        """Whether there is anything beside the plain share."""
        ways = (self.by_gold, self.by_second)
        return self.assisted is not None or any(way and way.corrected for way in ways)

    @property
    def why_not_random(self) -> str:
        """Why predictions do not correct the coded posts rightly; empty where these were drawn at random.

        Weighed, it is enough that they were drawn so within the groups of a field.
        """
        return self.sampling.why_not_within if self.weighted.is_so else self.sampling.why_not


def corrected_report(
    db: Session, access: Access, code: str, predictions: str, ways: Ways = USUAL
) -> CorrectedReport:
    """One code, corrected as far as can be, as this reader may see it.

    Raises:
        Refusal: where there is no such code or column, the column does not predict the code, or posts have no
            weights.
    """
    scope = scope_of_figures(db, access)
    asked = (code, predictions, ways, locale())
    return remembered_correction(
        db, access, scope, asked, lambda: _read(db, access, scope, code, predictions, ways)
    )


def _read(
    db: Session, access: Access, scope: Scope, code: str, predictions: str, ways: Ways
) -> CorrectedReport:
    all_ = variables(db, access, scope)
    choices = [variable for variable in all_ if variable.kind in CHOICES]
    found, columns = picks(choices), remembered_fields(db, scope)
    sampling = sampling_of(db, scope)
    nothing = _nothing(scope, code_options(choices), columns, predictions, sampling)
    if not found:
        return nothing
    pick = chosen_code(found, code)
    if predictions and predictions not in columns:
        message = _("The posts have no such field.")
        raise Refusal(message, {"predictions": message})
    asked = needed_for(all_, [pick.variable])
    parts = remembered_slices(db, access, scope, asked, ways.rule)
    finals = finals_of(parts, asked)
    if not finals.of or not finals.is_coded.any():
        return nothing
    values = choices_of(finals, pick.variable)
    place = pick.variable.codes.index(pick.code)
    carries, basis = values.chosen[:, place], values.basis[:, place]
    known = has_value(basis) & (basis != Basis.UNRESOLVED)
    weighted = weighted_by(db, scope, finals, sampling, ways).on(is_coded_on(basis))
    estimator = Estimator(finals.authors, ways, weighing=weighted.weighing)
    coded = _Coded(carries, basis, known, estimator, values.chosen, finals.numbers)
    return replace(
        nothing,
        pick=pick,
        plain=coded.share(coded.known),
        # Whoever does not lead is not told that posts have gold.
        by_gold=_by_gold(db, access, coded, pick, parts) if access.may(Permission.MANAGE_ROUNDS) else None,
        by_second=_by_second(db, scope, coded, pick, parts),
        assisted=_assisted(db, access, coded, pick, predictions),
        weighted=weighted,
        only_if=finals.only_if(pick.variable),
        n_unresolved=int((basis == Basis.UNRESOLVED).sum()),
        bounds=coded.share(has_value(basis)).bounds,
    )


def _nothing(
    scope: Scope, codes: OptionGroups, columns: tuple[str, ...], predictions: str, sampling: Sampling
) -> CorrectedReport:
    """What can be asked, and nothing else."""
    return CorrectedReport(
        pick=None,
        codes=codes,
        columns=columns,
        predictions=predictions,
        plain=None,
        by_gold=None,
        by_second=None,
        assisted=None,
        sampling=sampling,
        weighted=UNWEIGHABLE,
        hidden=scope.hidden,
    )


@dataclass(frozen=True, eq=False)
class _Coded:
    """Whether posts carry the code, on which basis, and of which that is known, all (posts,).

    `chosen` are all codes of its question (posts, codes), `numbers` those of the posts, ascending.
    """

    carries: Flags
    basis: Bases
    known: Flags
    estimator: Estimator
    chosen: Flags
    numbers: Counts

    def share(self, within: Flags) -> Share:
        return share_of(self.carries & within, self.basis, self.estimator, of_carriers=False, within=within)


def _by_gold(
    db: Session, access: Access, coded: _Coded, pick: Pick, parts: Sequence[FinalSlice]
) -> Correction:
    numbers = {post.id: post.number for part in parts for post in part.posts}
    posts, truth = gold_on(db, access, pick.variable, numbers)
    at = np.searchsorted(coded.numbers, posts)
    at, truth = at[coded.known[at]], truth[coded.known[at]]
    place = pick.variable.codes.index(pick.code)
    nothing = _("No coded post is resolved on this question, so there is nothing to correct.")
    found = _correction(coded, coded.known, checked_by_gold(truth[:, place], coded.carries[at]), nothing)
    if pick.variable.kind == "multiple":
        return found
    return replace(
        found, every=_every(coded, coded.known, pick, confused(truth, coded.chosen[at], np.arange(at.size)))
    )


def _by_second(
    db: Session, scope: Scope, coded: _Coded, pick: Pick, parts: Sequence[FinalSlice]
) -> Correction:
    within = coded.basis == Basis.SINGLE
    offering = rounds_offering(db, scope, [pick.code])
    checked = sum((checked_twice(part, pick, offering) for part in parts), Checked())
    nothing = _("No post rests on a single coding of this question, so there is nothing to correct.")
    undecided = sum((undecided_twice(part, pick) for part in parts), Undecided())
    too_open = _too_open(undecided)
    found = _correction(coded, within, checked, nothing, too_open)
    found = replace(found, n_undecided=undecided.n)
    if pick.variable.kind == "multiple":
        return found
    all_offering = rounds_offering(db, scope, pick.variable.codes)
    said = (confused_twice(part, pick.variable, all_offering) for part in parts)
    every = sum(said, nothing_confused(pick.variable))
    return replace(found, every=_every(coded, within, pick, every, too_open))


def _too_open(undecided: Undecided) -> str:
    if not undecided.are_too_many:
        return ""
    return _(
        "On {n} of {several} posts that several coded, they differ without a majority and nobody has "
        "decided. Beyond 5 % the others do not tell how often codings err: what is easy to code is left."
    ).format(n=number(undecided.n), several=number(undecided.several))


def _every(coded: _Coded, within: Flags, pick: Pick, found: Confused, why_not: str = "") -> Misclassification:
    return misclassification(pick.variable, coded.chosen, within, coded.estimator, found, why_not)


def _correction(
    coded: _Coded, within: Flags, checked: Checked, nothing: str, too_open: str = ""
) -> Correction:
    """The posts `within`, corrected; where there are none, that is what `nothing` says.

    `too_open` says why errors cannot be seen, where too much is undecided.
    """
    plain = coded.share(within)
    why_not = (_why_not(checked) or too_open) if plain.denominator else nothing
    if why_not or plain.share is None:
        return Correction(plain, checked, None, why_not)
    worth = coded.estimator.worth(coded.carries, within)
    return Correction(plain, checked, _corrected(plain.share, worth, checked), "", worth=worth)


def _corrected(share: float, n: float, checked: Checked) -> CorrectedProportion:
    # Rounding must not carry a share of 1 above the posts.
    return rogan_gladen(min(share * n, n), n, checked.sensitivity, checked.specificity)


def _why_not(checked: Checked) -> str:
    if sum(checked.posts) == 0:
        return _("Nothing to check codings by: no coded post has an answer that is known in this way yet.")
    if not checked.is_enough:
        return _(
            "Posts with and without the code must both have been checked. Of {yes} with and {no} without it "
            "the errors of one kind cannot be seen."
        ).format(yes=number(checked.posts[0]), no=number(checked.posts[1]))
    return ""


def _assisted(db: Session, access: Access, coded: _Coded, pick: Pick, column: str) -> Assisted | None:
    if not column:
        return None
    predicted = predictions_of(cells(db, access.project_id, column), pick, coded.numbers)
    return assisted(coded.carries, coded.basis, predicted, coded.estimator)
