"""Texts in which some paragraphs have names, as `Use when: …`, so that they can be told apart again. Pure."""

import re
from collections.abc import Collection, Mapping


class Paragraphs:
    """Writes and reads such texts; `names` is a regular expression of the names that a paragraph may have."""

    def __init__(self, names: str) -> None:
        self._named = re.compile(rf"(\\*)({names}): ?")

    def written(self, text: str, facts: Mapping[str, str]) -> str:
        """The text, and behind it a paragraph for each fact that is said."""
        own = "\n".join(map(self._hedged, text.split("\n")))
        paragraphs = [own, *(self._paragraph(name, said) for name, said in facts.items() if said)]
        return "\n".join(paragraph for paragraph in paragraphs if paragraph)

    def _paragraph(self, name: str, said: str) -> str:
        first, *rest = said.split("\n")
        return "\n".join([f"{name}: {first}", *map(self._hedged, rest)])

    def _hedged(self, line: str) -> str:
        """A line that does not begin as a paragraph of its own would."""
        return "\\" + line if self._named.match(line) else line

    def read(self, said: str, known: Collection[str] | None = None) -> tuple[str, dict[str, str]]:
        """The text at the beginning, and the paragraphs by their names; `known` are those that are meant."""
        found: dict[str, list[str]] = {"": []}
        at = ""
        for line in said.split("\n") if said else ():
            named = self._named.match(line)
            if named and not named[1] and (known is None or named[2] in known):
                at, line = named[2], line[named.end() :]  # noqa: PLW2901 - what is left of it
            elif named and named[1]:
                line = line[1:]  # noqa: PLW2901 - the hedge
            found.setdefault(at, []).append(line)
        return "\n".join(found.pop("")), {name: "\n".join(lines) for name, lines in found.items()}
