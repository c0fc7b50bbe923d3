"""Questions and codes that a file calls otherwise than the codebook: by label, or not at all. Pure."""

from server.codebooks.sheet import CodebookSheet


class Naming:
    """The keys of questions and codes by what a file calls them.

    A code may be named by its label, in any case, where no two codes of a question share it. With
    `is_of_one`, what names no question of the codebook is about the only one that has codes.
    """

    def __init__(self, codebook: CodebookSheet, *, is_of_one: bool) -> None:
        self._keys = {one.key: {code.key for code in one.codes} for one in codebook.variables}
        coded = [key for key, codes in self._keys.items() if codes]
        self._only = coded[0] if is_of_one and len(coded) == 1 else None
        self._by_label: dict[tuple[str, str], str | None] = {}
        for one in codebook.variables:
            for code in one.codes:
                at = (one.key, code.label.strip().casefold())
                self._by_label[at] = None if at in self._by_label else code.key

    def question(self, said: str) -> str:
        """The key of a question; what was said where it is not known."""
        return self._only if self._only and said not in self._keys else said

    def code(self, question: str, said: str) -> str:
        """The key of a code of this question; what was said where it is not known."""
        if said in self._keys.get(question, ()):
            return said
        return self._by_label.get((question, said.casefold())) or said
