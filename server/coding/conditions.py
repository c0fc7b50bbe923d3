"""Which questions are asked of an annotator, given what they answered so far. Pure.

A question without a condition is always asked. Any answer of a condition fulfils it, but only if the
question that the answer belongs to is itself asked. Conditions look back only, so one pass decides.
"""

from collections.abc import Collection, Mapping, Sequence

from server.codebooks.queries import VariableInfo
from server.codebooks.when import only_if
from server.language import gettext as _

Chosen = Mapping[int, Collection[int | None]]
"""The chosen codes of questions by their ids; None for "nothing applies"."""


def asked(variables: Sequence[VariableInfo], chosen: Chosen) -> frozenset[int]:
    """The ids of the questions that are asked; `variables` stand in the order of the codebook."""
    found: set[int] = set()
    for variable in variables:
        answers = (code_id in chosen.get(on_id, ()) for on_id, code_id in variable.when if on_id in found)
        if not variable.when or any(answers):
            found.add(variable.id)
    return frozenset(found)


def asked_only_if(variables: Sequence[VariableInfo], variable: VariableInfo) -> str:
    """The condition of a question in words; empty where it is always asked."""
    if not variable.when:
        return ""
    groups = [
        (on.label, codes)
        for on in variables
        if (codes := [label for code_id, label in _answers(on) if (on.id, code_id) in variable.when])
    ]
    return only_if(groups)


def _answers(variable: VariableInfo) -> list[tuple[int | None, str]]:
    codes: list[tuple[int | None, str]] = [(code.id, code.label) for code in variable.codes]
    return [*codes, (None, _("Nothing applies"))]
