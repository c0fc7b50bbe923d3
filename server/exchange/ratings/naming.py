"""Codes that a file calls otherwise than the codebook: by label or by number. Pure."""

from server.codebooks.sheet import CodebookSheet, VariableSheet
from server.datasets.table import numbered


class Naming:
    """The keys of codes by what a file calls them; `heard` is what it called each, by question and key.

    A code may be named by its label, in any case, where no two codes of a question share it. With
    `by_number` it is named by its number alone, as in ReCal's files.
    """

    def __init__(self, codebook: CodebookSheet, *, by_number: bool = False) -> None:
        read = _by_number if by_number else _by_name
        self._keys = {one.key: read(one) for one in codebook.variables}
        self.heard: dict[tuple[str, str], dict[str, None]] = {}

    def code(self, question: str, said: str) -> str:
        """The key of a code of this question; what was said where it is not known."""
        keys = self._keys.get(question, {})
        key = keys.get(said) or keys.get(said.casefold()) or said
        if keys:
            self.heard.setdefault((question, key), {})[said] = None
        return key


def _by_name(variable: VariableSheet) -> dict[str, str]:
    keys: dict[str, str] = {}
    for code in variable.codes:
        label = code.label.strip().casefold()
        keys[label] = "" if label in keys else code.key
    return keys | {code.key: code.key for code in variable.codes}


def _by_number(variable: VariableSheet) -> dict[str, str]:
    codes = numbered([(code.key, code.label, code.value) for code in variable.codes])
    return {str(code.number): code.key for code in codes}
