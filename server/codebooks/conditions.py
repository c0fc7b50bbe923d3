"""Which variables of a codebook are asked only under a condition, and what that condition says."""

from collections.abc import Iterator

from server.codebooks.kinds import CHOICES
from server.codebooks.sheet import NOTHING_APPLIES, CodebookSheet, VariableSheet
from server.codebooks.when import ConditionSheet, only_if, write_when
from server.language import gettext as _


def answers_offered(variable: VariableSheet) -> tuple[tuple[str, str], ...]:
    """What another variable can depend on: the keys of its answers, and what they are called."""
    if variable.kind not in CHOICES:
        return ()
    codes = tuple((code.key, code.label) for code in variable.codes)
    return (*codes, (NOTHING_APPLIES, _("Nothing applies"))) if variable.kind == "multiple" else codes


def when_text(sheet: CodebookSheet, variable: VariableSheet) -> str:
    """The condition of a variable as files write it, in the order of the codebook."""
    if not variable.when:
        return ""
    places = {
        ConditionSheet(other.key, key): place
        for place, (other, key, _label) in enumerate(_all_answers(sheet))
    }
    last = len(places)
    return write_when(sorted(variable.when, key=lambda each: (places.get(each, last), each)))


def when_in_words(sheet: CodebookSheet, variable: VariableSheet) -> str:
    """The condition of a variable in words; empty where it is always asked."""
    if not variable.when:
        return ""
    groups: dict[str, tuple[str, list[str]]] = {}
    for other, key, label in _all_answers(sheet):
        if (other.key, key) in variable.when:
            groups.setdefault(other.key, (other.label, []))[1].append(label)
    return only_if(tuple(groups.values()))


def _all_answers(sheet: CodebookSheet) -> Iterator[tuple[VariableSheet, str, str]]:
    for other in sheet.variables:
        for key, label in answers_offered(other):
            yield other, key, label
