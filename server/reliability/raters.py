"""Conger's kappa: of all annotators at once, each known by name."""

from collections.abc import Sequence

from server.agreement import Coefficient, agree_on_raters
from server.language import gettext as _
from server.reliability.answers import AnswerPatterns, Ints
from server.reliability.measuring import Measuring

# Posts told apart by who coded them, times annotators, times categories; beyond this it would take minutes.
_MOST_CELLS = 5_000_000


def conger_kappa(
    measuring: Measuring,
    answers: AnswerPatterns,
    category: Ints,
    n_categories: int,
    values: Sequence[float | None] | None = None,
) -> tuple[Coefficient, ...]:
    """Conger's kappa if `measuring` asks for it; `category` (n_answers) and `values` as for pairs."""
    if not measuring.is_full:
        return ()
    if len(answers.members) * len(answers.annotators) * n_categories > _MOST_CELLS:
        why = _("Too many annotators and posts to tell all of them apart. Compare pairs, or choose a group.")
        return (measuring.absent("conger_kappa", "nominal", answers.unnamed, why),)
    raters, clusters = answers.raters(category, n_categories)
    options = measuring.options(clusters)
    if values is None:
        return (agree_on_raters(raters, **options),)
    return measuring.weighted(values, lambda weights: (agree_on_raters(raters, values, weights, **options),))
