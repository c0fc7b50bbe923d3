"""Whether the numbers of a variable's codes fit a level of measurement, or the weights of its categories."""

from collections.abc import Sequence

from server.agreement import Level, WeightsName
from server.language import gettext as _


def why_no_level(level: Level, values: Sequence[float | None]) -> str:
    """Why a variable with these values has no alpha at this level; empty where it has one."""
    if level == "nominal":
        return ""
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values):
        return _("Not every code of this variable has a number, which the {level} level needs.").format(
            level=level
        )
    if level == "ratio" and min(numbers) < 0:
        return _("The ratio level needs numbers from zero, and this variable has negative ones.")
    return ""


def why_no_weights(weights: WeightsName, values: Sequence[float | None]) -> str:
    """Why categories with these values cannot be weighted so; empty where they can."""
    if weights == "identity" or len(values) == 1:
        return ""
    if None in values:
        return _("Not every code of this variable has a number, which {weights} weights need.").format(
            weights=weights
        )
    if weights == "ratio" and any(value is not None and value < 0 for value in values):
        return _("Ratio weights need numbers from zero, and this variable has negative ones.")
    return ""
