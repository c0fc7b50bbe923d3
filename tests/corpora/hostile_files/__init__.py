"""Files that were made to do harm, or came to it: small to make, and each with what a page is given it for.

Whatever is in them, a reader either reads them or refuses them in words, within seconds and within bounds.
"""

from tests.corpora.hostile_files.archives import bombs, cut, paths
from tests.corpora.hostile_files.given import Hostile
from tests.corpora.hostile_files.objects import nested, projects, shapes
from tests.corpora.hostile_files.tables import disguised, empty, entities, far_cells, headers
from tests.corpora.hostile_files.texts import encodings, formulas, long_lines, numbers

_FAMILIES = (
    bombs, far_cells, entities, long_lines, encodings, formulas, paths, cut, disguised, nested, shapes,
    numbers, headers, empty, projects,
)  # fmt: skip


def hostile_files() -> list[Hostile]:
    """All of them, family by family."""
    return [each for family in _FAMILIES for each in family()]


def one_of_each_family() -> list[tuple[Hostile, str]]:
    """The first of each family for each reader, with what it is given for."""
    found: dict[tuple[str, str], Hostile] = {}
    for each in hostile_files():
        for reader in each.given_for:
            found.setdefault((each.family, reader), each)
    return [(each, reader) for (_family, reader), each in found.items()]
