"""The ids or links in a file: a line each, or a column of a table. No SQL."""

from typing import BinaryIO

from server.corpora.encodings import decoded, detect_encoding
from server.corpora.parsing import Table, read_table
from server.takedown.forms import lines

ID_COLUMNS = ("post_id", "id", "link", "url")
_DELIMITERS = ",;\t"


def listed(file: BinaryIO, filename: str) -> tuple[str, ...]:
    """What the file names, each once.

    Raises:
        Refusal: it cannot be read.
    """
    file.seek(0)
    found = lines("".join(decoded(file, detect_encoding(file))))
    if found and any(delimiter in found[0] for delimiter in _DELIMITERS):
        return _column(read_table(file, filename))
    return found[1:] if found and found[0].lower() in ID_COLUMNS else found


def _column(table: Table) -> tuple[str, ...]:
    """The column of ids or links; the first one where none has such a name."""
    names = [name.strip().lower() for name in table.columns]
    place = next((names.index(name) for name in ID_COLUMNS if name in names), 0)
    return lines("\n".join(row.cells[place] for row in table.rows))
