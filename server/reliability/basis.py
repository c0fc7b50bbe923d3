"""What the numbers of a table were computed on, in words: posts, authors, method, seed, resamples."""

from collections.abc import Sequence

from server.agreement import Coefficient
from server.language import gettext as _
from server.language import ngettext
from server.reliability.figures import VariableAgreement
from server.reliability.screens import coefficient_label
from server.web.words import number, percent_in_print

Named = tuple[str, Coefficient]


def basis_of_answers(variable: VariableAgreement) -> str:
    """What the coefficients of the whole variable rest on."""
    found = [(coefficient_label(one.name, one.level), one) for one in variable.coefficients]
    return basis(found)


def basis_of_codes(variable: VariableAgreement) -> str:
    """What alpha of each code rests on."""
    return basis([(code.label, code.alpha) for code in variable.codes])


def basis_of_pairs(variable: VariableAgreement) -> str:
    """What kappa, or alpha, of each pair rests on."""
    found = [(f"{pair.first.name} · {pair.second.name}", pair.beyond_chance) for pair in variable.pairs]
    return basis(found)


def ways_of_alpha(found: Sequence[Coefficient]) -> str:
    """How the intervals of several alphas were made, each way once, whatever they are computed on."""
    ways = {one.method: one for one in found if one.interval is not None}
    return " ".join(_way_of_alpha(one) for one in ways.values())


def _way_of_alpha(one: Coefficient) -> str:
    if one.method == "t":
        return _("Intervals of alpha: estimate and standard error, by the t distribution.")
    said = _(
        "Intervals of alpha: {share}, bias-corrected and accelerated, of {n} bootstrap resamples, "
        "seed {seed}."
    )
    return said.format(share=percent_in_print(one.confidence, 0), n=number(one.resamples), seed=one.seed)


def basis(found: Sequence[Named]) -> str:
    """All of it, of coefficients with the names they have in the table."""
    parts = [_posts([one for _name, one in found]), _methods(found), _left_out(found)]
    return " ".join(part for part in parts if part)


def _posts(found: Sequence[Coefficient]) -> str:
    counts = sorted({one.n_pairable for one in found})
    if not counts:
        return ""
    if len(counts) == 1:
        said = ngettext("Computed on {n} post.", "Computed on {n} posts.", counts[0])
        return said.format(n=number(counts[0]))
    said = _("Computed on {low} to {high} posts.")
    return said.format(low=number(counts[0]), high=number(counts[-1]))


def _methods(found: Sequence[Named]) -> str:
    """How the intervals were made, each way once."""
    ways = {one.method: one for _name, one in found if one.interval is not None}
    return " ".join(_method(one) for one in ways.values())


def _method(one: Coefficient) -> str:
    drawn = {
        "n": number(one.resamples),
        "authors": number(one.n_clusters),
        "seed": one.seed,
        "share": percent_in_print(one.confidence, 0),
    }
    if one.method == "t":
        if one.n_clusters is None:
            return _("Intervals: estimate and standard error over posts, by the t distribution.")
        said = _(
            "Intervals: estimate and standard error over {authors} authors, by the t distribution, because "
            "so few authors cannot well be drawn again."
        )
        return said.format(**drawn)
    if one.n_clusters is None:
        said = _(
            "Intervals: {share}, bias-corrected and accelerated, of {n} bootstrap resamples of the posts, "
            "seed {seed}."
        )
    else:
        said = _(
            "Intervals: {share}, bias-corrected and accelerated, of {n} bootstrap resamples of {authors} "
            "authors with all their posts, seed {seed}."
        )
    return said.format(**drawn)


def _left_out(found: Sequence[Named]) -> str:
    """In how many resamples a coefficient was undefined, where there are some beside its interval."""
    lacking = [(name, one) for name, one in found if one.estimate is not None and one.undefined_resamples]
    if not lacking:
        return ""
    each = ", ".join(
        _("{name}: {n} of {all}").format(
            name=name, n=number(one.undefined_resamples), all=number(one.resamples)
        )
        for name, one in lacking
    )
    return _("Resamples in which there is no value, and which are left out: {each}.").format(each=each)
