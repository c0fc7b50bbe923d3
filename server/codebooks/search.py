"""What a codebook says of some words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.codebooks.nesting import NestedVariable
from server.codebooks.sheet import CodeSheet, VariableSheet
from server.web.finding import folded, words_in


@dataclass(frozen=True)
class Found:
    """The questions with what was found of each: codes, or itself, in which all the `words` stand."""

    words: tuple[str, ...]
    variables: tuple[NestedVariable, ...]
    n_codes: int
    n_questions: int


def search(variables: Sequence[NestedVariable], typed: str) -> Found | None:
    """The codes and questions in which all the words stand; None where no word was typed."""
    words = words_in(typed)
    if not words:
        return None
    n_questions = 0
    found: list[NestedVariable] = []
    for item in variables:
        codes = tuple(replace(place, depth=0) for place in item.codes if _holds(words, *_said_of(place.code)))
        is_found = _holds(words, *_asked_by(item.variable))
        n_questions += is_found
        if codes or is_found:
            found.append(replace(item, codes=codes))
    return Found(words, tuple(found), sum(len(item.codes) for item in found), n_questions)


def _said_of(code: CodeSheet) -> tuple[str, ...]:
    rules, examples = (code.use_when, code.avoid_when), (code.example, code.counter_example)
    return code.label, code.definition, *rules, *examples


def _asked_by(variable: VariableSheet) -> tuple[str, ...]:
    return variable.label, variable.hint


def _holds(words: Sequence[str], *texts: str) -> bool:
    whole = folded("\n".join(texts))
    return all(word in whole for word in words)
