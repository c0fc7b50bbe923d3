"""Codes that a file calls otherwise than the codebook: by label or by number. Pure."""

from server.codebooks.sheet import CodebookSheet, VariableSheet
from server.datasets.table import numbered


class Naming:
    """The keys of codes by what a file calls them; `heard` is what it called each, by question and key.

    A code may be named by its label, in any case, where no two codes of a question share it. With
    `by_number` it is named by its number alone, as in ReCal's files, even where others have numbers as keys.
    """

    def __init__(self, codebook: CodebookSheet, *, by_number: bool = False) -> None:
        names, labels = (_numbers, _none) if by_number else (_keys, _labels)
        self._by_number = by_number
        self._names = {one.key: names(one) for one in codebook.variables}
        self._labels = {one.key: labels(one) for one in codebook.variables}
        self.heard: dict[tuple[str, str], dict[str, None]] = {}

    def code(self, question: str, said: str) -> str:
        """The key of a code of this question; where it is not known what was said, or nothing by number."""
        names, labels = self._names.get(question, {}), self._labels.get(question, {})
        unknown = "" if self._by_number and names else said
        key = names.get(said) or labels.get(said.casefold()) or unknown
        if names and key:
            self.heard.setdefault((question, key), {})[said] = None
        return key


def _keys(variable: VariableSheet) -> dict[str, str]:
    return {code.key: code.key for code in variable.codes}


def _labels(variable: VariableSheet) -> dict[str, str]:
    keys: dict[str, str] = {}
    for code in variable.codes:
        label = code.label.strip().casefold()
        keys[label] = "" if label in keys else code.key
    return keys


def _numbers(variable: VariableSheet) -> dict[str, str]:
    codes = numbered([(code.key, code.label, code.value) for code in variable.codes])
    return {str(code.number): code.key for code in codes}


def _none(_variable: VariableSheet) -> dict[str, str]:
    return {}
