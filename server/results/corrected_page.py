"""The page of one corrected share: for errors of coding, and with a model's predictions."""

from dataclasses import dataclass, replace

from sqlmodel import Session

from server.codebooks.kinds import CHOICES
from server.errors import Refusal
from server.estimation import CorrectedProportion, rogan_gladen
from server.language import gettext as _
from server.language import number
from server.projects.access import Access
from server.projects.roles import Permission
from server.results.accuracy import Checked, checked_by_gold, checked_twice, gold_on, rounds_offering
from server.results.estimating import Estimator, effective_posts
from server.results.fields import Pick, cells, choices_of, picks
from server.results.finals import finals_of, needed_for
from server.results.group_page import OptionGroups, chosen_code, code_options
from server.results.memory import remembered_fields
from server.results.outcomes import Bases, Basis, Counts, Flags, Rule, has_value
from server.results.predictions import Assisted, assisted, predictions_of
from server.results.queries import scope_of_figures, variables
from server.results.sampling import Sampling, sampling_of
from server.results.shares import Share, share_of
from server.results.tallies import final_slices
from server.rounds.queries import Sight


@dataclass(frozen=True)
class Correction:
    """A share corrected for errors of coding, beside the plain one of the same posts.

    `why_not` says in words why there is none.
    """

    plain: Share
    checked: Checked
    corrected: CorrectedProportion | None
    why_not: str


@dataclass(frozen=True)
class CorrectedReport:
    """One code: the plain share, what gold and second codings make of it, and what predictions do.

    Gold is told to leads alone.
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
    hidden: tuple[Sight, ...]


def corrected_report(db: Session, access: Access, code: str, predictions: str, rule: Rule) -> CorrectedReport:
    """One code, corrected as far as can be, as this reader may see it.

    Raises:
        Refusal: where there is no such code or column, or the column does not predict the code.
    """
    scope = scope_of_figures(db, access)
    all_ = variables(db, access, scope)
    choices = [variable for variable in all_ if variable.kind in CHOICES]
    found, columns = picks(choices), remembered_fields(db, scope)
    sampling = sampling_of(db, scope)
    nothing = CorrectedReport(
        None, code_options(choices), columns, predictions, None, None, None, None, sampling, scope.hidden
    )
    if not found:
        return nothing
    pick = chosen_code(found, code)
    if predictions and predictions not in columns:
        message = _("The posts have no such field.")
        raise Refusal(message, {"predictions": message})
    asked = needed_for(all_, [pick.variable])
    parts = list(final_slices(db, access, scope, asked, rule))
    finals = finals_of(parts, asked)
    if not finals.of or not finals.is_coded.any():
        return nothing
    values = choices_of(finals, pick.variable)
    place = pick.variable.codes.index(pick.code)
    carries, basis = values.chosen[:, place], values.basis[:, place]
    coded = _Coded(carries, basis, has_value(basis) & (basis != Basis.UNRESOLVED), Estimator(finals.authors))
    offering = rounds_offering(db, scope, pick)
    twice = sum((checked_twice(part, pick, offering) for part in parts), Checked())
    ids = {post.id: post.number for part in parts for post in part.posts}
    # Whoever does not lead is not told that posts have gold.
    gold = None
    if access.may(Permission.MANAGE_ROUNDS):
        gold = checked_by_gold(gold_on(db, access, pick, ids), finals.numbers, carries, coded.known)
    return replace(
        nothing,
        pick=pick,
        plain=coded.share(coded.known),
        by_gold=_correction(coded, coded.known, gold) if gold else None,
        by_second=_correction(coded, basis == Basis.SINGLE, twice),
        assisted=_assisted(db, access, coded, (pick, predictions), finals.numbers),
    )


@dataclass(frozen=True, eq=False)
class _Coded:
    """Whether posts carry the code, on which basis, and of which that is known, all (posts,)."""

    carries: Flags
    basis: Bases
    known: Flags
    estimator: Estimator

    def share(self, within: Flags) -> Share:
        return share_of(self.carries & within, self.basis, self.estimator, of_carriers=False, within=within)


def _correction(coded: _Coded, within: Flags, checked: Checked) -> Correction:
    plain = coded.share(within)
    why_not = _why_not(plain, checked)
    if why_not or plain.share is None:
        return Correction(plain, checked, None, why_not)
    n = plain.denominator
    if plain.clusters is not None:
        n_alike = effective_posts(coded.carries[within], coded.estimator.authors.clusters[within])
        return Correction(plain, checked, _corrected(plain.share, n_alike, checked), "")
    return Correction(plain, checked, _corrected(plain.share, n, checked), "")


def _corrected(share: float, n: float, checked: Checked) -> CorrectedProportion:
    # Rounding must not carry a share of 1 above the posts.
    return rogan_gladen(min(share * n, n), n, checked.sensitivity, checked.specificity)


def _why_not(plain: Share, checked: Checked) -> str:
    if not plain.denominator:
        return _("No post is of this kind, so there is nothing to correct.")
    if sum(checked.posts) == 0:
        return _("No coding can be checked: no post with a known answer was coded.")
    if not checked.is_enough:
        return _(
            "Posts with and without the code must both have been checked. Of {yes} with and {no} without it "
            "the errors of one kind cannot be seen."
        ).format(yes=number(checked.posts[0]), no=number(checked.posts[1]))
    return ""


def _assisted(
    db: Session, access: Access, coded: _Coded, asked: tuple[Pick, str], numbers: Counts
) -> Assisted | None:
    pick, column = asked
    if not column:
        return None
    predicted = predictions_of(cells(db, access.project_id, column), pick, numbers)
    return assisted(coded.carries, coded.known, predicted)
