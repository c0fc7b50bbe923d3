"""ReCal's files (Freelon 2010): whole numbers alone, a row a unit, a column a coder, no names. Pure.

They hold neither ids nor codes. The nth row is the nth post, and a number stands for the code that has it in
the published codebook, where each code of the question has a number of its own, or is called by one where the
codebook gives none, else for the code in this place, counted from 1 (`naming`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import PurePath
from typing import BinaryIO

from server.codebooks.sheet import CodebookSheet, VariableSheet
from server.corpora.compact import Row
from server.corpora.parsing import Origin, Table, read_table
from server.errors import Refusal
from server.language import gettext as _

EXPORT = "ReCal"
MOST_CELLS = 5_000_000
_COLUMNS = ("post_id", "coder", "question", "code")
_SEPARATORS = (b",", b";", b"\t")
_NUMBER = re.compile(rb'"?-?\d*"?')


def is_matrix(file: BinaryIO) -> bool:
    """Whether the first line of a file is of whole numbers and gaps alone, two at least."""
    file.seek(0)
    return len(_numbers(file.readline(100_000))) > 1


def with_names(content: bytes) -> bytes:
    """The file with a line of names above where it has none: ReCal's files begin with the first unit."""
    first, _end, _rest = content.partition(b"\n")
    cells = _numbers(first)
    if not cells:
        return content
    names = _separator(first).join(b"coder %d" % (at + 1) for at in range(len(cells)))
    return names + b"\n" + content.removeprefix(b"\xef\xbb\xbf")


def _numbers(line: bytes) -> list[bytes]:
    """The cells of a line of whole numbers and gaps; none where it is another one."""
    plain = line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
    cells = [cell.strip() for cell in plain.split(_separator(plain))]
    is_of_numbers = all(map(_NUMBER.fullmatch, cells)) and any(cell.strip(b'"-') for cell in cells)
    return cells if is_of_numbers else []


def _separator(line: bytes) -> bytes:
    return next((mark for mark in _SEPARATORS if mark in line), b",")


def matrix_in(file: BinaryIO, filename: str) -> Table:
    """The numbers as rows of unit, coder, question and number. The file is called after the question.

    Units are counted by the lines of the file; one row at least stands for the last of them.
    """
    file.seek(0)
    content = file.read()
    table = read_table(BytesIO(with_names(content)), filename)
    for refused in table.refused:
        raise Refusal(_("Row %(row)s: %(reason)s") % {"row": refused.number - 1, "reason": refused.reason})
    if len(table.rows) * len(table.columns) > MOST_CELLS:
        raise Refusal(_("“{filename}” is too large. Divide it.").format(filename=filename))
    question = PurePath(filename).name.partition(".")[0]
    rows = [*_judgements(table, question)]
    n_units = content.rstrip(b"\r\n").count(b"\n") + 1
    rows.append(Row(n_units, (str(n_units), table.columns[0], question, "")))
    return replace(table, columns=_COLUMNS, rows=rows, origin=Origin("CSV", export=EXPORT))


def _judgements(table: Table, question: str) -> Iterator[Row]:
    for row in table.rows:
        unit = row.number - 1  # The line of names was put above.
        for coder, cell in zip(table.columns, row.cells, strict=True):
            if said := cell.strip():
                yield Row(unit, (str(unit), coder, question, said))


def placed(table: Table, posts: Sequence[str], codebook: CodebookSheet) -> Table:
    """A matrix with the ids of the posts, given in their order; gaps are left out.

    Raises:
        Refusal: it has not as many rows as there are posts, or several codes may be chosen.
    """
    units = [int(row.cells[0]) for row in table.rows]
    _refuse_other_number(units[-1], len(posts))
    for variable in codebook.variables:
        if variable.key == table.rows[0].cells[2]:
            _refuse_several(variable)
    rows = [
        Row(row.number, (posts[unit - 1], *row.cells[1:]))
        for unit, row in zip(units, table.rows, strict=True)
        if row.cells[3]
    ]
    return replace(table, rows=rows)


def _refuse_other_number(n_rows: int, n_posts: int) -> None:
    if n_rows != n_posts:
        raise Refusal(
            _(
                "ReCal's files name no posts, so that each row has to stand for the post in its place. "
                "This one has %(rows)s rows, the project %(posts)s posts. Write a column post_id in front."
            )
            % {"rows": n_rows, "posts": n_posts}
        )


def _refuse_several(variable: VariableSheet) -> None:
    if variable.kind == "multiple":
        raise Refusal(
            _(
                "“%s” may have several codes, and a file of ReCal says of one only whether it was chosen. "
                "Bring it as a table with a column post_id."
            )
            % variable.label
        )
